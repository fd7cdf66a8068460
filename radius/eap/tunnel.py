"""TLS for EAP methods: the server's end of a connection over OpenSSL's memory BIOs ◆

The one module of radius with a clock and randomness of its own: OpenSSL's, and the time of its sessions.

A session can be resumed from this process alone: OpenSSL keeps it, the peer gets no more than its number.
What was proven in it is ours, and stands in kept_sessions by a hash of the session's key. In TLS 1.3 each
ticket has a key of its own, which can be read only while OpenSSL writes that ticket, and on resumption only
until the peer has finished. A session that ended in no login is dropped with its connection, and what
OpenSSL may still have of it stands for nobody. Every EAP type has sessions of its own.

A certificate is objected to while OpenSSL verifies it, so that an alert says so (RFC 9190 section 2.1.4). Of
a session that is resumed we hear with our answer, which has not left yet: where there is an objection to its
certificate, the peer's first records are given to another connection, which knows no session.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from OpenSSL.SSL import _ffi, _lib  # type: ignore[attr-defined]

from radius.eap.kept_sessions import Kept, KeptSessions
from radius.eap.method import Alert, Failed, Objection, Progress
from radius.eap.packet import EapType
from radius.eap.stapling import Stapled, read_stapled
from radius.eap.tls_failures import certificate_failure, connection_failure, purpose_failure
from radius.eap.verified import VerifiedChains
from radius.login import Proven
from radius.questions import Failure

wall_clock = time.time
_READ_OCTETS = 65536
# RFC 8446 section 4.6.1.
LONGEST_RESUMPTION_S = 7 * 86400.0
# What OpenSSL keeps in a context: nothing of ours may be forgotten before it.
MAX_SESSIONS = 20480
_ACCEPT_LOOP = SSL.SSL_ST_ACCEPT | SSL.SSL_CB_LOOP
_WRITES_TICKET = b"SSLv3/TLS write session ticket"
_METHOD_ID = b"EXPORTER_EAP_TLS_Method-Id"
_METHOD_ID_OCTETS = 64
# The errors of x509_vfy.h of which OpenSSL makes these alerts.
_ERRORS = {Alert.UNSUPPORTED: 26, Alert.REVOKED: 23, Alert.EXPIRED: 10, Alert.UNKNOWN: 29}
_INDEX = _lib.SSL_get_ex_data_X509_STORE_CTX_idx()


class TlsVersion(Enum):
    """The versions a server may allow; older ones are gone (RFC 8996)."""

    TLS_1_2 = SSL.TLS1_2_VERSION
    TLS_1_3 = SSL.TLS1_3_VERSION


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Files in PEM: our certificate with its chain, and its key. And the versions of TLS we speak.

    authorities are PEM texts: a peer's certificate has to come from one of these, and from no other. Where
    there are none, nobody can log in by certificate. resumption_s is for how long after a whole login a
    peer may resume it; 0 is never. stapled is an OCSP response for our certificate (DER), for peers that ask.
    """

    certificate_chain: str
    private_key: str
    authorities: tuple[bytes, ...] = ()
    lowest: TlsVersion = TlsVersion.TLS_1_2
    highest: TlsVersion = TlsVersion.TLS_1_3
    resumption_s: float = 8 * 3600.0
    stapled: bytes = b""


class Contexts:
    """What tunnels are made from, a context for each EAP type; replaced while they are in use."""

    def __init__(self, identity: ServerIdentity) -> None:
        self._contexts: dict[EapType, _Context] = {}
        self.replace(identity)

    def replace(self, identity: ServerIdentity) -> None:
        """Use another identity for every tunnel from now on; those that are open end on theirs.

        Where something has changed for a type, its sessions from before can no longer be resumed. May be
        called from any thread. Raises SSL.Error, OSError or ValueError where a file is not what it should be;
        then nothing has changed.
        """
        stapled = read_stapled(identity.stapled) if identity.stapled else None
        kinds = (EapType.TLS, EapType.TTLS, EapType.PEAP)
        self._contexts = {kind: _renewed(self._contexts.get(kind), identity, kind) for kind in kinds}
        for context in self._contexts.values():
            context.stapled = stapled

    def tunnel(self, kind: EapType, objection: Objection | None = None) -> "TlsTunnel":
        """Return a new tunnel for this type; objection is asked about the peer's certificate."""
        return TlsTunnel(self._contexts[kind], objection)


