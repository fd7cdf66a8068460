"""A thread that waits for many sockets at once, and does what others ask of it in between ◆"""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

TICK_S = 0.5
_WAKE_OCTETS = 4096


class Turns:
    """The loop. start() and stop() are its owner's, call() may come from any thread, the rest is its own."""

    def __init__(self, name: str) -> None:
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._orders: deque[Callable[[], None]] = deque()
        self._ticks: list[Callable[[float], None]] = []
        self._ends: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=name)
        self.selector.register(self._wake_in, selectors.EVENT_READ, lambda _mask: self._hear())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the turn it is in, and wait for that."""
        self.stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()

    def call(self, order: Callable[[], None]) -> None:
        """Have something done in the thread, soon."""
        self._orders.append(order)
        self._wake()

    def every_tick(self, tick: Callable[[float], None]) -> None:
        """Have something done about twice a second, with the monotonic time."""
        self._ticks.append(tick)

    def at_end(self, end: Callable[[], None]) -> None:
        """Have something done when the thread ends."""
        self._ends.append(end)

    def _run(self) -> None:
        tick_at = 0.0
        with self.selector, self._wake_in, self._wake_out:
            while not self.stopping:
                for key, mask in self.selector.select(TICK_S):
                    _guarded(key.data, mask)
                while self._orders:
                    _guarded(self._orders.popleft())
                if (now := time.monotonic()) >= tick_at:
                    tick_at = now + TICK_S
                    for tick in self._ticks:
                        _guarded(tick, now)
            for end in self._ends:
                _guarded(end)

    def _wake(self) -> None:
        try:
            self._wake_out.send(b"\0")
        except OSError:
            # Full of wakes already, or closed: nobody sleeps.
            return

    def _hear(self) -> None:
        self._wake_in.recv(_WAKE_OCTETS)


def _guarded(act: Callable[..., None], *arguments: object) -> None:
    """Do one thing; whatever it raises ends only itself."""
    try:
        act(*arguments)
    except Exception:
        log.exception("a connection could not be handled")
