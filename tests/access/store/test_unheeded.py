from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from access.logins.network_session import Disconnect, NetworkSession, State, Wish
from access.nas.disconnect import UNHEEDED, Said, Settled
from access.store import sessions, unheeded
from access.store.alarms import StoredAlarms
from access.store.disconnects import StoredDisconnects
from access.store.tables import alarms, nas, organizations
from access.store.tables import sessions as table
from tests.access.residents import KEYRING, NOW, Dice, settle_in
from tests.access.residents import save as keep

NAS = {"id": 1, "organization_id": 1, "name": "switch", "network": "192.0.2.3", "binding": "b"}
NAS |= {"via": "wired", "secret": b"sealed", "vendor": "cisco"}
SESSION = NetworkSession(
    id=0,
    organization_id=1,
    nas_id=1,
    class_=b"c" * 32,
    via="wired",
    method="eap-tls",
    admitted_at=NOW,
    state=State.LIVE,
    user_name="minjun.kim@hangang.example",
)


class Deaf:
    """Nobody is asked here."""

    def ask(self, nas, asking):
        return Said(None)

    def is_reached(self, nas):
        return False

    def close(self):
        pass


@pytest.fixture
def office(database):
    """One session at one switch, which was asked to have it log in anew."""
    settle_in(database)
    with database.write() as conn:
        conn.execute(insert(nas).values(NAS))
        session_id = keep(conn, SESSION, NOW)
        asked = {"disconnect": "wanted", "wish": "reauthenticate"}
        conn.execute(update(table).where(table.c.id == session_id).values(asked))
    return database


def settle(database, result, spared=False, **more):
    with database.read() as conn:
        (session,) = sessions.open_sessions(conn) or [SESSION]
    ports = StoredDisconnects(database, KEYRING, Dice(), "test", Deaf())
    note = "it was not asked again" if spared else "no answer, asked 3 times"
    settled = Settled(result, note, NOW, spared=spared)
    ports.settle(replace(session, **more), settled, NOW)


def told(database):
    """The open alarms: about what, with which words, told to whom."""
    with database.read() as conn:
        open_ones = select(alarms).where(alarms.c.cleared_at.is_(None))
        return [(row.subject, row.note, row.organization_id) for row in conn.execute(open_ones)]


def swept(database):
    """The open alarms after a worker has looked which are over."""
    with database.write() as conn:
        unheeded.clear(StoredAlarms(conn, KEYRING, Dice(), "test"), NOW)
    return told(database)


@pytest.mark.parametrize("result", sorted(UNHEEDED))
def test_a_session_that_goes_on_as_it_was_raises_an_alarm_about_its_nas_until_it_is_over(office, result):
    settle(office, result)

    note = "session 1 of minjun.kim@hangang.example is to log in anew: no answer, asked 3 times"
    assert told(office) == [("switch", note, 1)]
    assert swept(office) == told(office)
    with office.write() as conn:
        conn.execute(update(table).values(state="ended"))
    assert swept(office) == []


@pytest.mark.parametrize("result", [Disconnect.ACKED, Disconnect.PROVEN])
def test_a_nas_that_does_what_it_is_asked_raises_none_and_ends_the_one_there_was(office, result):
    settle(office, Disconnect.SILENT)
    settle(office, result)

    assert swept(office) == []


def test_a_nas_that_got_another_company_is_told_to_that_one_until_it_is_over(office):
    settle(office, Disconnect.SILENT)
    settle_in(office, "rival", "namsan")
    with office.write() as conn:
        conn.execute(update(nas).values(organization_id=2))
    settle(office, Disconnect.NAKED)

    note = "session 1 is to log in anew: no answer, asked 3 times"
    assert ("switch (namsan)", note, 2) in told(office)
    assert swept(office) == told(office)
    assert ("switch (namsan)", note, 2) in told(office)
    with office.write() as conn:
        conn.execute(update(table).values(state="ended"))
    assert swept(office) == []


def test_what_is_silent_still_is_told_once(office):
    settle(office, Disconnect.SILENT)
    settle(office, Disconnect.SILENT)

    with office.read() as conn:
        assert conn.execute(select(alarms.c.count)).scalars().all() == [1]


def test_a_nas_that_was_not_asked_raises_none(office):
    """It was silent about another session, which has raised it, with what it met with."""
    settle(office, Disconnect.SILENT, spared=True)

    assert told(office) == []


def test_a_nas_that_is_silent_about_it_once_it_is_asked_raises_one(office):
    """The session that it was silent about before may have ended meanwhile, and its alarm with it."""
    settle(office, Disconnect.SILENT, spared=True)
    settle(office, Disconnect.SILENT)

    assert [subject for subject, _, _ in told(office)] == ["switch"]


def test_a_session_that_has_ended_here_raises_none(office):
    settle(office, Disconnect.UNPROVEN, state=State.ENDED)

    assert told(office) == []


def test_a_nas_of_a_kind_that_takes_no_requests_raises_none(office):
    with office.write() as conn:
        conn.execute(update(nas).values(vendor="openvpn"))

    settle(office, Disconnect.NAKED)

    assert told(office) == []


def test_a_guest_is_not_named_to_the_company_of_the_nas(office):
    with office.write() as conn:
        conn.execute(insert(organizations).values(id=2, key="namsan", name="남산", realm="namsan.example"))
        conn.execute(update(nas).values(organization_id=2))

    settle(office, Disconnect.SILENT, wish=Wish.REAUTHENTICATE)

    assert told(office) == [("switch", "session 1 is to log in anew: no answer, asked 3 times", 2)]
