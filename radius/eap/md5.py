"""EAP-MD5: CHAP in EAP (RFC 3748 section 5.4).

It makes no keys, proves nothing about us, and whoever hears it can try passwords at home. For wires only,
and there only where nothing else works.

Type-data is the size of a value, the value and a name. Ours is a challenge; the peer's is MD5 of the
identifier of our Request, the password and the challenge.

    phase       the peer sends                      we
    CHALLENGED  its response                        NeedsChap; now VERDICT
    VERDICT     nothing, the application decides    Done without keys, or Failed
"""

from collections.abc import Callable

from radius.eap.method import Continue, Done, Failed, MethodMaker, MethodStep, NeedsChap, Opening, Verdict
from radius.eap.packet import EapType
from radius.questions import ChapExchange, Failure, Method

_VALUE_OCTETS = 16


class Md5:
    """One run of EAP-MD5. random returns as many octets as asked for that nobody can guess."""

    type = EapType.MD5_CHALLENGE
    name = Method.EAP_MD5
    failure = None
    prompt = None

    def __init__(self, opening: Opening, random: Callable[[int], bytes]) -> None:
        self._identity, self._identifier = opening.identity, opening.identifier
        self._challenge = random(_VALUE_OCTETS)

    def start(self) -> Continue:
        """Return the challenge."""
        return Continue(bytes((_VALUE_OCTETS,)) + self._challenge)

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's response; the name behind it says nothing."""
        size, response = data[:1], data[1 : 1 + _VALUE_OCTETS]
        if size != bytes((_VALUE_OCTETS,)) or len(response) != _VALUE_OCTETS:
            return Failed(Failure.BAD_EAP, f"no response to a challenge in {len(data)} octets")
        return NeedsChap(self._identity, ChapExchange(self._identifier, self._challenge, response))

    def verdict(self, verdict: Verdict) -> Done | Failed:
        """Return the end: EAP-MD5 has nothing of its own to say to the peer."""
        return Done(self._identity, b"") if verdict.granted else Failed(Failure.NOT_GRANTED, "EAP-MD5")

    def describe(self) -> str:
        """Return nothing: the name of the method says it all."""
        return ""


def md5(random: Callable[[int], bytes]) -> MethodMaker:
    """Return what makes runs of EAP-MD5."""
    return lambda opening: Md5(opening, random)
