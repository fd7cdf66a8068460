"""One RADIUS worker: the listener of the radius library, answered by access.logins.login from memory. ◆

The loop decides, reports and accounts by itself. Passwords and codes wait for the directory and the database
in a pool of threads. A lookout follows the change feed: before decisions are made it is asked once whether
anything has changed, and again before what was granted leaves. Where the database does not answer, the memory
is what there is.
"""

import hashlib
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from access.app import (
    App,
    open_countries,
    open_credentials,
    open_database,
    open_password_memory,
    open_throttle,
)
from access.config import RadiusSettings
from access.directory.credentials import Credentials
from access.directory.mschap import MschapAnswer, Source
from access.directory.verdict import PasswordOutcome
from access.logins.accept import Spoken
from access.logins.authorized_anew import KnownSession
from access.logins.eap_methods import eap_methods
from access.logins.limits import Limits as SessionLimits
from access.logins.login import Logins
from access.logins.login_ports import Patience
from access.logins.memory import Memory
from access.logins.presence import Presence
from access.logins.presence_watch import PresenceWatch
from access.logins.proving import Wallet
from access.logins.realms import Realms
from access.logins.session_class import PURPOSE, SessionClasses
from access.model import User
from access.proof.authentication import Throttle
from access.proof.password_memory import PasswordMemory
from access.radius.answering import RadiusApplication
from access.radius.home_servers import realms_of
from access.radius.journal import Journal
from access.radius.lookout import Lookout
from access.radius.policy_aside import PolicyAside
from access.radius.radius_following import Following
from access.radius.radius_health import Counting, Health, nothing
from access.radius.radius_tls import WorkerTls
from access.radius.radius_workers import worker_key
from access.radius.radsec_caller import door_path
from access.radius.radsecd import Outside, Place
from access.radius.tls_files import TlsFiles
from access.store import session_states
from access.store.glance import Glance
from access.store.presences import Presences
from access.store.spending import StoredCodes
from access.store.world import TOPICS, open_world, read_policy
from radius.dictionary_files import load as load_dictionary
from radius.doorways import Forwarding
from radius.effects import Role
from radius.formats import VendorFormat
from radius.limits import Limits
from radius.listener import Listener
from radius.questions import (
    MschapExchange,
)
from radius.relaying import TAG_OCTETS
from radius.relays import Relays
from radius.server import Server
from radius.surroundings import Endpoint
from radius.tls_peers import TlsFiles as TlsEndFiles
from radius.worker import Worker

LOG = structlog.get_logger()
# A NAS asks again after a few seconds: nobody gains by waiting longer for a lock.
DATABASE_PATIENCE_S = 2.0
COUNT_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Sockets:
    """What one worker reads: bound sockets, and the doorways between workers.

    All but own stay open in the supervisor while processes come and go. peers: where each number of
    radius.worker is reached. turn: which of two processes that replace each other this one is.
    """

    authentication: tuple[socket.socket, ...]
    accounting: tuple[socket.socket, ...]
    own: socket.socket
    peers: Mapping[int, str]
    radsec: tuple[socket.socket, ...] = ()
    shared: socket.socket | None = None
    turn: int | None = None


@dataclass(frozen=True)
class RadiusPorts(StoredCodes):
    """What a login asks of the world: codes in the database, passwords at the directories."""

    throttle: Throttle
    credentials: Credentials
    memory: Memory

    def may_share(self, user_id: int, /) -> bool:
        """Whether the phones of another membership count for this person: nearly nobody is asked about."""
        return self.memory.is_linked(user_id)

    def check_directory(self, organization: str | None, user: User | None, password: str) -> PasswordOutcome:
        """Bind as user; where there is none, do the same amount of work and fail."""
        return self.credentials.check(organization, user, password)

    def directory_is_silent(self, user: User) -> bool:
        """Whether the directory of somebody said nothing when it was asked last, a short while ago."""
        return self.credentials.is_silent(user.organization, user)

    def nt_hashes_of(self, organization: str | None) -> frozenset[Source]:
        """Who knows NT hashes of people of a company."""
        return self.credentials.nt_hashes_of(organization)

    def check_mschap(
        self, organization: str | None, user: User | None, exchange: MschapExchange
    ) -> MschapAnswer:
        """Ask whoever knows the NT hash of user."""
        return self.credentials.mschap(organization, user, exchange)

    def spend_state(self, nas_id: int, source: str, state: bytes, now: float) -> KnownSession | None:
        """Return the session that a State was given for, once. Raises Unavailable."""
        with self.database.write() as conn:
            return session_states.spend(conn, nas_id, source, state, now)


