from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from access.logins.network_session import Disconnect, End, NetworkSession, State, Wish
from access.logins.session_ends import Silence
from access.model import Method
from access.nas.disconnect import Settled
from access.records.audit import AuditEntry
from access.store import audit, sessions, wishes
from access.store.database import Database
from access.store.session_batch import SessionBatch
from access.store.tables import devices, nas
from access.store.tables import sessions as table
from tests.access.residents import KEYRING, NOW, Dice, changes, settle_in
from tests.access.residents import save as keep

NAS = {"id": 1, "organization_id": 1, "name": "vpn", "network": "192.0.2.3", "binding": "b"}
NAS |= {"via": "vpn", "secret": b"sealed"}
SESSION = NetworkSession(
    id=0,
    organization_id=1,
    nas_id=1,
    class_=b"c" * 32,
    via="vpn",
    method=Method.PAP.value,
    admitted_at=NOW,
    state=State.LIVE,
    user_name="minjun.kim@hangang.example",
    acct_session_id="session-1",
    calling_station="00:00:5e:00:53:01",
    called_station="vpn",
    nas_port="7",
    address4="10.77.0.5",
    address6="fd77::5",
    gateway_id=9,
    generation=3,
    vlan="staff",
    otp_at=NOW - 5,
    started_at=NOW + 1,
    seen_at=NOW + 2,
    octets_in=2**40,
    octets_out=2**41,
    valid_until=NOW + 3600,
    policy_revision="r1",
)


@pytest.fixture
def office(database):
    """A database with a person, a gateway, a NAS at it, and another without."""
    user_id = settle_in(database)
    with database.write() as conn:
        gateway = {"id": 9, "organization_id": 1, "name": "gw", "kind": "k", "address": "local:"}
        conn.execute(insert(devices).values(**gateway, pools='["10.77.0.0/24"]'))
        conn.execute(insert(nas).values(NAS | {"gateway_id": 9}))
        conn.execute(insert(nas).values(NAS | {"id": 2, "name": "switch", "binding": "b2", "via": "wired"}))
    database.user_id = user_id
    return database


def save(database, *kept):
    with database.write() as conn:
        return [keep(conn, session, NOW) for session in kept]


def stored(conn):
    return SessionBatch(conn, KEYRING, Dice(), "loader")


def test_a_session_comes_back_as_it_was_saved(office):
    whole = replace(SESSION, user_id=office.user_id)
    (session_id,) = save(office, whole)

    with office.write() as conn:
        assert sessions.session_by_id(conn, session_id) == replace(whole, id=session_id)
        assert stored(conn).of_class(SESSION.class_) == replace(whole, id=session_id)
        assert stored(conn).of_class(b"d" * 32) is None
    assert changes(office) == [("session", str(session_id))]


def test_who_waits_to_be_reported_is_found_by_person_and_place_and_who_was_by_name(office):
    waiting = replace(
        SESSION, user_id=office.user_id, state=State.ADMITTED, acct_session_id="", address4=None
    )
    both = [replace(waiting, class_=bytes([n]) * 32, admitted_at=NOW + n) for n in (1, 2)]
    elsewhere = replace(waiting, class_=b"e" * 32, nas_id=2)
    ended = replace(SESSION, state=State.ENDED)
    first, second, _, last = save(office, *both, elsewhere, ended)

    with office.write() as conn:
        here = stored(conn)
        assert [each.id for each in here.awaited(1, office.user_id, SESSION.calling_station)] == [
            first,
            second,
        ]
        assert here.awaited(1, office.user_id, "00:00:5e:00:53:02") == []
        assert here.awaited(1, office.user_id + 1, SESSION.calling_station) == []
        assert here.called(1, "session-1").id == last
        assert here.called(2, "session-1") is None


