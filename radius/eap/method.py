"""The interface every EAP method has, and the tunnel that those over TLS are handed.

A method sees the type-data of its own Responses and returns what comes next; identifiers, Naks, the
Success and the Failure are the session's. What it cannot check itself it returns as a Claim, is told the
verdict (password, code and policy together) and may then say it to the peer in its own way. Where a code is
asked for in a second step, the method is told to prompt for it first, if it can.
"""

from collections.abc import Callable
from dataclasses import field
from enum import Enum
from typing import Protocol

from radius.eap.packet import EapType
from radius.frozen import value
from radius.login import Proven
from radius.nas import PASSWORD_QUESTION
from radius.questions import ChapExchange, Failure, Method, MschapExchange


@value
class Continue:
    """Send a Request with this type-data."""

    data: bytes = field(repr=False)


@value
class NeedsPassword:
    """Ask the application about this name and password, then call verdict()."""

    user_name: str
    password: str = field(repr=False)


@value
class NeedsChap:
    """Ask the application about this name and response, then call verdict()."""

    user_name: str
    exchange: ChapExchange


@value
class NeedsMschap:
    """Ask the application about this name and response, then call verdict() with the key."""

    user_name: str
    exchange: MschapExchange


@value
class NeedsCertificate:
    """Ask the application about this chain (DER, the peer's own first), then call verdict().

    resumed: it was shown in an earlier login, and TLS resumed that one's session.
    """

    user_name: str
    chain: tuple[bytes, ...]
    resumed: bool = False


@value
class NeedsResumption:
    """Ask the application whether an earlier proof still stands, then call verdict()."""

    proven: Proven


Claim = NeedsPassword | NeedsChap | NeedsMschap | NeedsCertificate | NeedsResumption


@value
class Verdict:
    """What the application decided about a Claim.

    key is that of MschapRight; proven is what a session of TLS resumed later can refer to, None where
    nothing was granted.
    """

    granted: bool
    key: bytes = field(default=b"", repr=False)
    proven: Proven | None = None


@value
class Done:
    """The method is over; msk is 64 octets, 32 from MSCHAPv2, and empty from a method that makes no keys."""

    identity: str
    msk: bytes = field(repr=False)
    session_id: bytes = b""


@value
class Failed:
    """The method is over and proved nothing; detail is for people."""

    reason: Failure
    detail: str


MethodStep = Continue | Claim | Done | Failed


@value
class Opening:
    """What a method is told when it is made: by whom, and how its packets have to look.

    identity is what the peer calls itself; identifier is that of the method's first Request; no EAP packet
    may have more than packet_octets. wants_code: the NAS has a code asked for with the password. inside are
    the ways to log in inside of a tunnel that could be accepted; None: any. question asks a person for the
    password, where the method shows one. nas is the key of the NAS.
    """

    packet_octets: int
    identity: str = ""
    identifier: int = 1
    wants_code: bool = False
    inside: frozenset[Method] | None = None
    question: str = PASSWORD_QUESTION
    nas: str = ""

    def takes(self, way: Method | None) -> bool:
        """Return whether a way to log in inside of a tunnel could be accepted."""
        return self.inside is None or way in self.inside


class EapMethod(Protocol):
    """One run of one method with one peer."""

    type: EapType

    @property
    def name(self) -> Method:
        """Return what the run has come to: a method in a tunnel is known only after a while."""

    @property
    def failure(self) -> Failed | None:
        """Return what the method has failed for, while the peer has yet to acknowledge our saying so."""

    @property
    def prompt(self) -> Callable[[str], MethodStep] | None:
        """Return what asks the person for a code after a right password; None where there is no way to."""

    def start(self) -> Continue:
        """Return the method's first Request."""

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the type-data of a Response."""

    def verdict(self, verdict: Verdict) -> MethodStep:
        """Return what follows the application's decision about a Claim."""

    def describe(self) -> str:
        """Return a note about this run for people: 'TLSv1.3'."""


MethodMaker = Callable[[Opening], EapMethod]


class Alert(Enum):
    """What a peer is told of a certificate that is not taken (RFC 8446 section 6.2)."""

    UNSUPPORTED = 43
    REVOKED = 44
    EXPIRED = 45
    UNKNOWN = 46


# What there is against a peer's certificate (DER), as far as that is known without asking anybody.
Objection = Callable[[bytes], Alert | None]


@value
class Progress:
    """What the tunnel did with the records it was fed.

    output are records for the peer, plaintext what the peer said inside. With a failure, output holds our
    alert if there is one. objected: TLS has failed for nothing but an Objection; chain() is what it was to.
    """

    output: bytes = b""
    plaintext: bytes = field(default=b"", repr=False)
    finished: bool = False
    failure: Failed | None = None
    objected: bool = False


class Tunnel(Protocol):
    """The server's end of one TLS connection, in memory."""

    resumed: bool
    """Whether the peer has resumed a session."""

    def feed(self, records: bytes) -> Progress:
        """Return what the peer's records led to."""

    def send(self, plaintext: bytes) -> bytes:
        """Return the records that say this to the peer."""

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Return keying material (RFC 5705). No context is not the same as an empty one in TLS 1.2."""

    def version(self) -> str:
        """Return 'TLSv1.2', 'TLSv1.3' or '' before it is agreed."""

    def session_id(self) -> bytes:
        """Return the Session-Id without its type."""

    def known(self) -> bool:
        """Return whether the session that is resumed once ended in a login."""

    def earlier(self) -> Proven | None:
        """Return what was proven in the session that is resumed; None where the session itself proves it."""

    def keep(self, proven: Proven | None) -> None:
        """Keep the session, to be resumed by a peer that was let in."""

    def chain(self) -> tuple[bytes, ...]:
        """Return the peer's certificate and those above it in DER; () where it has shown none."""
