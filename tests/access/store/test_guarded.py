"""What somebody changes with a SQL prompt raises an alarm; what Officegate changes does not."""

import os

import pytest
from sqlalchemy import insert, text

from access.changes.publishing import Draft
from access.nas.registry import Endpoint
from access.people.person_link import LinkState
from access.policy.standing import Kept
from access.proof.factors import Origin
from access.proof.passkey import NewPasskey, Registered
from access.store import alarms, directories, endpoints, feed, nas, passkeys, person_links, standing, tokens
from access.store.feed import Topic
from access.store.guarded import GuardedRows
from access.store.policy_shelf import StoredPolicies
from access.store.tables import (
    desk_acts,
    groups,
    local_users,
    memberships,
    passes,
    reviews,
    sealed_codes,
    users,
    vouches,
)
from tests.access.residents import DICE, KEYRING, NOW, give_phone, settle_in
from tests.access.store.test_nas import CLIENT
from tests.access.store.test_standing import GRANT

PRINTER = Endpoint(0, 1, "00-11-22-aa-bb-cc", "printer", "minjun.kim@hangang", NOW + 1e6)
REVISION = "r1"
REVIEW = {
    **{"campaign": 1, "rule": "git", "meaning": "m", "owner": "lee", "until": NOW, "started_at": NOW},
    **{
        "started_by": "root",
        "told": "asked",
        "answered_meaning": "",
        "answered_by": "",
        "role": "",
        "note": "",
    },
}
ENVELOPE = {
    **{"opening": "seoul-hq", "number": 2, "key_id": "first", "fingerprint": b"f", "created_at": NOW},
    **{"created_by": "root", "spent_at": NOW},
}
ASKED = {"user_id": 1, "organization_id": 1, "asked_by_id": 1, "asked_by": "desk", "at": NOW}
PASSKEY = NewPasskey(1, Registered(b"credential", b"key", 7, ""), "laptop", NOW, Origin.HANDOVER)


@pytest.fixture
def office(database):
    """One of everything that is guarded."""
    user_id = settle_in(database)
    give_phone(database, user_id)
    with database.write() as conn:
        conn.execute(
            insert(groups),
            [
                {"organization_id": 1, "entry_uuid": f"g{id_}", "name": name, "dn": name}
                for id_, name in enumerate(("staff", "vpn-users"), 1)
            ],
        )
        conn.execute(insert(memberships), [{"user_id": user_id, "group_id": 1}])
        passkeys.add(conn, KEYRING, PASSKEY, 1, DICE)
        nas.add(conn, KEYRING, CLIENT, NOW, DICE)
        endpoints.add(conn, PRINTER, NOW)
        standing.add(conn, Kept(GRANT, 1, user_id), NOW)
        conn.execute(insert(reviews).values(**REVIEW))
        conn.execute(insert(sealed_codes).values(**ENVELOPE))
        conn.execute(
            insert(passes).values(**ASKED, scope="bypass", hours=8, uses=1, via="", needs_second=True)
        )
        conn.execute(insert(desk_acts).values(**ASKED, act="unlock"))
        conn.execute(insert(vouches).values(user_id=1, organization_id=1, voucher_id=1, at=NOW))
    shelf(database).put_in_force(Draft("version: 1\n", "boss", None), REVISION, NOW)
    return database


def shelf(database):
    return StoredPolicies(database, KEYRING, os.urandom, "web")


@pytest.fixture
def guard(office):
    """Has looked once, long after everything came about."""
    made = GuardedRows(office, KEYRING, os.urandom, "enforce")
    made.look(NOW + 1000)
    return made


def looks(guard):
    """What two more looks find."""
    return [(edit.guarded.value, edit.key) for seconds in (1020, 1040) for edit in guard.look(NOW + seconds)]


def open_alarms(database):
    with database.read() as conn:
        return [(each.kind, each.subject) for each in alarms.listed(conn)]


