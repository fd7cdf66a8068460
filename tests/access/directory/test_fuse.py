"""How many may vanish before somebody is asked."""

from dataclasses import replace

import pytest

from access.directory.fuse import WINDOW_S, Fuse, Fuses, from_rows
from access.directory.roster import Roster
from tests.access.provisioned import changed, everything, group, person, uuid_of

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


def office_of(many, *groups, **changes):
    crowd = [person(f"p{number}", **changes) for number in range(many)]
    roster = Roster()
    roster.absorb(everything(*crowd, *groups))
    return crowd, roster


def names(first, last):
    return [f"p{number}" for number in range(first, last)]


def taken(roster, reading, fuses=None, now=NOW):
    """What a reading changes, and the fuses after it; vpn carries rights."""
    fuses = replace(fuses or Fuses(), carrying=frozenset({"vpn"})).after(roster, reading, now)
    work = roster.take(fuses.believable(reading))
    fuses = fuses.after_losses(roster, work, now)
    return roster.settle(work, fuses.kept, fuses.withheld), fuses


def test_many_who_lose_a_group_that_carries_rights_keep_it_and_one_who_left_another_does_not():
    _, roster = office_of(120, group("vpn", *names(0, 100)), group("canteen", *names(0, 100)))
    vpn, canteen = uuid_of("@vpn"), uuid_of("@canteen")

    changes, fuses = taken(roster, changed(group("vpn", *names(60, 100)), group("canteen")))

    assert len(fuses.kept) == 60
    assert changes.memberships[uuid_of("p0")].removed == {canteen}
    assert roster.people_in(frozenset({vpn})) == {uuid_of(name) for name in names(0, 100)}


def test_a_few_who_lose_a_group_that_carries_rights_lose_it():
    _, roster = office_of(120, group("vpn", *names(0, 100)))

    changes, fuses = taken(roster, changed(group("vpn", *names(50, 100))))

    assert not fuses.holding
    assert len(changes.memberships) == 50


def test_who_is_disabled_loses_rights_at_once_with_all_the_others():
    crowd, roster = office_of(120, group("vpn", *names(0, 100)))
    out = [replace(each, enabled=False) for each in crowd[:12]]

    changes, fuses = taken(roster, changed(*out, group("vpn", *names(90, 100))))

    assert {uuid for uuid, row in changes.people.items() if not row.enabled} == {each.uuid for each in out}
    assert changes.memberships.keys() == {each.uuid for each in out}
    assert fuses.kept.keys() == {each.uuid for each in crowd[12:90]}


def test_those_who_vanish_and_those_who_lose_a_right_count_together():
    _, roster = office_of(200, group("vpn", *names(0, 200)))

    _, fuses = taken(roster, changed(group("vpn", *names(26, 200)), gone=tuple(names(150, 180))))

    assert len(fuses.kept) == 26


def test_a_group_of_many_that_carries_rights_is_kept_where_it_vanishes():
    _, roster = office_of(120, group("vpn", *names(0, 60)), group("other", "p1"))

    changes, fuses = taken(roster, changed(gone=("@vpn",)))

    assert fuses.groups.held == {uuid_of("@vpn")}
    assert not changes.memberships


def test_a_right_that_is_shown_again_is_not_waited_for():
    _, roster = office_of(120, group("vpn", *names(0, 100)))
    _, fuses = taken(roster, changed(group("vpn")))

    _, fuses = taken(roster, changed(group("vpn", *names(0, 100))), fuses, NOW + 1)

    assert not fuses.holding


def test_what_was_approved_goes_and_whoever_vanishes_meanwhile_is_asked_about():
    crowd, roster = office_of(200)
    _, fuses = taken(roster, everything(*crowd[60:]))

    changes, fuses = taken(roster, everything(*crowd[120:]), fuses.approved(), NOW + 1)

    assert changes.vanished == {each.uuid for each in crowd[:60]}
    assert fuses.people.held == {each.uuid for each in crowd[60:120]}


