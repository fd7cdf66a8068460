"""What one RADIUS worker shows in TLS and whom it trusts: opened, kept as it should be, watched. ◆"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from access.app import App
from access.certificates.ending import Ending
from access.certificates.known import KnownCertificates
from access.certificates.loading import load_externals, usable_externals
from access.certificates.others import OthersRevocations
from access.config import RadiusSettings
from access.logins.certificate_watch import CertificateWatch
from access.logins.eap_methods import server_identity
from access.radius.tls_files import TlsFiles, Vault, file_ends_at, renew_if_due, tls_files
from access.radius.tls_keeper import TlsKeeper, Watched
from access.records.alarms import AlarmPorts
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.revoked_sessions import RevokedSessions
from radius.eap.tunnel import Contexts, ServerIdentity

LOG = structlog.get_logger()
SWEEP_EVERY_S = 60.0


class WorkerTls:
    """The certificates of one worker. What is open before start() is what there was at that moment."""

    def __init__(self, app: App, database: Database, known: KnownCertificates, index: int) -> None:
        """known has our own authorities already; those of others are put in here."""
        self._settings, self._known = app.settings.radius, known
        directory, vault = app.settings.state_dir / "tls", Vault(app.keyring, app.random)
        self.files = tls_files(self._settings, directory, vault)
        self.others = OthersRevocations(app.settings.state_dir / "crl", app.random, app.clock)
        self._trust_usable()
        self.contexts = Contexts(self._identity())
        renew = None if self._settings.certificate else partial(_renew, directory, vault)
        watch = CertificateWatch(WorkerWatch(app, database, self.files, known, renew), app.clock)
        # One of the workers looks after what all of them show.
        self._revoked = RevokedSessions(database, app.keyring, app.random, "radius")
        self._swept: dict[str, frozenset[int]] = {}
        self._sweep_at, self._clock = 0.0, app.clock
        chores = () if index else (watch.look, self._end_revoked)
        watched = Watched(lambda: _watched_files(self._settings, self.files), self._version, self._load)
        self._keeper = TlsKeeper(self.contexts, watched, chores)

    def start(self) -> None:
        """Begin to look after them."""
        self.others.start()
        self._keeper.start()

    def stop(self) -> None:
        """Look after them no more."""
        self._keeper.stop()
        self.others.stop()

    def _end_revoked(self) -> None:
        """End what others have revoked: at once with a new list, each minute what was written down late."""
        lists, now = self.others.lists(), self._clock()
        if lists == self._swept and now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY_S
        for name, serials in lists.items():
            if serials and (ended := self._revoked.end(name, serials, now)):
                LOG.info("sessions of revoked certificates are ended", authority=name, sessions=ended)
        self._swept = lists

    def _version(self) -> int:
        return self._known.version

    def _identity(self) -> ServerIdentity:
        files = self.files
        return server_identity(self._settings, files.certificate, files.private_key, self._known.trusted)

    def _load(self) -> ServerIdentity:
        """Read every file anew. Raises BadAuthority, OSError, ValueError."""
        externals = load_externals(self._settings)
        self._known.put_externals(externals)
        self.others.put(externals)
        return self._identity()

    def _trust_usable(self) -> None:
        """Trust the authorities of others that can be used; one that cannot shuts nobody else out."""
        externals, broken = usable_externals(self._settings)
        for why in broken:
            LOG.error("an authority is not trusted", why=why)
        self._known.put_externals(externals)
        self.others.put(externals)
        self.others.read()


@dataclass(frozen=True, slots=True)
class WorkerWatch:
    """The ports of access.logins.certificate_watch. renew is done before the ends are looked at."""

    app: App
    database: Database
    ours: TlsFiles
    known: KnownCertificates
    renew: Callable[[], None] | None

    def endings(self) -> list[Ending]:
        """Return every certificate that somebody has to replace in time, as far as files can be read."""
        if self.renew is not None:
            self.renew()
        files = [("server certificate", self.ours.certificate), ("server authority", self.ours.authority)]
        found = [Ending(what, ends) for what, path in files if (ends := file_ends_at(path)) is not None]
        return found + self.known.endings()

    def alarms(self, work: Callable[[AlarmPorts], None]) -> None:
        """Do something with the alarms in one transaction."""
        with self.database.write() as conn:
            work(StoredAlarms(conn, self.app.keyring, self.app.random, "radius"))


def _watched_files(settings: RadiusSettings, files: TlsFiles) -> tuple[Path, ...]:
    authorities = tuple(each.certificate for each in settings.authorities.values())
    stapled = () if settings.ocsp_response is None else (settings.ocsp_response,)
    return (files.certificate, files.private_key, *authorities, *stapled)


def _renew(directory: Path, vault: Vault) -> None:
    if renew_if_due(directory, vault, datetime.now(UTC)):
        LOG.info("the server's certificate was renewed")
