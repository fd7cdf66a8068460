"""Attributes that rules stand on, lost by many at once or little by little."""

from dataclasses import replace

import pytest

from access.directory.fuse import WINDOW_OF_RIGHTS_S, Fuses, from_rows
from access.directory.roster import Roster
from access.policy.carrying import Ground
from tests.access.provisioned import changed, everything, group, person, uuid_of

NOW = 1_800_000_000.0
GROUND = Ground(
    values=frozenset({"department=research", "department=sales", "title=boss"}),
    forbidding=frozenset({"department=suspended"}),
)
RESEARCH = "department=research"


def crowd(first, last, attributes=RESEARCH, **more):
    return [person(f"p{number}", attributes=attributes, **more) for number in range(first, last)]


def office(*people):
    roster = Roster()
    roster.absorb(everything(*people))
    return roster


def taken(roster, reading, fuses=None, now=NOW):
    """What a reading changes, and the fuses after it."""
    fuses = replace(fuses or Fuses(), ground=GROUND).after(roster, reading, now)
    work = roster.take(fuses.believable(reading))
    fuses = fuses.after_losses(roster, work, now)
    return roster.settle(work, fuses.kept, fuses.withheld), fuses


def test_a_column_that_is_cleared_at_once_changes_nobody():
    roster = office(*crowd(0, 200, "department=research\nlocation=seoul"))

    changes, fuses = taken(roster, everything(*crowd(0, 200, "location=busan")))

    assert len(fuses.attributes) == 200
    assert set(fuses.attributes.values()) == {"department=research → –"}
    assert {row.attributes for row in changes.people.values()} == {"department=research\nlocation=busan"}


def test_a_few_who_change_their_department_change_it():
    roster = office(*crowd(0, 200))

    changes, fuses = taken(roster, changed(*crowd(0, 9, "department=sales")))

    assert not fuses.holding
    assert len(changes.people) == 9


def test_what_no_rule_names_may_change_for_all():
    roster = office(*crowd(0, 200, "department=canteen"))

    changes, fuses = taken(roster, everything(*crowd(0, 200, "")))

    assert not fuses.holding
    assert len(changes.people) == 200


def test_a_column_that_empties_itself_a_few_at_a_time_is_noticed_within_a_day():
    everybody = crowd(0, 3000)
    roster, fuses, now = office(*everybody), None, NOW

    for first in range(0, 80, 5):
        _, fuses = taken(roster, changed(*crowd(first, first + 5, "")), fuses, now)
        now += WINDOW_OF_RIGHTS_S / 20

    assert fuses.attributes.keys() == {uuid_of(f"p{number}") for number in range(60, 80)}


def test_what_was_let_go_a_day_ago_does_not_count():
    roster = office(*crowd(0, 3000))
    _, fuses = taken(roster, changed(*crowd(0, 60, "")))

    _, fuses = taken(roster, changed(*crowd(60, 120, "")), fuses, NOW + WINDOW_OF_RIGHTS_S)

    assert not fuses.holding


def test_an_attribute_of_a_few_is_asked_about_once_most_of_them_have_lost_it():
    bosses = crowd(0, 20, "title=boss")
    roster, fuses = office(*bosses, *crowd(20, 500)), None

    for number in range(20):
        _, fuses = taken(roster, changed(*crowd(number, number + 1, "")), fuses, NOW + number)

    assert fuses.attributes.keys() == {each.uuid for each in bosses[10:]}


def test_all_of_a_few_who_lose_it_in_one_reading_keep_it():
    roster = office(*crowd(0, 3, "title=boss"), *crowd(3, 500))

    _, fuses = taken(roster, changed(*crowd(0, 3, "")))

    assert len(fuses.attributes) == 3


@pytest.mark.parametrize("told", [{"enabled": False}, {"expires_at": NOW - 1}])
def test_who_is_disabled_never_waits(told):
    roster = office(*crowd(0, 200))

    changes, fuses = taken(roster, changed(*crowd(0, 100, ""), *crowd(100, 110, "", **told)))

    assert len(fuses.attributes) == 100
    assert changes.people.keys() == {each.uuid for each in crowd(100, 110)}
    assert {row.attributes for row in changes.people.values()} == {""}


