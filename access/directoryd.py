"""The directory process: follows every directory, one thread each, whatever happens to one. ◆

Only one process follows a directory: it holds a lease, and every transaction it writes renews it first.
`officegate directory sync` asks that process, or does the work itself where none is running.
"""

import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import structlog

from access.app import App, open_relinks
from access.directory import poll, search, syncrepl
from access.directory.cookies import reading
from access.directory.entries import Update
from access.directory.errors import DirectoryError, RefreshRequired
from access.directory.fuse import Fuses
from access.directory.kinds import spoken
from access.directory.refresh import SyncNotOffered
from access.directory.roster import Roster
from access.directory.runs import Undoing
from access.directory.settings import DirectorySettings, Sync
from access.errors import AccessError, Unavailable
from access.gateways import owners
from access.model import MAIN, Organization, directory_key
from access.people.account_ends import watch
from access.people.provisioning import Provisioned, provision
from access.people.relink_watch import watch_returns
from access.store import account_ends, directories, local_memberships, organizations, runs
from access.store.alarms import StoredAlarms
from access.store.carrying import Carrying
from access.store.database import Database
from access.store.directories import SyncAnswer, SyncRequest
from access.store.leads import FollowedElsewhere, Lead
from access.store.rosters import Keeper, RosterStore
from access.store.runs import Run

LOG = structlog.get_logger()
# This process in the audit.
WRITER = "directory"

RENEW_EVERY_S = 5.0
STAND_BY_S = 1.0
ASK_EVERY_S = 1.0
# Whatever a directory forgets to tell (a renamed branch, a changed right) is found by reading everything.
COMPLETE_EVERY_S = 3600.0
COMPLETE_EVERY_S_WHILE_HOLDING = 300.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class _ReadAgain(Exception):
    """Everything is to be read again, now."""


def _end_what_is_over(database: Database, now: float) -> int:
    """End accounts and memberships of local groups whose end has come, and return how many they were."""
    return account_ends.end(database, now) + local_memberships.end(database, now)


def run(app: App, stop: threading.Event) -> None:
    """Follow every configured directory until stop is set."""
    with app.database.read() as conn:
        known = organizations.all_organizations(conn)
    threads = [
        threading.Thread(
            target=Follower(app, organization, stop, name).run,
            name=f"directory-{directory_key(organization.key, name)}",
            daemon=True,
        )
        for organization in known
        if organization.key in app.settings.organizations
        for name in app.settings.organizations[organization.key].directories
    ]
    threads.append(
        threading.Thread(
            target=watch,
            args=(partial(_end_what_is_over, app.database), app.clock, stop),
            name="account-ends",
            daemon=True,
        )
    )
    threads.append(
        threading.Thread(
            target=watch_returns,
            args=(open_relinks(app, WRITER).tell, app.clock, stop),
            name="returns",
            daemon=True,
        )
    )
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()