@pytest.mark.parametrize(
    ("statement", "edit", "subject"),
    [
        ("UPDATE users SET enabled = false", ("people", "1"), "people minjun.kim"),
        ("UPDATE users SET name = 'root'", ("people", "1"), "people root"),
        ("UPDATE users SET dn = 'uid=boss'", ("people", "1"), "people minjun.kim"),
        ("UPDATE users SET directory = 'partner'", ("people", "1"), "people minjun.kim"),
        ("UPDATE users SET mail = 'thief@elsewhere.example'", ("people", "1"), "people minjun.kim"),
        ("UPDATE users SET entry_uuid = 'another'", ("people", "1"), "people minjun.kim"),
        ("INSERT INTO memberships VALUES (1, 2)", ("memberships", "1"), "memberships minjun.kim"),
        ("DELETE FROM memberships", ("memberships", "1"), "memberships minjun.kim"),
        ("UPDATE groups SET name = 'admins' WHERE id = 2", ("groups", "2"), "groups admins"),
        ("UPDATE tokens SET state = 'revoked'", ("phones", "1"), "phones minjun.kim"),
        ("DELETE FROM tokens", ("phones", "1"), "phones minjun.kim"),
        ("UPDATE passkeys SET sign_count = 0", ("passkeys", "1"), "passkeys minjun.kim"),
        ("DELETE FROM passkeys", ("passkeys", "1"), "passkeys minjun.kim"),
        ("UPDATE passkeys SET revoked_at = 5", ("passkeys", "1"), "passkeys minjun.kim"),
        ("UPDATE nas SET network = '0.0.0.0/0'", ("nas", "1"), "nas vpn"),
        ("UPDATE nas SET message_authenticator = 'off'", ("nas", "1"), "nas vpn"),
        ("UPDATE endpoints SET mac = '00-11-22-33-44-55'", ("endpoints", "1"), "endpoints printer"),
        ("DELETE FROM endpoints", ("endpoints", "1"), "endpoints number 1"),
        (
            "UPDATE standing_rules SET valid_to = NULL",
            ("standing", "1"),
            "standing grant-1",
        ),
        ("DELETE FROM standing_rules", ("standing", "1"), "standing number 1"),
        ("UPDATE reviews SET answer = 'keep', role = 'owner'", ("reviews", "1"), "reviews git"),
        (
            "UPDATE sealed_codes SET spent_at = NULL",
            ("sealed codes", "1"),
            "sealed codes seoul-hq envelope 2",
        ),
        ("UPDATE passes SET second_id = 1", ("passes", "1"), "passes minjun.kim"),
        ("DELETE FROM passes", ("passes", "1"), "passes number 1"),
        ("UPDATE vouches SET at = at + 5", ("vouches", "1"), "vouches minjun.kim"),
        (
            "UPDATE desk_acts SET asked_by = 'another'",
            ("asked of administrators", "1"),
            "asked of administrators minjun.kim",
        ),
        ("UPDATE policy_versions SET document = 'version: 1 '", ("policy", "in force"), "policy in force"),
        (
            "UPDATE settings SET value = 'r0' WHERE name LIKE '%policy%'",
            ("policy", "in force"),
            "policy in force",
        ),
    ],
)
def test_an_edit_by_somebody_else_raises_an_alarm(office, guard, statement, edit, subject):
    with office.write() as conn:
        conn.execute(text(statement))

    assert looks(guard) == [edit]
    assert open_alarms(office) == [("edited-directly", subject)]
    assert looks(guard) == []


def test_what_the_directory_says_is_read_again_then(office, guard):
    with office.write() as conn:
        conn.execute(text("INSERT INTO memberships VALUES (1, 2)"))

    looks(guard)

    with office.read() as conn:
        request = directories.pending_request(conn, "hangang", NOW + 1041)
    assert request is not None
    assert not request.accept_mass_change


def test_what_changes_with_every_login_is_not_guarded(office, guard):
    with office.write() as conn:
        conn.execute(
            text("UPDATE tokens SET last_step = 9, failures = 2, used_at = 5, version = version + 1")
        )
        conn.execute(text("UPDATE nas SET signs_since = 5"))
        conn.execute(text("UPDATE endpoints SET dot1x_at = 5"))

    assert looks(guard) == []