def test_who_is_kept_and_then_disabled_or_gone_goes_at_once():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 100, "")))

    out = changed(*crowd(0, 1, "", enabled=False), gone=("p1",))
    changes, fuses = taken(roster, out, fuses, NOW + 1)

    assert not changes.people[uuid_of("p0")].enabled
    assert changes.vanished == {uuid_of("p1")}
    assert not {uuid_of("p0"), uuid_of("p1")} & fuses.attributes.keys()


def test_a_value_by_which_a_rule_forbids_never_waits():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 100, "")))

    changes, fuses = taken(roster, changed(*crowd(0, 1, "department=suspended")), fuses, NOW + 1)

    assert changes.people[uuid_of("p0")].attributes == "department=suspended"
    assert uuid_of("p0") not in fuses.attributes


def test_who_shows_it_again_is_not_waited_for():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 100, "")))

    changes, fuses = taken(roster, everything(*crowd(0, 200)), fuses, NOW + 1)

    assert not fuses.holding
    assert not changes.people


def test_approved_losses_are_believed_and_new_ones_are_asked_about():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 100, "")))

    changes, fuses = taken(roster, everything(*crowd(0, 200, "")), fuses.approved(), NOW + 1)

    assert changes.people.keys() == {each.uuid for each in crowd(0, 100)}
    assert fuses.attributes.keys() == {each.uuid for each in crowd(100, 200)}


def test_what_is_held_is_the_same_after_it_was_written_down():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 100, "department=resaerch")))

    again = from_rows(fuses.rows, roster)
    changes, again = taken(roster, everything(*crowd(0, 100, "department=resaerch"), *crowd(100, 200)), again)

    assert again.rows == fuses.rows
    assert set(again.attributes.values()) == {"department=research → resaerch"}
    assert not changes.people


def test_a_reading_with_other_settings_asks_however_few():
    roster = office(*crowd(0, 200))

    _, fuses = taken(roster, everything(*crowd(0, 198), *crowd(198, 200, "")), Fuses(strict=True))

    assert len(fuses.attributes) == 2


def test_who_leaves_never_waits_for_what_others_have_lost_that_day():
    roster = office(*crowd(0, 200))
    _, fuses = taken(roster, changed(*crowd(0, 50, "")))

    changes, fuses = taken(roster, changed(gone=("p100", "p101")), fuses, NOW + 1)

    assert changes.vanished == {uuid_of("p100"), uuid_of("p101")}
    assert not fuses.holding


def test_groups_and_attributes_that_carry_rights_count_together():
    roster = office(*crowd(0, 200), group("vpn", *(f"p{number}" for number in range(200))))
    fuses = replace(Fuses(), carrying=frozenset({"vpn"}))
    _, fuses = taken(roster, changed(*crowd(0, 40, "")), fuses)

    _, fuses = taken(roster, changed(group("vpn", *(f"p{number}" for number in range(20, 200)))), fuses)

    assert len(fuses.kept) == 20


def test_after_an_approval_it_is_counted_anew_or_the_next_single_loss_would_wait():
    roster = office(*crowd(0, 200), group("vpn", *(f"p{number}" for number in range(200))))
    carrying = frozenset({"vpn"})
    _, fuses = taken(roster, changed(*crowd(0, 50, "")), replace(Fuses(), carrying=carrying))
    _, fuses = taken(roster, changed(*crowd(50, 60, "")), fuses, NOW + 1)
    _, fuses = taken(roster, changed(*crowd(50, 60, "")), fuses.approved(), NOW + 2)

    changes, fuses = taken(roster, changed(*crowd(60, 61, "")), fuses, NOW + 3)
    fewer = group("vpn", *(f"p{number}" for number in range(199)))
    later, fuses = taken(roster, changed(fewer), fuses, NOW + 4)

    assert not fuses.holding
    assert (changes.people.keys(), later.memberships.keys()) == ({uuid_of("p60")}, {uuid_of("p199")})
