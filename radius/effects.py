"""What the server wants done, and where packets come from and go to."""

from enum import IntEnum
from typing import NamedTuple

from radius.frozen import value
from radius.home import HomeServer
from radius.nas import IPAddress
from radius.questions import Question


class Role(IntEnum):
    """What an endpoint is for; each answers its own codes only. Numbers, to travel between workers."""

    AUTHENTICATION = 1
    ACCOUNTING = 2
    RADSEC = 3


class Source(NamedTuple):
    """Who sent a packet, and which of our endpoints received it.

    endpoint is the listener's number of the socket. A reply goes back to its Source, from the same endpoint.
    With RADSEC endpoint is the worker that has the connection, and connection its number there.
    """

    address: IPAddress
    port: int
    endpoint: int = 0
    role: Role = Role.AUTHENTICATION
    connection: int = 0


@value
class Send:
    """Send data, not before the time given (0: at once), and only when record is on disk."""

    to: Source
    data: bytes
    not_before: float = 0.0
    record: object | None = None


@value
class Record:
    """Keep a record that no packet waits for: a conversation nobody came back to."""

    record: object


@value
class Ask:
    """Put this question to the application; its outcome comes back by the number."""

    query: int
    question: Question


@value
class Forward:
    """Hand the packet to the worker that holds its conversation. nas is the key of who sent it."""

    worker: int
    data: bytes
    source: Source
    nas: str = ""


@value
class Close:
    """End the connection that a packet came by: it broke the rules (RFC 6613 section 2.6.4)."""

    source: Source


class Lane(NamedTuple):
    """A socket or a connection of ours to a home server; slot is which of several."""

    server: HomeServer
    accounting: bool
    slot: int


@value
class Relay:
    """Send a request on to a home server; what comes back by this lane is for Server.home_reply()."""

    lane: Lane
    data: bytes


Effect = Send | Record | Ask | Forward | Close | Relay
