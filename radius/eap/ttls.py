"""EAP-TTLSv0 (RFC 5281, with TLS 1.3 RFC 9427): a login inside a tunnel.

The server proves itself by its certificate, then the peer logs in inside, by attribute-value pairs:

    phase      the peer sends                       we
    HANDSHAKE  TLS records                          answer with ours, until both ends have finished
    HANDSHAKE  its last records                     a session resumed: NeedsResumption; now VERDICT
                                                    else go on as INNER: with TLS 1.3 its pairs may come along
    INNER      a name and what proves it            a claim; now VERDICT
    INNER      an EAP packet                        answer with the next one, until that conversation claims
    VERDICT    nothing, the application decides     refused: Failed, or what the conversation inside says
                                                    MSCHAPv2: our own proof; now PROVEN
                                                    records have yet to leave: send them; now PROVEN
                                                    else Done
    PROVEN     an acknowledgement                   Done with the keys

Pairs that are unknown and mandatory end it, and so does a challenge that is not this tunnel's (section 11.2):
such a login was made elsewhere and carried here.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from radius.attributes import AttributeType
from radius.eap.avp import Avp, BadAvp, decode_avps, encode_avp
from radius.eap.channel import Channel, Heard
from radius.eap.inner import Inner, InnerStep
from radius.eap.method import (
    Claim,
    Continue,
    Done,
    Failed,
    MethodMaker,
    MethodStep,
    NeedsMschap,
    NeedsResumption,
    Opening,
    Tunnel,
    Verdict,
)
from radius.eap.packet import EapType
from radius.eap.session import Challenge
from radius.eap.ttls_inner import CHALLENGE_LABEL, CHALLENGE_OCTETS, BadClaim, read_claim
from radius.hidden import MICROSOFT
from radius.login import Proven
from radius.mschap import authenticator_response
from radius.questions import Failure, Method

_MS_CHAP2_SUCCESS = 26
# Said inside where a session was resumed and nothing else is (RFC 9427 section 3.3).
_PROTECTED_SUCCESS = b"\0"
# What this is called with each method of EAP inside.
_NAMES = {EapType.MSCHAPV2: Method.EAP_TTLS_EAP_MSCHAPV2, EapType.GTC: Method.EAP_TTLS_EAP_GTC}
_NOTHING_INSIDE: Mapping[EapType, MethodMaker] = MappingProxyType({})


class _Phase(Enum):
    HANDSHAKE = auto()
    INNER = auto()
    VERDICT = auto()
    PROVEN = auto()


class Ttls:
    """One EAP-TTLS conversation; inside are the EAP methods a peer may use in it, in the order we prefer."""

    type = EapType.TTLS

    def __init__(
        self, tunnel: Tunnel, opening: Opening, inside: Mapping[EapType, MethodMaker] = _NOTHING_INSIDE
    ) -> None:
        self._channel = Channel(self.type, tunnel, opening.packet_octets)
        self._makers = inside
        self._opening = opening
        self._phase = _Phase.HANDSHAKE
        self._method = Method.EAP_TTLS
        self._claim: Claim | None = None
        self._inner: Inner | None = None
        self._identity = ""
        self._refusal: Failed | None = None
        self._proven: Proven | None = None

    @property
    def name(self) -> Method:
        """Return what the conversation has come to."""
        if self._inner is None:
            return self._method
        return self._inner.method or Method.EAP_TTLS

    @property
    def failure(self) -> Failed | None:
        """Return what it has failed for, while the peer has yet to acknowledge it."""
        return self._channel.failure or self._refusal

    @property
    def prompt(self) -> Callable[[str], MethodStep] | None:
        """Return what asks for a code, where the method inside can."""
        return self._prompt if self._inner is not None and self._inner.prompts else None

    def start(self) -> Continue:
        """Return the Start."""
        return self._channel.start()

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's type-data."""
        heard = self._channel.receive(data)
        if not isinstance(heard, Heard):
            return heard
        if self._phase is _Phase.PROVEN:
            return self._acknowledged(heard)
        if self._phase is _Phase.HANDSHAKE:
            self._phase = _Phase.INNER
            if self._channel.resumed and not heard.plaintext:
                return self._resume()
        # Nothing inside yet: the turn goes back to the peer.
        return self._read(heard.plaintext) if heard.plaintext else self._channel.say()

    def verdict(self, verdict: Verdict) -> MethodStep:
        """Return what follows the application's decision."""
        self._proven = verdict.proven
        if self._inner is not None:
            if not verdict.granted:
                self._refusal = Failed(Failure.NOT_GRANTED, "EAP inside TTLS")
            return self._inner_step(self._inner.verdict(verdict))
        if not verdict.granted:
            return Failed(Failure.NOT_GRANTED, "what was proven inside TTLS")
        self._phase = _Phase.PROVEN
        if isinstance(self._claim, NeedsMschap):
            return self._channel.say(self._proof(self._claim, verdict.key))
        if isinstance(self._claim, NeedsResumption) and self._channel.is_tls13:
            return self._channel.say(_PROTECTED_SUCCESS)
        # In TLS 1.3 the sessions that the peer may resume have not left yet.
        return self._channel.say() if self._channel.pending else self._done()

    def describe(self) -> str:
        """Return the version of TLS."""
        return self._channel.describe()

    def _acknowledged(self, heard: Heard) -> MethodStep:
        if heard.plaintext:
            return Failed(Failure.BAD_EAP, "something inside TTLS where an acknowledgement was due")
        return self._done()

    def _resume(self) -> MethodStep:
        proven = self._channel.earlier()
        if proven is None:
            return Failed(Failure.TLS_FAILED, "a session of TLS in which nobody has logged in")
        self._method, self._identity = proven.method, proven.user_name
        return self._claimed(NeedsResumption(proven))

    def _read(self, plaintext: bytes) -> MethodStep:
        try:
            challenge = self._channel.export(CHALLENGE_LABEL, CHALLENGE_OCTETS)
            read = read_claim(decode_avps(plaintext), challenge)
        except BadAvp as error:
            return Failed(Failure.BAD_EAP, str(error))
        except BadClaim as error:
            return Failed(error.reason, error.detail)
        if isinstance(read, bytes):
            return self._converse(read)
        if self._inner is not None:
            return Failed(Failure.BAD_EAP, "a second way to log in inside TTLS")
        if not self._opening.takes(read.method):
            return Failed(Failure.INNER_METHOD, f"{read.method.value} could not be accepted here")
        self._method, self._identity = read.method, read.claim.user_name
        return self._claimed(read.claim)

    def _converse(self, packet: bytes) -> MethodStep:
        """Return what follows an EAP packet inside."""
        if self._inner is None:
            self._inner = Inner(self._makers, self._opening, _NAMES)
        return self._inner_step(self._inner.receive(packet))

    def _inner_step(self, step: InnerStep) -> MethodStep:
        if isinstance(step, Challenge):
            return self._channel.say(encode_avp(Avp(AttributeType.EAP_MESSAGE, 0, True, step.eap)))
        if isinstance(step, Failed):
            return step
        if isinstance(step, Done):
            self._identity = step.identity
            self._phase = _Phase.PROVEN
            return self._channel.say() if self._channel.pending else self._done()
        return self._claimed(step)

    def _prompt(self, text: str) -> MethodStep:
        assert self._inner is not None, "only EAP inside can prompt"
        return self._inner_step(self._inner.prompt(text))

    def _claimed(self, claim: Claim) -> Claim:
        self._phase, self._claim = _Phase.VERDICT, claim
        return claim

    def _proof(self, claim: NeedsMschap, key: bytes) -> bytes:
        """Return what proves us to the peer (RFC 5281 section 11.2.4)."""
        identifier = self._channel.export(CHALLENGE_LABEL, CHALLENGE_OCTETS)[-1:]
        proof = authenticator_response(claim.exchange, key).encode()
        return encode_avp(Avp(_MS_CHAP2_SUCCESS, MICROSOFT, True, identifier + proof))

    def _done(self) -> Done:
        if self._proven is not None:
            self._channel.keep(self._proven)
        return Done(self._identity, self._channel.msk(), self._channel.session_id())
