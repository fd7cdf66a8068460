"""Authorities and certificates for tests: made in memory with one key each, at one moment."""

from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from access.certificates import authority as making
from access.certificates.authority import Authority, Signer, Wanted
from access.certificates.naming import Holder

NOW = 1_800_000_000.0
DAY_S = 86400.0
REALM = "hangang.example"
MINJUN = Holder("minjun.kim@hangang.example", "minjun.kim@hangang.example")


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def an_authority(
    name: str = "hangang", realm: str = REALM, days: float = 3650, now: float = NOW, id: int = 1
) -> Signer:
    key = a_key()
    der = making.self_signed(key, f"{name} endpoints", realm, 77, (now - DAY_S, now + days * DAY_S))
    return Signer(Authority(id, 1, name, x509.load_der_x509_certificate(der)), key)


def wanted(holder: Holder = MINJUN, **changes: object) -> Wanted:
    order = Wanted(holder, REALM, a_key().public_key(), NOW, NOW + 365 * DAY_S)
    return replace(order, **changes)  # type: ignore[arg-type]


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
