"""One EAP conversation with one peer (RFC 3748), whatever its method.

The NAS begins with the peer's Identity, or with an EAP-Start to be asked for one. We propose the first
method this NAS may use, or the one this peer has named in a Nak before; the peer takes it or answers once
with a Nak that names those it would rather have, of which we take the first that is allowed. Every Request
has a new identifier and a Response with another one is not for us. The conversation ends in Success or
Failure, of which the session makes the octets.

    state      a Response of type    then
    IDENTITY   Identity              propose; now PROPOSED
    PROPOSED   Nak                   propose another; still PROPOSED, and no second Nak helps
    PROPOSED   the method's own      ask the method; now METHOD
    METHOD     the method's own      ask the method
    any        anything else         failed
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum, auto

from radius.eap.method import (
    Claim,
    Continue,
    Done,
    EapMethod,
    Failed,
    MethodMaker,
    MethodStep,
    Opening,
    Verdict,
)
from radius.eap.packet import (
    BadEap,
    EapCode,
    EapPacket,
    EapType,
    decode_response,
    encode_end,
    encode_request,
    type_name,
)
from radius.facts import exact_name
from radius.frozen import value
from radius.nas import PASSWORD_QUESTION
from radius.questions import Failure, Method

MAX_ROUND_TRIPS = 50
# Of the methods in a Nak: what a peer says must not fill the audit.
MAX_NAMED = 8


@value
class Challenge:
    """Send this Request and wait for its Response."""

    eap: bytes = field(repr=False)


@value
class Discard:
    """The Response is not for our last Request: act as if it had not come (RFC 3748 section 4.1)."""


SessionStep = Challenge | Discard | Claim | Done | Failed


@value
class MethodChoice:
    """The methods a NAS may use, in the order we prefer, and how they are made.

    packet_octets is the largest EAP packet; wants_code: a code is asked for with the password; inside is what
    could be accepted inside of a tunnel; question asks for the password. named_before tells what a peer with
    this identity would name if it turned the first one down. nas is the key of the NAS.
    """

    allowed: tuple[EapType, ...]
    makers: Mapping[EapType, MethodMaker]
    packet_octets: int
    wants_code: bool = False
    inside: frozenset[Method] | None = None
    question: str = PASSWORD_QUESTION
    named_before: Callable[[str], EapType | None] = lambda _identity: None
    nas: str = ""

    def available(self) -> tuple[EapType, ...]:
        """Return those that are both allowed and built in."""
        return tuple(kind for kind in self.allowed if kind in self.makers)

    def first_for(self, identity: str) -> EapType | None:
        """Return what to propose first, None where nothing is available."""
        available = self.available()
        named = self.named_before(identity)
        return named if named in available else next(iter(available), None)


class _State(Enum):
    IDENTITY = auto()
    PROPOSED = auto()
    METHOD = auto()


class Session:
    """The server's side of one conversation."""

    __slots__ = ("_choice", "_identifier", "_method", "_state", "identity", "naked", "named", "round_trips")

    def __init__(self, choice: MethodChoice) -> None:
        self._choice = choice
        self._state = _State.IDENTITY
        self._identifier: int | None = None
        self._method: EapMethod | None = None
        self.naked = False
        # What the peer has named in a Nak that left out what we prefer.
        self.named: EapType | None = None
        self.identity = ""
        self.round_trips = 0

    @property
    def method(self) -> Method:
        """Return what the conversation has come to, for people."""
        return Method.EAP if self._method is None else self._method.name

    @property
    def kind(self) -> EapType | None:
        """Return the type of the method, None before one was proposed."""
        return None if self._method is None else self._method.type

    @property
    def pending_failure(self) -> Failed | None:
        """Return what the method has failed for, while the peer has yet to acknowledge it."""
        return None if self._method is None else self._method.failure

    def describe(self) -> str:
        """Return a note for people: '7 round trips, TLSv1.3'."""
        note = "" if self._method is None else self._method.describe()
        return f"{self.round_trips} round trips" + (f", {note}" if note else "")

    def receive(self, octets: bytes) -> SessionStep:
        """Return what follows the octets of all EAP-Message attributes of a request."""
        self.round_trips += 1
        if self.round_trips > MAX_ROUND_TRIPS:
            return Failed(Failure.TOO_MANY_ROUND_TRIPS, f"more than {MAX_ROUND_TRIPS}")
        if not octets and self._identifier is None:
            return self._request(EapType.IDENTITY, b"")
        try:
            packet = decode_response(octets)
        except BadEap as error:
            return Failed(Failure.BAD_EAP, str(error))
        if self._identifier is not None and packet.identifier != self._identifier:
            return Discard()
        self._identifier = packet.identifier
        return self._dispatch(packet)

    def renumber(self, identifier: int) -> None:
        """Take note of the identifier of our last Request, where it travelled without its own."""
        self._identifier = identifier

    @property
    def prompts(self) -> bool:
        """Return whether the person can be asked for a code after a right password."""
        return self._method is not None and self._method.prompt is not None

    def prompt(self, text: str) -> SessionStep:
        """Return how the person is asked for a code after a right password."""
        assert self._method is not None and self._method.prompt is not None, "look at prompts first"
        return self._step(self._method.prompt(text))

    def verdict(self, verdict: Verdict) -> SessionStep:
        """Return what follows the application's decision about a Claim."""
        assert self._method is not None, "only a method needs a verdict"
        return self._step(self._method.verdict(verdict))

    def turn_away(self, octets: bytes) -> None:
        """Take note of a Response that will only get a Failure, which must bear its identifier."""
        self._identifier = octets[1] if len(octets) > 1 else 0

    def success(self) -> bytes:
        """Return the EAP-Success of this conversation."""
        return encode_end(EapCode.SUCCESS, self._identifier or 0)

    def failure(self) -> bytes:
        """Return the EAP-Failure of this conversation."""
        return encode_end(EapCode.FAILURE, self._identifier or 0)

    def _dispatch(self, packet: EapPacket) -> SessionStep:
        if self._state is _State.IDENTITY:
            return self._identified(packet)
        assert self._method is not None
        if packet.type == self._method.type:
            self._state = _State.METHOD
            return self._step(self._method.step(packet.data))
        if packet.type in (EapType.NAK, EapType.EXPANDED) and self._state is _State.PROPOSED:
            return self._other_method(packet)
        return Failed(Failure.BAD_EAP, f"{type_name(packet.type)} within {type_name(self._method.type)}")

    def _identified(self, packet: EapPacket) -> SessionStep:
        if packet.type != EapType.IDENTITY:
            return Failed(Failure.BAD_EAP, f"{type_name(packet.type)} instead of an Identity")
        identity = exact_name(packet.data)
        if identity is None:
            return Failed(Failure.NOT_TEXT, "the EAP identity")
        self.identity = identity
        first = self._choice.first_for(identity)
        if first is None:
            return Failed(Failure.METHOD_NOT_ALLOWED, "no EAP method is allowed here")
        return self._propose(first)

    def _other_method(self, nak: EapPacket) -> SessionStep:
        assert self._method is not None
        wanted = nak.data if nak.type == EapType.NAK else b""
        names = ", ".join(type_name(kind) for kind in wanted[:MAX_NAMED] if kind) or "nothing else"
        available = self._choice.available()
        common = [EapType(kind) for kind in wanted if kind in available]
        if self.naked or not common:
            ours = ", ".join(type_name(kind) for kind in available)
            return Failed(Failure.NO_COMMON_METHOD, f"we offer {ours}; the device wants {names}")
        self.naked = True
        self.named = common[0] if available[0] not in wanted else None
        return self._propose(common[0])

    def _propose(self, kind: EapType) -> SessionStep:
        choice, identifier = self._choice, self._next_identifier()
        opening = Opening(
            choice.packet_octets,
            self.identity,
            identifier,
            choice.wants_code,
            choice.inside,
            choice.question,
            choice.nas,
        )
        self._method = choice.makers[kind](opening)
        self._state = _State.PROPOSED
        return self._step(self._method.start())

    def _step(self, step: MethodStep) -> SessionStep:
        if isinstance(step, Continue):
            assert self._method is not None
            return self._request(self._method.type, step.data)
        return step

    def _request(self, kind: EapType, data: bytes) -> Challenge:
        self._identifier = self._next_identifier()
        return Challenge(encode_request(self._identifier, kind, data))

    def _next_identifier(self) -> int:
        return ((self._identifier or 0) + 1) & 255
