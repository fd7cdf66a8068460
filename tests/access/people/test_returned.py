"""Somebody renamed, moved, deleted and made again in a real slapd, with a phone all the while."""

import shutil

import pytest
from sqlalchemy import select

from access import directoryd
from access.model import Role
from access.proof.authentication import Spent, spend_code
from access.store.database import Database
from access.store.relinks import StoredRelinks
from access.store.spending import StoredCodes
from access.store.tables import users
from tests.access.residents import KEYRING, NOW, Dice, give_phone, shown
from tests.access.test_directoryd import HANGANG, admin_of, open_gate
from tests.peers.people import person_attributes

pytestmark = pytest.mark.peer("slapd")


@pytest.fixture
def gate(migrated_sqlite, tmp_path, directory):
    shutil.copy(migrated_sqlite, tmp_path / "gate.sqlite")
    database = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")
    yield open_gate(database, directory.slapd, stable_attribute="employeeNumber")
    database.close()


def read(gate) -> None:
    directoryd.sync_once(gate.app, gate.organization("hangang"), False)


def test_a_phone_stays_through_a_new_name_and_by_approval_through_a_new_entry(gate):
    read(gate)
    who, boss = HANGANG.people[7], admin_of(HANGANG)
    before = gate.user("hangang", who.uid)
    give_phone(gate.app.database, before.id)
    codes = StoredCodes(gate.app.database, KEYRING, Dice())

    gate.slapd.rename(HANGANG.person_dn(who.uid), "uid=renamed")
    read(gate)
    renamed = gate.user("hangang", "renamed")
    assert renamed.id == before.id
    assert isinstance(spend_code(codes, renamed, shown(), NOW), Spent)

    gate.slapd.delete(HANGANG.person_dn("renamed"))
    read(gate)
    gate.slapd.add(HANGANG.person_dn(who.uid), person_attributes(who))
    read(gate)
    fresh = gate.user("hangang", who.uid)
    assert fresh.id != before.id
    later = NOW + 60
    assert not isinstance(spend_code(codes, fresh, shown(now=later), later), Spent)

    roles = {Role.ADMIN: frozenset({"hangang/it-admins"})}
    relinks = StoredRelinks(gate.app.database, KEYRING, Dice(), "web", roles, frozenset({"hangang"}))
    (found,) = relinks.candidates()
    relinks.relink(gate.user("hangang", boss), found.old.user_id, found.new.user_id, later)

    gate.slapd.rename(HANGANG.person_dn(who.uid), "uid=once.more")
    read(gate)
    after = gate.user("hangang", "once.more")
    assert (after.id, after.enabled) == (before.id, True)
    assert isinstance(spend_code(codes, after, shown(now=later), later), Spent)
    with gate.app.database.read() as conn:
        here = select(users.c.id).where(users.c.vanished_at.is_(None), users.c.employee_number == who.number)
        assert len(conn.execute(here).all()) == 1
    codes.close()
