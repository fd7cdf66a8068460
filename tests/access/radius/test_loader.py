import os
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from access.app import App
from access.config import Settings
from access.radius import loader
from access.radius.journal import Journal, parts
from access.radius.loader import Loader
from access.records.alarms import Alarm, AlarmKind, told
from access.store import audit_chain, feed, tables
from access.store.alarms import listed
from access.store.audit import Selection, records
from access.supervision.sockets import doorway
from tests.access.logins.test_accounting import KIM, LEE, login, report
from tests.access.residents import KEYRING, NOW, settle_in
from tests.peers.waiting import wait_until


class Gate:
    """A database with one person and one NAS, a journal, and its loader."""

    def __init__(self, database, directory):
        self.database = database
        self.directory = directory / "journal"
        self.app = App(replace(Settings(), state_dir=directory), KEYRING, database, lambda: NOW + 50)
        self.user_id = settle_in(database)
        with database.write() as conn:
            nas = {"id": 3, "organization_id": 1, "name": "vpn", "network": "192.0.2.3", "via": "vpn"}
            nas |= {"binding": "b", "secret": b"sealed"}
            conn.execute(tables.nas.insert().values(nas))
        self.loader = Loader(self.app, self.directory)
        self.journal = Journal(self.directory, "radius-0", "gate1", os.urandom, rotate_octets=1 << 20)

    def login(self, class_=KIM, at=0.0, **more):
        entry = {"kind": "login", "reason": "PERMITTED", "case": None, "organization": 1, "detail": {"n": at}}
        entry |= {"user": self.user_id}
        return login(class_, at, self.user_id, audited=True, entry=entry, **more)

    def sessions(self):
        with self.database.read() as conn:
            return list(conn.execute(select(tables.sessions).order_by(tables.sessions.c.id)))

    def audited(self, kind="login"):
        with self.database.read() as conn:
            return records(conn, Selection(kind=kind, limit=10000), KEYRING)[::-1]

    def everything(self):
        """All rows that loading writes."""
        with self.database.read() as conn:
            names = ("sessions", "audit", "audit_writers", "feed", "journals")
            return {name: conn.execute(select(tables.METADATA.tables[name])).all() for name in names}


@pytest.fixture
def gate(database, tmp_path):
    gate = Gate(database, tmp_path)
    yield gate
    gate.journal.close()


def test_what_is_in_the_journal_comes_into_the_database(gate):
    gate.journal.append([gate.login(), report("START", address4="")])

    assert gate.loader.load() == 2

    (session,) = gate.sessions()
    assert (session.state, session.user_id) == ("live", gate.user_id)
    (row,) = gate.audited()
    assert (row.reason, row.user_id, row.session_id) == ("PERMITTED", gate.user_id, session.id)
    assert row.detail == {"n": 0.0}


def test_loading_twice_changes_nothing(gate):
    gate.journal.append([gate.login(), report("START"), report("STOP", 2.0)])
    gate.loader.load()
    before = gate.everything()

    assert gate.loader.load() == 0
    assert Loader(gate.app, gate.directory).load() == 0
    assert gate.everything() == before


def test_a_journal_that_was_put_back_from_an_older_copy_is_said_once(gate):
    gate.journal.append([gate.login()])
    (part,) = parts(gate.directory)
    file = gate.directory / part.file_name
    older = file.stat().st_size
    gate.journal.append([report("START")])
    gate.loader.load()

    os.truncate(file, older)
    with structlog.testing.capture_logs() as lines:
        assert (gate.loader.load(), gate.loader.load()) == (0, 0)

    (line,) = lines
    assert line["event"] == "a journal is shorter than what is loaded of it"
    assert (line["journal"], line["lost"] > 0) == (part.file_name, True)


def test_journals_are_loaded_in_the_order_of_time(gate):
    other = Journal(gate.directory, "radius-1", "gate1", os.urandom)
    gate.journal.append([gate.login(at=1.0), gate.login(LEE, 4.0)])
    other.append([report("START", 2.0), report("START", 3.0, class_=LEE)])
    other.close()

    gate.loader.load()

    with gate.database.read() as conn:
        sessions = [change.key for change in feed.since(conn, feed.START) if change.topic == "session"]
    assert sessions == ["1", "1", "2", "2"]


def test_a_clock_that_went_back_leaves_no_gap_in_the_audit(gate):
    gate.journal.close()
    gate.journal = Journal(gate.directory, "radius-0", "gate1", os.urandom, rotate_octets=10)
    gate.journal.append([gate.login(at=10.0)])
    gate.journal.append([gate.login(LEE, at=5.0)])

    gate.loader.load()

    assert [row.detail["n"] for row in gate.audited()] == [10.0, 5.0]


def test_many_records_take_several_transactions(gate):
    count = 603
    gate.journal.append([gate.login(n.to_bytes(32, "big"), n / 1000) for n in range(count)])

    assert gate.loader.load() == count
    assert len(gate.sessions()) == count
    assert [row.detail["n"] for row in gate.audited()] == [n / 1000 for n in range(count)]


