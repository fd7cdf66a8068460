"""People who are in no directory: who may be added, and how their password is checked."""

import os
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from access.directory.credentials import Credentials
from access.directory.entries import Part, Person, Position, Update
from access.directory.roster import Roster
from access.directory.verdict import PasswordOutcome
from access.model import LOCAL_DN, User
from access.people.local_user import (
    DAY_S,
    GROUPS,
    LETTERS,
    BadLocalUser,
    NewLocalUser,
    check_end,
    check_new,
    check_password,
    new_password,
)
from access.store import account_ends, feed, local_users, people, rosters
from access.store.local_users import Approval, LocalPasswords
from tests.access.residents import NOW, settle_in

SPONSOR = User(7, "hangang", "minjun.kim", "uid=minjun.kim")
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "once-upon-a-river"
NEW = NewLocalUser("ext.hong", 1, "홍길동", "", "남산외주", SPONSOR, NOW + 30 * DAY_S)
APPROVAL = Approval("boss", NOW)


def test_who_is_described_well_may_be_added():
    check_new(NEW, NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Ext.Hong"}, "lower case"),
        ({"name": "ext hong"}, "is no name"),
        ({"employer": " "}, "--employer"),
        ({"ends_at": NOW}, "1 to 90 days"),
        ({"ends_at": NOW + 90 * DAY_S + 1}, "1 to 90 days"),
        ({"sponsor": replace(SPONSOR, enabled=False)}, "is disabled"),
        ({"sponsor": replace(SPONSOR, dn=LOCAL_DN)}, "cannot answer for anybody"),
    ],
)
def test_who_is_not_is_refused_with_what_to_change(change, said):
    with pytest.raises(BadLocalUser, match=said):
        check_new(replace(NEW, **change), NOW)


def test_ninety_days_are_the_longest():
    check_end(NOW + 90 * DAY_S, NOW)


def test_a_password_is_drawn_evenly_and_never_twice():
    drawn = {new_password(os.urandom) for _ in range(50)}

    assert len(drawn) == 50
    for each in drawn:
        assert each.count("-") == GROUPS - 1
        assert set(each) <= set(LETTERS) | {"-"}


@pytest.mark.parametrize(
    "bad", ["short", "aaaaaaaaaaaaaa", "minjun.kim-2026!", "my Hangang riverside", "x" * 201]
)
def test_a_weak_password_is_refused(bad):
    with pytest.raises(BadLocalUser):
        check_password(bad, SPONSOR)


def test_a_good_password_is_taken():
    check_password("한글로 쓴 긴 비밀번호입니다", SPONSOR)
    check_password(PASSWORD, SPONSOR)


@pytest.fixture
def office(database):
    """minjun.kim of the directory, and ext.hong of none."""
    sponsor = settle_in(database)
    with database.write() as conn:
        new = replace(NEW, sponsor=replace(SPONSOR, id=sponsor))
        local_users.add(conn, new, CHEAP.hash(PASSWORD), APPROVAL, os.urandom)
    return database


def hong(database):
    with database.read() as conn:
        return people.user_by_name(conn, 1, "ext.hong")


def known(conn):
    return local_users.by_id(conn, people.user_by_name(conn, 1, "ext.hong").id)


def check(database, password, user=None):
    credentials = Credentials({}, {"hangang": None}, local=LocalPasswords(database, CHEAP))
    return credentials.check("hangang", user or hong(database), password)


def test_the_password_is_checked_here_and_not_at_a_directory(office):
    assert hong(office).is_local
    assert check(office, PASSWORD) is PasswordOutcome.RIGHT
    assert check(office, "wrong") is PasswordOutcome.WRONG
    assert check(office, "") is PasswordOutcome.WRONG


def test_the_password_is_nowhere_in_the_tables(office):
    with office.read() as conn:
        kept = known(conn).password_hash
    assert PASSWORD not in kept
    assert kept.startswith("$argon2id$")
    assert kept not in repr(known)


def test_a_name_of_somebody_else_is_refused(office):
    with pytest.raises(BadLocalUser, match="Somebody else"), office.write() as conn:
        local_users.add(conn, replace(NEW, name="minjun.kim"), "h", APPROVAL, os.urandom)
    with pytest.raises(BadLocalUser, match="Somebody else"), office.write() as conn:
        local_users.add(conn, NEW, "h", APPROVAL, os.urandom)


def test_at_its_end_an_account_is_disabled_and_approval_lets_it_in_again(office):
    assert account_ends.end(office, NOW + 30 * DAY_S) == 1
    assert not hong(office).enabled

    with office.write() as conn:
        local_users.extend(conn, known(conn), NOW + 60 * DAY_S, Approval("boss", NOW + 31 * DAY_S))

    assert hong(office).enabled
    assert hong(office).expires_at == NOW + 60 * DAY_S


def test_who_was_ended_is_gone_at_once_and_the_name_is_free(office):
    with office.write() as conn:
        local_users.end(conn, known(conn), NOW + 5)

    assert not hong(office).enabled
    with office.write() as conn:
        local_users.add(conn, replace(NEW, sponsor=replace(SPONSOR, id=1)), "h", APPROVAL, os.urandom)
    assert hong(office).enabled


def test_the_feed_tells_of_every_change(office):
    with office.write() as conn:
        local_users.set_password(conn, known(conn), CHEAP.hash("another river"), NOW + 9)
        local_users.end(conn, known(conn), NOW + 10)

    with office.read() as conn:
        told = [(change.topic.value, change.at) for change in feed.since(conn, feed.START)]
    assert told == [("user", NOW), ("user", NOW + 9), ("user", NOW + 10)]
    assert hong(office).password_changed_at == NOW + 9


def test_a_reading_of_the_directory_leaves_them_alone_and_their_name_to_them(office):
    with office.read() as conn:
        roster = rosters.load(conn, 1)
    namesake = Person("u-9", "ext.hong", "uid=ext.hong,dc=x", "uid=ext.hong,dc=x", enabled=True)

    changes = roster.absorb(
        Update(Part((namesake,), known=frozenset({"u-9"})), Part((), known=frozenset()), Position())
    )

    with office.read() as conn:
        uuid = conn.exec_driver_sql("SELECT entry_uuid FROM users WHERE dn = 'local:'").scalar_one()
    assert uuid not in changes.vanished
    assert changes.people["u-9"].enabled is False
    assert roster.names_taken() == ("uid=ext.hong,dc=x",)


def test_a_name_that_becomes_free_goes_to_who_waits_for_it():
    waiting = Person("u-9", "ext.hong", "d", "d", enabled=True)

    assert Roster([waiting], reserved=["ext.hong"]).names_taken() == ("d",)
    assert Roster([waiting]).names_taken() == ()
