"""One lock for all writers of one SQLite file, over threads and processes. ◆

SQLite's own busy handler polls with growing pauses, so a small writer starves behind a bulk one. Here every
writer asks at the same short interval, and whoever holds the lock has the database to itself. Whoever waits
holds a shared lock on a second file meanwhile: so a bulk writer sees whether it is in anybody's way.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from access.errors import Unavailable
from access.store.forks import renew_in_child

_RETRY_S = 0.001


class WriteLockBusy(Unavailable):
    """Another writer has kept the lock for longer than we were ready to wait."""


class WriteLock:
    """A lock on a file: one thread of one process at a time. A holder that dies lets go of it."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path = path
        self._queue = path.with_name(path.name + ".queue")
        self._patience_s = patience_s
        self._threads = threading.Lock()
        # A child made while another thread held the lock would wait for a thread it does not have.
        renew_in_child(self._renew)

    def _renew(self) -> None:
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock. Raises WriteLockBusy after the patience this lock was made with."""
        deadline = time.monotonic() + self._patience_s
        threads = self._threads
        if not threads.acquire(blocking=False):
            with self._queued():
                if not threads.acquire(timeout=self._patience_s):
                    raise self._busy()
        try:
            with self._file_locked(deadline):
                yield
        finally:
            threads.release()

    def is_wanted(self) -> bool:
        """Return whether anybody waits for the lock just now, in this process or another."""
        with _opened(self._queue) as queue:
            return not _try_lock(queue)

    @contextmanager
    def _file_locked(self, deadline: float) -> Iterator[None]:
        with _opened(self._path) as descriptor:
            if not _try_lock(descriptor):
                with self._queued():
                    self._wait_for(descriptor, deadline)
            yield

    def _wait_for(self, descriptor: int, deadline: float) -> None:
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise self._busy()
            time.sleep(_RETRY_S)

    @contextmanager
    def _queued(self) -> Iterator[None]:
        """Be seen to wait."""
        with _opened(self._queue) as queue:
            if not _try_lock(queue, fcntl.LOCK_SH):
                # is_wanted() looks just now; it holds the file for microseconds.
                time.sleep(_RETRY_S)
                _try_lock(queue, fcntl.LOCK_SH)
            yield

    def _busy(self) -> WriteLockBusy:
        return WriteLockBusy(
            f"Another process has been writing to the database for over {self._patience_s:g} s"
            f" (lock file {self._path}). Try again; if it stays so, look for a stopped officegate process."
        )


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A lock file, and the end of whatever lock was taken on it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        # Closing is not enough: a child forked meanwhile holds a copy of the descriptor.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _try_lock(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
