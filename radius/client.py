"""Sends requests to NASes and waits for their answers, many at a time ◆

Each NAS has one socket and on it one table of the 256 identifiers, so that a thousand sessions can be ended
without a thousand sockets, and an answer reaches its request and no other. One thread reads all sockets; who
asks waits in a thread of its own and repeats what it sent, the same octets, until its deadline.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from radius.dynauth import Answer, NotAnAnswer, read_answer
from radius.packet import MAX_OCTETS
from radius.secret import SharedSecret

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 4.0
IDENTIFIERS = 256
# A socket that nobody needs is kept this long: ends of sessions come in crowds.
IDLE_S = 60.0

Address = tuple[str, int]


class Result(Enum):
    """How a request ended."""

    ACKED = "acked"
    NAKED = "naked"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Reply:
    """cause and words are the NAS's Error-Cause, or why there was no answer; sent counts transmissions."""

    result: Result
    cause: int | None = None
    words: str = ""
    sent: int = 1


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request on its way, and its answer once that has come."""

    request: bytes
    secret: SharedSecret
    answer: Answer | None = None
    answered: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, eq=False)
class _Line:
    """The socket to one NAS. next_identifier goes round, so that none is used again soon."""

    udp: socket.socket
    waiting: dict[int, _Waiting] = field(default_factory=dict)
    next_identifier: int = 0
    used_at: float = 0.0
    trouble: str = ""


class Switchboard:
    """The lines to all NASes. ask() may be called from any number of threads; close() ends the reading."""

    def __init__(self) -> None:
        self._lines: dict[Address, _Line] = {}
        self._changed = threading.Condition()
        self._reading: _Reading | None = None

    def ask(
        self, to: Address, build: Callable[[int], bytes], secret: SharedSecret, deadline_s: float
    ) -> Reply:
        """Return how the NAS took the request that build makes for an identifier."""
        deadline = time.monotonic() + deadline_s
        try:
            line = self._line(to)
        except OSError as error:
            return Reply(Result.SILENT, None, f"{error.strerror}", 0)
        identifier = self._take_identifier(line, deadline)
        if identifier is None:
            return Reply(Result.SILENT, None, "too many requests wait for this NAS already", 0)
        waiting = _Waiting(build(identifier), secret)
        with self._changed:
            line.waiting[identifier] = waiting
        try:
            return _repeat(line, waiting, deadline)
        finally:
            with self._changed:
                del line.waiting[identifier]
                line.used_at = time.monotonic()
                self._changed.notify()

    def close(self) -> None:
        """Read no more. Whoever still waits hears nothing until its deadline."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.stop()
        with self._changed:
            for line in self._lines.values():
                line.udp.close()
            self._lines.clear()

    def _line(self, to: Address) -> _Line:
        """Return the line to a NAS, opened now if there is none. Raises OSError where no way leads there."""
        with self._changed:
            line = self._lines.get(to)
            if line is None:
                family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
                udp = socket.socket(family, socket.SOCK_DGRAM)
                try:
                    udp.connect(to)
                except OSError:
                    udp.close()
                    raise
                udp.setblocking(False)
                line = self._lines[to] = _Line(udp)
                if self._reading is None:
                    self._reading = _Reading(self._hang_up)
                self._reading.selector.register(udp, selectors.EVENT_READ, line)
            line.used_at = time.monotonic()
            return line

    def _take_identifier(self, line: _Line, deadline: float) -> int | None:
        """Return an identifier that no request of this line has, reserved; None where none comes free."""
        with self._changed:
            while len(line.waiting) >= IDENTIFIERS:
                if not self._changed.wait(deadline - time.monotonic()):
                    return None
            while line.next_identifier in line.waiting:
                line.next_identifier = (line.next_identifier + 1) % IDENTIFIERS
            identifier = line.next_identifier
            line.next_identifier = (identifier + 1) % IDENTIFIERS
            line.waiting[identifier] = _NOBODY
            return identifier

    def _hang_up(self, selector: selectors.BaseSelector) -> None:
        """Close the lines that nobody has used for a while."""
        with self._changed:
            now = time.monotonic()
            for to, line in list(self._lines.items()):
                if line.waiting or now - line.used_at <= IDLE_S:
                    continue
                del self._lines[to]
                selector.unregister(line.udp)
                line.udp.close()


class _Reading:
    """The thread that reads all lines, from now until stop()."""

    def __init__(self, between: Callable[[selectors.BaseSelector], None]) -> None:
        self.selector = selectors.DefaultSelector()
        self._between = between
        self._wake_in, self._wake_out = socket.socketpair()
        self.selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._read, name="dynauth", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing is read any more."""
        self._wake_out.send(b"\0")
        self._thread.join()
        self.selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _read(self) -> None:
        while True:
            for key, _ in self.selector.select(IDLE_S):
                if key.data is None:
                    return
                _receive(key.data)
            self._between(self.selector)


_NOBODY = _Waiting(b"", SharedSecret(b""))


def _repeat(line: _Line, waiting: _Waiting, deadline: float) -> Reply:
    """Send until there is an answer or the deadline is there."""
    wait_s, sent = FIRST_WAIT_S, 0
    while (left_s := deadline - time.monotonic()) > 0:
        sent += 1
        try:
            line.udp.send(waiting.request)
        except OSError as error:
            # No way leads there, or nobody listens: it may be restarting, so wait as for a lost packet.
            line.trouble = f"{error.strerror}"
        if waiting.answered.wait(min(wait_s, left_s)):
            break
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
    answer = waiting.answer
    if answer is None:
        return Reply(Result.SILENT, None, line.trouble or "no answer", sent)
    result = Result.ACKED if answer.acknowledged else Result.NAKED
    return Reply(result, answer.cause, answer.words, sent)


def _receive(line: _Line) -> None:
    """Hand a datagram to the request it answers; what answers none is not looked at again."""
    try:
        data = line.udp.recv(MAX_OCTETS)
    except OSError as error:
        if not isinstance(error, BlockingIOError):
            line.trouble = f"{error.strerror}"
        return
    waiting = line.waiting.get(data[1]) if len(data) > 1 else None
    if waiting is None or waiting is _NOBODY or waiting.answered.is_set():
        return
    try:
        waiting.answer = read_answer(data, waiting.request, waiting.secret, time.time())
    except NotAnAnswer:
        return
    line.trouble = ""
    waiting.answered.set()
