"""Local groups over both databases: lists, what follows from them, and what the feed hears."""

import pytest
from sqlalchemy import insert, update

from access.people.local_group import Act, BadLocalGroup, NewLocalGroup
from access.records.alarms import AlarmKind
from access.store import alarms, local_groups, local_memberships, people
from access.store.carrying import Carrying
from access.store.feed import Topic
from access.store.guarded import GuardedRows
from access.store.tables import ending_memberships, local_members
from tests.access.people.test_provisioning import NOW, OFFICE, Office
from tests.access.provisioned import changed, everything, group
from tests.access.residents import DICE, KEYRING

DAY = 86400.0
ACT = Act("somebody", NOW)


class Kept(Office):
    """An office that keeps groups of its own."""

    def make(self, name):
        with self.database.write() as conn:
            new = NewLocalGroup(self.organization.id, name, self.user("lee"), "a project")
            return local_groups.by_id(conn, local_groups.add(conn, new, ACT, DICE))

    def put(self, known, name, days=10.0):
        with self.database.write() as conn:
            local_groups.put_user(conn, known, self.user(name).id, NOW + days * DAY, ACT)

    def put_group(self, known, name, days=10.0):
        with self.database.write() as conn:
            inner = local_groups.group_id_of(conn, self.organization.id, name)
            local_groups.put_group(conn, known, inner, NOW + days * DAY, ACT)

    def ending(self, name):
        return {group: (until - NOW) / DAY for group, until in self.user(name).ending}


@pytest.fixture
def office(database):
    made = Kept(database)
    made.take(everything(*OFFICE))
    return made


def test_who_is_listed_is_in_the_group_until_the_end_and_in_no_other_way(office):
    known = office.make("project")

    touched = office.touched(lambda: office.put(known, "kim"))

    assert touched == ["kim"]
    assert office.ending("kim") == {"hangang/project": 10.0}
    assert "hangang/project" not in office.user("kim").groups
    assert office.user("lee").ending == ()
    with office.database.read() as conn:
        everybody = {user.name: user.ending for user in people.all_users(conn)}
        found = people.users_by_id(conn, [office.user("kim").id])
        assert "hangang/project" in people.group_names(conn)
    assert everybody["kim"] == office.user("kim").ending
    assert [user.ending for user in found.values()] == [office.user("kim").ending]


def test_a_group_of_the_directory_in_a_local_one_brings_its_people_as_they_come_and_go(office):
    outer, inner = office.make("outer"), office.make("inner")
    office.put_group(inner, "engineering", 5.0)
    office.put_group(outer, "inner", 7.0)
    assert office.ending("kim") == {"hangang/inner": 5.0, "hangang/outer": 5.0}

    touched = office.touched(lambda: office.take(changed(group("engineering", "park"))))

    assert set(touched) == {"kim", "lee", "park"}
    assert office.ending("kim") == office.ending("lee") == {}
    assert office.ending("park") == {"hangang/inner": 5.0, "hangang/outer": 5.0}


def test_a_group_cannot_be_in_itself(office):
    outer, inner = office.make("outer"), office.make("inner")
    office.put_group(outer, "inner")

    with pytest.raises(BadLocalGroup):
        office.put_group(inner, "outer")
    with pytest.raises(BadLocalGroup):
        office.put_group(outer, "outer")


def test_a_name_that_the_company_has_is_refused_both_ways(office):
    with pytest.raises(BadLocalGroup):
        office.make("engineering")
    office.make("project")
    with pytest.raises(BadLocalGroup):
        office.make("project")

    office.take(changed(group("project", "park")))

    assert office.user("park").groups != {"hangang/project"}
    assert all("project" not in each.partition("/")[2] for each in office.user("park").groups)


def test_a_roster_that_is_loaded_anew_keeps_the_name_too(office):
    office.make("project")
    office.roster, _ = office.store.load()

    office.take(changed(group("project", "park")))

    assert "hangang/project" not in office.user("park").groups


