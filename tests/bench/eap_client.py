"""Many endpoints that log in by EAP at once, by way of one NAS that repeats what is not answered.

Like tests.bench.radius_client it shares no code with Officegate, and believes no reply that does not verify.
"""

import hashlib
import hmac
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.bench.radius_client import (
    ACCESS_ACCEPT,
    ACCESS_REJECT,
    ACCESS_REQUEST,
    CALLING_STATION_ID,
    MESSAGE_AUTHENTICATOR,
    USER_NAME,
    BadReply,
    attribute,
)
from tests.bench.supplicant import Endpoint, Supplicant
from tests.peers.ports import LOOPBACK

ACCESS_CHALLENGE = 11
STATE, EAP_MESSAGE = 24, 79
EAP_PIECE_OCTETS = 253
SOCKETS = 16
# As a NAS does: it asks again after this long, and again after twice as long.
FIRST_WAIT_S = 2.0
SILENCE_S = 30.0


@dataclass
class Outcomes:
    """How the logins went; silent are those that were left in the middle on purpose.

    answered_s: seconds from a request's first sending to its reply, the longest of each login; took_s: from
    its beginning to its end.
    """

    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    silent: int = 0
    repeated: int = 0
    round_trips: int = 0
    answered_s: list[float] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)


class Login:
    """One endpoint's login: what it asks next, and what came of it."""

    def __init__(self, endpoint: Endpoint, supplicant: Supplicant, due: float) -> None:
        self.endpoint = endpoint
        self.supplicant = supplicant
        self.due = due
        self.slowest_s = 0.0
        self.round_trips = 0
        self.sent_first = self.repeat_at = 0.0
        self.wait_s = FIRST_WAIT_S
        self.packet = b""
        named = attribute(USER_NAME, endpoint.name.encode())
        self._head = named + attribute(CALLING_STATION_ID, endpoint.station.encode())
        self._state = b""
        self._eap = supplicant.identity()

    def ask(self, secret: bytes, identifier: int, now: float) -> bytes:
        """The next Access-Request, its Message-Authenticator first."""
        pieces = range(0, len(self._eap), EAP_PIECE_OCTETS)
        body = self._head + b"".join(
            attribute(EAP_MESSAGE, self._eap[at : at + EAP_PIECE_OCTETS]) for at in pieces
        )
        if self._state:
            body += attribute(STATE, self._state)
        head = struct.pack("!BBH", ACCESS_REQUEST, identifier, 38 + len(body)) + os.urandom(16)
        unsigned = head + attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + body
        self.packet = head + attribute(MESSAGE_AUTHENTICATOR, hmac.digest(secret, unsigned, "md5")) + body
        self.sent_first, self.wait_s, self.repeat_at = now, FIRST_WAIT_S, now + FIRST_WAIT_S
        self.round_trips += 1
        return self.packet

    def take(self, reply: bytes, now: float) -> bool:
        """Take an answer in; whether the login goes on."""
        self.slowest_s = max(self.slowest_s, now - self.sent_first)
        values: dict[int, bytes] = {}
        at = 20
        while at < len(reply):
            kind, size = reply[at], reply[at + 1]
            values[kind] = values.get(kind, b"") + reply[at + 2 : at + size]
            at += size
        if reply[0] != ACCESS_CHALLENGE:
            return False
        self._state = values[STATE]
        self._eap = self.supplicant.respond(values[EAP_MESSAGE])
        return True


Begin = Callable[[float], Login]
"""Makes the next login, given when it was due."""


