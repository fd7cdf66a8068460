"""A thread that does together whatever has come while it was busy. ◆

For what is cheaper in company: a transaction waits for the disk, whether it settles one code or sixty.
Whoever comes while the thread is at work waits for the next time, so the company grows with the load by
itself, and no thread for each is needed.

Who finds no room, or has waited for longer than patience_s, is turned away, as in access.radius.waiting_room.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")

# Of the locks that one transaction holds, and of the time until the first hears of it.
MOST_TOGETHER = 64


class Gathering(Generic[Job]):
    """Jobs that wait for one thread. work(jobs) does some, late(job) turns one away; both run in it."""

    def __init__(
        self,
        work: Callable[[list[Job]], None],
        late: Callable[[Job], None],
        most_waiting: int,
        patience_s: float,
    ) -> None:
        self._work, self._late = work, late
        self._most_waiting, self._patience_s = most_waiting, patience_s
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, Job]] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def enter(self, job: Job) -> bool:
        """Let a job wait, and return whether there was room. Called by one thread only."""
        with self._changed:
            if len(self._waiting) >= self._most_waiting or self._stopping:
                return False
            self._waiting.append((time.monotonic(), job))
            self._changed.notify()
        if self._thread is None:
            # A daemon: one that waits for a database that does not answer must not keep the process alive.
            self._thread = threading.Thread(target=self._serve, name="gathering", daemon=True)
            self._thread.start()
        return True

    def close(self) -> None:
        """Answer nobody any more; the thread ends after what it does just now."""
        with self._changed:
            self._stopping = True
            self._waiting.clear()
            self._changed.notify()

    def _serve(self) -> None:
        while taken := self._take():
            since = time.monotonic() - self._patience_s
            for entered, job in taken:
                if entered < since:
                    self._late(job)
            together = [job for entered, job in taken if entered >= since]
            if together:
                self._work(together)

    def _take(self) -> list[tuple[float, Job]]:
        """Return who waits, once somebody does; nobody: it is over."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
