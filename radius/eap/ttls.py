"""EAP-TTLSv0 with PAP inside (RFC 5281, with TLS 1.3 RFC 9427).

The server proves itself by its certificate, then the peer says name and password inside the tunnel:

    phase      the peer sends                       we
    HANDSHAKE  TLS records                          answer with ours, until both are finished
    HANDSHAKE  its last records, and name and       go on as INNER: with TLS 1.3 both may come in one message
               password right behind them
    INNER      User-Name and User-Password          NeedsPassword; now VERDICT
    VERDICT    nothing, the application decides     Done with the keys, or Failed
    FAILED     an acknowledgement of our alert      Failed with what we failed for

Any other inner method, an unknown mandatory AVP, or a failing TLS ends it. The alert that says why is sent
before the Failure (RFC 5216 section 2.1.3).
"""

from enum import Enum, auto

from radius.attributes import AttributeType
from radius.eap.avp import Avp, BadAvp, decode_avps
from radius.eap.fragments import Answer, BadFragment, Fragments
from radius.eap.method import (
    Continue,
    Done,
    Failed,
    MethodStep,
    NeedsPassword,
    Opening,
    Progress,
    Tunnel,
    Verdict,
)
from radius.eap.packet import EapType
from radius.facts import MAX_NAME_OCTETS, exact_name, exact_text
from radius.hidden import MAX_PASSWORD_OCTETS, MICROSOFT
from radius.questions import Failure, Method

_KEY_OCTETS = 128
_MSK_OCTETS = 64
# What peers offer where PAP is meant, by code and vendor.
_OTHER_INNER_METHODS = {
    (AttributeType.CHAP_PASSWORD, 0): "CHAP",
    (AttributeType.EAP_MESSAGE, 0): "EAP",
    (1, MICROSOFT): "MS-CHAP",
    (25, MICROSOFT): "MS-CHAPv2",
}


class _Phase(Enum):
    HANDSHAKE = auto()
    INNER = auto()
    VERDICT = auto()
    FAILED = auto()


class Ttls:
    """One EAP-TTLS conversation."""

    type = EapType.TTLS
    name = Method.EAP_TTLS
    prompt = None

    def __init__(self, tunnel: Tunnel, opening: Opening) -> None:
        self._tunnel = tunnel
        self._fragments = Fragments(opening.packet_octets)
        self._phase = _Phase.HANDSHAKE
        self.failure: Failed | None = None
        self._identity = ""

    def start(self) -> Continue:
        """Return the Start."""
        return Continue(self._fragments.start())

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's type-data."""
        try:
            received = self._fragments.receive(data)
        except BadFragment as error:
            return Failed(error.reason, error.detail)
        if isinstance(received, Answer):
            return Continue(received.data)
        if self.failure is not None:
            return self.failure
        return self._progressed(self._tunnel.feed(received.message))

    def verdict(self, verdict: Verdict) -> Continue | Done | Failed:
        """Return the keys: PAP has nothing of its own to say to the peer."""
        if not verdict.granted:
            return Failed(Failure.NOT_GRANTED, "PAP inside TTLS")
        return Done(self._identity, self._msk())

    def describe(self) -> str:
        """Return the version of TLS."""
        return self._tunnel.version()

    def _progressed(self, progress: Progress) -> MethodStep:
        if progress.failure is not None:
            return self._failed(progress.failure, progress.output)
        if self._phase is _Phase.HANDSHAKE and progress.finished:
            self._phase = _Phase.INNER
        if progress.plaintext:
            return self._inner(progress.plaintext)
        # An empty message keeps the turn with the peer when there is nothing to say: after its last
        # record of TLS 1.3.
        return Continue(self._fragments.send(progress.output))

    def _failed(self, failure: Failed, alert: bytes) -> MethodStep:
        if not alert:
            return failure
        self._phase, self.failure = _Phase.FAILED, failure
        return Continue(self._fragments.send(alert))

    def _inner(self, plaintext: bytes) -> MethodStep:
        try:
            avps = decode_avps(plaintext)
        except BadAvp as error:
            return Failed(Failure.BAD_EAP, str(error))
        for avp in avps:
            if (other := _OTHER_INNER_METHODS.get((avp.code, avp.vendor))) is not None:
                return Failed(Failure.INNER_METHOD, f"the device offers {other} inside TTLS; set it to PAP")
            if avp.mandatory and not _is_known(avp):
                return Failed(Failure.BAD_EAP, f"mandatory AVP {avp.vendor}/{avp.code}")
        return self._credentials(avps)

    def _credentials(self, avps: tuple[Avp, ...]) -> MethodStep:
        names = [avp.value for avp in avps if _is(avp, AttributeType.USER_NAME)]
        passwords = [avp.value for avp in avps if _is(avp, AttributeType.USER_PASSWORD)]
        if len(names) != 1 or len(passwords) != 1:
            return Failed(Failure.NO_CREDENTIALS, "not one name and one password inside TTLS")
        given = passwords[0].rstrip(b"\0")
        if len(names[0]) > MAX_NAME_OCTETS or len(given) > MAX_PASSWORD_OCTETS:
            return Failed(Failure.TOO_LONG, f"a name of {len(names[0])} octets, a password of {len(given)}")
        name, password = exact_name(names[0]), exact_text(given)
        if not name or password is None:
            return Failed(Failure.NOT_TEXT, "the name or password inside TTLS")
        self._phase, self._identity, self.name = _Phase.VERDICT, name, Method.EAP_TTLS_PAP
        return NeedsPassword(name, password)

    def _msk(self) -> bytes:
        """Return the MSK (RFC 5281 section 8, RFC 9427 section 2.1).

        Always cut from 128 octets: in TLS 1.3 a shorter export is not the beginning of a longer one.
        """
        if self._tunnel.version() == "TLSv1.3":
            keys = self._tunnel.export(b"EXPORTER_EAP_TLS_Key_Material", _KEY_OCTETS, bytes((self.type,)))
        else:
            keys = self._tunnel.export(b"ttls keying material", _KEY_OCTETS, None)
        return keys[:_MSK_OCTETS]


def _is(avp: Avp, code: AttributeType) -> bool:
    return avp.vendor == 0 and avp.code == code


def _is_known(avp: Avp) -> bool:
    return _is(avp, AttributeType.USER_NAME) or _is(avp, AttributeType.USER_PASSWORD)
