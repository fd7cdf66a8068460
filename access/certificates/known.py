"""What a RADIUS worker knows of certificates: whom it trusts, and how each of our own stands.

An issuer is found by the name in the certificate and by its signature, verified here: the chain
that a peer sends along proves nothing. Only what one of these authorities has signed itself is taken.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.certificates.authority import Authority
from access.certificates.ending import Ending, ends_at
from access.certificates.external import External

MOST_SIGNED = 8192
_FOR_CLIENTS = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


class Standing(NamedTuple):
    """How a certificate of ours stands: whose it is, and until when it counts; revoked: it does not."""

    user_id: int | None
    endpoint_id: int | None
    valid_until: float
    revoked: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whoever has signed a certificate. external is None for an authority of ours."""

    name: str
    certificate: x509.Certificate
    external: External | None = None
    ours: Authority | None = None


class _Issuers:
    """Issuers by the name in their certificate. Never changed."""

    def __init__(self, known: tuple[Issuer, ...]) -> None:
        self.all = known
        self._by_name: dict[bytes, list[Issuer]] = {}
        for each in known:
            self._by_name.setdefault(each.certificate.subject.public_bytes(), []).append(each)

    def named(self, name: bytes) -> list[Issuer]:
        """Return those of a name in DER."""
        return self._by_name.get(name, [])


class KnownCertificates:
    """The certificates one worker knows. Any thread may read, and put authorities; one puts certificates."""

    def __init__(self) -> None:
        self.version = 0
        self._ours = _Issuers(())
        self._others = _Issuers(())
        self._signed: dict[bytes, tuple[Issuer, _Issuers, _Issuers]] = {}
        self._standings: dict[str, Standing] = {}
        self._keys: dict[int, str] = {}

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """The certificates of everyone trusted, as PEM; version rises with each change of ours."""
        everyone = (*self._ours.all, *self._others.all)
        return tuple(each.certificate.public_bytes(Encoding.PEM) for each in everyone)

    def endings(self) -> list[Ending]:
        """Return when each authority ends: of ours those that issue, of others all that are trusted."""
        ours = [
            Ending(f"authority {each.name}", each.ours.ends_at, each.ours.organization_id)
            for each in self._ours.all
            if each.ours is not None and each.ours.issues
        ]
        others = [
            Ending(f"authority {each.name}, {_title(each.certificate)}", ends_at(each.certificate))
            for each in self._others.all
        ]
        return ours + others

    def put_authorities(self, known: Iterable[Authority]) -> None:
        """Trust these authorities of ours and no others."""
        self._ours = _Issuers(tuple(Issuer(each.name, each.certificate, ours=each) for each in known))
        self.version += 1

    def put_externals(self, known: Iterable[External]) -> None:
        """Trust these authorities of others and no others."""
        self._others = _Issuers(
            tuple(Issuer(each.name, certificate, each) for each in known for certificate in each.certificates)
        )

    def put_certificates(self, known: Mapping[int, tuple[str, Standing]]) -> None:
        """Know these certificates of ours and no others: key and standing by number."""
        self._keys = {number: key for number, (key, _) in known.items()}
        self._standings = dict(known.values())

    def put_certificate(self, number: int, known: tuple[str, Standing] | None) -> None:
        """Know a certificate of ours as it stands now; None: there is none."""
        before = self._keys.pop(number, None)
        if before is not None:
            self._standings.pop(before, None)
        if known is not None:
            self._keys[number] = known[0]
            self._standings[known[0]] = known[1]

    def standing(self, key: str) -> Standing | None:
        """Return how a certificate of ours stands; None where we have issued none with this key."""
        return self._standings.get(key)

    def is_ours(self, authority: str) -> bool:
        """Return whether an authority of this name is ours."""
        return any(each.name == authority for each in self._ours.all)

    def issuer_of(self, certificate: x509.Certificate) -> Issuer | None:
        """Return who of those trusted has signed a certificate.

        What was signed stays signed: it is verified once, as long as the same authorities are trusted.
        """
        ours, others, mark = self._ours, self._others, certificate.fingerprint(SHA256())
        signed = self._signed.get(mark)
        # Compared with what is trusted now: another thread may have put others while it was looked at.
        if signed is not None and signed[1] is ours and signed[2] is others:
            return signed[0]
        issuer = _signer(certificate, ours, others)
        if issuer is not None:
            if len(self._signed) >= MOST_SIGNED:
                self._signed.clear()
            self._signed[mark] = issuer, ours, others
        return issuer


def _signer(certificate: x509.Certificate, *trusted: _Issuers) -> Issuer | None:
    name = certificate.issuer.public_bytes()
    for issuers in trusted:
        for issuer in issuers.named(name):
            try:
                certificate.verify_directly_issued_by(issuer.certificate)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return issuer
    return None


def _title(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:120]


def valid_at(certificate: x509.Certificate, now: float) -> bool:
    """Return whether a certificate has begun and not ended."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins.timestamp() <= now < ends.timestamp()


def for_clients(certificate: x509.Certificate) -> bool:
    """Return whether a certificate may be a client's. One that says nothing of its purpose may."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return not _FOR_CLIENTS.isdisjoint(purposes)
