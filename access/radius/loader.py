"""The loader: moves what the RADIUS workers have written into their journals into the database. ◆

It is woken by a datagram from a worker that has just written, and looks by itself every second. A batch of
records from all journals, in the order of their times, is one transaction together with how far each
journal was read: killed at any moment, it goes on where the last transaction ended, and what was loaded is
never loaded again. Where the database is away, the journals keep everything until it is back.
"""

import json
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from pathlib import Path

import structlog

from access.app import App
from access.errors import AccessError
from access.logins import accounting
from access.logins.session_ends import Silence, over
from access.post import letters
from access.radius import journal
from access.radius.journal import AUDITED, NUMBER, Part, Piece
from access.radius.journal_format import Json
from access.records import alarms
from access.records.audit import AuditEntry
from access.store import audit, journals, nas, notices
from access.store.audit import Numbered
from access.store.database import Connection
from access.store.session_batch import SessionBatch
from radius.questions import Notice

LOG = structlog.get_logger()
WRITER = "radius-loader"
LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 5.0
EXPIRE_EVERY_S = 15.0
# A record takes about a tenth of a millisecond; this long everybody else waits for the database.
BATCH_RECORDS = 250
# A transaction for one record takes nearly as long as one for twenty: between two of them records gather, and
# logins that have a code to spend find the database free.
GATHER_S = 0.05


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, and where in which file it ends."""

    part: Part
    writer: str
    end: int
    record: Json


class Loader:
    """Loads the journals of one directory."""

    def __init__(self, app: App, directory: Path) -> None:
        self._app = app
        self._directory = directory
        self._cut: set[str] = set()

    def loaded(self) -> dict[str, int]:
        """Return how many octets of each journal file are loaded. Raises Unavailable."""
        with self._app.database.read() as conn:
            return journals.loaded(conn)

    def load(self) -> int:
        """Load everything that is there, and return how many records. Raises Unavailable."""
        count = 0
        while (more := self.load_some()) is not None:
            count += more
        return count

    def load_some(self) -> int | None:
        """Load what is there just now, and return how many records; None where all is loaded.

        After a full batch the other writers of the database get half as long as it took: a revocation must
        not wait for a whole morning's logins. Raises Unavailable.
        """
        count = None
        while batch := self._batch():
            began = time.monotonic()
            count = (count or 0) + self._load(batch)
            if len(batch) < BATCH_RECORDS:
                break
            time.sleep((time.monotonic() - began) / 2)
        self._remove_loaded()
        return count

    def expire(self, listening_since: float) -> int:
        """End the sessions that are over though no report says so, and return how many.

        listening_since: from when on every report that came in was loaded. Raises Unavailable.
        """
        now = self._app.clock()
        silence = Silence(self._app.settings.radius.silent_intervals, listening_since)
        with self._app.database.read() as conn:
            if not over(self._sessions(conn), now, silence):
                return 0
        with self._app.database.write() as conn:
            known = self._sessions(conn)
            ended = accounting.expire(known, now, silence)
            known.write()
        return ended

    def _sessions(self, conn: Connection) -> SessionBatch:
        return SessionBatch(conn, self._app.keyring, self._app.random, WRITER)

    def _batch(self) -> list[Entry]:
        """Return the next records of all journals, the oldest first."""
        loaded = self.loaded()
        pieces = []
        blocked: set[tuple[str, str]] = set()
        for part in journal.parts(self._directory):
            # A later file waits for the earlier ones of its journal: numbers go up.
            if (part.name, part.epoch) in blocked:
                continue
            begin = loaded.get(part.file_name, 0)
            self._tell_if_cut(part, begin)
            piece = journal.read(self._directory, part, begin)
            if piece is not None:
                pieces.append(piece)
                blocked.add((part.name, part.epoch))
        return list(islice(merge(*map(_entries, pieces), key=_time), BATCH_RECORDS))

    def _tell_if_cut(self, part: Part, begin: int) -> None:
        """Say, once, that a file lacks what was loaded of it: an older copy of it was put back."""
        size = (self._directory / part.file_name).stat().st_size
        if size < begin and part.file_name not in self._cut:
            self._cut.add(part.file_name)
            LOG.error(
                "a journal is shorter than what is loaded of it", journal=part.file_name, lost=begin - size
            )

    def _load(self, batch: Sequence[Entry]) -> int:
        """Load a batch in one transaction; where one of its records cannot be, each in its own."""
        try:
            return self._load_together(batch)
        except journals.UNLOADABLE:
            LOG.exception("a batch of records cannot be loaded at once; trying one by one")
        return sum(self._load_alone(entry) for entry in batch)

    def _load_together(self, batch: Sequence[Entry]) -> int:
        now = self._app.clock()
        with self._app.database.write() as conn:
            starts = {part.file_name: journals.lock(conn, part.file_name, now) for part in _parts(batch)}
            fresh = [entry for entry in batch if entry.end > starts[entry.part.file_name]]
            self._apply(conn, fresh)
            for part in _parts(fresh):
                reached = max(entry.end for entry in fresh if entry.part == part)
                journals.advance(conn, part.file_name, reached, now)
        return len(fresh)

    def _load_alone(self, entry: Entry) -> int:
        """Load one record; one that cannot be loaded is passed over, and its row in the audit says so."""
        try:
            return self._load_together([entry])
        except journals.UNLOADABLE:
            LOG.exception("a record cannot be loaded", journal=entry.part.file_name, end=entry.end)
        now = self._app.clock()
        with self._app.database.write() as conn:
            journals.lock(conn, entry.part.file_name, now)
            detail = {"what": "journal.unreadable", "journal": entry.part.file_name, "end": entry.end}
            lost = AuditEntry("journal", now, detail=detail)
            if NUMBER in entry.record:
                self._number(conn, [Numbered(entry.writer, entry.record[NUMBER], lost)])
            else:
                audit.record(conn, WRITER, lost, self._app.keyring, self._app.random)
            journals.advance(conn, entry.part.file_name, entry.end, now)
        return 1

    def _apply(self, conn: Connection, entries: Sequence[Entry]) -> None:
        sessions = self._sessions(conn)
        sessions.read_ahead([entry.record for entry in entries])
        numbered: list[Numbered] = []
        news: list[letters.Notice] = []
        for entry in entries:
            record = entry.record
            apply = APPLIED.get(record["kind"])
            session_id = apply(sessions, record) if apply else None
            if record.get(AUDITED):
                row = _row(record, session_id)
                numbered.append(Numbered(entry.writer, record[NUMBER], row))
                if record["kind"] == REFUSAL and (told := letters.of_refusal(record)) is not None:
                    news.append(told)
            if record["kind"] == NOTICE:
                sessions.write()
                _learn(conn, record)
            for alarm in alarms.heard(record):
                sessions.raise_alarm(alarm, record["t"])
        sessions.write()
        self._number(conn, numbered)
        for notice in news:
            notices.put(conn, notice)

    def _number(self, conn: Connection, rows: Sequence[Numbered]) -> None:
        audit.load(conn, rows, self._app.keyring, self._app.random)

    def _remove_loaded(self) -> None:
        """Remove the files that are loaded whole and have a successor."""
        known = journal.parts(self._directory)
        full = [part for part in known if journal.is_followed(part, known)]
        if not full:
            return
        loaded = self.loaded()
        for part in full:
            if loaded.get(part.file_name, 0) >= (self._directory / part.file_name).stat().st_size:
                journal.remove(self._directory, part)
                with self._app.database.write() as conn:
                    journals.forget(conn, part.file_name)


NOTICE, REFUSAL = "notice", "refusal"
APPLIED = {"login": accounting.admit, "accounting": accounting.account, REFUSAL: accounting.withdraw}


class Diary:
    """Writes how far the journals are loaded to a file, for whoever wants to know what is waiting."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._loaded: dict[str, int] = {}
        self._failing_since: float | None = None
        self._written_at = 0.0

    def loaded(self, ask: Callable[[], dict[str, int]]) -> None:
        """Write that all is loaded, at most once a second."""
        was_failing, self._failing_since = self._failing_since is not None, None
        if was_failing or self._clock() - self._written_at >= LOOK_EVERY_S:
            self._loaded = ask()
            self._write("")

    def failed(self, why: str) -> None:
        """Write that nothing can be loaded."""
        self._failing_since = self._failing_since or self._clock()
        self._write(why)

    def _write(self, why: str) -> None:
        self._written_at = self._clock()
        told = {"at": self._written_at, "loaded": self._loaded, "failing_since": self._failing_since}
        draft = self._path.with_suffix(".new")
        try:
            draft.write_text(json.dumps({**told, "why": why}), "utf-8")
            draft.rename(self._path)
        except OSError as error:
            LOG.warning("what is loaded was not written", file=str(self._path), why=error.strerror)