def test_a_session_of_a_nas_that_is_gone_is_audited_and_not_kept(gate):
    gate.journal.append([gate.login(nas=99)])

    assert gate.loader.load() == 1
    assert gate.sessions() == []
    assert len(gate.audited()) == 1


def test_one_record_that_cannot_be_loaded_holds_up_nobody(gate):
    broken = gate.login(LEE) | {"class": "no hexadecimal"}
    gate.journal.append([gate.login(), broken, report("START", 2.0)])

    assert gate.loader.load() == 3

    (session,) = gate.sessions()
    assert session.state == "live"
    assert len(gate.audited()) == 1
    (lost,) = gate.audited("journal")
    assert lost.detail["what"] == "journal.unreadable"


def test_the_audit_of_what_was_loaded_verifies(gate, tmp_path):
    broken = gate.login(LEE) | {"class": "no hexadecimal"}
    gate.journal.append([gate.login(), report("START"), broken, report("STOP", 9.0)])
    gate.loader.load()

    audit_chain.seal(gate.database, gate.app.keyring, tmp_path / "heads", "test", NOW)
    assert audit_chain.verify(gate.database, KEYRING, tmp_path / "heads").findings == ()


def test_a_file_goes_when_it_is_loaded_and_followed(gate):
    gate.journal.close()
    gate.journal = Journal(gate.directory, "radius-0", "gate1", os.urandom, rotate_octets=10)
    gate.journal.append([gate.login()])
    gate.journal.append([report("START")])
    assert len(parts(gate.directory)) == 3

    assert gate.loader.load() == 2

    (last,) = parts(gate.directory)
    assert last.number == 3
    with gate.database.read() as conn:
        assert [row.name for row in conn.execute(select(tables.journals))] in ([], [last.file_name])
    gate.journal.append([report("STOP", 9.0)])
    assert gate.loader.load() == 1


def test_two_loaders_at_once_load_everything_once(gate):
    gate.journal.append([gate.login(n.to_bytes(32, "big"), n / 1000) for n in range(600)])
    loaders = [Loader(gate.app, gate.directory) for _ in range(2)]
    counts = []
    threads = [threading.Thread(target=lambda each=each: counts.append(each.load())) for each in loaders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 600
    assert len(gate.sessions()) == len(gate.audited()) == 600


def test_a_session_whose_stop_was_lost_ends(gate):
    gate.journal.append([gate.login() | {"valid_until": NOW - 1000}])
    gate.loader.load()

    assert gate.loader.expire(0.0) == 1
    assert gate.loader.expire(0.0) == 0
    (session,) = gate.sessions()
    assert (session.state, session.end_reason) == ("ended", "TIMED_OUT")


def test_a_ring_at_the_doorbell_is_answered_at_once(gate, monkeypatch):
    monkeypatch.setattr(loader, "LOOK_EVERY_S", 3600.0)
    stop, stopped = socket.socketpair()
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="b-") as kept, doorway(Path(kept, "bell")) as door, stop, stopped:
        running = threading.Thread(target=loader.run, args=(gate.app, gate.directory, door, stopped))
        running.start()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            gate.journal.append([gate.login()])
            loader.ring(bell, Path(kept, "bell"))
            wait_until(gate.sessions, "the session")
        stop.send(b"\0")
        running.join()


def test_what_comes_while_others_are_loaded_needs_no_ring(gate, monkeypatch):
    monkeypatch.setattr(loader, "LOOK_EVERY_S", 3600.0)
    real, turns = Loader.load_some, []

    def adding(self):
        turns.append(real(self))
        if len(turns) == 1:
            gate.journal.append([gate.login(bytes(32), 1.0)])
        return turns[-1]

    monkeypatch.setattr(Loader, "load_some", adding)
    gate.journal.append([gate.login()])
    stop, stopped = socket.socketpair()
    with tempfile.TemporaryDirectory(prefix="b-") as kept, doorway(Path(kept, "bell")) as door, stop, stopped:
        running = threading.Thread(target=loader.run, args=(gate.app, gate.directory, door, stopped))
        running.start()
        wait_until(lambda: len(gate.sessions()) == 2, "both sessions")
        stop.send(b"\0")
        running.join()

    assert turns[:2] == [1, 1]


def test_a_loader_is_stopped_while_records_gather(gate, monkeypatch):
    monkeypatch.setattr(loader, "GATHER_S", 3600.0)
    gate.journal.append([gate.login()])
    stop, stopped = socket.socketpair()
    with tempfile.TemporaryDirectory(prefix="b-") as kept, doorway(Path(kept, "bell")) as door, stop, stopped:
        running = threading.Thread(target=loader.run, args=(gate.app, gate.directory, door, stopped))
        running.start()
        wait_until(gate.sessions, "the session")
        stop.send(b"\0")
        running.join(20)

        assert not running.is_alive()


def test_some_are_loaded_and_none_where_all_are(gate):
    gate.journal.append([gate.login()])

    assert gate.loader.load_some() == 1
    assert gate.loader.load_some() is None