def test_what_officegate_changes_is_no_edit(office, guard):
    at = NOW + 1010
    with office.write() as conn:
        client = nas.client_by_id(conn, KEYRING, 1)
        nas.remove(conn, client, at)
        endpoints.remove(conn, endpoints.endpoint_by_id(conn, 1), at)
        tokens.revoke(conn, 1, at)
        conn.execute(text("DELETE FROM memberships"))
        feed.append(conn, Topic.USER, "1", 1, at)
    shelf(office).put_in_force(Draft("version: 1 \n", "boss", REVISION), "r2", at)

    assert looks(guard) == []
    assert open_alarms(office) == []


def test_what_officegate_began_to_change_long_ago_is_no_edit(office, guard):
    began = NOW - 1000
    with office.write() as conn:
        conn.execute(text("UPDATE users SET name = 'minjun'"))
        feed.append(conn, Topic.USER, "1", 1, began)

    assert looks(guard) == []


def test_what_officegate_changed_once_explains_no_edit_much_later(office, guard):
    with office.write() as conn:
        feed.append(conn, Topic.USER, "1", 1, NOW + 1e6)
    looks(guard)

    with office.write() as conn:
        conn.execute(text("UPDATE users SET name = 'root'"))

    assert looks(guard) == [("people", "1")]


def test_very_many_edits_are_few_alarms_that_say_how_many(office, guard):
    with office.write() as conn:
        conn.execute(
            insert(users),
            [
                {"organization_id": 1, "entry_uuid": f"e{number}", "name": f"n{number}", "dn": "d"}
                for number in range(50)
            ],
        )

    assert len(looks(guard)) == 50
    with office.read() as conn:
        raised = alarms.listed(conn)
    assert len(raised) == 20
    assert "50 rows in all" in raised[0].note


@pytest.fixture
def linked(office):
    """minjun.kim of hangang is jisoo.park of namsan, as somebody has proposed."""
    other_id = settle_in(office, "jisoo.park", "namsan")
    with office.write() as conn:
        person_links.propose(conn, 1, other_id, 1, NOW)
    return office


@pytest.mark.parametrize(
    ("statement", "link", "subject"),
    [
        ("UPDATE person_links SET state = 'linked'", "1", "links minjun.kim@hangang and jisoo.park@namsan"),
        ("DELETE FROM person_links", "1", "links number 1"),
        (
            "INSERT INTO person_links (user_id, other_id, state, proposed_at, proposed_by)"
            " VALUES (2, 1, 'linked', 5, 1)",
            "2",
            "links jisoo.park@namsan and minjun.kim@hangang",
        ),
    ],
)
def test_a_link_that_no_company_has_approved_raises_an_alarm(linked, guard, statement, link, subject):
    with linked.write() as conn:
        conn.execute(text(statement))

    assert looks(guard) == [("links", link)]
    assert open_alarms(linked) == [("edited-directly", subject)]


def test_a_link_that_companies_propose_approve_and_cut_is_no_edit(office, guard):
    other_id = settle_in(office, "jisoo.park", "namsan")
    guard.look(NOW + 1001)
    guard.look(NOW + 1002)
    with office.write() as conn:
        made = person_links.propose(conn, 1, other_id, 1, NOW + 1003)
    assert looks(guard) == []
    for state in (LinkState.LINKED, LinkState.CUT):
        with office.write() as conn:
            assert person_links.decide(conn, person_links.by_id(conn, made), state, 1, NOW + 1050)
        assert looks(guard) == []


def test_the_password_of_somebody_in_no_directory_is_guarded(office, guard):
    row = {"user_id": 1, "sponsor_id": 1, "employer": "partner", "password_hash": "one"}
    with office.write() as conn:
        conn.execute(insert(local_users).values(**row, approved_at=NOW, approved_by="boss"))
        feed.append(conn, Topic.USER, "1", 1, NOW + 1001)
    assert looks(guard) == []

    with office.write() as conn:
        conn.execute(text("UPDATE local_users SET password_hash = 'the thief knows it'"))

    assert looks(guard) == [("local passwords", "1")]
