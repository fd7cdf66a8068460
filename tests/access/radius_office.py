"""One office that logs in over RADIUS: real slapd, real database, one worker in a thread, one loader."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

import psycopg
from psycopg import sql
from sqlalchemy import Connection, select, update
from sqlalchemy.engine import make_url

from access.app import App, open_app, open_unmigrated
from access.changes.publishing import Draft
from access.config import load
from access.directoryd import sync_once
from access.model import Via
from access.nas.nas_certificate import NasCertificate
from access.nas.registry import Code, Endpoint, NasClient
from access.policy.document import load as load_document
from access.proof.factors import NewToken
from access.radius import policy_aside, radius_following, radiusd
from access.radius.loader import Loader
from access.radius.radiusd import RadiusWorker, Sockets, journal_directory
from access.store import (
    audit,
    endpoints,
    nas,
    nas_certificates,
    organizations,
    people,
    schema,
    tables,
    tokens,
)
from access.store.audit import Selection
from access.store.policy_shelf import StoredPolicies
from access.store.tables import sessions
from otp.token import State, Token
from tests.access.installation import write_config
from tests.access.residents import shown, wrong
from tests.peers.nas import Nas
from tests.peers.office_net import inside
from tests.peers.people import Company
from tests.peers.ports import LOOPBACK
from tests.peers.radclient import Kind, Reply, Server, ask
from tests.peers.slapd import Slapd

SECRET = "a secret of some length"
SEED = b"twenty octets of key"
PERSON = "minjun.kim"
PRINTER = "00-00-5e-00-53-99"
LAPTOP = "00-00-5E-00-53-01"
POLICY = """
version: 1
rules:
  - id: staff
    permit: [login:wired]
    who: [organization:hangang]
    gives: {vlan: staff, session_timeout: 12h}
  - id: vpn
    permit: [login:vpn]
    who: [organization:hangang]
    when: {otp_age: 12h}
    gives: {session_timeout: 10h}
  - id: visitors
    permit: [login:wired]
    who: [realm:partner]
    gives: {vlan: guests}
  - id: printer
    permit: [login:wired]
    who: ["endpoint:00-00-5e-00-53-99"]
    when: {method: [mab]}
    gives: {vlan: printers}
  - id: operators
    permit: [login:device]
    who: ["user:minjun.kim@hangang"]
    gives: {privilege: full}
