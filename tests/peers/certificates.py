"""A certificate authority of the tests' own, and the certificates it signs."""

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=2)
LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


@dataclass(frozen=True)
class Files:
    """Paths of one certificate in PEM, its key and the authority that signed it."""

    authority: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates and writes them below `directory`."""

    directory: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def path(self) -> Path:
        return self.directory / "ca.pem"

    def issue(
        self, name: str, *, client: bool = False, lifetime: timedelta = LIFETIME, purpose: bool = True
    ) -> Files:
        """A certificate for `name` and the loopback addresses, for a server or else a client.

        A negative lifetime makes one that has expired; without a purpose it says nothing of either.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        addresses = [x509.IPAddress(address) for address in LOOPBACK if not client]
        alternative = x509.SubjectAlternativeName([x509.DNSName(name), *addresses])
        builder = start_certificate(name, self.certificate.subject, key.public_key(), lifetime)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if purpose:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(alternative, critical=False)
        return self._write(name, builder.sign(self.key, hashes.SHA256()), key)

    def ocsp_response(
        self,
        files: Files,
        end: datetime | None,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        start: datetime | None = None,
    ) -> bytes:
        """What a responder of this authority says about a certificate, in DER; since an hour ago."""
        start = start or datetime.now(UTC) - timedelta(hours=1)
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        revoked = start if status is ocsp.OCSPCertStatus.REVOKED else None
        # The name of a certificate in OCSP is hashed by SHA-1 (RFC 5019 section 2.1.1).
        digest = hashes.SHA1()
        builder = ocsp.OCSPResponseBuilder().add_response(
            certificate, self.certificate, digest, status, start, end, revoked, None
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Files:
        files = Files(self.path, self.directory / f"{name}.pem", self.directory / f"{name}.key")
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files.key.touch(mode=0o600)
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files


def create_authority(directory: Path, name: str = "Officegate test authority") -> Authority:
    """A new authority whose certificate is DIRECTORY/ca.pem; its key stays in memory."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = start_certificate(name, subject, key.public_key(), LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(AUTHORITY_USAGE, critical=True)
    authority = Authority(directory, builder.sign(key, hashes.SHA256()), key)
    authority.path.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    return authority


AUTHORITY_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def start_certificate(
    name: str, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    start = min(now, now + lifetime) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + lifetime)
    )
