"""Who is at the other end of a connection of RADIUS over TLS, by its certificate ◆

    the certificate                                    it is
    is past its end, not begun, or revoked             nobody's, whatever else holds
    has a fingerprint that somebody is pinned to       theirs, whoever signed it
    is signed by the authority, and has a name that
    somebody is known by                               theirs
    any other                                          nobody's: the handshake fails, with an alert

So a certificate that an authority signed for something else opens nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL, crypto

# X509_V_ERR of OpenSSL's x509_vfy.h: CERT_NOT_YET_VALID, CERT_HAS_EXPIRED, CERT_REVOKED.
_FINAL_ERRORS = frozenset({9, 10, 23})
_VERIFY = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files in PEM: our certificate with its chain, its key, and the authorities (with CRLs) of our peers."""

    certificate: Path
    private_key: Path
    authority: Path | None = None

    def seen(self) -> tuple[tuple[int, ...], ...]:
        """Return what changes when a file does; nothing of one that is not there."""
        paths = (self.certificate, self.private_key, self.authority)
        found = [path.stat() for path in paths if path is not None and path.exists()]
        return tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)


@dataclass(frozen=True, slots=True)
class Credential:
    """A peer's certificate: SHA-256 in hex, and its names if an authority of ours vouches for them."""

    fingerprint: str
    names: frozenset[str]
    until: datetime
    certificate: crypto.X509

    def holds(self, store: crypto.X509Store, now: datetime) -> bool:
        """Return whether it would still be taken: not past its end, and what was vouched for still is."""
        if now > self.until:
            return False
        if not self.names:
            return True
        try:
            crypto.X509StoreContext(store, self.certificate).verify_certificate()
        except crypto.X509StoreContextError:
            return False
        return True


Known = Callable[[Credential], bool]


class Examination:
    """OpenSSL's questions about one peer's certificate; credential is there once it was taken."""

    def __init__(self, known: Known) -> None:
        self.credential: Credential | None = None
        self._known = known
        self._trusted = True

    def __call__(
        self, _connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, ok: int
    ) -> bool:
        """Return whether to go on."""
        self._trusted = self._trusted and bool(ok)
        if depth:
            return True
        if error in _FINAL_ERRORS and not ok:
            self.credential = None
            return False
        credential = read_credential(certificate, self._trusted)
        taken = self._known(credential)
        self.credential = credential if taken else None
        return taken


def read_credential(certificate: crypto.X509, trusted: bool) -> Credential:
    """Return what a certificate says. Names count only where an authority vouches for them."""
    read = certificate.to_cryptography()
    der = crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)
    names = _names(read) if trusted else frozenset()
    return Credential(hashlib.sha256(der).hexdigest(), names, read.not_valid_after_utc, certificate)


def _names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return frozenset()
    return frozenset(name.lower() for name in found.get_values_for_type(x509.DNSName))


class TlsEnds:
    """Makes connections from files that may be replaced at any time: the newest that can be read count.

    store has the authorities that are trusted now; generation rises whenever anything is replaced.
    """

    def __init__(self, files: TlsFiles) -> None:
        """Raises SSL.Error or OSError where the files cannot be used."""
        self._files = files
        self._seen = files.seen()
        self._context = _context(files)
        self.store = _store(files)
        self.generation = 0

    def refresh(self) -> str:
        """Look at the files again; return why new ones cannot be used, '' where all is well."""
        seen = self._files.seen()
        if seen == self._seen:
            return ""
        try:
            self._context, self.store = _context(self._files), _store(self._files)
        except (SSL.Error, crypto.Error, OSError) as error:
            return f"{type(error).__name__}: {error}"
        self._seen = seen
        self.generation += 1
        return ""

    def server(self, examination: Examination) -> SSL.Connection:
        """Return our end of a connection that a peer began."""
        tls = SSL.Connection(self._context, None)
        tls.set_verify(_VERIFY, examination)
        tls.set_accept_state()
        return tls

    def client(self, examination: Examination) -> SSL.Connection:
        """Return our end of a connection that we begin."""
        tls = SSL.Connection(self._context, None)
        tls.set_verify(_VERIFY, examination)
        tls.set_connect_state()
        return tls


def _context(files: TlsFiles) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate_chain_file(str(files.certificate))
    context.use_privatekey_file(str(files.private_key))
    context.check_privatekey()
    # A resumed connection would show no certificate again: each one proves itself anew.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    if files.authority is not None:
        context.load_verify_locations(str(files.authority))
        if _has_crl(files.authority):
            store = context.get_cert_store()
            assert store is not None
            store.set_flags(crypto.X509StoreFlags.CRL_CHECK)
    return context


def _store(files: TlsFiles) -> crypto.X509Store:
    """Return a store of its own: that of a context must not outlive it."""
    store = crypto.X509Store()
    if files.authority is not None:
        store.load_locations(str(files.authority))
        if _has_crl(files.authority):
            store.set_flags(crypto.X509StoreFlags.CRL_CHECK)
    return store


def _has_crl(authority: Path) -> bool:
    return b"BEGIN X509 CRL" in authority.read_bytes()