def state_path(run_dir: Path) -> Path:
    """Return where the loader writes how far it is."""
    return run_dir / "loader.json"


def run(app: App, directory: Path, doorbell: socket.socket, stop: socket.socket) -> None:
    """Load until something comes from stop; after a pause a ring at the doorbell is answered at once."""
    loader = Loader(app, directory)
    with selectors.DefaultSelector() as selector, selectors.DefaultSelector() as until_stopped:
        until_stopped.register(stop, selectors.EVENT_READ)
        for end in (doorbell, stop):
            end.setblocking(False)
            selector.register(end, selectors.EVENT_READ)
        failures, expire_at, listening_since = 0, 0.0, app.clock()
        diary = Diary(state_path(app.settings.state_dir / "run"), app.clock)
        while True:
            count = None
            try:
                count = loader.load_some()
                diary.loaded(loader.loaded)
                if failures:
                    LOG.info("journals are loaded again")
                    listening_since = app.clock()
                if time.monotonic() >= expire_at:
                    loader.expire(listening_since)
                    expire_at = time.monotonic() + EXPIRE_EVERY_S
                failures = 0
            except AccessError as error:
                failures += 1
                diary.failed(str(error))
                if failures == 1:
                    LOG.warning("journals cannot be loaded; they keep everything", why=str(error))
            except Exception:
                failures += 1
                diary.failed("a mistake in Officegate, see the log")
                LOG.exception("loading journals failed; this is a mistake in Officegate")
            if count is not None and not failures:
                # There may be more by now: it is looked at without a ring.
                if until_stopped.select(GATHER_S):
                    return
                continue
            pause_s = LOOK_EVERY_S if not failures else min(LONGEST_PAUSE_S, LOOK_EVERY_S * failures)
            ready = {key.fileobj for key, _ in selector.select(pause_s)}
            if stop in ready:
                return
            if doorbell in ready:
                _drain(doorbell)


