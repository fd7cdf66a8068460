"""A RADIUS client that offers many PAP logins at once, and believes no reply that does not verify.

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

from tests.peers.ports import LOOPBACK

ACCESS_REQUEST, ACCESS_ACCEPT = 1, 2
USER_NAME, USER_PASSWORD, NAS_PORT, CALLING_STATION_ID, MESSAGE_AUTHENTICATOR = 1, 2, 5, 31, 80
SOCKETS = 4
# Few enough for no socket buffer to overflow, so that nothing is ever sent twice.
IN_FLIGHT_EACH = 32
SILENCE_S = 3.0


class BadReply(RuntimeError):
    """A server under measurement was silent, refused a right password or sent what does not verify."""


@dataclass(frozen=True)
class Credential:
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Requests:
    """Packets ready to send, in order, with the authenticators their replies must answer to.

    Packet i leaves by socket i % SOCKETS; identifiers go round on each socket.
    """

    packets: Sequence[bytes]
    secret: bytes = field(repr=False)


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
        + attribute(CALLING_STATION_ID, b"02-00-00-00-00-01")
    )
    header = bytes((ACCESS_REQUEST, identifier)) + (38 + len(body)).to_bytes(2, "big") + authenticator
    unsigned = header + attribute(MESSAGE_AUTHENTICATOR, bytes(16)) + body
    return header + attribute(MESSAGE_AUTHENTICATOR, hmac.digest(secret, unsigned, "md5")) + body


def attribute(number: int, value: bytes) -> bytes:
    return bytes((number, len(value) + 2)) + value


def hide(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """User-Password of at most 16 octets (RFC 2865 section 5.2)."""
    key = hashlib.md5(secret + authenticator).digest()
    return bytes(a ^ b for a, b in zip(password.ljust(16, b"\0"), key, strict=True))


def offer(port: int, requests: Requests) -> float:
    """Sends them all, IN_FLIGHT_EACH at a time by each socket; the seconds until the last was accepted.

    Raises BadReply.
    """
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        lines = [Line(port, requests, first) for first in range(SOCKETS)]
        try:
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
                line.fill()
            while any(line.waiting for line in lines):
                ready = selector.select(SILENCE_S)
                if not ready:
                    raise BadReply(f"{sum(len(line.waiting) for line in lines)} requests were not answered")
                for key, _ in ready:
                    key.data.drain()
        finally:
            for line in lines:
                line.socket.close()
    return time.perf_counter() - started


class Line:
    """One socket with its share of the requests."""

    def __init__(self, port: int, requests: Requests, first: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((LOOPBACK, port))
        self.socket.setblocking(False)
        self.waiting: dict[int, bytes] = {}
        self._secret = requests.secret
        self._packets: Iterator[bytes] = iter(requests.packets[first::SOCKETS])

    def fill(self) -> None:
        while len(self.waiting) < IN_FLIGHT_EACH and (packet := next(self._packets, None)):
            if packet[1] in self.waiting:
                raise BadReply(f"identifier {packet[1]} is still waiting after 256 others")
            self.waiting[packet[1]] = packet[4:20]
            self.socket.send(packet)

    def drain(self) -> None:
        while True:
            try:
                reply = self.socket.recv(4096)
            except BlockingIOError:
                break
            self._check(reply)
        self.fill()

    def _check(self, reply: bytes) -> None:
        authenticator = self.waiting.pop(reply[1], None)
        if authenticator is None:
            raise BadReply(f"nobody waits for a reply with identifier {reply[1]}")
        signed = hashlib.md5(reply[:4] + authenticator + reply[20:] + self._secret).digest()
        if not hmac.compare_digest(signed, reply[4:20]):
            raise BadReply("a reply does not carry our secret")
        if reply[0] != ACCESS_ACCEPT:
            raise BadReply(f"a right password was answered with code {reply[0]}")
