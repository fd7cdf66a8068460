"""The certificate that RADIUS shows to endpoints, made at the first start where none is configured. ◆

A small authority of our own signs it and forgets its key at once: endpoints are told to trust the authority,
and nobody can ever make another certificate with it. Windows wants the server purpose in it (EKU serverAuth).
"""

import datetime
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from access.config import RadiusSettings

LIFETIME = datetime.timedelta(days=3650)
EARLIER = datetime.timedelta(days=1)
SERVER_NAME = "radius.officegate"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files: our certificate with its chain, its key, and the authority to trust."""

    certificate: Path
    private_key: Path
    authority: Path | None


def tls_files(settings: RadiusSettings, directory: Path) -> TlsFiles:
    """Return the configured files, else the generated ones in directory, which are made if there are none."""
    if settings.certificate is not None and settings.private_key is not None:
        return TlsFiles(settings.certificate, settings.private_key, settings.certificate_authority)
    files = TlsFiles(directory / "server.pem", directory / "server.key", directory / "authority.pem")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Several workers start at once; the first one makes them.
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not files.certificate.exists():
            _generate(directory, datetime.datetime.now(datetime.UTC))
    return files


def _generate(directory: Path, now: datetime.datetime) -> None:
    """Write authority, key and certificate; the certificate last: where it is, the others are."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = _name("Officegate RADIUS authority")
    authority = (
        _begin(name, name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_AUTHORITY_USAGE, critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _begin(_name(SERVER_NAME), name, server_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(directory / "authority.pem", authority.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(directory / "server.key", private, 0o600)
    _write(directory / "server.pem", server.public_bytes(serialization.Encoding.PEM), 0o644)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write(path: Path, octets: bytes, mode: int) -> None:
    """Write a file whole or not at all."""
    draft = path.with_suffix(path.suffix + ".new")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(file, "wb") as opened:
        opened.write(octets)
        opened.flush()
        os.fsync(opened.fileno())
    draft.rename(path)


_AUTHORITY_USAGE = x509.KeyUsage(
    digital_signature=False,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
