"""A directory followed in a thread: what a test does on one side, and when the other side hears of it."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from access.directory import poll, syncrepl
from access.directory.entries import Update
from access.directory.roster import Changes, Roster
from access.directory.settings import DirectorySettings

DEADLINE_S = 30.0


@dataclass
class Following:
    """Updates as they come, taken over by a roster of its own."""

    updates: "queue.Queue[Update | Exception]" = field(default_factory=queue.Queue)
    roster: Roster = field(default_factory=Roster)
    stop: threading.Event = field(default_factory=threading.Event)
    cookie: bytes | None = None
    last: Update = field(default_factory=Update)

    def next_changes(self) -> Changes:
        """Wait for the next update that changes anything."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            update = self.updates.get(timeout=DEADLINE_S)
            if isinstance(update, Exception):
                raise update
            self.last, self.cookie = update, update.position.cookie
            changes = self.roster.absorb(update)
            if changes != Changes():
                return changes
        raise AssertionError("nothing changed in time")

    def noticed(self, act: Callable[[], None]) -> Changes:
        """Act, and return what was noticed."""
        act()
        return self.next_changes()


@contextmanager
def following(
    how: str, settings: DirectorySettings, cookie: bytes | None = None, roster: Roster | None = None
) -> Iterator[Following]:
    """Follow by "syncrepl" or "poll" until the end of the block."""
    here = Following(roster=roster or Roster(), cookie=cookie)

    def run() -> None:
        try:
            for update in _updates(how, settings, cookie, here.stop):
                if update is not None:
                    here.updates.put(update)
        except Exception as error:
            here.updates.put(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield here
    finally:
        here.stop.set()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


def _updates(
    how: str, settings: DirectorySettings, cookie: bytes | None, stop: threading.Event
) -> Iterator[Update | None]:
    if how == "poll":
        return poll.follow(settings, cookie, stop, time.monotonic)
    return syncrepl.follow(settings, cookie, stop, time.monotonic)