"""
DOORS = {
    "switch": NasClient(0, 1, "switch", ip_network("127.0.0.1"), (SECRET,), Via.WIRED, Code.NONE, mab=True),
    "vpn": NasClient(0, 1, "vpn", ip_network("127.0.0.2"), (SECRET,), Via.VPN, Code.APPENDED),
    "asking": NasClient(0, 1, "asking", ip_network("127.0.0.3"), (SECRET,), Via.VPN, Code.CHALLENGE),
}


@dataclass
class RadiusOffice:
    """The installation and where its worker listens."""

    app: App
    company: Company
    auth_port: int = 0
    acct_port: int = 0
    radsec_port: int = 0
    worker: RadiusWorker | None = None

    @property
    def password(self) -> str:
        return self.company.person(PERSON).password

    @property
    def state_dir(self) -> Path:
        return self.app.settings.state_dir

    def code(self, shift: int = 0) -> str:
        """What the phone shows, or showed that many steps ago; each is good once."""
        return shown(SEED, self.app.clock() + shift * 30)

    def wrong_code(self) -> str:
        """What it shows at no moment near."""
        return wrong(SEED, self.app.clock())

    def server(self, door: str, accounting: bool = False) -> Server:
        source = str(DOORS[door].network.network_address)
        return Server(self.acct_port if accounting else self.auth_port, SECRET, source=source)

    def log_in(self, door: str, password: str, name: str = PERSON, **more: object) -> Reply:
        attributes = {"User-Name": name, "User-Password": password, "Calling-Station-Id": LAPTOP} | more
        reply = ask(self.server(door), attributes)
        assert reply is not None
        return reply

    def account(self, door: str, status: str, class_: bytes | None, **more: object) -> Reply | None:
        attributes: dict[str, object] = {
            "Acct-Status-Type": status,
            "Acct-Session-Id": "session-1",
            "User-Name": PERSON,
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        if class_ is not None:
            attributes["Class"] = class_
        return ask(self.server(door, accounting=True), attributes, Kind.ACCT)

    def want_disconnected(self, session_id: int, listening: Nas, wish: str = "end") -> None:
        """Have a session ended, or whatever is wished, at a NAS that listens for it."""
        with self.app.database.write() as conn:
            secret = self.app.keyring.seal(listening.secret.encode(), _binding(conn, "vpn"), self.app.random)
            door = {"coa_port": listening.port, "network": listening.address, "secret": secret}
            conn.execute(update(tables.nas).where(tables.nas.c.name == "vpn").values(door))
            wanted = {"disconnect": "wanted", "disconnect_at": self.app.clock(), "wish": wish}
            conn.execute(update(sessions).where(sessions.c.id == session_id).values(wanted))

    def want_ended(self, session_id: int) -> None:
        """Have a session ended at its NAS, wherever that is."""
        with self.app.database.write() as conn:
            wanted = {"disconnect": "wanted", "disconnect_at": self.app.clock(), "wish": "end"}
            conn.execute(update(sessions).where(sessions.c.id == session_id).values(wanted))

    def set_door(self, name: str, **values: object) -> None:
        """Change what is stored of a NAS, before a worker knows it."""
        with self.app.database.write() as conn:
            conn.execute(update(tables.nas).where(tables.nas.c.name == name).values(**values))

    def publish_more(self, rules: str) -> None:
        """Put the policy with more rules in force."""
        self.publish(POLICY.rstrip() + rules)

    def publish(self, text: str) -> None:
        """Put a policy in force."""
        shelf = StoredPolicies(self.app.database, self.app.keyring, self.app.random, "test")
        draft = Draft(text, "test", shelf.in_force())
        assert shelf.put_in_force(draft, load_document(text).revision, self.app.clock())

    def add_nas(self, name: str, address: str) -> None:
        client = replace(DOORS["vpn"], organization_id=1, name=name, network=ip_network(address))
        with self.app.database.write() as conn:
            nas.add(conn, self.app.keyring, client, self.app.clock(), self.app.random)

    def let_connect(self, name: str, certificate: NasCertificate, *, no_more: bool = False) -> None:
        """Let a NAS connect with a certificate, or not any more."""
        with self.app.database.write() as conn:
            client = nas.client_by_name(conn, self.app.keyring, name)
            assert client is not None
            change = nas_certificates.remove if no_more else nas_certificates.add
            change(conn, client, certificate, self.app.clock())

    def remove_nas(self, name: str) -> None:
        with self.app.database.write() as conn:
            client = nas.client_by_name(conn, self.app.keyring, name)
            assert client is not None
            nas.remove(conn, client, self.app.clock())

    def lose_database(self) -> None:
        """Nobody gets a connection any more, and those there were are gone."""
        _out_of_reach(self.app.settings.database.url, away=True)
        self.app.database.close()
        if self.worker is not None:
            self.worker.database.close()

    def regain_database(self) -> None:
        _out_of_reach(self.app.settings.database.url, away=False)

    def load(self) -> int:
        return Loader(self.app, journal_directory(self.state_dir)).load()

    def audited(self) -> list:
        """Every record of the audit, oldest first."""
        with self.app.database.read() as conn:
            return audit.records(conn, Selection(), self.app.keyring)[::-1]

    def sessions(self) -> list:
        with self.app.database.read() as conn:
            return list(conn.execute(select(sessions).order_by(sessions.c.id)).all())


def _out_of_reach(url: str, *, away: bool) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        here, there = Path(str(parsed.database)), Path(f"{parsed.database}.away")
        if away:
            here.rename(there)
            here.mkdir()
        else:
            here.rmdir()
            there.rename(here)
        return
    dsn = parsed.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = sql.Identifier(str(parsed.database))
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, sql.Literal(not away)))
        if away:
            gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            conn.execute(gone, [parsed.database])


def _binding(conn: Connection, name: str) -> bytes:
    binding = conn.execute(select(tables.nas.c.binding).where(tables.nas.c.name == name)).scalar_one()
    return f"nas:{binding}".encode()


def class_of(reply: Reply) -> bytes:
    return bytes.fromhex((reply.get("Class") or "").removeprefix("0x"))


def opened_office(
    directory: Path, url: str, slapd: Slapd, company: Company, more: Mapping[str, str] = MappingProxyType({})
) -> RadiusOffice:
    """An installation with everybody in it, a phone, three NAS, a printer and a policy."""
    config = write_config(
        directory,
        url,
        ldap_url=slapd.uri,
        bind_dn=slapd.admin_dn(company),
        bind_password=slapd.admin_password,
    )
    settings = load(config, {"OFFICEGATE_RADIUS__REJECT_DELAY_S": "0"} | dict(more))
    unmigrated = open_unmigrated(settings)
    schema.upgrade(unmigrated.database)
    unmigrated.close()
    app = open_app(settings)
    with app.database.read() as conn:
        organization = organizations.all_organizations(conn)[0]
    sync_once(app, organization, accept_mass_change=False)
    now = app.clock()
    with app.database.write() as conn:
        user = people.user_by_name(conn, organization.id, PERSON)
        assert user is not None
        phone = NewToken(user.id, Token(SEED, state=State.ACTIVE), created_at=now)
        tokens.add(conn, app.keyring, phone, organization.id, app.random)
        for door in DOORS.values():
            nas.add(conn, app.keyring, replace(door, organization_id=organization.id), now, app.random)
        endpoints.add(conn, Endpoint(0, organization.id, PRINTER, "printer"), now)
    shelf = StoredPolicies(app.database, app.keyring, app.random, "test")
    assert shelf.put_in_force(Draft(POLICY, "test", None), load_document(POLICY).revision, now)
    return RadiusOffice(app, company)


@contextmanager
def serving(
    office: RadiusOffice,
    index: int = 0,
    *,
    radsec: bool = False,
    ns: str = "",
    ports: tuple[int, int] = (0, 0),
) -> Iterator[RadiusWorker]:
    """A worker in a thread of this process, on ports of its own; with RadSec too if that is wanted.

    ns is the network namespace its ports are in, ours if there is none; ports are those there, if it matters.
    """
    run_dir = office.state_dir / "run"
    run_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ending:
        # A busy machine is not a database that is away.
        ending.enter_context(patch.object(radius_following, "LOOK_PATIENCE_S", 10.0))
        ending.enter_context(patch.object(radiusd, "DATABASE_PATIENCE_S", 10.0))
        ending.enter_context(patch.object(policy_aside, "PATIENCE_S", 10.0))
        auth, acct = (
            ending.enter_context(inside(ns, partial(_bound, port)) if ns else _bound(port)) for port in ports
        )
        door = ending.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        path = run_dir / f"radius-{index}.sock"
        door.bind(str(path))
        ending.callback(path.unlink)
        tls = (ending.enter_context(socket.create_server((LOOPBACK, 0))),) if radsec else ()
        office.radsec_port = tls[0].getsockname()[1] if tls else 0
        office.auth_port, office.acct_port = auth.getsockname()[1], acct.getsockname()[1]
        worker = RadiusWorker(office.app, index, Sockets((auth,), (acct,), door, {index: str(path)}, tls))
        office.worker = worker
        thread = threading.Thread(target=worker.serve)
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join()


def _bound(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((LOOPBACK, port))
    return udp