def _learn(conn: Connection, record: Json) -> None:
    """Keep what the gate of a worker has learnt about a NAS."""
    if record["notice"] == Notice.SIGNS.name:
        nas.learn_signing(conn, record["nas"], record["t"])
    elif record["notice"] == Notice.SECRET.name:
        nas.learn_secret(conn, record["nas"], record["secret"] > 0, record["t"])


def _drain(doorbell: socket.socket) -> None:
    try:
        while True:
            doorbell.recv(64)
    except BlockingIOError:
        return


def _entries(piece: Piece) -> Iterator[Entry]:
    return (Entry(piece.part, piece.writer, end, record) for end, record in piece.records)


def _time(entry: Entry) -> float:
    return float(entry.record.get("t", 0.0))


def _parts(entries: Sequence[Entry]) -> list[Part]:
    """Return the files of entries in one order for all loaders, so that none waits for the other."""
    return sorted({entry.part for entry in entries})


def _row(record: Json, session_id: int | None) -> AuditEntry:
    entry = record["entry"]
    return AuditEntry(
        kind=entry["kind"],
        at=record["t"],
        reason=entry["reason"],
        organization_id=entry["organization"],
        user_id=entry["user"],
        session_id=session_id,
        case_code=entry["case"],
        detail=entry["detail"],
    )


def doorbell_path(run_dir: Path) -> Path:
    """Return where workers ring."""
    return run_dir / "loader.sock"


def ring(bell: socket.socket, path: Path) -> None:
    """Wake the loader, if it is there and has not been woken often enough already."""
    try:
        bell.sendto(b"\0", os.fspath(path))
    except OSError:
        return