def test_a_change_is_saved_and_told(office):
    (session_id,) = save(office, SESSION)
    ended = replace(SESSION, id=session_id, state=State.ENDED, end_reason=End.STOPPED, address4=None)
    save(office, ended)

    with office.read() as conn:
        assert sessions.session_by_id(conn, session_id) == ended
        assert sessions.open_sessions(conn) == []
    assert changes(office) == [("session", str(session_id))] * 2


def test_saving_leaves_the_wish_to_disconnect_alone(office):
    (session_id,) = save(office, SESSION)
    with office.write() as conn:
        conn.execute(update(table).values(disconnect="wanted", disconnect_at=NOW + 7))
    save(office, replace(SESSION, id=session_id, octets_in=2**42))

    with office.read() as conn:
        session = sessions.session_by_id(conn, session_id)
    assert (session.disconnect, session.disconnect_at) == (Disconnect.WANTED, NOW + 7)
    assert session.octets_in == 2**42


def test_somebody_who_is_not_known_is_nobody(office):
    (session_id,) = save(office, replace(SESSION, user_id=4711, endpoint_id=4712))

    with office.read() as conn:
        session = sessions.session_by_id(conn, session_id)
    assert (session.user_id, session.endpoint_id) == (None, None)


def test_open_sessions_are_found_by_address_name_and_nas(office):
    other = replace(
        SESSION, class_=b"d" * 32, address4="10.77.0.6", address6=None, acct_session_id="session-2"
    )
    elsewhere = replace(SESSION, class_=b"e" * 32, nas_id=2, gateway_id=None)
    ended = replace(SESSION, class_=b"f" * 32, state=State.ENDED)
    first, second, third, _ = save(office, SESSION, other, elsewhere, ended)

    with office.read() as conn:
        port = stored(conn)
        assert [each.id for each in port.with_address(9, "10.77.0.5")] == [first]
        assert [each.id for each in port.with_address(9, "fd77::5")] == [first]
        assert [each.id for each in port.with_address(9, "10.77.0.6")] == [second]
        assert [each.id for each in port.named(1, "session-1")] == [first]
        assert [each.id for each in port.named(2, "session-1")] == [third]
        assert [each.id for each in port.open_at(1, "")] == [first, second]
        assert [each.id for each in sessions.open_sessions(conn)] == [first, second, third]


def test_overdue_sessions_are_found(office):
    forever = replace(SESSION, class_=b"d" * 32, valid_until=None)
    first, _ = save(office, SESSION, forever)

    with office.read() as conn:
        assert stored(conn).overdue(NOW + 3600) == []
        assert [each.id for each in stored(conn).overdue(NOW + 3601)] == [first]


def test_a_place_has_the_pools_of_its_gateway(office):
    with office.read() as conn:
        gateway, switch, nowhere = (stored(conn).place(nas_id) for nas_id in (1, 2, 3))

    assert (gateway.gateway_id, gateway.via) == (9, "vpn")
    assert [str(pool) for pool in gateway.pools] == ["10.77.0.0/24"]
    assert (switch.gateway_id, switch.pools) == (None, ())
    assert nowhere is None


def test_a_note_is_a_row_of_the_audit(office):
    with office.write() as conn:
        batch = stored(conn)
        batch.note(AuditEntry("session", NOW, "STOPPED", 1, detail={"what": "session.ended"}))
        batch.write()

    with office.read() as conn:
        (row,) = audit.records(conn, audit.Selection(kind="session"), KEYRING)
    assert (row.reason, row.detail) == ("STOPPED", {"what": "session.ended"})


@pytest.mark.parametrize(
    ("heard", "listening", "found"), [(901, 901, True), (900, 901, False), (901, 900, False)]
)
def test_a_session_that_has_fallen_silent_is_found_where_we_were_listening(office, heard, listening, found):
    quiet = replace(SESSION, heard_at=NOW - heard, interim_s=300.0)
    never = replace(SESSION, class_=b"d" * 32, heard_at=NOW - 9000, interim_s=None)
    session_id, _ = save(office, quiet, never)

    with office.read() as conn:
        known = stored(conn).quiet(NOW, Silence(3, NOW - listening))
    assert [each.id for each in known] == ([session_id] if found else [])


