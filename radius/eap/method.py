"""The interface every EAP method has, and the tunnel that those over TLS are handed.

A method sees the type-data of its own Responses and returns what comes next; identifiers, Naks, the
Success and the Failure are the session's. One that cannot check a password itself returns NeedsPassword, is
told the verdict (password, code and policy together) and may then say it to the peer in its own way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from radius.eap.packet import EapType
from radius.questions import Failure, Method


@dataclass(frozen=True, slots=True)
class Continue:
    """Send a Request with this type-data."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NeedsPassword:
    """Ask the application about this name and password, then call verdict()."""

    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """The method is over; msk is 64 octets, or empty for a method that makes no keys."""

    identity: str
    msk: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The method is over and proved nothing; detail is for people."""

    reason: Failure
    detail: str


MethodStep = Continue | NeedsPassword | Done | Failed


class EapMethod(Protocol):
    """One run of one method with one peer."""

    type: EapType
    name: Method
    failure: Failed | None
    """What the method has failed for, while the peer has yet to acknowledge our saying so."""

    def start(self) -> Continue:
        """Return the method's first Request."""

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the type-data of a Response."""

    def verdict(self, granted: bool) -> Continue | Done | Failed:
        """Return what follows the application's decision about NeedsPassword."""

    def describe(self) -> str:
        """Return a note about this run for people: 'TLSv1.3'."""


MethodMaker = Callable[[int], EapMethod]
"""Makes a method whose EAP packets have at most the given number of octets."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the tunnel did with the records it was fed.

    output are records for the peer, plaintext what the peer said inside. With a failure, output holds our
    alert if there is one.
    """

    output: bytes = b""
    plaintext: bytes = field(default=b"", repr=False)
    finished: bool = False
    failure: Failed | None = None


class Tunnel(Protocol):
    """The server's end of one TLS connection, in memory."""

    def feed(self, records: bytes) -> Progress:
        """Return what the peer's records led to."""

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Return keying material (RFC 5705). No context is not the same as an empty one in TLS 1.2."""

    def version(self) -> str:
        """Return 'TLSv1.2', 'TLSv1.3' or '' before it is agreed."""
