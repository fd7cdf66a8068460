"""A RADIUS client that offers many logins at once, and believes no reply that does not verify.

It shares no code with Officegate, so that what both would get wrong is not taken for right.
"""

import hashlib
import hmac
import random
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice

from tests.peers.ports import LOOPBACK

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT = 1, 2, 3
USER_NAME, USER_PASSWORD, NAS_PORT, SERVICE_TYPE = 1, 2, 5, 6
CALLING_STATION_ID, MESSAGE_AUTHENTICATOR = 31, 80
CALL_CHECK = 10
# Enough that the kernel spreads them over all workers of a server, by the hash of their ports.
SOCKETS = 16
# Few enough for no socket buffer to overflow, so that nothing is ever sent twice.
IN_FLIGHT_EACH = 8
SILENCE_S = 3.0


class BadReply(RuntimeError):
    """A server under measurement was silent, refused a right password or sent what does not verify."""


@dataclass(frozen=True)
class Credential:
    """Somebody who logs in, or with call_check something, by its MAC as name, password and station (MAB)."""

    name: str
    password: str = field(repr=False)
    station: str = "02-00-00-00-00-01"
    call_check: bool = False


@dataclass(frozen=True)
class Requests:
    """Packets ready to send, in order, with the authenticators their replies must answer to.

    Packet i leaves by socket i % SOCKETS; identifiers go round on each socket.
    """

    packets: Sequence[bytes]
    secret: bytes = field(repr=False)


@dataclass
class Tally:
    """How each answered request went: seconds from when it was to be sent until its reply was here."""

    latencies_s: list[float] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    took_s: float = 0.0