LOAD = """
import sys
from pathlib import Path
from dataclasses import replace
from access.app import App
from access.config import Settings
from access.radius.loader import Loader
from access.store.database import Database
from tests.access.residents import KEYRING
database = Database(sys.argv[1], Path(sys.argv[2]))
loader = Loader(App(replace(Settings()), KEYRING, database, lambda: 1.8e9), Path(sys.argv[3]))
print("ready", flush=True)
loader.load()
"""


def test_kill_9_of_the_loader_loses_nothing_and_doubles_nothing(gate, address):
    count = 1600
    gate.journal.append([gate.login(n.to_bytes(32, "big"), n / 1000) for n in range(count)])
    command = [sys.executable, "-c", LOAD, address.url, str(address.lock_file), str(gate.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout.readline() == "ready\n"
        wait_until(gate.sessions, "the first records")
        killed.kill()

    assert 0 < len(gate.sessions()) <= count
    gate.loader.load()
    assert len(gate.sessions()) == count
    assert [row.detail["n"] for row in gate.audited()] == [n / 1000 for n in range(count)]


def test_an_alarm_in_a_record_is_raised_with_it(gate):
    alarm = told(Alarm(AlarmKind.NAS_STOPPED_SIGNING, "vpn", "from 192.0.2.3", 1))
    gate.journal.append([gate.login(alarms=[alarm]), {"kind": "refusal", "t": NOW + 1, "alarms": [alarm]}])

    gate.loader.load()

    with gate.database.read() as conn:
        (kept,) = listed(conn)
    assert (kept.kind, kept.subject, kept.count, kept.last) == ("nas-stopped-signing", "vpn", 2, NOW + 1)
    assert [row.detail["what"] for row in gate.audited("alarm")] == ["alarm.raised"]


def notice(kind, secret=0, at=0.0):
    return {"kind": "notice", "t": NOW + at, "nas": 3, "notice": kind, "secret": secret}


def learnt(gate):
    with gate.database.read() as conn:
        row = conn.execute(select(tables.nas)).one()
        heard = [change.key for change in feed.since(conn, feed.START) if change.topic is feed.Topic.NAS]
    return (row.signs_since, row.secret_seen_at, row.second_secret_seen_at), len(heard)


def test_that_a_nas_signs_is_kept_once_and_told_to_every_worker(gate):
    gate.journal.append([notice("SIGNS"), notice("SIGNS", at=70.0)])

    gate.loader.load()

    assert learnt(gate) == ((NOW, None, None), 1)


def test_which_secret_a_nas_uses_is_kept_and_told_when_it_is_another_one(gate):
    with gate.database.write() as conn:
        conn.execute(tables.nas.update().values(second_secret=b"sealed"))
    gate.journal.append([notice("SECRET", 0), notice("SECRET", 0, 60.0)])
    gate.loader.load()
    assert learnt(gate) == ((None, NOW + 60, None), 1)

    gate.journal.append(
        [notice("SECRET", 1, 120.0), notice("SECRET", 1, 180.0), notice("UNSIGNED", at=181.0)]
    )
    gate.loader.load()

    assert learnt(gate) == ((None, NOW + 60, NOW + 180), 2)


def test_a_secret_that_is_the_only_one_is_not_news(gate):
    gate.journal.append([notice("SECRET", 0)])

    gate.loader.load()

    assert learnt(gate) == ((None, None, None), 0)


def refusal(user_id, reason, at=0.0):
    detail = {"nas": "vpn", "port": "7", "name": "kim"}
    entry = {"kind": "login", "reason": reason, "case": "CASE", "organization": 1, "user": user_id}
    return {"kind": "refusal", "t": NOW + at, "audited": True, "entry": {**entry, "detail": detail}}


def waiting(gate):
    with gate.database.read() as conn:
        return [(row.user_id, row.kind, row.detail) for row in conn.execute(select(tables.notices))]


def test_whose_right_password_was_used_with_a_wrong_code_at_a_nas_is_told_once_an_hour(gate):
    gate.journal.append([refusal(gate.user_id, "WRONG_CODE", at) for at in (0, 60, 120)])
    gate.loader.load()
    gate.journal.append([refusal(gate.user_id, "WRONG_CODE", 3601)])
    gate.loader.load()

    assert waiting(gate) == [(gate.user_id, "code-wrong", '{"place": "vpn 7"}')] * 2


@pytest.mark.parametrize("reason", ["WRONG_PASSWORD", "CODE_THROTTLED", "UNKNOWN_USER", "NO_PERMIT"])
def test_nobody_is_told_of_a_refusal_that_does_not_prove_the_password_right(gate, reason):
    gate.journal.append([refusal(gate.user_id, reason), refusal(None, "WRONG_CODE")])

    gate.loader.load()

    assert waiting(gate) == []
    assert len(gate.audited()) == 2


def test_what_the_code_of_a_login_was_stays_with_its_session(gate):
    gate.journal.append([gate.login(code="totp handover"), gate.login(LEE, 1.0)])

    gate.loader.load()

    assert [session.code for session in gate.sessions()] == ["totp handover", ""]
