"""Moments on the command line: one way of writing them for every command."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import click
import pytest

from access.cli import officegate
from access.commands.moments import Moment, seconds

SEOUL = ZoneInfo("Asia/Seoul")
TUESDAY = datetime(2026, 11, 17, 5, 3, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-17 14:03",
        "2026-11-17T14:03",
        "2026-11-17T14:03:00",
        " 2026-11-17 14:03 ",
        "2026-11-17T14:03+09:00",
        "2026-11-17T05:03Z",
        "2026-11-17 07:03:00+02:00",
    ],
)
def test_a_moment_is_in_the_zone_of_the_installation_unless_it_says_another(written):
    assert seconds(Moment().convert(written, None, None), SEOUL) == TUESDAY


def test_a_day_is_its_first_moment():
    midnight = datetime(2026, 11, 17, tzinfo=timezone(timedelta(hours=9))).timestamp()

    assert seconds(Moment().convert("2026-11-17", None, None), SEOUL) == midnight


@pytest.mark.parametrize("written", ["", "Tuesday", "14:03", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_what_is_no_moment_is_refused(written):
    with pytest.raises(click.BadParameter):
        Moment().convert(written, None, None)


def test_no_command_reads_the_time_of_a_day_in_another_way():
    other = {
        f"{name} {option.name}"
        for name, command in commands(officegate, "officegate")
        for option in command.params
        if isinstance(option.type, click.DateTime) and any("%H" in each for each in option.type.formats)
    }

    assert other == set()


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        within = click.Context(command)
        for word in command.list_commands(within):
            each = command.get_command(within, word)
            assert each is not None
            yield from commands(each, f"{name} {word}")