def test_approved_losses_of_rights_are_believed():
    crowd, roster = office_of(120, group("vpn", *names(0, 100)))
    _, fuses = taken(roster, changed(group("vpn")))
    fuses = fuses.approved()
    again = Roster(crowd, [group("vpn")], {each.uuid: frozenset({uuid_of("@vpn")}) for each in crowd[:100]})

    changes, fuses = taken(again, everything(*crowd, group("vpn")), fuses, NOW + 1)

    assert len(changes.memberships) == 100
    assert not fuses.holding


def test_whoever_vanishes_or_is_renamed_by_other_settings_is_asked_about_however_few():
    crowd, roster = office_of(20)
    renamed = replace(crowd[1], name="kim.minjun")

    changes, fuses = taken(roster, everything(renamed, *crowd[2:]), Fuses(strict=True))

    assert (fuses.people.held, fuses.names.keys()) == ({crowd[0].uuid}, {crowd[1].uuid})
    assert not changes.vanished
    assert not changes.people
    assert roster.name_of(crowd[1].uuid) == "p1"


def test_an_approved_name_is_taken_over():
    crowd, roster = office_of(20)
    reading = everything(replace(crowd[0], name="kim.minjun"), *crowd[1:])
    _, fuses = taken(roster, reading, Fuses(strict=True))

    changes, fuses = taken(roster, reading, replace(fuses.approved(), strict=True), NOW + 1)

    assert changes.people[crowd[0].uuid].name == "kim.minjun"
    assert not fuses.holding


def test_what_is_held_is_the_same_after_it_was_written_down():
    _, roster = office_of(120, group("vpn", *names(0, 100)))
    reading = changed(group("vpn", *names(60, 100)), gone=tuple(names(40, 100)))
    _, fuses = taken(roster, reading)

    again = from_rows(fuses.rows, roster)

    assert (again.people.held, again.kept) == (fuses.people.held, fuses.kept)
    assert again.rows == fuses.rows


def test_a_group_of_many_that_carries_rights_keeps_its_name_until_another_is_approved():
    crowd, roster = office_of(120, group("vpn", *names(0, 60)))
    reading = everything(*crowd, group("vpn", *names(0, 60), name="remote"))
    changes, fuses = taken(roster, reading)
    assert fuses.group_names == {uuid_of("@vpn"): ("vpn", "remote")}
    assert not changes.groups

    again = from_rows(fuses.rows, roster)
    _, again = taken(roster, reading, again, NOW + 1)
    assert again.holding
    changes, fuses = taken(roster, reading, again.approved(), NOW + 2)

    assert changes.groups[uuid_of("@vpn")].name == "remote"
    assert not fuses.holding


def test_a_group_that_carries_rights_of_a_few_or_none_at_all_takes_its_new_name():
    _, roster = office_of(120, group("vpn", *names(0, 50)), group("other", *names(0, 100)))

    changes, fuses = taken(
        roster,
        changed(group("vpn", *names(0, 50), name="remote"), group("other", *names(0, 100), name="another")),
    )

    assert not fuses.holding
    assert {each.name for each in changes.groups.values()} == {"remote", "another"}


def test_a_name_that_is_given_back_is_not_waited_for():
    crowd, roster = office_of(120, group("vpn", *names(0, 60)))
    _, fuses = taken(roster, changed(group("vpn", *names(0, 60), name="remote")))

    _, fuses = taken(roster, everything(*crowd, group("vpn", *names(0, 60))), fuses, NOW + 1)

    assert not fuses.holding


def test_a_group_that_carries_rights_goes_once_that_is_approved():
    crowd, roster = office_of(120, group("vpn", *names(0, 60)), group("other", "p1"))
    reading = everything(*crowd, group("other", "p1"))
    _, fuses = taken(roster, reading)

    changes, fuses = taken(roster, reading, fuses.approved(), NOW + 1)

    assert changes.groups_gone == {uuid_of("@vpn")}
    assert len(changes.memberships) == 60
    assert not fuses.holding
