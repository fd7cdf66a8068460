"""Where a look begins, so that it finds what shows late and not everybody again."""

from datetime import UTC, datetime, timedelta

import pytest

from access.directory.entries import RawEntry
from access.directory.known import MOST_AGAIN, Known

NOON = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
CSN, COARSE = "entryCSN", "modifyTimestamp"


def entry(number, moment, attribute=CSN):
    written = (
        f"{moment:%Y%m%d%H%M%S.%f}Z#000000#000#000000" if attribute == CSN else f"{moment:%Y%m%d%H%M%S}Z"
    )
    return RawEntry(f"uuid-{number}", f"uid={number}", {attribute.lower(): (written.encode(),)})


def entries(count, moment, attribute=CSN):
    return [entry(number, moment, attribute) for number in range(count)]


def known(raws=(), attribute=CSN, unsure=timedelta()):
    here = Known("dc=example", "(a=b)", ())
    here.begin(raws, attribute, unsure)
    return here


def test_an_empty_directory_is_looked_at_whole():
    assert known().since(CSN) == "(a=b)"


def test_a_look_reaches_half_a_minute_back():
    here = known(entries(3, NOON))

    assert here.since(CSN) == "(&(a=b)(entryCSN>=20261126115930.000000Z#000000#000#000000))"


def test_the_first_look_reaches_back_to_before_everything_was_read():
    here = known(entries(3, NOON), unsure=timedelta(seconds=15))
    first = here.since(CSN)
    here.looked([], CSN)

    assert "20261126115915" in first
    assert "20261126115930" in here.since(CSN)


@pytest.mark.parametrize(
    ("many_at_s", "begins"),
    [(0, "20261126120000"), (1, "20261126120000"), (2, "20261126115959"), (20, "20261126115941")],
)
def test_a_look_stops_short_of_what_was_loaded_at_once(many_at_s, begins):
    loaded = entries(MOST_AGAIN + 1, NOON - timedelta(seconds=many_at_s))
    here = known([*loaded, entry("newest", NOON)])

    assert begins in here.since(CSN)


def test_a_look_reaches_over_what_was_loaded_longer_ago():
    loaded = entries(10 * MOST_AGAIN, NOON - timedelta(seconds=31))
    here = known([*loaded, entry("newest", NOON)])

    assert "20261126115930" in here.since(CSN)


def test_somebody_who_is_found_again_and_again_counts_once():
    here = known(entries(MOST_AGAIN, NOON))
    for _ in range(5):
        here.know(entries(MOST_AGAIN, NOON), CSN)

    assert "20261126115930" in here.since(CSN)


def test_coarse_stamps_are_counted_as_well():
    loaded = entries(MOST_AGAIN + 1, NOON, COARSE)

    assert known(loaded, COARSE).since(COARSE) == "(&(a=b)(modifyTimestamp>=20261126120000Z))"


def test_a_look_moves_on_to_the_newest_change_and_never_back():
    here = known(entries(1, NOON))
    here.looked([entry("later", NOON + timedelta(seconds=60))], CSN)
    here.looked([entry("late", NOON + timedelta(seconds=10))], CSN)

    assert here.newest == NOON + timedelta(seconds=60)


def test_what_a_sweep_found_late_does_not_move_looks_on():
    here = known(entries(1, NOON))
    here.know([entry("late", NOON + timedelta(seconds=60))], CSN)

    assert here.newest == NOON