class _Context:
    """OpenSSL's context of one EAP type, and what was proven in its sessions."""

    def __init__(self, identity: ServerIdentity, kind: EapType, made_of: bytes) -> None:
        self.kind = kind
        self.made_of = made_of
        self.asks_certificate = kind is EapType.TLS
        lifetime_s = min(identity.resumption_s, LONGEST_RESUMPTION_S)
        self.kept = KeptSessions(lifetime_s, MAX_SESSIONS)
        self.verified = VerifiedChains()
        self.stapled: Stapled | None = None
        self.ssl = self._made(identity)
        # As ssl, but nobody's session is known here.
        self.whole = self._made(identity) if self.asks_certificate and lifetime_s else self.ssl
        if lifetime_s:
            self.ssl.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
            self.ssl.set_session_id(b"eap-%d" % kind)
            self.ssl.set_timeout(max(1, int(self.kept.session_s)))

    def _made(self, identity: ServerIdentity) -> SSL.Context:
        made = _server_context(identity)
        made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        made.set_ocsp_server_callback(_staple, self)
        if self.asks_certificate:
            _ask_certificate(made, identity.authorities)
        return made


def _renewed(before: _Context | None, identity: ServerIdentity, kind: EapType) -> _Context:
    """Return the context for an identity: the one before where nothing has changed for it."""
    made_of = sha256(Path(identity.certificate_chain).read_bytes())
    made_of.update(Path(identity.private_key).read_bytes())
    authorities = identity.authorities if kind is EapType.TLS else ()
    made_of.update(repr(replace(identity, authorities=authorities, stapled=b"")).encode())
    if before is not None and before.made_of == made_of.digest():
        return before
    return _Context(identity, kind, made_of.digest())


def _server_context(identity: ServerIdentity) -> SSL.Context:
    """Return a context for any EAP type. A peer cannot renegotiate: OpenSSL 3 refuses that by itself."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(identity.lowest.value)
    context.set_max_proto_version(identity.highest.value)
    context.use_certificate_chain_file(identity.certificate_chain)
    context.use_privatekey_file(identity.private_key)
    context.check_privatekey()
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION)
    # A conversation waits most of its time: a fifth less of memory for each that is half open.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    return context


def _ask_certificate(context: SSL.Context, authorities: tuple[bytes, ...]) -> None:
    """Demand a certificate that one of authorities has signed, itself or through others the peer sends."""
    store = context.get_cert_store()
    assert store is not None
    # An authority that is not its own root may be trusted without the root above it.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    for certificate in _certificates(authorities):
        store.add_cert(crypto.X509.from_cryptography(certificate))
        context.add_client_ca(certificate)
    wanted = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    # Not by pyOpenSSL's set_verify, which cannot say why a certificate is refused.
    _lib.SSL_CTX_set_verify(context._context, wanted, _JUDGED)


def _certificates(texts: tuple[bytes, ...]) -> Iterator[x509.Certificate]:
    for text in texts:
        yield from x509.load_pem_x509_certificates(text)


@dataclass(slots=True)
class _Notes:
    """What OpenSSL tells only while it works: keys of the tickets it wrote, its complaint about the peer.

    objected is the certificate (DER) that the objection was to.
    """

    objection: Objection | None = None
    tickets: list[bytes] = field(default_factory=list, repr=False)
    complaint: Failed | None = None
    objected: bytes = b""

    def judge(self, certificate: bytes) -> Alert | None:
        """Return what there is against a peer's certificate that OpenSSL finds to be good."""
        self.complaint = purpose_failure(certificate)
        if self.complaint is not None:
            return Alert.UNSUPPORTED
        alert = None if self.objection is None else self.objection(certificate)
        self.objected = b"" if alert is None else certificate
        return alert


def _staple(_connection: SSL.Connection, context: _Context | None) -> bytes:
    stapled = None if context is None else context.stapled
    return b"" if stapled is None else stapled.at(datetime.now(UTC))


def _note_ticket(ssl: Any, where: int, _code: int) -> None:
    if where == _ACCEPT_LOOP and _ffi.string(_lib.SSL_state_string_long(ssl)) == _WRITES_TICKET:
        connection = SSL.Connection._reverse_mapping[ssl]
        connection.get_app_data().tickets.append(_session_key(connection))


# One for all: pyOpenSSL would make one for each connection.
_TICKET_NOTED = _ffi.callback("void (*)(const SSL *, int, int)", _note_ticket)


