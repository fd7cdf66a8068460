"""What all methods over TLS have in common: fragments, handshake, alert before Failure, keys.

    state      the peer sends          we
    HANDSHAKE  TLS records             answer with ours; Heard once both ends have finished
    OPEN       anything inside         Heard, for the method to act on
    HANDSHAKE  a certificate that is   Heard and objected, for the method to have it refused and to fail()
               objected to
    any        what breaks TLS         send our alert; now FAILED
    FAILED     an acknowledgement      Failed with what we failed for (RFC 5216 section 2.1.3)

Heard comes before our last records of the handshake have left: the method sends them along with what it has
to say, or with an empty message, which keeps the turn with the peer. In TLS 1.3 the first Heard may already
hold something.
"""

from dataclasses import field

from radius.eap.fragments import Answer, BadFragment, Fragments
from radius.eap.method import Continue, Failed, Tunnel
from radius.eap.packet import EapType
from radius.frozen import value
from radius.login import Proven

_KEY_OCTETS = 128
_MSK_OCTETS = 64
_TLS_1_3_LABEL = b"EXPORTER_EAP_TLS_Key_Material"
# RFC 5216 section 2.3, which PEAP takes over, and RFC 5281 section 8.
_LABELS = {
    EapType.TLS: b"client EAP encryption",
    EapType.TTLS: b"ttls keying material",
    EapType.PEAP: b"client EAP encryption",
}


@value
class Heard:
    """Both ends have finished, and the peer has said this inside; b"" where it only acknowledged."""

    plaintext: bytes = field(repr=False)


class Channel:
    """One conversation over TLS, for the method that has it."""

    __slots__ = ("_fragments", "_pending", "_tunnel", "_type", "failure", "objected")

    def __init__(self, kind: EapType, tunnel: Tunnel, packet_octets: int) -> None:
        self.failure: Failed | None = None
        # There is an objection to the certificate that the peer has shown; our alert has yet to leave.
        self.objected = False
        self._type = kind
        self._tunnel = tunnel
        self._fragments = Fragments(packet_octets)
        self._pending = b""

    @property
    def is_tls13(self) -> bool:
        """Return whether TLS 1.3 was agreed."""
        return self._tunnel.version() == "TLSv1.3"

    @property
    def pending(self) -> bool:
        """Return whether records of ours still have to leave."""
        return bool(self._pending)

    @property
    def resumed(self) -> bool:
        """Return whether the peer has resumed a session."""
        return self._tunnel.resumed

    def start(self) -> Continue:
        """Return the Start."""
        return Continue(self._fragments.start())

    def receive(self, data: bytes) -> Heard | Continue | Failed:
        """Return what the peer has said, or what comes before that."""
        try:
            received = self._fragments.receive(data)
        except BadFragment as error:
            return Failed(error.reason, error.detail)
        if isinstance(received, Answer):
            return Continue(received.data)
        if self.failure is not None:
            return self.failure
        progress = self._tunnel.feed(received.message)
        self._pending += progress.output
        self.objected = progress.objected
        if progress.failure is not None and not self.objected:
            return self.fail(progress.failure)
        return Heard(progress.plaintext) if progress.finished or self.objected else self.say()

    def say(self, plaintext: bytes = b"") -> Continue:
        """Return the Request with everything that has to leave, and this inside."""
        records, self._pending = self._pending, b""
        if plaintext:
            records += self._tunnel.send(plaintext)
        return Continue(self._fragments.send(records))

    def export(self, label: bytes, length: int) -> bytes:
        """Return keying material without a context (RFC 5705)."""
        return self._tunnel.export(label, length, None)

    def key_material(self) -> bytes:
        """Return the 128 octets that the method's keys are cut from.

        Always that many: in TLS 1.3 a shorter export is not the beginning of a longer one (RFC 9190 section
        2.3, RFC 9427 section 2.1).
        """
        if self.is_tls13:
            return self._tunnel.export(_TLS_1_3_LABEL, _KEY_OCTETS, bytes((self._type,)))
        return self._tunnel.export(_LABELS[self._type], _KEY_OCTETS, None)

    def msk(self) -> bytes:
        """Return the MSK."""
        return self.key_material()[:_MSK_OCTETS]

    def session_id(self) -> bytes:
        """Return the Session-Id (RFC 5247), which a NAS may ask for as EAP-Key-Name."""
        return bytes((self._type,)) + self._tunnel.session_id()

    @property
    def known(self) -> bool:
        """Return whether the session that the peer has resumed once ended in a login."""
        return self._tunnel.known()

    def earlier(self) -> Proven | None:
        """Return what was proven in the session that the peer has resumed."""
        return self._tunnel.earlier()

    def keep(self, proven: Proven | None) -> None:
        """Let the peer resume this session: it was let in."""
        self._tunnel.keep(proven)

    def chain(self) -> tuple[bytes, ...]:
        """Return the peer's certificate and those above it, in DER."""
        return self._tunnel.chain()

    def describe(self) -> str:
        """Return the version of TLS, and whether the session is an earlier one."""
        version = self._tunnel.version()
        return f"{version} resumed" if version and self.resumed else version

    def fail(self, failure: Failed) -> Continue | Failed:
        """Return our alert, and after its acknowledgement the failure; that at once where there is none."""
        if not self._pending:
            return failure
        self.failure = failure
        return self.say()
