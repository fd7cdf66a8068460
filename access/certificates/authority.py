"""Our own authorities: making one, issuing with it, and its list of revocations (RFC 5280).

An authority of an organization can name nobody else's people: name constraints tie it to the realm, its
purpose (EKU) is clientAuth alone, and nothing may be below the certificates it issues. Signatures are
deterministic (RFC 6979), keys and serial numbers come in as arguments.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from access.certificates.naming import Holder, alternative_names

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
SERIAL_OCTETS = 16
# Endpoints whose clock is a little slow must not hold it to be of the future.
EARLIER_S = 3600.0
_EARLIEST = 1.0


class Revocation(StrEnum):
    """Why a certificate counts no longer (RFC 5280 section 5.3.1)."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority of an organization. name is its own, and that of its list: NAME.crl."""

    id: int
    organization_id: int
    name: str
    certificate: x509.Certificate
    issues: bool = True

    @property
    def ends_at(self) -> float:
        """When it is over."""
        return self.certificate.not_valid_after_utc.timestamp()


@dataclass(frozen=True, slots=True)
class Signer:
    """An authority with its key."""

    authority: Authority
    key: PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A certificate to be issued: for whom and which key, from now until a moment.

    crl_url is where the list of revocations can be had, empty where nowhere.
    """

    holder: Holder
    realm: str
    key: PublicKey
    now: float
    until: float
    crl_url: str = ""


@dataclass(frozen=True, slots=True)
class RevokedSerial:
    """One line of a list of revocations."""

    serial: int
    at: float
    reason: Revocation


def new_serial(octets: bytes) -> int:
    """Return the serial number made of 16 random octets: 128 bits, never 0 and never negative."""
    return int.from_bytes(octets[:SERIAL_OCTETS]) or 1


def self_signed(key: PrivateKey, title: str, realm: str, serial: int, span: tuple[float, float]) -> bytes:
    """Return the certificate of a new authority for a realm, in DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    builder = (
        _begin(name, name, key.public_key(), serial, span)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_CLIENT_AUTH, critical=False)
        .add_extension(_constraints(realm), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _der(builder, key)


def issue(signer: Signer, wanted: Wanted, serial: int) -> x509.Certificate:
    """Return a new certificate; it ends no later than its authority."""
    issuer = signer.authority.certificate
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted.holder.common_name[:64])])
    until = min(wanted.until, signer.authority.ends_at)
    builder = (
        _begin(name, issuer.subject, wanted.key, serial, (wanted.now - EARLIER_S, until))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(_CLIENT_AUTH, critical=False)
        .add_extension(alternative_names(wanted.holder, wanted.realm), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(wanted.key), critical=False)
        .add_extension(authority_key(issuer), critical=False)
    )
    if wanted.crl_url:
        where = x509.DistributionPoint([x509.UniformResourceIdentifier(wanted.crl_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([where]), critical=False)
    return x509.load_der_x509_certificate(_der(builder, signer.key))


def revocation_list(
    signer: Signer, revoked: Iterable[RevokedSerial], number: int, span: tuple[float, float]
) -> bytes:
    """Return the signed list in DER. span is from when it is and when the next one comes at the latest."""
    issuer = signer.authority.certificate
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(_moment(span[0]))
        .next_update(_moment(span[1]))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(authority_key(issuer), critical=False)
    )
    for each in revoked:
        line = x509.RevokedCertificateBuilder().serial_number(each.serial).revocation_date(_moment(each.at))
        if each.reason is not Revocation.UNSPECIFIED:
            why = x509.CRLReason(x509.ReasonFlags(each.reason.value))
            line = line.add_extension(why, critical=False)
        builder = builder.add_revoked_certificate(line.build())
    signed = builder.sign(signer.key, hashes.SHA256(), ecdsa_deterministic=_deterministic(signer.key))
    return signed.public_bytes(_DER)


def authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """Return what names an issuer's key: its own subject key identifier, where it has one."""
    try:
        found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, serial: int, span: tuple[float, float]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(_moment(max(span[0], _EARLIEST)))
        .not_valid_after(_moment(span[1]))
    )


def _der(builder: x509.CertificateBuilder, key: PrivateKey) -> bytes:
    signed = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=_deterministic(key))
    return signed.public_bytes(_DER)


def _deterministic(key: PrivateKey) -> bool | None:
    return True if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _constraints(realm: str) -> x509.NameConstraints:
    """Return what ties an authority to a realm. No address is anybody's name."""
    return x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(realm), x509.RFC822Name(realm)],
        excluded_subtrees=[x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))],
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _moment(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(at), datetime.UTC)


_DER = serialization.Encoding.DER
_CLIENT_AUTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
