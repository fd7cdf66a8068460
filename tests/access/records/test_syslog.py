"""The copy of the audit at a real syslog server."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from access.keys.sealing import Keyring
from access.records.audit import AuditEntry
from access.records.syslog import Connection, Server, SyslogUnavailable
from access.store import audit as rows
from access.store.audit_chain import seal
from access.store.audit_shipping import Shipping
from access.store.database import Database
from access.store.tables import organizations, users
from tests.peers.certificates import Authority, create_authority
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.rsyslog import Rsyslog
from tests.peers.waiting import wait_until

KEYRING = Keyring({"k1": bytes(range(32))}, "k1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return create_authority(tmp_path)


@pytest.fixture
def office(database: Database) -> Database:
    with database.write() as conn:
        conn.execute(insert(organizations).values(id=1, key="hangang", name="한강", realm="hangang.example"))
        conn.execute(insert(users).values(id=1, organization_id=1, entry_uuid="u1", name="kim", dn="d"))
    return database


@pytest.fixture
def server(authority: Authority) -> Iterator[Rsyslog]:
    with Rsyslog(authority.issue("logs.hangang.example")) as running:
        yield running


def at(port: int, authority: Authority, **more: Path) -> Server:
    return Server(LOOPBACK, port, authority.path, **more)


def shipped(database: Database, server: Server, details: bool = True) -> int:
    with closing(Connection(server)) as connection:
        return shipping(database, connection, details).ship()


def shipping(database: Database, connection: Connection, details: bool = True) -> Shipping:
    return Shipping(database, KEYRING, connection.send, "gate1.hangang.example", details)


def happened(database: Database, heads_dir: Path, *details: str, reason: str = "PERMITTED") -> None:
    with database.write() as conn:
        for detail in details:
            entry = AuditEntry("login", 1795392000.25, reason, 1, 1, detail={"nas": detail})
            rows.record(conn, "gate1/radius-0", entry, KEYRING, os.urandom)
    seal(database, KEYRING, heads_dir, "test", 1.0)


def nas_of(line: str) -> str:
    said: str = json.loads(line[line.index("{") :])["detail"]["nas"]
    return said


def test_a_record_arrives_as_rfc_5424_has_it(
    office: Database, tmp_path: Path, server: Rsyslog, authority: Authority
):
    happened(office, tmp_path, "vpn-1", reason="WRONG_CODE")

    assert shipped(office, at(server.port, authority)) == 1

    wait_until(lambda: server.received, "the message")
    (message,) = server.received
    assert message.startswith(
        "<108>1 2026-11-23T00:00:00.250000Z gate1.hangang.example officegate gate1/radius-0 login - {"
    )
    said = json.loads(message[message.index("{") :])
    assert said["organization"] == "hangang"
    assert (said["position"], said["kind"], said["reason"], said["who"]) == (
        1,
        "login",
        "WRONG_CODE",
        "kim@hangang",
    )
    assert said["detail"] == {"nas": "vpn-1"}


def test_what_was_sent_is_not_sent_again_and_what_waited_comes_in_order(
    office: Database, tmp_path: Path, server: Rsyslog, authority: Authority
):
    there = at(server.port, authority)
    happened(office, tmp_path, "1", "2")
    shipped(office, there)
    server.stop()
    happened(office, tmp_path, "3")
    with pytest.raises(SyslogUnavailable, match="Records wait in the database"):
        shipped(office, there)

    server.start()
    assert shipped(office, there) == 1

    wait_until(lambda: len(server.received) == 3, "the third message")
    assert [nas_of(line) for line in server.received] == ["1", "2", "3"]


def test_a_connection_that_the_server_ended_loses_nothing(
    office: Database, tmp_path: Path, server: Rsyslog, authority: Authority
):
    with closing(Connection(at(server.port, authority))) as connection:
        one = shipping(office, connection)
        happened(office, tmp_path, "1")
        one.ship()
        wait_until(lambda: server.received, "the first message")
        server.stop()
        server.start()
        happened(office, tmp_path, "2")

        with pytest.raises(SyslogUnavailable):
            one.ship()
        one.ship()

    wait_until(lambda: len(server.received) == 2, "the second message")
    assert [nas_of(line) for line in server.received] == ["1", "2"]


def test_a_server_of_another_authority_gets_nothing(
    office: Database, tmp_path: Path, server: Rsyslog, authority: Authority
):
    happened(office, tmp_path, "1")
    (tmp_path / "other").mkdir()
    other = create_authority(tmp_path / "other")

    with pytest.raises(SyslogUnavailable, match="certificate verify failed"):
        shipped(office, at(server.port, other))

    assert server.received == []


def test_a_server_that_asks_for_a_certificate_is_shown_ours(
    office: Database, tmp_path: Path, authority: Authority
):
    happened(office, tmp_path, "1")
    ours = authority.issue("gate1.hangang.example", client=True)
    with Rsyslog(authority.issue("logs.hangang.example"), certified=True) as server:
        there = at(server.port, authority, certificate=ours.certificate, private_key=ours.key)

        shipped(office, there)

        wait_until(lambda: server.received, "the message")


def test_without_details_nothing_is_said_about_people(
    office: Database, tmp_path: Path, server: Rsyslog, authority: Authority
):
    happened(office, tmp_path, "비밀의 방")

    shipped(office, at(server.port, authority), details=False)

    wait_until(lambda: server.received, "the message")
    assert "kim" not in server.received[0]
    assert "비밀" not in server.received[0]


def test_nobody_there_is_said_with_what_to_look_at(office: Database, tmp_path: Path, authority: Authority):
    happened(office, tmp_path, "1")

    with pytest.raises(SyslogUnavailable, match=r"See audit\.syslog"):
        shipped(office, at(free_port(), authority))
