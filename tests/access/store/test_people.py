"""Questions about people, on both databases."""

import pytest

from access.directory.roster import Roster
from access.people.provisioning import provision
from access.store import people
from access.store.rosters import RosterStore
from tests.access.provisioned import add_organization, changed, everything, group, person


@pytest.fixture
def office(database):
    organization = add_organization(database, "hangang")
    add_organization(database, "namsan")
    store, roster = RosterStore(database, organization.id, lambda conn: None), Roster()
    reading = everything(
        person("kim", display_name="김민준", mail="minjun@hangang.example", employee_number="H00001"),
        person("lee", display_name="100%_이\\서연"),
        person("park"),
        group("staff", "kim", "lee"),
        group("vpn", "@staff", "park"),
    )
    provision(store, roster, reading, 0.0, None)
    return organization, store, roster


def names(found):
    return [user.name for user in found]


def test_a_user_is_found_by_name_and_by_id_in_their_own_organization_only(database, office):
    with database.read() as conn:
        kim = people.user_by_name(conn, office[0].id, "kim")

        assert kim.groups == {"hangang/staff", "hangang/vpn"}
        assert people.user_by_id(conn, kim.id) == kim
        assert people.user_by_name(conn, office[0].id + 1, "kim") is None
        assert people.user_by_id(conn, 12345) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KIM", ["kim"]),
        ("민준", ["kim"]),
        ("h0000", ["kim"]),
        ("minjun@", ["kim"]),
        ("%", ["lee"]),
        ("_", ["lee"]),
        ("\\", ["lee"]),
        ("", ["kim", "lee", "park"]),
        ("' OR 1=1 --", []),
    ],
)
def test_search_finds_what_is_typed_and_nothing_else(database, office, text, found):
    with database.read() as conn:
        assert names(people.search_users(conn, text)) == found


def test_search_stops_at_its_limit(database, office):
    with database.read() as conn:
        assert names(people.search_users(conn, "", 2)) == ["kim", "lee"]


def test_all_users_carry_their_groups_and_those_who_left_are_not_among_them(database, office):
    _, store, roster = office
    provision(store, roster, changed(gone=("lee",)), 1.0, None)

    with database.read() as conn:
        assert {user.name: user.groups for user in people.all_users(conn)} == {
            "kim": {"hangang/staff", "hangang/vpn"},
            "park": {"hangang/vpn"},
        }


def test_the_one_who_is_here_is_meant_and_not_the_one_who_left(database, office):
    organization, store, roster = office
    with database.read() as conn:
        old = people.user_by_name(conn, organization.id, "kim")
    again = person("kim", uuid="00000000-0000-0000-0000-000000000001")
    provision(store, roster, changed(again, gone=("kim",)), 1.0, None)

    with database.read() as conn:
        new = people.user_by_name(conn, organization.id, "kim")

    assert new.id != old.id
    assert new.enabled


def test_group_names_are_known(database, office):
    with database.read() as conn:
        assert people.group_names(conn) == {"hangang/staff", "hangang/vpn"}


def test_somebody_here_and_disabled_is_meant_before_somebody_newer_who_left(database, office):
    organization, store, roster = office
    newer = person("choi", name="kim2")
    provision(store, roster, changed(newer), 1.0, None)
    provision(store, roster, changed(person("kim", name="kim2", enabled=False), gone=("choi",)), 2.0, None)

    with database.read() as conn:
        meant = people.user_by_name(conn, organization.id, "kim2")

        assert meant.dn == person("kim").dn