class Follower:
    """Follows one directory for as long as the process runs."""

    def __init__(self, app: App, organization: Organization, stop: threading.Event, name: str = MAIN) -> None:
        self._app, self._organization, self._stop = app, organization, stop
        self._name, self._key = name, directory_key(organization.key, name)
        self._settings = _settings(app, organization, name)
        self._lead = _lead(app, organization, name)
        self._store = _store(app, organization, self._lead)
        self._carrying = _carrying(app, organization)
        self._log = LOG.bind(organization=organization.key, **({} if name == MAIN else {"directory": name}))
        self._poll = self._settings.sync is Sync.POLL
        self._fuses = Fuses()
        self._fresh = self._standing_by = False
        self._request: SyncRequest | None = None
        self._failures = 0
        self._failure = self._undone = ""
        self._renewed_at = self._asked_at = self._complete_at = 0.0

    def run(self) -> None:
        """Follow until told to stop; every failure is told, waited out and tried again."""
        while not self._stop.is_set():
            try:
                self._follow()
            except _ReadAgain:
                self._fresh = True
            except RefreshRequired as error:
                self._fresh = True
                self._log.info("directory is read again", why=str(error))
            except SyncNotOffered as error:
                self._take_to_polling(error)
            except FollowedElsewhere:
                self._stand_by()
            except AccessError as error:
                self._fail(error)
            except Exception:
                self._log.exception("directory following failed; this is a mistake in Officegate")
                self._rest(LONGEST_PAUSE_S)
        self._give_up()

    def _follow(self) -> None:
        self._lead.take()
        self._standing_by = False
        self._request = self._pending()
        self._store.on_behalf_of(self._request.by if self._request else "")
        self._undone = self._undo(self._request)
        roster, cookie = self._store.load()
        # The tables know what is held: another process may have had the question answered.
        self._fuses = self._store.fuses(roster).remembering(self._fuses)
        self._fuses = self._store.let_go(roster, self._on_ground(self._fuses), self._app.clock())
        if self._request is not None and self._request.approve:
            self._fuses = self._fuses.approved()
        if self._request is not None or self._fresh or self._fuses.strict or self._fuses.holding:
            cookie = None
        self._fresh = False
        self._renewed_at = self._complete_at = time.monotonic()
        for update in self._updates(cookie):
            self._renew()
            if update is not None:
                self._take_over(roster, update)
            elif self._is_due_again():
                raise _ReadAgain

    def _updates(self, cookie: bytes | None) -> Generator[Update | None, None, None]:
        if self._poll:
            return poll.follow(self._settings, cookie, self._stop, time.monotonic)
        return syncrepl.follow(self._settings, cookie, self._stop, time.monotonic)

    def _take_over(self, roster: Roster, update: Update) -> None:
        accept = self._request is not None and self._request.accept_mass_change
        began = time.monotonic()
        fuses = None if accept else self._on_ground(self._fuses)
        outcome = provision(self._store, roster, update, self._app.clock(), fuses)
        self._fuses = outcome.fuses
        self._tell(outcome, time.monotonic() - began)
        self._failures = 0
        if outcome.failure:
            self._say_once(outcome.failure)
        self._failure = outcome.failure
        self._answer(not outcome.failure or bool(self._undone), self._undone + sentence(outcome))

    def _on_ground(self, fuses: Fuses) -> Fuses:
        """Return the fuses for what the policy in force stands on."""
        return _on_ground(fuses, self._carrying)

    def _undo(self, request: SyncRequest | None) -> str:
        """Put back the run that somebody asks for, and return what became of it; empty where none is."""
        if request is None or request.undo is None:
            return ""
        with self._app.database.read() as conn:
            run = runs.by_id(conn, request.undo)
        if run is None or (run.organization_id, run.directory) != (self._organization.id, self._name):
            return "There is no such run any more. "
        if run.undone_at is not None:
            return f"Run {run.id} was undone already. "
        return undone(self._store.undo(run, request.by, self._app.clock()))

    def _tell(self, outcome: Provisioned, took_s: float) -> None:
        if outcome.changed or self._failure or self._request:
            self._log.info(
                "directory in step",
                people=outcome.people,
                groups=outcome.groups,
                changed=outcome.touched,
                vanished=outcome.vanished,
                groups_changed=outcome.groups_changed,
                took_ms=round(took_s * 1000),
                by="polling" if self._poll else "syncrepl",
            )
        for skipped in outcome.skipped:
            self._log.warning("directory entry skipped", dn=skipped.dn, why=skipped.why)
        if outcome.names_taken and outcome.changed:
            self._log.warning("directory names taken by others", dns="; ".join(outcome.names_taken[:10]))

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at < RENEW_EVERY_S:
            return
        with self._app.database.write() as conn:
            self._lead.guard(conn)
            directories.put_seen(conn, self._organization.id, self._app.clock(), self._name)
        self._renewed_at = time.monotonic()

    def _is_due_again(self) -> bool:
        every_s = COMPLETE_EVERY_S_WHILE_HOLDING if self._fuses.holding else COMPLETE_EVERY_S
        if time.monotonic() - self._complete_at > every_s:
            return True
        return self._is_asked()

    def _is_asked(self) -> bool:
        if time.monotonic() - self._asked_at < ASK_EVERY_S:
            return False
        self._asked_at = time.monotonic()
        return self._pending() is not None

    def _pending(self) -> SyncRequest | None:
        with self._app.database.read() as conn:
            return directories.pending_request(conn, self._key, self._app.clock())

    def _answer(self, done: bool, text: str) -> None:
        request, self._request = self._request, None
        if request is not None:
            # What the directory says from here on is nobody's word but its own.
            self._store.on_behalf_of("")
            with self._app.database.write() as conn:
                directories.put_answer(conn, self._key, SyncAnswer(request.at, done, text))

    def _take_to_polling(self, error: SyncNotOffered) -> None:
        if self._settings.sync is Sync.SYNCREPL:
            self._fail(error)
            return
        self._poll = True
        self._log.info("directory offers no syncrepl; it is polled every second")

    def _fail(self, error: AccessError) -> None:
        self._failures += 1
        self._say_once(str(error))
        try:
            if isinstance(error, DirectoryError):
                self._store.record_failure(str(error), self._app.clock())
                self._answer(False, str(error))
        except Unavailable as worse:
            self._log.warning("directory failure could not be recorded", why=str(worse))
        self._rest(self._pause_s())

    def _stand_by(self) -> None:
        if not self._standing_by:
            self._log.info("standing by; another process follows the directory")
        self._standing_by = True
        self._stop.wait(STAND_BY_S)

    def _say_once(self, failure: str) -> None:
        if failure != self._failure:
            self._log.warning("directory needs attention", why=failure)
        self._failure = failure

    def _pause_s(self) -> float:
        """Return how long to wait: longer each time, and not in step with other processes."""
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * float(1 << min(self._failures, 10)))
        return longest * (0.5 + self._app.random(1)[0] / 510)

    def _rest(self, pause_s: float) -> None:
        """Wait, but no longer than until an operator asks."""
        until = time.monotonic() + pause_s
        while time.monotonic() < until and not self._stop.wait(min(ASK_EVERY_S, pause_s)):
            try:
                if self._is_asked():
                    return
            except Unavailable:
                continue

    def _give_up(self) -> None:
        try:
            self._lead.give_up()
        except Unavailable as error:
            self._log.warning("directory lease not released", why=str(error))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reading by hand is asked for: of which directory, and whether what is kept is believed."""

    name: str = MAIN
    approve: bool = False
    by: str = ""


def sync_once(
    app: App,
    organization: Organization,
    accept_mass_change: bool,
    asked: Asked = Asked(),
) -> Provisioned:
    """Read one directory whole and take it over, where no other process follows it.

    Raises FollowedElsewhere, DirectoryUnavailable, DirectoryMisconfigured; a failure is recorded.
    """
    lead = _lead(app, organization, asked.name)
    lead.take()
    store = _store(app, organization, lead)
    store.on_behalf_of(asked.by)
    try:
        update = _read_whole(_settings(app, organization, asked.name))
        roster, _ = store.load()
        fuses = _on_ground(store.fuses(roster), _carrying(app, organization))
        fuses = store.let_go(roster, fuses, app.clock())
        believed = None if accept_mass_change else fuses.approved() if asked.approve else fuses
        return provision(store, roster, update, app.clock(), believed)
    except DirectoryError as error:
        store.record_failure(str(error), app.clock())
        raise
    finally:
        lead.give_up()


def undo_once(app: App, organization: Organization, run: Run, by: str) -> str:
    """Put a run back where no process follows the directory, and return what was done.

    Raises FollowedElsewhere.
    """
    lead = _lead(app, organization, run.directory)
    lead.take()
    try:
        return undone(_store(app, organization, lead).undo(run, by, app.clock()))
    finally:
        lead.give_up()


def undone(undoing: Undoing) -> str:
    """Return what putting a run back did, in one sentence."""
    joined, left = (sum(map(len, each.values())) for each in (undoing.joining, undoing.leaving))
    return (
        f"{len(undoing.back):,} people are back, {len(undoing.away):,} are gone again,"
        f" {len(undoing.renamed):,} have their names again, {len(undoing.attributes):,} their attributes,"
        f" {joined:,} memberships are back, {left:,} are"
        f" gone again; {len(undoing.alone):,} people were left alone. "
    )


def _settings(app: App, organization: Organization, name: str) -> DirectorySettings:
    return app.settings.organizations[organization.key].directories[name]


def _lead(app: App, organization: Organization, name: str) -> Lead:
    return Lead(app.database, app.clock, organization, owners.own_name(), owners.is_gone, name)


def _store(app: App, organization: Organization, lead: Lead) -> RosterStore:
    alarms = partial(StoredAlarms, keyring=app.keyring, random=app.random, writer=WRITER)
    settings = _settings(app, organization, lead.directory)
    keeper = Keeper(reading(settings), directory_key(organization.key, lead.directory), alarms)
    return RosterStore(app.database, organization.id, lead.guard, keeper, lead.directory)


def _carrying(app: App, organization: Organization) -> Carrying:
    roles = app.settings.roles
    held = (group for zone in roles.zones.values() for group in zone.admin)
    return Carrying(app.database, organization.key, (*roles.admin, *roles.helpdesk, *roles.auditor, *held))


def _on_ground(fuses: Fuses, carrying: Carrying) -> Fuses:
    groups, ground = carrying.read()
    return replace(fuses, carrying=groups, ground=ground)


def _read_whole(settings: DirectorySettings) -> Update:
    """Return the complete reading; by syncrepl where it is offered, which takes half the time of paging."""
    if settings.sync is not Sync.POLL:
        try:
            with closing(syncrepl.follow(settings, None, threading.Event(), time.monotonic)) as updates:
                return next(update for update in updates if update is not None)
        except SyncNotOffered:
            if settings.sync is Sync.SYNCREPL:
                raise
    with spoken(settings) as (connection, found):
        return search.read_all(connection, found)[0]


def sentence(outcome: Provisioned) -> str:
    """Return what a sync did, and what is left to do, in one line."""
    did = (
        f"{outcome.people:,} people, {outcome.groups:,} groups; {outcome.touched:,} people changed,"
        f" {outcome.vanished:,} of them gone, {outcome.groups_changed:,} groups changed"
    )
    return f"{did}. {outcome.failure}" if outcome.failure else did
