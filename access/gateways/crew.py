"""Threads that work off a queue and hold up nobody's end: what they work on stands in the database. ◆"""

import queue
import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

Job = TypeVar("Job", bound=Hashable)


class Crew(Generic[Job]):
    """Some threads that do one kind of work. A job that still waits is not queued a second time."""

    def __init__(self, name: str, count: int, work: Callable[[Job], None]) -> None:
        self._work = work
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._queued: set[Job] = set()
        self._lock = threading.Lock()
        # Daemons: one that waits for a device which does not answer must not keep the process alive.
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        """Queue a job, unless it waits there already. One that is being worked on is queued again."""
        with self._lock:
            if job in self._queued:
                return
            self._queued.add(job)
        self._jobs.put(job)

    def close(self, patience_s: float) -> bool:
        """Leave what waits, and wait for what is begun; whether all of that ended in time."""
        with self._lock, suppress(queue.Empty):
            # Whoever ends its job just now may take the next one before us.
            while True:
                self._jobs.get_nowait()
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._lock:
                self._queued.discard(job)
            self._work(job)
