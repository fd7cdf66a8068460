"""An EAP conversation inside a tunnel, as PEAP and EAP-TTLS carry one.

It is the same conversation as outside (session.py): Identity, a method, one Nak. Different are its ends and
its losses. There is no Success or Failure in it, the method around it says how it ended; and the tunnel loses
and repeats nothing, so a Response with another identifier than its Request's is a fault here.
"""

from collections.abc import Mapping

from radius.eap.method import Claim, Done, Failed, MethodMaker, Opening, Verdict
from radius.eap.packet import HEADER_OCTETS, EapCode, EapType
from radius.eap.session import Challenge, Discard, MethodChoice, Session, SessionStep
from radius.questions import Failure, Method

# Of a record of TLS and what is around a packet inside of it: what is sent inside should fit one packet.
_TUNNEL_OCTETS = 80

_HASHING = frozenset((EapType.MSCHAPV2, EapType.MD5_CHALLENGE))

InnerStep = Challenge | Claim | Done | Failed


class Inner:
    """The server's side of one conversation, with the methods it may use in the order we prefer.

    around is the opening of the method that has the tunnel, names says what that is called with each method
    inside. What could not be accepted is not offered. Where a code is wanted, what hashes the password comes
    last: there is no room for a code in it.
    """

    __slots__ = ("_names", "_session")

    def __init__(
        self, makers: Mapping[EapType, MethodMaker], around: Opening, names: Mapping[EapType, Method]
    ) -> None:
        usable = (kind for kind in makers if around.takes(names.get(kind)))
        preferred = sorted(usable, key=lambda kind: around.wants_code and kind in _HASHING)
        packet_octets = around.packet_octets - _TUNNEL_OCTETS
        self._names = names
        self._session = Session(
            MethodChoice(tuple(preferred), makers, packet_octets, question=around.question, nas=around.nas)
        )

    @property
    def method(self) -> Method | None:
        """Return what the method around is called with this one inside; None as long as there is none."""
        kind = self._session.kind
        return None if kind is None else self._names.get(kind)

    @property
    def prompts(self) -> bool:
        """Return whether the person can be asked for a code after a right password."""
        return self._session.prompts

    @property
    def failure(self) -> Failed | None:
        """Return what the method has failed for, while the peer has yet to acknowledge it."""
        return self._session.pending_failure

    def ask_identity(self) -> InnerStep:
        """Return the Request for the Identity, where the peer does not begin with it unasked."""
        return _told(self._session.receive(b""))

    def receive(self, octets: bytes) -> InnerStep:
        """Return what follows a Response."""
        return _told(self._session.receive(octets))

    def receive_bare(self, body: bytes, identifier: int) -> InnerStep:
        """Return what follows a Response without its header, from its type on: at most 65531 octets.

        identifier is that of the Request outside of the tunnel which it answers; it counts inside as well.
        """
        self._session.renumber(identifier)
        length = HEADER_OCTETS + len(body)
        return self.receive(bytes((EapCode.RESPONSE, identifier)) + length.to_bytes(2, "big") + body)

    def prompt(self, text: str) -> InnerStep:
        """Return how the person is asked for a code after a right password."""
        return _told(self._session.prompt(text))

    def verdict(self, verdict: Verdict) -> InnerStep:
        """Return what follows the application's decision about a Claim."""
        return _told(self._session.verdict(verdict))


def _told(step: SessionStep) -> InnerStep:
    if isinstance(step, Discard):
        return Failed(Failure.BAD_EAP, "a Response inside that answers no Request of ours")
    return step