class Nas:
    """The NAS: its sockets, and the logins under way on them.

    silent_after is after how many answers an endpoint falls silent, None: it does not.
    """

    def __init__(self, port: int, secret: str, silent_after: int | None = None) -> None:
        self.outcomes = Outcomes()
        self._secret = secret.encode()
        self._selector = selectors.DefaultSelector()
        self._lines = [_Line(port) for _ in range(SOCKETS)]
        self._turn = 0
        self._silent_after = silent_after
        self.finished: list[Login] = []
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)

    def __enter__(self) -> "Nas":
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for line in self._lines:
            line.socket.close()

    @property
    def under_way(self) -> int:
        return sum(len(line.waiting) for line in self._lines)

    def run(self, logins: Iterable[Begin], at_once: int) -> None:
        """All of them, so many at a time. Raises BadReply where the server falls silent."""
        coming = iter(logins)
        for begin in coming:
            self.begin(begin(time.perf_counter()))
            while self.under_way >= at_once:
                self.turn()
        while self.under_way:
            self.turn()

    def run_at(self, logins: Iterable[Begin], rate: float) -> None:
        """All of them, one begun every 1/rate seconds whatever the server does."""
        started = time.perf_counter()
        for number, begin in enumerate(logins):
            due = started + number / rate
            while time.perf_counter() < due:
                self.turn(max(0.0, due - time.perf_counter()))
            self.begin(begin(due))
        while self.under_way:
            self.turn()

    def begin(self, login: Login) -> None:
        self._turn += 1
        self._send(self._lines[self._turn % SOCKETS], login)

    def turn(self, patience_s: float = 0.1) -> None:
        """Read what has come, and repeat what was not answered."""
        for key, _ in self._selector.select(min(patience_s, 0.1)):
            for reply in key.data.replies():
                self._take(key.data, reply)
        now = time.perf_counter()
        for line in self._lines:
            self._repeat(line, now)

    def _send(self, line: "_Line", login: Login) -> None:
        identifier = line.free_identifier()
        packet = login.ask(self._secret, identifier, time.perf_counter())
        line.waiting[identifier] = login
        line.socket.send(packet)

    def _take(self, line: "_Line", reply: bytes) -> None:
        login = line.waiting.get(reply[1])
        if login is None:
            return  # the answer to a repetition, after the answer to the first
        signed = hashlib.md5(reply[:4] + login.packet[4:20] + reply[20:] + self._secret).digest()
        if not hmac.compare_digest(signed, reply[4:20]):
            return  # to an earlier request under this identifier
        del line.waiting[reply[1]]
        now = time.perf_counter()
        if login.take(reply, now):
            if login.round_trips == self._silent_after:
                self.outcomes.silent += 1
            else:
                self._send(line, login)
        else:
            self._end(login, reply[0], now)

    def _end(self, login: Login, code: int, now: float) -> None:
        outcomes = self.outcomes
        if code == ACCESS_ACCEPT:
            outcomes.accepted += 1
            login.supplicant.succeeded()
        elif code == ACCESS_REJECT:
            outcomes.refused += 1
        else:
            raise BadReply(f"a login was answered with code {code}")
        outcomes.round_trips += login.round_trips
        outcomes.answered_s.append(login.slowest_s)
        outcomes.took_s.append(now - login.due)
        self.finished.append(login)

    def _repeat(self, line: "_Line", now: float) -> None:
        for identifier, login in list(line.waiting.items()):
            if now - login.sent_first > SILENCE_S:
                del line.waiting[identifier]
                self.outcomes.unanswered += 1
            elif now >= login.repeat_at:
                login.wait_s *= 2
                login.repeat_at = now + login.wait_s
                self.outcomes.repeated += 1
                line.socket.send(login.packet)


class _Line:
    """One socket, and the logins that wait on it by identifier."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.connect((LOOPBACK, port))
        self.socket.setblocking(False)
        self.waiting: dict[int, Login] = {}
        self._last = 0

    def free_identifier(self) -> int:
        """An identifier nobody waits under. Raises BadReply where all 256 are taken."""
        for _ in range(256):
            self._last = (self._last + 1) & 255
            if self._last not in self.waiting:
                return self._last
        raise BadReply("256 logins wait on one socket")

    def replies(self) -> Iterator[bytes]:
        while True:
            try:
                yield self.socket.recv(4096)
            except BlockingIOError:
                return
