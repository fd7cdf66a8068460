"""EAP-MSCHAPv2: both sides prove that they know one NT hash (draft-kamath-pppext-eap-mschapv2-02).

Type-data is an opcode, an identifier (MS-CHAPv2-ID), a length of two octets that counts from the opcode,
and what belongs to the opcode:

    Challenge  1  ours          a size of 16, the challenge, our name
    Response   2  the peer's    a size of 49, its challenge (16), zeros (8), NT-Response (24), flags, its name
    Success    3  ours          "S=" and our proof, " M=" and a word for people; answered by the opcode alone
    Failure    4  ours          "E=691 R=0 C=... V=3 M=...", with no second try; answered by the opcode alone

    phase       the peer sends                     we
    CHALLENGED  Response                           NeedsMschap; now VERDICT
    VERDICT     nothing, the application decides   send Success, now PROVEN; or Failure, now REFUSED
    PROVEN      Success, or nothing                Done with the keys: some peers only acknowledge
    PROVEN      anything else                      Failed: the peer does not believe our proof
    REFUSED     anything                           Failed with what we failed for

The name in the Response is the one that is proven. A peer hashes it without its domain, so that goes before
hashing and nowhere else. Where its Identity is the same name with a realm or a domain, that is who is meant.
"""

from collections.abc import Callable
from enum import Enum, IntEnum, auto

from radius.eap.method import Continue, Done, Failed, MethodMaker, MethodStep, NeedsMschap, Opening, Verdict
from radius.eap.packet import EapType
from radius.facts import exact_name
from radius.mschap import (
    CHALLENGE_OCTETS,
    RESPONSE_OCTETS,
    authenticator_response,
    session_keys,
    without_domain,
)
from radius.questions import Failure, Method, MschapExchange

_HEADER_OCTETS = 4
_VALUE_OCTETS = 49
_NAME_AT = _HEADER_OCTETS + 1 + _VALUE_OCTETS
_RESPONSE_AT = _HEADER_OCTETS + 1 + CHALLENGE_OCTETS + 8
_OUR_NAME = b"radius"


class Opcode(IntEnum):
    """What a packet is."""

    CHALLENGE = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class _Phase(Enum):
    CHALLENGED = auto()
    VERDICT = auto()
    PROVEN = auto()
    REFUSED = auto()


class Mschapv2:
    """One run of EAP-MSCHAPv2. random returns as many octets as asked for that nobody can guess."""

    type = EapType.MSCHAPV2
    name = Method.EAP_MSCHAPV2
    prompt = None

    def __init__(self, opening: Opening, random: Callable[[int], bytes]) -> None:
        self.failure: Failed | None = None
        self._random = random
        self._identity = opening.identity
        self._id = opening.identifier
        self._challenge = random(CHALLENGE_OCTETS)
        self._exchange: MschapExchange | None = None
        self._keys = b""
        self._phase = _Phase.CHALLENGED

    def start(self) -> Continue:
        """Return the Challenge."""
        value = bytes((CHALLENGE_OCTETS,)) + self._challenge + _OUR_NAME
        return self._said(Opcode.CHALLENGE, value)

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's type-data."""
        if self._phase is _Phase.CHALLENGED:
            return self._responded(data)
        if self.failure is not None:
            return self.failure
        if data[:1] not in (b"", bytes((Opcode.SUCCESS,))):
            return Failed(Failure.BAD_EAP, "the device does not accept our proof of the password")
        return Done(self._identity, self._keys)

    def verdict(self, verdict: Verdict) -> Continue:
        """Return our proof, or that there is no second try."""
        assert self._exchange is not None, "a verdict follows a claim"
        if verdict.granted:
            self._phase, self._keys = _Phase.PROVEN, session_keys(self._exchange, verdict.key)
            return self._said(Opcode.SUCCESS, f"{authenticator_response(self._exchange, verdict.key)} M=OK")
        self._phase, self.failure = _Phase.REFUSED, Failed(Failure.NOT_GRANTED, "EAP-MSCHAPv2")
        unused = self._random(CHALLENGE_OCTETS).hex().upper()
        return self._said(Opcode.FAILURE, f"E=691 R=0 C={unused} V=3 M=Refused")

    def describe(self) -> str:
        """Return nothing: the name of the method says it all."""
        return ""

    def _said(self, opcode: Opcode, value: bytes | str) -> Continue:
        octets = value.encode() if isinstance(value, str) else value
        length = _HEADER_OCTETS + len(octets)
        return Continue(bytes((opcode, self._id)) + length.to_bytes(2, "big") + octets)

    def _responded(self, data: bytes) -> MethodStep:
        length = int.from_bytes(data[2:4], "big")
        if data[:1] != bytes((Opcode.RESPONSE,)) or data[4:5] != bytes((_VALUE_OCTETS,)):
            return Failed(Failure.BAD_EAP, "no Response where one of EAP-MSCHAPv2 was due")
        if not _NAME_AT <= length <= len(data):
            return Failed(Failure.BAD_EAP, f"a Response of {len(data)} octets that says {length}")
        name = data[_NAME_AT:length]
        told = exact_name(name)
        if not told:
            return Failed(Failure.NOT_TEXT, "the name in a Response of EAP-MSCHAPv2")
        self._phase, self._id = _Phase.VERDICT, data[1]
        self._identity = _meant(self._identity, told)
        self._exchange = MschapExchange(
            name=without_domain(name),
            challenge=self._challenge,
            peer_challenge=data[_HEADER_OCTETS + 1 : _HEADER_OCTETS + 1 + CHALLENGE_OCTETS],
            response=data[_RESPONSE_AT : _RESPONSE_AT + RESPONSE_OCTETS],
            identifier=data[1],
        )
        return NeedsMschap(self._identity, self._exchange)


def mschapv2(random: Callable[[int], bytes]) -> MethodMaker:
    """Return what makes runs of EAP-MSCHAPv2."""
    return lambda opening: Mschapv2(opening, random)


def _meant(identity: str, name: str) -> str:
    r"""Return identity where it is name with more to it, as DOMAIN\kim and kim@realm are; else name."""
    bare = identity.rpartition("\\")[2].partition("@")[0]
    return identity if bare.casefold() == name.casefold() else name
