"""docs/commands.md has every command with its arguments and options, and none that is not there."""

import re
from collections.abc import Iterator

import click
import pytest

from access.cli import officegate
from tests.layering import ROOT

TEXT = (ROOT / "docs" / "commands.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HEADING = re.compile(r"^### `officegate ([^`]+)`$", re.MULTILINE)
OPTION = re.compile(r"`(--[a-z-]+)")
FIRST_CELL = re.compile(r"^\| ((?:[^|\\]|\\.)*) \|", re.MULTILINE)
# A line that may be pasted: in a block, or a code span of its own.
CALLED = re.compile(r"(?:^ *|`)officegate ([a-z][^`\n]*)", re.MULTILINE)


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that can be seen and does something, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        elif not command.hidden:
            yield (*path, name), command


COMMANDS = dict(commands(officegate))


def usage(path: tuple[str, ...], command: click.Command) -> str:
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    words = [each.name.upper() if each.required else f"[{each.name.upper()}]" for each in arguments]
    return " ".join((*path, *words))


def options(command: click.Command) -> set[str]:
    visible = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    return {name for each in visible for name in (*each.opts, *each.secondary_opts)}


def sections() -> dict[str, str]:
    """The words of each heading, and the text below it up to the next."""
    parts = HEADING.split(re.sub(r"^## .*$", "", TEXT, flags=re.MULTILINE))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> set[str]:
    return {name for cell in FIRST_CELL.findall(section) for name in OPTION.findall(cell)}


def test_the_page_has_every_command_with_its_arguments_and_no_other():
    assert set(sections()) == {usage(path, command) for path, command in COMMANDS.items()}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_page_has_every_option_of_a_command_and_no_other(path):
    command = COMMANDS[path]

    assert documented(sections()[usage(path, command)]) == options(command)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_what_a_command_cannot_do_without_is_marked_so(path):
    command = COMMANDS[path]
    needed = {each.opts[0] for each in command.params if isinstance(each, click.Option) and each.required}
    rows = sections()[usage(path, command)].splitlines()

    assert {row.split("`")[1].split()[0] for row in rows if "| *required*" in row} == needed


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_word_that_an_option_takes_stands_in_its_row(path):
    command = COMMANDS[path]
    rows = {
        cell: row for row in sections()[usage(path, command)].splitlines() for cell in OPTION.findall(row)[:1]
    }
    # What is typed: of an enum click takes the names of its members, whatever their values.
    choices = {
        each.opts[0]: {each.type.normalize_choice(word, None) for word in each.type.choices}
        for each in command.params
        if isinstance(each.type, click.Choice)
    }

    for option, words in choices.items():
        named = set(re.findall(r"[\w-]+", rows[option]))
        assert words - named == set(), option


def test_the_options_of_the_program_stand_before_the_commands():
    assert documented(TEXT.partition("\n## ")[0]) >= options(officegate) | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page):
    called = [words.split() for words in CALLED.findall(page.read_text("utf-8"))]

    assert [" ".join(words) for words in called if not exists(words)] == []


def exists(words: list[str]) -> bool:
    """Whether they begin with a command, or are a group of commands; `a | b` names more than one."""
    groups = {path[:1] for path in COMMANDS if len(path) > 1}
    alternatives = [part.split() for part in " ".join(words).split(" | ")] if "|" in words else [words]
    return all(
        any(tuple(each[:length]) in COMMANDS for length in (1, 2, 3)) or tuple(each) in groups
        for each in alternatives
    )
