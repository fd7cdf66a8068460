"""Asks the world something in a thread of its own, so that whoever waits need not wait for ever. ◆"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lookout(Generic[T]):
    """Calls look() again and again, every pause_s and whenever somebody asks.

    look is called in one thread only and may take as long as it likes; what it raises it has to keep to
    itself by returning a value for it. Each value is handed to one caller of news().
    """

    def __init__(self, look: Callable[[], T], pause_s: float) -> None:
        self._look = look
        self._pause_s = pause_s
        self._changed = threading.Condition()
        self._wanted = 0
        self._begun = 0
        self._done = 0
        self._values: list[T] = []
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and return when the last look is over."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def news(self) -> list[T]:
        """Return what was seen since the last call, without waiting."""
        if not self._values:
            return []
        with self._changed:
            values, self._values = self._values, []
        return values

    def fresh_news(self, patience_s: float) -> list[T]:
        """Return what was seen since the last call by looks of which the last began after this call.

        After patience_s it returns what there is.
        """
        deadline = time.monotonic() + patience_s
        with self._changed:
            self._wanted += 1
            wanted = self._begun + 1
            self._changed.notify_all()
            while self._done < wanted and (left_s := deadline - time.monotonic()) > 0:
                self._changed.wait(left_s)
            values, self._values = self._values, []
        return values

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._wanted and not self._stopping:
                    self._changed.wait(self._pause_s)
                if self._stopping:
                    return
                self._wanted = 0
                self._begun += 1
            value = self._look()
            with self._changed:
                self._done = self._begun
                self._values.append(value)
                self._changed.notify_all()
