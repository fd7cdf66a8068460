"""The certificate that RADIUS shows to endpoints, made at the first start where none is configured. ◆

An authority of its own signs it; endpoints are told to trust that. The authority's key lies sealed beside it,
so that the certificate is renewed without a word to anybody: phones take none that lasts for more than 825
days. When the authority itself comes to its end, the next one is made and handed out first, and then used.
Installations whose authority was made before its key was kept go on with what they have until they take
the next one. Windows wants the server purpose in the certificate (EKU serverAuth).
"""

import datetime
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from access.config import RadiusSettings
from access.errors import Refused
from access.keys.sealing import Keyring, key_id_of

AUTHORITY_LIFETIME = datetime.timedelta(days=3650)
LIFETIME = datetime.timedelta(days=825)
# A certificate is renewed so long before its end.
RENEW_BEFORE = datetime.timedelta(days=60)
EARLIER = datetime.timedelta(days=1)
SERVER_NAME = "radius.officegate"
AUTHORITY_NAME = "Officegate RADIUS authority"
_BOUND_TO = b"radius authority"


class NoNextAuthority(Refused):
    """There is no next authority to be used, or none of ours at all."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files: our certificate with its chain, its key, and the authority to trust."""

    certificate: Path
    private_key: Path
    authority: Path | None


@dataclass(frozen=True, slots=True)
class Vault:
    """What seals the key of the authority."""

    keyring: Keyring
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class _Signer:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def tls_files(settings: RadiusSettings, directory: Path, vault: Vault) -> TlsFiles:
    """Return the configured files, else the generated ones in directory, which are made if there are none."""
    files = tls_paths(settings, directory)
    if settings.certificate is not None:
        return files
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Several workers start at once; the first one makes them.
    with _locked(directory):
        if not (directory / "server.pem").exists():
            now = datetime.datetime.now(datetime.UTC)
            signer = _new_authority(AUTHORITY_NAME, now)
            _keep_authority(directory, "authority", signer, vault)
            _issue(directory, signer, now)
    return files


def tls_paths(settings: RadiusSettings, directory: Path) -> TlsFiles:
    """Return the configured files, else the generated ones in directory, whether there are any or not."""
    if settings.certificate is not None and settings.private_key is not None:
        return TlsFiles(settings.certificate, settings.private_key, settings.certificate_authority)
    return TlsFiles(directory / "server.pem", directory / "server.key", directory / "authority.pem")


def file_ends_at(path: Path | None) -> float | None:
    """Return when the certificate in a file ends; None where there is none that can be read."""
    try:
        return None if path is None else _read(path).not_valid_after_utc.timestamp()
    except (OSError, ValueError):
        return None


def renew_if_due(directory: Path, vault: Vault, now: datetime.datetime) -> bool:
    """Renew our certificate if it ends soon and its authority's key is here; return whether it was."""
    with _locked(directory):
        ends = _read(directory / "server.pem").not_valid_after_utc
        signer = _kept_authority(directory, "authority", vault)
        if signer is None or now < ends - RENEW_BEFORE:
            return False
        if ends >= signer.certificate.not_valid_after_utc:
            return False  # a new one would end no later: it takes the next authority
        _issue(directory, signer, now)
        return True


def make_next(directory: Path, vault: Vault, now: datetime.datetime) -> Path:
    """Make the next authority, if none is waiting, and return its certificate. Raises NoNextAuthority."""
    _refuse_foreign(directory)
    path = directory / "next-authority.pem"
    with _locked(directory):
        if not path.exists():
            name = f"{AUTHORITY_NAME} {vault.random(4).hex()}"
            _keep_authority(directory, "next-authority", _new_authority(name, now), vault)
    return path