class RadiusWorker:
    """One worker, opened. serve() returns after stop(), which may come from a signal."""

    def __init__(self, app: App, index: int, sockets: Sockets) -> None:
        settings = app.settings.radius
        run_dir = app.settings.state_dir / "run"
        self._place = _place(app, index, sockets)
        self.database = open_database(app.settings, DATABASE_PATIENCE_S)
        self._credentials = open_credentials(app)
        names = load_dictionary(Path(each) for each in settings.dictionaries)
        self._throttle = open_throttle(app)
        memory = Memory()
        memory.countries = open_countries(app)
        memory.right_passwords = open_password_memory(app)
        self._policy_aside = PolicyAside(partial(read_policy, self.database))
        world = open_world(self.database, app.keyring, self._policy_aside)
        self._glance = world.glance
        own = Glance(self.database, TOPICS) if self.database.is_sqlite else None
        self._following = Following(app, world, memory, own)
        self._tls = WorkerTls(app, self.database, memory.certificates, index)
        self._limits = _limits(app, memory)
        watch = PresenceWatch(
            self._limits.presence,
            Presences(self.database, app.clock),
            lambda: self._limits.any,
            memory.trails,
            lambda: memory.policy is not None and "risk" in memory.policy.asks,
        )
        self._counted = Lookout(watch.look, COUNT_EVERY_S)
        self._ports = RadiusPorts(
            self.database, app.keyring, app.random, self._throttle, self._credentials, memory
        )
        # Both processes of a worker write while one replaces the other, and a journal has one writer.
        name, other = (f"radius-{index}{letter}" for letter in (("b", "") if sockets.turn else ("", "b")))
        self._journal = Journal(
            journal_directory(app.settings.state_dir), name, socket.gethostname(), app.random
        )
        logins = self._open_logins(app, memory, Spoken(names))
        self._application = RadiusApplication(app, logins, self._following, self._journal)
        self._application.counting = watch.put, self._counted
        self._relays = _relays(app, memory, self._place.number)
        server = self._open_server(app, names.formats)
        radsec = Place(self._place.number, sockets.radsec, door_path(run_dir, self._place.number))
        self._outside = Outside(_radsec_files(settings, self._tls.files), memory, radsec)
        self._listener = Listener(
            _endpoints(sockets),
            server,
            self._application,
            Forwarding(sockets.own, sockets.peers, sockets.shared),
            self._outside,
        )
        self._application.listener = self._listener
        self._counted_before, self._drain_s = run_dir / f"{other}.json", settings.drain_s
        self._health = Health(
            self._counting(server, memory.right_passwords), run_dir / f"{name}.json", _names(memory)
        )
        LOG.info("knows everybody", people=len(memory), journal=self._journal.writer)

    def _open_logins(self, app: App, memory: Memory, spoken: Spoken) -> Logins:
        settings = app.settings.radius
        return Logins(
            memory=memory,
            wallet=Wallet(memory, app.keyring),
            ports=self._ports,
            classes=_classes(app),
            patience=Patience(
                settings.staleness_s, settings.staleness_basic_s, settings.staleness_privileged_s
            ),
            freshness=self._following.freshness,
            stopwatch=time.monotonic,
            revocations=self._tls.others,
            limits=self._limits,
            spoken=spoken,
        )

    def _open_server(self, app: App, formats: Mapping[int, VendorFormat]) -> Server:
        settings = app.settings.radius
        server = Server(
            self._application.find_nas,
            app.random,
            eap_methods(
                self._tls.contexts,
                app.random,
                self._application.objection,
                binding_required=settings.require_crypto_binding,
            ),
            self._place,
            Limits(reject_delay_s=settings.reject_delay_s),
        )
        server.formats = formats
        if self._relays is not None:
            server.relay_through(self._relays)
        return server

    def _counting(self, server: Server, passwords: PasswordMemory | None) -> Counting:
        return Counting(
            server,
            self._listener.troubles,
            self._application.tally,
            self._application.journal_s,
            self._outside.counters,
            self._credentials.asked,
            self._relays.told if self._relays is not None else nothing,
            self._credentials.servers,
            passwords.counts if passwords is not None else nothing,
            self._application.memory_told,
        )

    def serve(self, *, stand_by: bool = False) -> None:
        """Serve until stop(), or until retire() has come to its end. stand_by: not before begin()."""
        self._policy_aside.start()
        self._following.start()
        self._counted.start()
        self._health.start()
        self._tls.start()
        self._outside.start(self._listener)
        try:
            self._listener.serve(stand_by=stand_by)
        finally:
            self._outside.stop()
            self._health.stop()
            self._tls.stop()
            self._counted.stop()
            self._following.stop()
            self._following.close()
            self._policy_aside.stop()
            self._application.close()
            self._journal.close()
            self._credentials.close()
            self._throttle.close()
            self._glance.close()
            self._ports.close()
            self.database.close()

    def begin(self) -> None:
        """Serve: whoever was this worker before has ended, and what it has counted is over."""
        self._counted_before.unlink(missing_ok=True)
        self._listener.begin()

    def retire(self) -> None:
        """Leave everything new to the process that stands by, and end with what is under way."""
        self._listener.retire(self._place.other, self._drain_s)

    def stop(self) -> None:
        """End serve() after what it does just now."""
        self._listener.stop()


