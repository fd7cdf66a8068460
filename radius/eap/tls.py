"""EAP-TLS (RFC 5216, with TLS 1.3 RFC 9190): both ends prove themselves by a certificate.

    phase      the peer sends                    we
    HANDSHAKE  TLS records                       answer with ours, until both ends have finished
    HANDSHAKE  a certificate that there is       NeedsCertificate; now OBJECTED
               an objection to
    HANDSHAKE  its last records                  NeedsCertificate, resumed or not; now VERDICT
    OBJECTED   nothing, the application refuses  the alert of TLS (RFC 9190 section 2.1.4), then Failed
    VERDICT    nothing, the application decides  refused: Failed
                                                 TLS 1.3: an octet of zero inside, by which the peer knows
                                                 that we are content (RFC 9190 section 2.1.1); now CONFIRMED
                                                 TLS 1.2: our last records, if some are left; now CONFIRMED
                                                 else Done
    CONFIRMED  an acknowledgement                Done with the keys

OpenSSL has found the certificate signed by an authority that was configured, and within its dates. Whose it
is and whether it was revoked is the application's to say, each time. What it knows without asking anybody the
tunnel has heard in time for an alert; the refusal with its record is the same either way. The name outside
may be anonymous.
"""

from enum import Enum, auto

from radius.eap.channel import Channel, Heard
from radius.eap.method import Continue, Done, Failed, MethodStep, NeedsCertificate, Opening, Tunnel, Verdict
from radius.eap.packet import EapType
from radius.login import Proven
from radius.questions import Failure, Method

_PROTECTED_SUCCESS = b"\0"


class _Phase(Enum):
    HANDSHAKE = auto()
    OBJECTED = auto()
    VERDICT = auto()
    CONFIRMED = auto()


class Tls:
    """One EAP-TLS conversation."""

    type = EapType.TLS
    name = Method.EAP_TLS
    prompt = None

    def __init__(self, tunnel: Tunnel, opening: Opening) -> None:
        self._channel = Channel(self.type, tunnel, opening.packet_octets)
        self._identity = opening.identity
        self._phase = _Phase.HANDSHAKE
        self._proven: Proven | None = None

    @property
    def failure(self) -> Failed | None:
        """Return what it has failed for, while the peer has yet to acknowledge it."""
        return self._channel.failure

    def start(self) -> Continue:
        """Return the Start."""
        return self._channel.start()

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's type-data."""
        heard = self._channel.receive(data)
        if not isinstance(heard, Heard):
            return heard
        if self._channel.objected:
            self._phase = _Phase.OBJECTED
            return NeedsCertificate(self._identity, self._channel.chain())
        if heard.plaintext:
            return Failed(Failure.BAD_EAP, "something inside EAP-TLS, where nothing belongs")
        return self._done() if self._phase is _Phase.CONFIRMED else self._shown()

    def verdict(self, verdict: Verdict) -> Continue | Done | Failed:
        """Return what follows the application's decision."""
        if self._phase is _Phase.OBJECTED:
            # Also where nothing is left of the objection by now: TLS has failed.
            return self._channel.fail(Failed(Failure.NOT_GRANTED, "the certificate, told in TLS"))
        if not verdict.granted:
            return Failed(Failure.NOT_GRANTED, "the certificate")
        self._phase, self._proven = _Phase.CONFIRMED, verdict.proven
        if self._proven is not None:
            self._identity = self._proven.user_name
        if self._channel.is_tls13:
            return self._channel.say(_PROTECTED_SUCCESS)
        return self._channel.say() if self._channel.pending else self._done()

    def describe(self) -> str:
        """Return the version of TLS."""
        return self._channel.describe()

    def _shown(self) -> MethodStep:
        """Return the claim of the certificate that the peer has shown."""
        if self._channel.resumed and not self._channel.known:
            return Failed(Failure.TLS_FAILED, "a session of TLS in which nobody has logged in")
        self._phase = _Phase.VERDICT
        return NeedsCertificate(self._identity, self._channel.chain(), self._channel.resumed)

    def _done(self) -> Done:
        self._channel.keep(self._proven)
        return Done(self._identity, self._channel.msk(), self._channel.session_id())
