"""What a run changed about people, and what puts it back."""

from dataclasses import replace

from access.directory.fuse import Held, What
from access.directory.roster import Roster, split
from access.directory.runs import Change, Now, PersonChange, changes_of, counted, undo
from tests.access.provisioned import changed, everything, group, person, uuid_of

KIM, LEE, VPN = uuid_of("kim"), uuid_of("lee"), uuid_of("@vpn")


def changes_by(*reading, gone=()):
    """What a reading changes of an office of kim and lee, who are in vpn."""
    roster = Roster()
    roster.absorb(everything(person("kim"), person("lee"), group("vpn", "kim", "lee")))
    return changes_of(roster.absorb(changed(*reading, gone=gone)))


def office(**changes):
    return replace(Now(frozenset(), frozenset({VPN}), {KIM: "kim", LEE: "lee"}), **changes)


def test_who_vanished_is_written_down_whole_with_their_groups():
    (change,) = changes_by(gone=("kim",))

    assert (change.what, change.before["name"], change.left) == (Change.VANISHED, "kim", {VPN})


def test_of_who_changed_only_what_was_different_is_written_down():
    (change,) = changes_by(person("kim", mail="kim@hangang.example", enabled=False))

    assert (change.what, change.before) == (Change.DISABLED, {"mail": "", "enabled": True})


def test_who_joins_and_leaves_is_counted():
    changes = changes_by(person("choi"), group("vpn", "choi", "lee"))

    assert counted(changes) == {"added": 1, "groups": 1, "joined": 1, "left": 1}


def test_a_step_carries_what_was_before():
    roster = Roster()
    crowd = [person(f"p{number}") for number in range(30)]
    roster.absorb(everything(*crowd))

    steps = split(roster.absorb(everything()), 10)

    assert len(steps) > 2
    assert sum(len(changes_of(step)) for step in steps) == 30
    assert all(each.before for step in steps for each in changes_of(step))


def test_undoing_brings_back_who_vanished_and_holds_the_next_reading():
    undoing = undo(changes_by(gone=("kim",)), office(names={LEE: "lee"}))

    assert undoing.back[KIM]["name"] == "kim"
    assert undoing.held == {Held(What.PERSON, KIM), Held(What.MEMBERSHIP, KIM, VPN)}


def test_undoing_takes_away_what_was_given():
    undoing = undo(changes_by(person("choi"), group("vpn", "choi", "kim", "lee")), office())

    assert undoing.away == {uuid_of("choi")}
    assert undoing.held == {Held(What.UNWANTED, uuid_of("choi"))}


def test_who_was_changed_since_is_left_alone():
    undoing = undo(changes_by(gone=("kim", "lee")), office(later=frozenset({KIM})))

    assert undoing.back.keys() == {LEE}
    assert undoing.alone == [(KIM, "was changed again since")]


def test_a_name_that_somebody_else_has_now_is_not_taken_back():
    undoing = undo(changes_by(gone=("kim",)), office(names={LEE: "kim"}))

    assert not undoing.back
    assert "somebody else's" in undoing.alone[0][1]


def test_nobody_whom_the_directory_disabled_is_let_in_again():
    undoing = undo(changes_by(person("kim", enabled=False)), office())

    assert not undoing.held
    assert "as the directory says" in undoing.alone[0][1]


def test_of_several_changes_in_one_run_the_first_state_is_put_back():
    joined = PersonChange(KIM, Change.GROUPS, joined=frozenset({VPN}))
    left = PersonChange(KIM, Change.GROUPS, left=frozenset({VPN}))

    undoing = undo([left, joined, left], office())

    assert undoing.joining == {KIM: {VPN}}
    assert not undoing.leaving


def test_a_group_that_is_gone_is_nobodys_again():
    undoing = undo(changes_by(group("vpn", "lee")), office(groups=frozenset()))

    assert not undoing.held


def test_attributes_are_put_back_as_they_were_first_and_held():
    roster = Roster()
    roster.absorb(everything(person("kim", attributes="department=research"), person("lee")))
    told = ("department=sales", "")
    changes = [
        each for text in told for each in changes_of(roster.absorb(changed(person("kim", attributes=text))))
    ]

    undoing = undo(changes, office())

    assert undoing.attributes == {KIM: "department=research"}
    assert undoing.people() == [KIM]
    assert undoing.held == {Held(What.ATTRIBUTE, KIM, note="department=research")}
    assert undoing.of([LEE]).attributes == {}
