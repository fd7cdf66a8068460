"""An installation of ours to be measured: in a directory of its own, with one NAS at 127.0.0.1."""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from sqlalchemy import insert

from access.app import App, open_app, open_unmigrated
from access.changes.publishing import Draft
from access.commands.run import READY
from access.config import load
from access.model import Organization, Via
from access.nas.registry import Code, Endpoint, NasClient
from access.policy.document import load as load_document
from access.proof.factors import NewToken
from access.proof.network_password import PasswordSummary
from access.radius.journal import parts
from access.radius.radiusd import journal_directory
from access.store import (
    endpoints,
    journals,
    nas,
    network_passwords,
    organizations,
    people,
    schema,
    tokens,
)
from access.store.database import Connection
from access.store.policy_shelf import StoredPolicies
from access.store.tables import users
from otp.token import State, Token
from tests.access.installation import write_config
from tests.layering import ROOT
from tests.peers.leftovers import read
from tests.peers.people import Company
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.process import Daemon
from tests.peers.slapd import Slapd
from tests.peers.waiting import wait_until

SECRET = "secret-of-the-benchmark"
SETTLED_S = 120.0
NOTHING_ELSE: Mapping[str, str] = {}
POLICY = """\
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
"""
MACHINES = """\
  - id: machines
    permit: [login:wired]
    who: [%s]
    when: {method: [mab]}
    gives: {vlan: machines}
"""


@dataclass(frozen=True)
class Service:
    """`officegate radius` while it runs. workers are the processes that answer, loader fills the database."""

    port: int
    workers: Sequence[int]
    loader: int


@dataclass(frozen=True)
class Installation:
    """What is measured, ready to be started. secret is the NAS's."""

    app: App
    config: Path
    organization: Organization
    secret: str = field(default=SECRET, repr=False)

    @property
    def run_dir(self) -> Path:
        return self.app.settings.state_dir / "run"

    def add_nas(self, via: Via, code: Code) -> None:
        """The one NAS, at 127.0.0.1."""
        mab = via is Via.WIRED
        client = NasClient(
            0, self.organization.id, "bench", ip_network(LOOPBACK), (SECRET,), via, code, mab=mab
        )
        with self.app.database.write() as conn:
            nas.add(conn, self.app.keyring, client, self.app.clock(), self.app.random)

    def publish(self, machines: Sequence[str] = ()) -> None:
        """Put a policy of a few rules in force; machines are the MAC addresses that may come in by MAB."""
        quoted = ", ".join(f'"endpoint:{mac}"' for mac in machines)
        text = POLICY + (MACHINES % quoted if machines else "")
        shelf = StoredPolicies(self.app.database, self.app.keyring, self.app.random, "bench")
        shelf.put_in_force(Draft(text, "bench", None), load_document(text).revision, self.app.clock())

    def add_machines(self, macs: Iterable[str]) -> None:
        now = self.app.clock()
        with self.app.database.write() as conn:
            for mac in macs:
                endpoints.add(conn, Endpoint(0, self.organization.id, mac, "machine"), now)

    def give_phones(self, names: Sequence[str], seed: bytes) -> None:
        """Everyone named gets a proven TOTP token, all with the same seed."""
        now = self.app.clock()
        with self.app.database.read() as conn:
            ids = {user.name: user.id for user in people.all_users(conn)}

        def give(conn: Connection, some: Sequence[str]) -> None:
            for name in some:
                phone = NewToken(ids[name], Token(seed, state=State.ACTIVE), created_at=now)
                tokens.add(conn, self.app.keyring, phone, self.organization.id, self.app.random)

        self.app.database.bulk(names, give)

    def settle_in(self, count: int) -> list[tuple[str, str]]:
        """Write so many people as a sync would have; their names and a network password each."""
        company = {"organization_id": self.organization.id}
        rows = [{"id": number, **company, **_person(number)} for number in range(1, count + 1)]
        with self.app.database.write() as conn:
            conn.execute(insert(users), rows)
        return self.give_network_passwords()

    def give_network_passwords(self) -> list[tuple[str, str]]:
        """Everybody gets one; their names and what it is."""
        app, new = self.app, PasswordSummary(0, "laptop", self.app.clock())
        with app.database.write() as conn:
            return [
                (
                    user.name,
                    network_passwords.add(
                        conn, app.keyring, app.random, new, (user.id, self.organization.id)
                    ),
                )
                for user in people.all_users(conn)
            ]

    @contextmanager
    def serving(self, workers: int = 0, settings: Mapping[str, str] = NOTHING_ELSE) -> Iterator[Service]:
        """Run `officegate radius`; workers 0 is one a core. settings are those of [radius]."""
        port = free_port(adjacent=2)
        environment = {f"OFFICEGATE_RADIUS__{name.upper()}": value for name, value in settings.items()} | {
            "OFFICEGATE_RADIUS__AUTH_PORT": str(port),
            "OFFICEGATE_RADIUS__ACCT_PORT": str(port + 1),
            "OFFICEGATE_RADIUS__WORKERS": str(workers),
        }
        with self.running("radius", READY, environment):
            pids = dict(line.split() for line in read(self.run_dir / "pids").splitlines())
            answering = [int(pid) for name, pid in pids.items() if name != "loader"]
            yield Service(port, answering, int(pids["loader"]))

    @contextmanager
    def running(self, words: str, ready: str, environment: dict[str, str]) -> Iterator[Daemon]:
        """Run a command of ours until the end of the block; ready is what its log says when it is."""
        command = [sys.executable, "-m", "access.cli", "--config", str(self.config), *words.split()]
        daemon = Daemon(
            command,
            self.config.parent,
            ready=lambda: ready in daemon.log,
            environment=environment | {"PYTHONPATH": str(ROOT)},
        )
        with daemon:
            yield daemon
        daemon.log_path.unlink()

    def settle(self) -> None:
        """Wait until the loader has moved every record into the database."""
        wait_until(self._is_loaded, "the loader to have loaded everything", SETTLED_S)

    def _is_loaded(self) -> bool:
        directory = journal_directory(self.app.settings.state_dir)
        with self.app.database.read() as conn:
            loaded = journals.loaded(conn)
        sizes = {part.file_name: _size(directory / part.file_name) for part in parts(directory)}
        return all(loaded.get(name, 0) >= size for name, size in sizes.items())


def following(slapd: Slapd, company: Company) -> dict[str, str]:
    """What an installation has to know of a directory."""
    names = {"bind_dn": slapd.admin_dn(company), "bind_password": slapd.admin_password}
    return {"ldap_url": slapd.uri} | names


@contextmanager
def installed(**directory: str) -> Iterator[Installation]:
    """A migrated installation without people. directory: see following(); without it nobody can be synced."""
    # Not below the usual temporary directory of tests: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="b-") as kept:
        config = write_config(Path(kept), **directory)
        settings = load(config, {"OFFICEGATE_RADIUS__REJECT_DELAY_S": "0"})
        unmigrated = open_unmigrated(settings)
        schema.upgrade(unmigrated.database)
        unmigrated.close()
        app = open_app(settings)
        try:
            with app.database.read() as conn:
                organization = organizations.all_organizations(conn)[0]
            yield Installation(app, config, organization)
        finally:
            app.close()


def _person(number: int) -> dict[str, str]:
    name = f"user{number}"
    dn = f"uid={name},dc=hangang,dc=example"
    return {"entry_uuid": name, "name": name, "dn": dn, "dn_key": dn}


def _size(path: Path) -> int:
    """The size of a journal file; 0 once the loader has removed it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
