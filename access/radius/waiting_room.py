"""Threads for questions that have to wait for somebody else, in lanes that do not wait for each other. ◆

Each lane is one that may be slow (a company's directory, the database), with a bound on who may wait for
it. So a directory that does not answer holds up nobody who asks elsewhere.

- A lane gets another thread while somebody waits and all of its threads are busy, up to most_threads. Waiting
  for a network costs a thread little, and a tenth of slow answers must not hold up the other nine.
- A thread stays once it is there: it has a connection of its own to whoever is asked, which would be left.
- Whoever is newly come is turned away when half of the places are taken; the other half is for those who have
  a conversation behind them that would break.
- Whoever has waited for longer than patience_s is turned away without being asked: a NAS has sent its
  question again by then, and the next answer in time is worth more than one too late.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")

MOST_THREADS = 96
MOST_WAITING = 1024
PATIENCE_S = 5.0


class WaitingRoom(Generic[Job]):
    """The lanes. work(job) answers it, late(job) turns it away; both are called in threads of the room."""

    def __init__(
        self,
        work: Callable[[Job], None],
        late: Callable[[Job], None],
        most_threads: int = MOST_THREADS,
        most_waiting: int = MOST_WAITING,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._work, self._late = work, late
        self._most_threads, self._most_waiting = most_threads, most_waiting
        self._patience_s = patience_s
        self._lanes: dict[str, _Lane[Job]] = {}
        self._stopping = False

    def enter(self, lane: str, job: Job, newly: bool) -> bool:
        """Let a job wait in a lane, and return whether there was room. Called by one thread only."""
        found = self._lanes.setdefault(lane, _Lane())
        most = self._most_waiting // 2 if newly else self._most_waiting
        with found.changed:
            if len(found.waiting) >= most:
                return False
            found.waiting.append((time.monotonic(), job))
            alone = found.idle < len(found.waiting) and found.threads < self._most_threads
            if alone:
                found.threads += 1
            else:
                found.changed.notify()
        if alone:
            # A daemon: one that waits for a server that does not answer must not keep the process alive.
            threading.Thread(target=self._serve, args=(found,), name=f"waiting {lane}", daemon=True).start()
        return True

    def close(self) -> None:
        """Answer nobody any more; threads end after what they do just now."""
        self._stopping = True
        for lane in self._lanes.values():
            with lane.changed:
                lane.waiting.clear()
                lane.changed.notify_all()

    def _serve(self, lane: "_Lane[Job]") -> None:
        while True:
            with lane.changed:
                while not lane.waiting and not self._stopping:
                    lane.idle += 1
                    lane.changed.wait()
                    lane.idle -= 1
                if not lane.waiting:
                    lane.threads -= 1
                    return
                entered, job = lane.waiting.popleft()
            act = self._late if time.monotonic() - entered > self._patience_s else self._work
            act(job)


class _Lane(Generic[Job]):
    """Who waits, since when, and the threads: idle of them have nothing to do."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: deque[tuple[float, Job]] = deque()
        self.threads = 0
        self.idle = 0
