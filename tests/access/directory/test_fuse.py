"""How many may vanish before somebody is asked."""

import pytest

from access.directory.fuse import WINDOW_S, Fuse, Fuses
from access.directory.roster import Roster
from tests.access.provisioned import changed, everything, person

NOW = 1_800_000_000.0


def uuids(first, last):
    return frozenset(f"u{number}" for number in range(first, last))


@pytest.mark.parametrize(
    ("here", "vanishing", "believed"),
    [
        (200, 50, True),
        (200, 51, False),
        (5000, 100, True),
        (5000, 101, False),
        (30, 30, False),
        (1, 1, True),
    ],
)
def test_how_many_may_vanish_in_one_reading(here, vanishing, believed):
    fuse = Fuse().after(uuids(0, vanishing), here, NOW)

    assert (fuse.held == frozenset()) is believed


def test_readings_shortly_after_one_another_count_as_one():
    fuse = Fuse().after(uuids(0, 40), 200, NOW)

    fuse = fuse.after(uuids(40, 60), 160, NOW + 1)

    assert fuse.held == uuids(40, 60)


def test_what_was_let_go_long_ago_does_not_count():
    fuse = Fuse().after(uuids(0, 40), 200, NOW)

    fuse = fuse.after(uuids(40, 60), 160, NOW + WINDOW_S)

    assert fuse.held == frozenset()


def test_a_few_leave_while_many_are_held():
    fuse = Fuse().after(uuids(0, 60), 200, NOW)

    later = fuse.after(uuids(0, 61), 140, NOW + 1)

    assert later.held == uuids(0, 60)


def test_who_is_shown_again_is_not_held():
    crowd = [person(f"p{number}") for number in range(60)]
    roster = Roster(crowd)
    fuses = Fuses().after(roster, everything(), NOW)
    assert len(fuses.people.held) == 60

    fuses = fuses.after(roster, changed(crowd[0]), NOW + 1)

    assert fuses.people.held == {each.uuid for each in crowd[1:]}


def test_who_has_left_our_tables_meanwhile_is_not_held():
    crowd = [person(f"p{number}") for number in range(60)]
    fuses = Fuses().after(Roster(crowd), everything(), NOW)

    fuses = fuses.after(Roster(), everything(), NOW + 1)

    assert not fuses.holding


def test_a_reading_that_hides_everybodys_name_holds_them_all():
    crowd = [person(f"p{number}") for number in range(60)]
    unusable = changed(gone=tuple(each.name for each in crowd))
    roster = Roster(crowd)

    fuses = Fuses().after(roster, unusable, NOW)

    assert roster.absorb(fuses.believable(unusable)).vanished == frozenset()
