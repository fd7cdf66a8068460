"""Private keys: made, and packed for a device to take (PKCS#12, RFC 7292). ◆"""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from access.certificates.authority import PrivateKey
from access.certificates.values import Bundle, KeyKind

RSA_BITS = 3072
_RSA_EXPONENT = 65537
# As OpenSSL 3 and Windows 10 1709 and later, macOS, iOS and Android take it.
KDF_ROUNDS = 20_000


def new_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key."""
    if kind is KeyKind.RSA:
        return rsa.generate_private_key(_RSA_EXPONENT, RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def key_octets(key: PrivateKey) -> bytes:
    """Return the key in DER, to be sealed at once."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def packed(bundle: Bundle, password: str) -> bytes:
    """Return a PKCS#12 file under a password: AES-256, and HMAC-SHA256 against changes."""
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        bundle.title.encode(), bundle.key, bundle.certificate, [bundle.authority], encryption
    )