def _judge(ok: int, found: Any) -> int:
    """Return whether OpenSSL goes on: called for each certificate of a chain, the peer's own at last."""
    if ok and _lib.X509_STORE_CTX_get_error_depth(found):
        return 1
    notes = SSL.Connection._reverse_mapping[_lib.X509_STORE_CTX_get_ex_data(found, _INDEX)].get_app_data()
    current = _lib.X509_STORE_CTX_get_current_cert(found)
    _lib.X509_up_ref(current)
    certificate = _der(crypto.X509._from_raw_x509_ptr(current))
    if not ok:
        notes.complaint = certificate_failure(_lib.X509_STORE_CTX_get_error(found), certificate)
        return 0
    alert = notes.judge(certificate)
    if alert is None:
        return 1
    _lib.X509_STORE_CTX_set_error(found, _ERRORS[alert])
    return 0


# What raises refuses.
_JUDGED = _ffi.callback("int (*)(int, X509_STORE_CTX *)", _judge, error=0)


def _der(certificate: crypto.X509) -> bytes:
    """Return a certificate's octets as they are, also where nobody but OpenSSL can read them."""
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _session_key(connection: SSL.Connection) -> bytes:
    return sha256(connection.master_key() or b"").digest()


class TlsTunnel:
    """The server's end of one connection.

    OpenSSL hears of it with the peer's first records: most peers turn the first method down.
    """

    _connection: SSL.Connection
    __slots__ = (
        "_begun",
        "_chain",
        "_connection",
        "_context",
        "_earlier",
        "_finished",
        "_hellos",
        "_notes",
        "resumed",
    )

    def __init__(self, context: _Context, objection: Objection | None = None) -> None:
        self.resumed = False
        self._context = context
        self._notes = _Notes(objection)
        self._begun = False
        self._hellos: tuple[bytes, ...] = ()
        self._finished = False
        self._earlier: Kept | None = None
        self._chain: tuple[bytes, ...] = ()

    def feed(self, records: bytes) -> Progress:
        """Return what the peer's records led to; our alert is in the output of a failure."""
        if not self._begun:
            self._begin(self._context.ssl)
        if records:
            self._connection.bio_write(records)
            if self._notes.objection is not None and not self._finished:
                self._hellos += (records,)
        try:
            plaintext = self._advance()
        except SSL.ZeroReturnError:
            return self._failed(Failed(Failure.TLS_ALERT, "the device closed TLS"))
        except SSL.Error as error:
            if self._notes.objected:
                self._chain = (self._notes.objected,)
                told = Failed(Failure.BAD_CERTIFICATE, "there is an objection to the certificate")
                return Progress(self._drain(), failure=told, objected=True)
            return self._failed(self._notes.complaint or connection_failure(_reasons(error)))
        if self._notes.complaint is not None:
            return self._failed(self._notes.complaint)
        return Progress(self._drain(), plaintext, self._finished)

    def send(self, plaintext: bytes) -> bytes:
        """Return the records that say this to the peer."""
        self._connection.send(plaintext)
        return self._drain()

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Return keying material (RFC 5705)."""
        return bytes(self._connection.export_keying_material(label, length, context))

    def version(self) -> str:
        """Return the version agreed with the peer, '' while there is none."""
        return self._connection.get_protocol_version_name() if self._finished else ""

    def session_id(self) -> bytes:
        """Return what names this run on both ends, without the type (RFC 5216 and 9190 section 2.3)."""
        if self.version() == "TLSv1.3":
            return self.export(_METHOD_ID, _METHOD_ID_OCTETS, bytes((self._context.kind,)))
        return (self._connection.client_random() or b"") + (self._connection.server_random() or b"")

    def known(self) -> bool:
        """Return whether the session that is resumed once ended in a login."""
        return self._earlier is not None

    def earlier(self) -> Proven | None:
        """Return what was proven in the session that is resumed; None where the session itself proves it."""
        return None if self._earlier is None else self._earlier.proven

    def keep(self, proven: Proven | None) -> None:
        """Keep the session for a peer that was let in. Without this it ends with its connection."""
        began = None if self._earlier is None else self._earlier.began
        keys = self._notes.tickets or [_session_key(self._connection)]
        if self._context.kept.keep(keys, proven, began, time.monotonic()):
            self._connection.set_shutdown(SSL.SENT_SHUTDOWN | SSL.RECEIVED_SHUTDOWN)

    def chain(self) -> tuple[bytes, ...]:
        """Return the peer's certificate and those above it, in DER; () where it has shown none."""
        return self._chain

    def _begin(self, context: SSL.Context) -> None:
        self._begun = True
        self._connection = SSL.Connection(context, None)
        self._connection.set_accept_state()
        self._connection.set_app_data(self._notes)

    def _advance(self) -> bytes:
        """Return what the peer said inside; b"" while it has said nothing yet."""
        try:
            if not self._finished:
                self._connection.do_handshake()
                self._finish()
            return self._read()
        except SSL.WantReadError:
            if not self._finished:
                self._look_up()
            return b""

    def _look_up(self) -> None:
        """Find what was proven in the session that the peer resumes, while its key can be read."""
        if not self.resumed and self._is_reused() and self._is_objected_to():
            self._begin_whole()
        if self._context.kept.session_s and _lib.SSL_version(self._connection._ssl) == SSL.TLS1_3_VERSION:
            # Called for each step of a handshake: not before the last ones, and only where there are tickets.
            _lib.SSL_set_info_callback(self._connection._ssl, _TICKET_NOTED)
        if not self.resumed and self._is_reused():
            self.resumed = True
            self._earlier = self._context.kept.find(_session_key(self._connection), time.monotonic())

    def _is_objected_to(self) -> bool:
        """Return whether there is an objection to the certificate of the session that is resumed."""
        shown = self._connection.get_peer_certificate() if self._notes.objection is not None else None
        return shown is not None and self._notes.judge(_der(shown)) is not None

    def _begin_whole(self) -> None:
        """Forget our answer, which would resume a session, and make another that does not."""
        hellos, self._hellos = self._hellos, ()
        self._notes.complaint, self._notes.objected = None, b""
        self._begin(self._context.whole)
        for hello in hellos:
            # All answers but the last have left: each was a HelloRetryRequest, and is the same again.
            self._drain()
            self._connection.bio_write(hello)
            with suppress(SSL.WantReadError):
                self._connection.do_handshake()

    def _finish(self) -> None:
        self._finished = True
        self._hellos = ()
        if not self._is_reused():
            # Offered, and after a second ClientHello not taken: nothing of it counts.
            self.resumed, self._earlier = False, None
        if self._context.asks_certificate:
            self._chain = self._verified_again() if self.resumed else self._shown()
            self._context.verified.keep(self._chain)

    def _is_reused(self) -> bool:
        return bool(_lib.SSL_session_reused(self._connection._ssl))

    def _shown(self) -> tuple[bytes, ...]:
        """Return the chain that OpenSSL has verified in this handshake."""
        return tuple(_der(each) for each in self._connection.get_verified_chain() or ())

    def _verified_again(self) -> tuple[bytes, ...]:
        """Return the chain of a resumed session, which OpenSSL does not verify: it may have expired."""
        certificate = self._connection.get_peer_certificate()
        store = self._context.ssl.get_cert_store()
        assert certificate is not None and store is not None
        if known := self._context.verified.find(_der(certificate), wall_clock()):
            return known
        sent = self._connection.get_peer_cert_chain() or []
        try:
            chain = crypto.X509StoreContext(store, certificate, sent).get_verified_chain()
        except crypto.X509StoreContextError as error:
            self._notes.complaint = certificate_failure(error.errors[0], _der(error.certificate))
            return ()
        return tuple(map(_der, chain))

    def _read(self) -> bytes:
        plaintext = b""
        while _waiting(self._connection._into_ssl) or self._connection.pending():
            try:
                plaintext += self._connection.recv(_READ_OCTETS)
            except SSL.WantReadError:
                break
        return plaintext

    def _drain(self) -> bytes:
        waiting = _waiting(self._connection._from_ssl)
        return self._connection.bio_read(waiting) if waiting else b""

    def _failed(self, failure: Failed) -> Progress:
        return Progress(self._drain(), b"", self._finished, failure)


def _waiting(bio: Any) -> int:
    """Return how many octets are in one of a connection's memory BIOs."""
    # To ask is cheaper than to read until there is nothing: pyOpenSSL says that by an exception.
    return int(_lib.BIO_get_mem_data(bio, _ffi.NULL))


def _reasons(error: SSL.Error) -> list[str]:
    """Return OpenSSL's words for what went wrong; none where the connection was just cut."""
    return [entry[2] for entry in error.args[0]] if error.args and isinstance(error.args[0], list) else []