def journal_directory(state_dir: Path) -> Path:
    """Return where the journals are."""
    return state_dir / "journal"


def _place(app: App, index: int, sockets: Sockets) -> Worker:
    numbers = len(sockets.peers)
    count = numbers if sockets.turn is None else numbers // 3
    return Worker(index, count, worker_key(app.keyring), sockets.turn)


def _limits(app: App, memory: Memory) -> SessionLimits:
    settings = app.settings.radius
    most = {key: each.most_sessions for key, each in app.settings.organizations.items()}
    return SessionLimits(memory, most, Presence(settings.silent_intervals), settings.interim_interval_s)


def _radsec_files(settings: RadiusSettings, own: TlsFiles) -> TlsEndFiles:
    """Return what RadSec proves itself with: files of its own, or those of EAP."""
    return TlsEndFiles(
        settings.radsec_certificate or own.certificate,
        settings.radsec_private_key or own.private_key,
        settings.radsec_authority,
    )


def _endpoints(sockets: Sockets) -> tuple[Endpoint, ...]:
    return (
        *(Endpoint(each, Role.AUTHENTICATION) for each in sockets.authentication),
        *(Endpoint(each, Role.ACCOUNTING) for each in sockets.accounting),
    )


def _classes(app: App) -> SessionClasses:
    """Return the Classes of all keys, the current one first."""
    return SessionClasses(app.keyring.subkeys(PURPOSE))


def _relays(app: App, memory: Memory, number: int) -> Relays | None:
    """Return what sends other realms on; None where there are none, so that nothing is looked up in vain."""
    realms = realms_of(app.settings)
    if not realms:
        return None
    # Every worker knows a request that has been here before, whichever sent it on.
    tag = hashlib.sha256(app.keyring.subkey("proxy-state")).digest()[:TAG_OCTETS]
    limits = Limits(reject_delay_s=app.settings.radius.reject_delay_s)
    return Relays(Realms(realms, memory).destination, tag, number, app.random, limits)


def _names(memory: Memory) -> Callable[[str], str]:
    def name_of(key: str) -> str:
        client = memory.client(key)
        return client.name if client else f"removed {key}"

    return name_of
