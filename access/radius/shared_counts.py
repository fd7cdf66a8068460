"""Counts that all processes of this machine share: a small file that is mapped into each. ◆

RADIUS workers and the portal count failures together, so that eight workers do not allow eight times as
many. Nothing waits for a database; a process that dies leaves no lock behind; a restart forgets nothing.

The file is a table of buckets with a few slots each. A key is known by 16 octets of a keyed hash, so the
file names nobody, and nobody outside can aim at a bucket. A full bucket forgets what was put into it the
longest ago.

    slot    key (16) | failures (4) | not_before (8) | at (8)

The lock is advisory and short. A process that holds it and stands still must not hold up logins: after a
while the others go on without it, and count a little wrong.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from access.proof.throttle import NOTHING, Count, Key

SLOT = struct.Struct("<16sIdd")
SLOTS = 8
BUCKETS = 16384
BUCKET_OCTETS = SLOT.size * SLOTS
FILE_OCTETS = BUCKET_OCTETS * BUCKETS
PATIENCE_S, PAUSE_S = 0.1, 0.001
EMPTY = bytes(16)
# Keys whose place is remembered.
MOST_PLACES = 2048


class SharedCounts:
    """The table in a file, which is made where there is none. key: octets that all processes have alike."""

    def __init__(self, path: Path, key: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = key[:64]
        self._thread_lock = threading.Lock()
        self._places: dict[Key, tuple[bytes, int]] = {}
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size != FILE_OCTETS:
            os.ftruncate(self._file, FILE_OCTETS)
        self._table = mmap.mmap(self._file, FILE_OCTETS)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the table against other threads and processes."""
        with self._thread_lock:
            held = self._lock()
            try:
                yield
            finally:
                if held:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def get(self, key: Key) -> Count:
        """Return what was put last, or nothing."""
        mark, start = self._place(key)
        at = self._table.find(mark, start, start + BUCKET_OCTETS)
        if at < 0 or (at - start) % SLOT.size:
            return NOTHING
        _, failures, not_before, moment = SLOT.unpack_from(self._table, at)
        return Count(failures, not_before, moment)

    def put(self, key: Key, count: Count) -> None:
        """Keep a count; it takes the place of the oldest where there is no other."""
        mark, start = self._place(key)
        chosen, oldest = start, float("inf")
        for at in range(start, start + BUCKET_OCTETS, SLOT.size):
            known, _, _, moment = SLOT.unpack_from(self._table, at)
            if known == mark:
                chosen = at
                break
            age = float("-inf") if known == EMPTY else moment
            if age < oldest:
                chosen, oldest = at, age
        failures = min(count.failures, 0xFFFFFFFF)
        SLOT.pack_into(self._table, chosen, mark, failures, count.not_before, count.at)

    def close(self) -> None:
        """Let go of the file; the counts stay in it."""
        self._table.close()
        os.close(self._file)

    def _lock(self) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_S)

    def _place(self, key: Key) -> tuple[bytes, int]:
        # A login asks two dozen times for the same few keys.
        place = self._places.get(key)
        if place is None:
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            place = self._places[key] = self._hashed(key)
        return place

    def _hashed(self, key: Key) -> tuple[bytes, int]:
        scope, name, source = key
        text = f"{scope.value}\0{name}\0{source}".encode("utf-8", "surrogatepass")
        mark = hashlib.blake2b(text, key=self._key, digest_size=16).digest()
        return mark, int.from_bytes(mark[:8]) % BUCKETS * BUCKET_OCTETS