@pytest.mark.parametrize(
    ("heard", "more", "found"),
    [
        (NOW + 1, {}, True),
        (NOW, {}, False),
        (NOW + 1, {"nas_id": 2}, False),
        (NOW + 1, {"via": "wired"}, False),
        (NOW + 1, {"nas_address": "192.0.2.4"}, False),
        (NOW + 1, {"heard_at": NOW}, False),
        (NOW + 1, {"admitted_at": NOW + 60}, False),
        (NOW + 1, {"state": State.ENDED}, False),
    ],
    ids=str,
)
def test_a_login_is_unreported_whose_device_has_reported_others_since(office, heard, more, found):
    at = {"nas_address": "192.0.2.3"}
    login = replace(SESSION, **{"state": State.ADMITTED, "address4": None, "address6": None} | at | more)
    other = replace(SESSION, class_=b"d" * 32, heard_at=heard, **at)
    session_id, _ = save(office, login, other)

    with office.read() as conn:
        known = stored(conn).unreported(NOW + 60)
    assert [each.id for each in known] == ([session_id] if found else [])


def test_the_newest_restart_of_each_device_is_remembered(office):
    with office.write() as conn:
        port = stored(conn)
        assert port.restarted_at(1, "192.0.2.3") is None
        for at in (NOW, NOW + 5, NOW + 3):
            port.restart(1, "192.0.2.3", at)
        assert port.restarted_at(1, "192.0.2.3") == NOW + 5

    with office.read() as conn:
        assert stored(conn).restarted_at(1, "192.0.2.3") == NOW + 5
        assert stored(conn).restarted_at(1, "192.0.2.4") is None


def test_what_became_of_a_wish_is_not_written_over_what_somebody_else_has_written(office):
    (session_id,) = save(office, SESSION)
    with office.write() as conn:
        conn.execute(update(table).values(disconnect="acked", recipe=1))
    with office.read() as conn:
        read = sessions.session_by_id(conn, session_id)
    with office.write() as conn:
        conn.execute(update(table).values(disconnect="proven"))
        stored(conn).settle(read, Settled(Disconnect.UNPROVEN, "late", NOW), NOW)

    with office.read() as conn:
        assert sessions.session_by_id(conn, session_id).disconnect is Disconnect.PROVEN


def test_an_answer_to_one_wish_is_none_to_the_next(office):
    """The session was to log in anew; while its NAS was asked for that, its right was lost."""
    (session_id,) = save(office, SESSION)
    with office.write() as conn:
        wishes.want(conn, session_id, Wish.REAUTHENTICATE, NOW)
    with office.read() as conn:
        asked = sessions.session_by_id(conn, session_id)
    with office.write() as conn:
        wishes.want(conn, session_id, Wish.END, NOW)
        stored(conn).settle(asked, Settled(Disconnect.ACKED, "", NOW), NOW)

    with office.read() as conn:
        now = sessions.session_by_id(conn, session_id)
    assert (now.wish, now.disconnect) == (Wish.END, Disconnect.WANTED)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda batch: batch.from_station("00:00:5e:00:53:01"), "ix_sessions_calling_station_state"),
        (lambda batch: batch.with_address(9, "10.77.0.5"), "ix_sessions_address4"),
        (lambda batch: batch.named(1, "session-1"), "ix_sessions_nas_id_acct_session_id"),
    ],
)
def test_what_a_batch_asks_for_is_found_by_an_index(migrated_sqlite, tmp_path, ask, index):
    database = Database(f"sqlite:///{migrated_sqlite}", tmp_path / "lock")
    asked = []
    with database.read() as conn:
        driver = conn.connection.driver_connection
        driver.set_trace_callback(asked.append)
        ask(stored(conn))
        driver.set_trace_callback(None)
        plan = "\n".join(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {asked[-1]}"))
    database.close()

    assert index in plan
    assert "SCAN sessions" not in plan