def use_next(directory: Path, vault: Vault, now: datetime.datetime) -> Path:
    """Have the next authority sign our certificate from now on; return it. Raises NoNextAuthority.

    Killed at any moment it can be done again: the next authority is the next one until the end.
    """
    _refuse_foreign(directory)
    with _locked(directory):
        signer = _kept_authority(directory, "next-authority", vault)
        if signer is None:
            raise NoNextAuthority("No next authority was made yet. Make it: officegate ca server next")
        _issue(directory, signer, now)
        for ending in ("key", "pem"):
            (directory / f"next-authority.{ending}").replace(directory / f"authority.{ending}")
    return directory / "authority.pem"


@dataclass(frozen=True, slots=True)
class AuthorityFiles:
    """The sealed keys of our authorities in a directory, for when the keys they are sealed under change."""

    directory: Path
    vault: Vault

    def reseal(self) -> int:
        """Seal those under an older key anew and return how many there were. Raises SealBroken."""
        keyring, random = self.vault.keyring, self.vault.random
        if not self.directory.exists():
            return 0
        with _locked(self.directory):
            older = [path for path in self._paths() if keyring.needs_rekey(path.read_bytes())]
            for path in older:
                opened = keyring.open_sealed(path.read_bytes(), _BOUND_TO)
                _write(path, keyring.seal(opened, _BOUND_TO, random), 0o600)
        return len(older)

    def under(self, key_id: str) -> int:
        """Return how many are sealed under a key."""
        return sum(key_id_of(path.read_bytes()) == key_id for path in self._paths())

    def unopenable(self) -> int:
        """Return how many are sealed under a key that is not there. Raises SealBroken."""
        return sum(key_id_of(path.read_bytes()) not in self.vault.keyring.keys for path in self._paths())

    def _paths(self) -> list[Path]:
        named = (self.directory / f"{name}.key" for name in ("authority", "next-authority"))
        return [path for path in named if path.exists()]


def _refuse_foreign(directory: Path) -> None:
    if not (directory / "authority.pem").exists():
        raise NoNextAuthority(
            "The server's certificate is none that Officegate has made: replace the files that"
            " radius.certificate and radius.private_key name."
        )


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _new_authority(title: str, now: datetime.datetime) -> _Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(title)
    certificate = (
        _begin(name, name, key.public_key(), (now, now + AUTHORITY_LIFETIME))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_AUTHORITY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Signer(certificate, key)


def _keep_authority(directory: Path, name: str, signer: _Signer, vault: Vault) -> None:
    """Write an authority, its certificate last: where that is, the key is."""
    sealed = vault.keyring.seal(_private(signer.key), _BOUND_TO, vault.random)
    _write(directory / f"{name}.key", sealed, 0o600)
    _write(directory / f"{name}.pem", signer.certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _kept_authority(directory: Path, name: str, vault: Vault) -> _Signer | None:
    """Return an authority; None where its key was not kept. Raises SealBroken."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    if not certificate.exists() or not key.exists():
        return None
    opened = vault.keyring.open_sealed(key.read_bytes(), _BOUND_TO)
    found = serialization.load_pem_private_key(opened, None)
    assert isinstance(found, ec.EllipticCurvePrivateKey), "we made it"
    return _Signer(_read(certificate), found)


def _issue(directory: Path, signer: _Signer, now: datetime.datetime) -> None:
    """Write a key and a certificate for us; the certificate last: where it is, the others are."""
    key = ec.generate_private_key(ec.SECP256R1())
    ends = min(now + LIFETIME, signer.certificate.not_valid_after_utc)
    server = (
        _begin(_name(SERVER_NAME), signer.certificate.subject, key.public_key(), (now, ends))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)]), critical=False)
        .sign(signer.key, hashes.SHA256())
    )
    _write(directory / "server.key", _private(key), 0o600)
    _write(directory / "server.pem", server.public_bytes(serialization.Encoding.PEM), 0o644)


def _begin(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    span: tuple[datetime.datetime, datetime.datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(span[0] - EARLIER)
        .not_valid_after(span[1])
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


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