def prepare(credentials: Sequence[Credential], secret: bytes, count: int, seed: int) -> Requests:
    """`count` Access-Requests over the credentials in turn, no two alike; the same for the same seed."""
    source = random.Random(seed)
    turns = (credentials[number % len(credentials)] for number in range(count))
    packets = [
        request(credential, secret, number // SOCKETS % 256, source.randbytes(16))
        for number, credential in enumerate(turns)
    ]
    return Requests(packets, secret)


def request(credential: Credential, secret: bytes, identifier: int, authenticator: bytes) -> bytes:
    """One Access-Request with the Message-Authenticator first (RFC 3579 section 3.2)."""
    body = (
        attribute(USER_NAME, credential.name.encode())
        + attribute(USER_PASSWORD, hide(credential.password.encode(), secret, authenticator))
        + attribute(NAS_PORT, bytes(4))
        + attribute(CALLING_STATION_ID, credential.station.encode())
    )
    if credential.call_check:
        body += attribute(SERVICE_TYPE, CALL_CHECK.to_bytes(4, "big"))
    header = bytes((ACCESS_REQUEST, identifier)) + (38 + len(body)).to_bytes(2, "big") + authenticator
    unsigned = header + attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + body
    return header + attribute(MESSAGE_AUTHENTICATOR, hmac.digest(secret, unsigned, "md5")) + body


def attribute(number: int, value: bytes) -> bytes:
    return bytes((number, len(value) + 2)) + value


def hide(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """User-Password (RFC 2865 section 5.2)."""
    hidden, last = b"", authenticator
    padded = password.ljust(-(-len(password) // 16) * 16, b"\0")
    for start in range(0, len(padded), 16):
        key = hashlib.md5(secret + last).digest()
        last = bytes(a ^ b for a, b in zip(padded[start : start + 16], key, strict=True))
        hidden += last
    return hidden


def offer(port: int, requests: Requests) -> float:
    """Sends them all, IN_FLIGHT_EACH at a time by each socket; the seconds until the last was accepted.

    Raises BadReply, also where one was refused.
    """
    began = time.perf_counter()
    tally = offer_for(port, requests, float("inf"))
    if tally.refused:
        raise BadReply(f"{tally.refused} right passwords were answered with code {ACCESS_REJECT}")
    return time.perf_counter() - began


def offer_for(port: int, requests: Requests, for_s: float) -> Tally:
    """The same, with none begun after for_s; how each of them went. Raises BadReply for silence."""
    started = time.perf_counter()
    tally = Tally()
    with Lines(port, requests, tally) as lines:
        lines.fill(started + for_s)
        while lines.waiting:
            if not lines.drain(SILENCE_S):
                raise BadReply(f"{lines.waiting} requests were not answered")
            lines.fill(started + for_s)
    tally.took_s = time.perf_counter() - started
    return tally


def offer_at(port: int, requests: Requests, rate: float) -> Tally:
    """Sends them at `rate` a second whatever the server does; how each of them went.

    A request that waits to be sent counts as waiting, so that a slow server hides nothing. Raises BadReply.
    """
    tally = Tally()
    with Lines(port, requests, tally) as lines:
        started = time.perf_counter()
        for number, packet in enumerate(requests.packets):
            due = started + number / rate
            while (left_s := due - time.perf_counter()) > 0:
                lines.drain(left_s)
            lines.send(number, packet, due)
        while lines.waiting and lines.drain(SILENCE_S):
            continue
        tally.unanswered = lines.waiting
        tally.took_s = time.perf_counter() - started
    return tally


class Lines:
    """All sockets with the requests that wait on each."""

    def __init__(self, port: int, requests: Requests, tally: Tally) -> None:
        self._selector = selectors.DefaultSelector()
        self._lines = [Line(port, requests.secret, tally) for _ in range(SOCKETS)]
        self._packets = [iter(requests.packets[first::SOCKETS]) for first in range(SOCKETS)]
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for line in self._lines:
            line.socket.close()

    @property
    def waiting(self) -> int:
        """How many requests have no answer yet."""
        return sum(len(line.waiting) for line in self._lines)

    def fill(self, until: float) -> None:
        """Send on every socket as many as may wait there, unless it is late already."""
        now = time.perf_counter()
        if now < until:
            for line, packets in zip(self._lines, self._packets, strict=True):
                for packet in islice(packets, max(0, IN_FLIGHT_EACH - len(line.waiting))):
                    line.send(packet, now)

    def send(self, number: int, packet: bytes, due: float) -> None:
        """Send the packet of this number; due is when that was to be."""
        self._lines[number % SOCKETS].send(packet, due)

    def drain(self, patience_s: float) -> bool:
        """Read what has come, waiting for it if need be; whether anything had."""
        ready = self._selector.select(max(0.0, patience_s))
        for key, _ in ready:
            key.data.drain()
        return bool(ready)


class Line:
    """One socket with the requests that wait on it, by identifier: authenticator, and when they were due."""

    def __init__(self, port: int, secret: bytes, tally: Tally) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((LOOPBACK, port))
        self.socket.setblocking(False)
        self.waiting: dict[int, tuple[bytes, float]] = {}
        self._secret, self._tally = secret, tally

    def send(self, packet: bytes, due: float) -> None:
        if packet[1] in self.waiting:
            raise BadReply(f"identifier {packet[1]} is still waiting after 256 others")
        self.waiting[packet[1]] = packet[4:20], due
        self.socket.send(packet)

    def drain(self) -> None:
        for reply in self._replies():
            self._check(reply)

    def _replies(self) -> Iterator[bytes]:
        for _ in count():
            try:
                yield self.socket.recv(4096)
            except BlockingIOError:
                return

    def _check(self, reply: bytes) -> None:
        authenticator, due = self.waiting.pop(reply[1], (b"", 0.0))
        if not authenticator:
            raise BadReply(f"nobody waits for a reply with identifier {reply[1]}")
        signed = hashlib.md5(reply[:4] + authenticator + reply[20:] + self._secret).digest()
        if not hmac.compare_digest(signed, reply[4:20]):
            raise BadReply("a reply does not carry our secret")
        if reply[0] == ACCESS_ACCEPT:
            self._tally.latencies_s.append(time.perf_counter() - due)
        elif reply[0] == ACCESS_REJECT:
            self._tally.refused += 1
        else:
            raise BadReply(f"a login was answered with code {reply[0]}")