def test_who_leaves_the_list_or_the_directory_is_out(office):
    known = office.make("project")
    office.put(known, "kim")
    office.put(known, "park")
    with office.database.write() as conn:
        assert local_groups.take_user(conn, known, office.user("kim").id, NOW)
        assert not local_groups.take_user(conn, known, office.user("kim").id, NOW)
    assert office.ending("kim") == {}

    office.take(changed(gone=("park",)), now=NOW + 60)

    assert office.user("park").ending == ()


def test_a_group_that_is_taken_away_is_nobodys(office):
    outer, inner = office.make("outer"), office.make("inner")
    office.put(inner, "kim")
    office.put_group(outer, "inner")

    with office.database.write() as conn:
        local_groups.remove(conn, inner, NOW)

    assert office.ending("kim") == {}
    with office.database.read() as conn:
        assert [each.name for each in local_groups.all_groups(conn)] == ["hangang/outer"]
        assert local_groups.members(conn, outer.id) == []


def test_what_has_ended_is_swept_and_told(office):
    known = office.make("project")
    office.put(known, "kim", 1.0)
    office.put(known, "park", 3.0)

    assert local_memberships.end(office.database, NOW + DAY - 1) == 0
    heard = office.heard(lambda: local_memberships.end(office.database, NOW + DAY))

    assert sorted(topic for topic, _ in heard) == sorted([Topic.GROUP, Topic.USER])
    assert office.ending("kim") == {}
    assert office.ending("park") == {"hangang/project": 3.0}
    assert local_memberships.end(office.database, NOW + DAY) == 0


def test_another_end_replaces_the_first(office):
    known = office.make("project")
    office.put(known, "kim", 10.0)
    office.put(known, "kim", 2.0)

    assert office.ending("kim") == {"hangang/project": 2.0}
    with office.database.read() as conn:
        (member,) = local_groups.members(conn, known.id)
    assert (member.who, member.added_by) == ("user:kim@hangang", "somebody")


def test_groups_in_local_ones_carry_rights(office):
    known = office.make("project")
    carrying = Carrying(office.database, "hangang", ())
    assert carrying.names() == frozenset()

    office.put_group(known, "engineering")

    assert carrying.names() == {"engineering"}


@pytest.mark.parametrize(
    ("table", "guarded_as"), [("listed", "local groups"), ("followed", "memberships that end")]
)
def test_what_a_sql_prompt_changes_raises_the_alarm_and_what_follows_is_set_right(office, table, guarded_as):
    known = office.make("project")
    office.put(known, "kim")
    guarded = GuardedRows(office.database, KEYRING, DICE, "test")
    guarded.look(NOW)
    with office.database.write() as conn:
        if table == "listed":
            conn.execute(update(local_members).values(until=NOW + 300 * DAY))
        else:
            row = {"user_id": office.user("park").id, "group_id": known.id, "until": NOW + 300 * DAY}
            conn.execute(insert(ending_memberships).values(**row))

    assert guarded.look(NOW + 1) == []
    found = guarded.look(NOW + 2)

    assert [edit.guarded for edit in found] == [
        "local groups" if table == "listed" else "memberships that end"
    ]
    with office.database.read() as conn:
        assert [each.kind for each in alarms.listed(conn)] == [AlarmKind.EDITED_DIRECTLY]
    assert office.ending("park") == {}


def test_our_own_changes_raise_no_alarm(office):
    guarded = GuardedRows(office.database, KEYRING, DICE, "test")
    guarded.look(NOW)
    known = office.make("project")
    office.put(known, "kim")
    guarded.look(NOW + 1)
    with office.database.write() as conn:
        local_groups.hand_over(conn, known, office.user("kim"), NOW)
        local_groups.take_user(conn, known, office.user("kim").id, NOW)

    assert [guarded.look(NOW + second) for second in (2, 3, 4)] == [[], [], []]
