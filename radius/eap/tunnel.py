"""TLS for EAP methods: the server's end of a connection over OpenSSL's memory BIOs ◆

The one module of radius with a clock and randomness of its own: OpenSSL's. Nothing is kept for resumption,
so that every login is decided anew: the tickets that TLS 1.3 sends all the same are good for nothing.
"""

from dataclasses import dataclass
from enum import Enum

from OpenSSL import SSL

from radius.eap.method import Failed, Progress
from radius.questions import Failure

_READ_OCTETS = 65536


class TlsVersion(Enum):
    """The versions a server may allow; older ones are gone (RFC 8996)."""

    TLS_1_2 = SSL.TLS1_2_VERSION
    TLS_1_3 = SSL.TLS1_3_VERSION


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Files in PEM: our certificate with its chain, and its key. And the versions of TLS we speak."""

    certificate_chain: str
    private_key: str
    lowest: TlsVersion = TlsVersion.TLS_1_2
    highest: TlsVersion = TlsVersion.TLS_1_3


def server_context(identity: ServerIdentity) -> SSL.Context:
    """Return the context that all tunnels share. Raises SSL.Error where certificate and key do not fit.

    A peer cannot renegotiate: OpenSSL 3 refuses that by itself.
    """
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(identity.lowest.value)
    context.set_max_proto_version(identity.highest.value)
    context.use_certificate_chain_file(identity.certificate_chain)
    context.use_privatekey_file(identity.private_key)
    context.check_privatekey()
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION)
    return context


class TlsTunnel:
    """The server's end of one connection."""

    def __init__(self, context: SSL.Context) -> None:
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()
        self._finished = False

    def feed(self, records: bytes) -> Progress:
        """Return what the peer's records led to; our alert is in the output of a failure."""
        if records:
            self._connection.bio_write(records)
        try:
            plaintext = self._advance()
        except SSL.ZeroReturnError:
            return self._failed(Failed(Failure.TLS_ALERT, "the device closed TLS"))
        except SSL.Error as error:
            return self._failed(explain(error))
        return Progress(self._drain(), plaintext, self._finished)

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Return keying material (RFC 5705)."""
        return bytes(self._connection.export_keying_material(label, length, context))

    def version(self) -> str:
        """Return the version agreed with the peer, '' while there is none."""
        return self._connection.get_protocol_version_name() if self._finished else ""

    def _advance(self) -> bytes:
        """Return what the peer said inside; b"" while it has said nothing yet."""
        try:
            if not self._finished:
                self._connection.do_handshake()
                self._finished = True
            return self._read()
        except SSL.WantReadError:
            return b""

    def _read(self) -> bytes:
        plaintext = self._connection.recv(_READ_OCTETS)
        while True:
            try:
                plaintext += self._connection.recv(_READ_OCTETS)
            except SSL.WantReadError:
                return plaintext

    def _drain(self) -> bytes:
        records = b""
        while True:
            try:
                records += self._connection.bio_read(_READ_OCTETS)
            except SSL.WantReadError:
                return records

    def _failed(self, failure: Failed) -> Progress:
        return Progress(self._drain(), b"", self._finished, failure)


# RFC 8446 section 6.2, in the words of somebody at the helpdesk. OpenSSL spells alerts with spaces.
_ALERTS = {
    "unknown ca": "the device does not trust the authority that signed our certificate",
    "certificate unknown": "the device does not accept our certificate",
    "bad certificate": "the device finds our certificate faulty",
    "certificate expired": "the device finds our certificate expired; check its clock and our certificate",
    "certificate revoked": "the device finds our certificate revoked",
    "unsupported certificate": "the device cannot use our kind of certificate",
    "access denied": "the user or device declined our certificate",
    "user cancelled": "the user cancelled",
    "handshake failure": "the device found no cipher in common with us",
    "protocol version": "the device speaks no version of TLS that we allow",
    "decrypt error": "the device could not verify our signature",
    "unrecognized name": "the device expected another server name",
}


def explain(error: SSL.Error) -> Failed:
    """Return the failure behind an error of OpenSSL: an alert the peer sent, or what we found ourselves."""
    reasons = [entry[2] for entry in error.args[0]] if error.args and isinstance(error.args[0], list) else []
    for reason in reasons:
        _, is_alert, name = reason.rpartition(" alert ")
        if is_alert:
            return Failed(Failure.TLS_ALERT, f"{_ALERTS.get(name, 'the device ended TLS')} ({name})")
    return Failed(Failure.TLS_FAILED, ", ".join(reasons) or "TLS was cut off")
