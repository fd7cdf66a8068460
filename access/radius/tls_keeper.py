"""Keeps what a RADIUS worker shows and trusts in TLS as it is on disk and in the database. ◆

A thread looks at the files every second. New ones are taken once two looks have seen them alike, for
certificate and key are rarely written at one moment. What cannot be used is said in the log, and what there
was before goes on; conversations that are open end on what they began with.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog
from OpenSSL import SSL

from access.errors import AccessError
from radius.eap.tunnel import Contexts, ServerIdentity

LOG = structlog.get_logger()
LOOK_EVERY_S = 1.0

Stamp = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Watched:
    """What decides which TLS a worker speaks: these files, and the version of the authorities it knows."""

    files: Callable[[], Iterable[Path]]
    version: Callable[[], int]
    load: Callable[[], ServerIdentity]
    """Reads the files anew. Raises OSError, ValueError or AccessError."""


class TlsKeeper:
    """Looks, and replaces what is in contexts. chores are done after each look, in the same thread."""

    def __init__(
        self, contexts: Contexts, watched: Watched, chores: tuple[Callable[[], None], ...] = ()
    ) -> None:
        self._contexts, self._watched, self._chores = contexts, watched, chores
        self._seen = self._used = self._look_at_files()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tls-keeper", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> bool:
        """Look once; return whether something new was taken."""
        before, self._seen = self._seen, self._look_at_files()
        if self._seen == self._used or self._seen != before:
            return False
        self._used = self._seen
        try:
            self._contexts.replace(self._watched.load())
        except (SSL.Error, OSError, ValueError, AccessError) as error:
            LOG.error("new certificates cannot be used; those before go on", why=_said(error))
            return False
        LOG.info("new certificates are used from now on")
        return True

    def _look_at_files(self) -> tuple[int, tuple[Stamp, ...]]:
        return self._watched.version(), tuple(_stamp(path) for path in self._watched.files())

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            for work in (self.look, *self._chores):
                try:
                    work()
                except AccessError as error:
                    LOG.warning("certificates are not looked after", why=str(error))
                except Exception:
                    LOG.exception("certificates are not looked after; this is a mistake in Officegate")


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), status.st_mtime_ns, status.st_size, status.st_ino


def _said(error: Exception) -> str:
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        return ", ".join(entry[2] for entry in error.args[0]) or "certificate and key do not fit"
    return str(error)
