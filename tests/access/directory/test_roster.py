"""What a reading changes: names, groups in groups, rings; the short way ends where the long one does."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.directory.roster import Changes, Difference, Roster, split
from tests.access.provisioned import SUFFIX, changed, everything, group, person, uuid_of


def groups_of(roster, name):
    return {roster._groups[uuid].name for uuid in roster._memberships.get(uuid_of(name), ())}


def filled(*entries):
    roster = Roster()
    roster.absorb(everything(*entries))
    return roster


def test_somebody_is_in_the_groups_above_their_group():
    roster = filled(
        person("kim"),
        group("platform", "kim"),
        group("engineering", "@platform"),
        group("staff", "@engineering"),
    )

    assert groups_of(roster, "kim") == {"platform", "engineering", "staff"}


def test_a_ring_of_groups_has_an_end():
    roster = filled(
        person("kim"), group("a", "kim", "@c"), group("b", "@a"), group("c", "@b"), group("self", "@self")
    )

    assert groups_of(roster, "kim") == {"a", "b", "c"}

    roster.absorb(changed(group("b")))

    assert groups_of(roster, "kim") == {"a"}


def test_an_unchanged_reading_changes_nothing():
    entries = [person("kim"), person("lee"), group("a", "kim", "@b"), group("b", "lee")]
    roster = filled(*entries)

    assert roster.absorb(everything(*entries)) == Changes()


def test_a_cut_between_groups_touches_exactly_the_people_below_it():
    roster = filled(
        person("kim"),
        person("lee"),
        person("park"),
        group("a", "@b", "park"),
        group("b", "kim"),
        group("c", "lee"),
    )

    changes = roster.absorb(changed(group("a", "park")))

    assert changes.touched == {uuid_of("kim")}
    assert changes.memberships == {uuid_of("kim"): Difference(removed=frozenset([uuid_of("@a")]))}


def test_a_renamed_group_touches_its_people_and_moves_nobody():
    roster = filled(person("kim"), person("lee"), group("a", "@b"), group("b", "kim"), group("other", "lee"))

    changes = roster.absorb(changed(group("b", "kim", name="team-b")))

    assert changes.touched == {uuid_of("kim")}
    assert changes.memberships == {}


def test_a_department_that_joins_another_is_one_difference_for_all_its_people():
    names = [f"p{number}" for number in range(20)]
    roster = filled(*map(person, names), group("a"), group("b", *names))

    changes = roster.absorb(changed(group("a", "@b")))

    assert len(changes.memberships) == 20
    assert len({id(each) for each in changes.memberships.values()}) == 1
    assert changes.groups == {}


def test_who_waits_for_a_name_is_known_until_they_have_it():
    roster = filled(person("kim"), person("a", name="kim"), person("b", name="kim"), person("lee"))

    assert roster.names_taken() == (person("a").dn, person("b").dn)

    roster.absorb(changed(gone=("kim",)))
    assert roster.names_taken() == (person("b").dn,)

    roster.absorb(changed(gone=("a",)))
    assert roster.names_taken() == ()


def test_whoever_had_a_name_first_keeps_it():
    roster = filled(person("ceo"), group("admins", "ceo"))
    impostor = person(
        "ceo2", name="ceo", dn=f"uid=ceo,ou=guests,{SUFFIX}", dn_key=f"uid=ceo,ou=guests,{SUFFIX}"
    )

    changes = roster.absorb(changed(impostor))

    assert not changes.people[impostor.uuid].enabled
    assert uuid_of("ceo") not in changes.people
    assert roster.names_taken() == (impostor.dn,)


def test_whoever_waits_for_a_name_gets_it_when_its_holder_leaves():
    second = person("second", name="ceo")
    roster = filled(person("ceo"))
    roster.absorb(changed(second))

    changes = roster.absorb(changed(gone=("ceo",)))

    assert changes.people[second.uuid].enabled
    assert changes.vanished == {uuid_of("ceo")}


def test_two_people_who_swap_names_both_get_theirs():
    roster = filled(person("kim"), person("lee"))

    changes = roster.absorb(changed(person("kim", name="lee"), person("lee", name="kim")))

    assert {each.name: each.enabled for each in changes.people.values()} == {"kim": True, "lee": True}


def test_a_group_of_a_taken_name_lends_nobody_its_rights():
    roster = filled(person("kim"), person("eve"), group("admins", "kim"))
    fake = group("fake", "eve", name="admins")

    changes = roster.absorb(changed(fake))

    assert changes.groups[fake.uuid].name == fake.uuid


def test_somebody_back_at_the_same_name_under_another_uuid_is_somebody_else():
    roster = filled(person("kim"), group("a", "kim"))

    changes = roster.absorb(changed(person("kim", uuid=uuid_of("new")), gone=("kim",)))

    assert changes.vanished == {uuid_of("kim")}
    assert changes.people[uuid_of("new")].enabled
    assert changes.memberships[uuid_of("new")].added == {uuid_of("@a")}


def test_a_reading_that_is_not_complete_makes_nobody_vanish():
    roster = filled(person("kim"), person("lee"))

    assert roster.people_vanishing(changed(person("kim"))) == frozenset()
    assert roster.people_vanishing(everything(person("kim"))) == {uuid_of("lee")}


NAMES = [f"p{number}" for number in range(5)]
GROUPS = [f"g{number}" for number in range(5)]
MEMBERS = st.lists(st.sampled_from(NAMES + [f"@{name}" for name in GROUPS]), unique=True, max_size=5)
STEP = st.one_of(
    st.builds(
        lambda name, mail: ("put", person(name, mail=mail)), st.sampled_from(NAMES), st.sampled_from("ab")
    ),
    st.builds(
        lambda name, as_: ("put", person(name, name=as_)), st.sampled_from(NAMES), st.sampled_from(NAMES)
    ),
    st.builds(lambda name: ("put", person(name, dn_key=person(name).dn_key + ",x")), st.sampled_from(NAMES)),
    st.builds(lambda name, members: ("put", group(name, *members)), st.sampled_from(GROUPS), MEMBERS),
    st.builds(lambda name: ("gone", name), st.sampled_from(NAMES + [f"@{name}" for name in GROUPS])),
)


@given(st.lists(st.lists(STEP, min_size=1, max_size=3, unique_by=lambda step: str(step[1])[:60]), max_size=8))
def test_many_small_readings_end_where_one_complete_reading_ends(batches):
    roster, directory, closure = Roster(), {}, {}
    for batch in batches:
        put, gone = {}, []
        for kind, what in batch:
            if kind == "gone" and uuid_of(what) not in put:
                gone.append(what)
                directory.pop(uuid_of(what), None)
            elif kind == "put" and what.uuid not in map(uuid_of, gone):
                put[what.uuid] = directory[what.uuid] = what
        changes = roster.absorb(changed(*put.values(), gone=tuple(gone)))
        for uuid in changes.vanished:
            closure.pop(uuid, None)
        for uuid, difference in changes.memberships.items():
            closure[uuid] = closure.get(uuid, frozenset()) - difference.removed | difference.added

    whole = Roster()
    whole.absorb(everything(*directory.values()))
    assert {uuid: groups for uuid, groups in closure.items() if groups} == {
        uuid: groups for uuid, groups in whole._memberships.items() if groups
    }
    assert roster._people == whole._people
    assert roster._groups == whole._groups


@pytest.mark.parametrize("at_most", [5, 17, 100, 10_000])
def test_steps_add_up_to_the_whole_and_keep_each_person_together(at_most):
    chance = random.Random(7)
    names = [f"p{number}" for number in range(60)]
    roster = filled(*map(person, names), *(group(f"g{n}", *chance.sample(names, 20)) for n in range(5)))
    changes = roster.absorb(
        everything(
            *map(person, names[:50]), *(group(f"g{n}", *chance.sample(names, 20)) for n in range(1, 6))
        )
    )

    steps = split(changes, at_most)

    assert {uuid for step in steps for uuid in step.touched} == changes.touched
    assert sum(len(step.touched) for step in steps) == len(changes.touched)
    memberships = {uuid: each for step in steps for uuid, each in step.memberships.items()}
    assert memberships == changes.memberships
    added = {(uuid, name) for step in steps for uuid, each in step.members.items() for name in each.added}
    assert added == {(uuid, name) for uuid, each in changes.members.items() for name in each.added}
    assert {uuid for step in steps for uuid in step.groups_gone} == {uuid_of("@g0")}
    assert all(step.rows <= at_most or len(step.touched) == 1 or step.groups for step in steps)
    assert not steps[0].groups_gone or len(steps) == 1


PRIMARY = "objectsid=s-1-5-21-1-2-3-513"


def with_primary(name, members, **changes):
    """A group that lists whose primary group it is beside its members."""
    listed = group(name, *members)
    return group(name, *members, members=listed.members | {PRIMARY}, **changes)


def test_somebody_is_in_their_primary_group_and_in_the_groups_above_it():
    roster = filled(
        person("kim", primary_group=PRIMARY),
        person("lee", primary_group="objectsid=s-1-5-21-1-2-3-514"),
        with_primary("domain users", ["park"]),
        group("everybody", "@domain users"),
        person("park"),
    )

    assert groups_of(roster, "kim") == {"domain users", "everybody"}
    assert groups_of(roster, "lee") == set()
    assert groups_of(roster, "park") == {"domain users", "everybody"}


def test_another_primary_group_is_a_change_of_groups():
    roster = filled(person("kim", primary_group=PRIMARY), with_primary("domain users", []))

    roster.absorb(changed(person("kim", primary_group="objectsid=s-1-5-21-1-2-3-514")))
    assert groups_of(roster, "kim") == set()

    roster.absorb(changed(person("kim", primary_group=PRIMARY)))
    assert groups_of(roster, "kim") == {"domain users"}


def test_a_cut_above_the_primary_group_reaches_who_is_only_in_that():
    roster = filled(
        person("kim", primary_group=PRIMARY),
        with_primary("domain users", []),
        group("everybody", "@domain users"),
    )

    changes = roster.absorb(changed(group("everybody")))

    assert changes.memberships == {uuid_of("kim"): Difference(removed=frozenset([uuid_of("@everybody")]))}


def test_a_primary_group_survives_a_restart():
    people = [person("kim", primary_group=PRIMARY)]
    groups = [with_primary("domain users", [])]
    roster = Roster(people, groups, {uuid_of("kim"): frozenset([uuid_of("@domain users")])})

    changes = roster.absorb(changed(groups[0], gone=("@domain users",)))
    assert changes == Changes()

    roster.absorb(changed(gone=("@domain users",)))
    assert groups_of(roster, "kim") == set()
