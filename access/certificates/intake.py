"""What others bring: an authority to import, a request to sign (RFC 2986). Read and checked whole."""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from access.certificates.authority import PrivateKey, PublicKey
from access.certificates.errors import BadAuthority, BadRequest

SMALLEST_RSA_BITS = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


@dataclass(frozen=True, slots=True)
class Imported:
    """An authority with its key that was made elsewhere."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)


def read_authority(certificate_pem: bytes, key_pem: bytes, password: bytes | None, now: float) -> Imported:
    """Return an authority that can issue for us. Raises BadAuthority."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise BadAuthority(f"This is no certificate in PEM: {error}.") from None
    key = _read_key(key_pem, password)
    if key.public_key() != certificate.public_key():
        raise BadAuthority("The key is not that of the certificate. Name the two that belong together.")
    if why := why_no_authority(certificate, now):
        raise BadAuthority(f"The certificate {why}.")
    return Imported(certificate, key)


def why_no_authority(certificate: x509.Certificate, now: float) -> str:
    """Return why a certificate cannot be an authority's; empty where it can."""
    try:
        extensions = certificate.extensions
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        is_authority = basic.ca
    except (x509.ExtensionNotFound, ValueError):
        is_authority = False
    if not is_authority:
        return "is not that of an authority (basicConstraints CA:TRUE is missing)"
    if not _may_sign(certificate):
        return "must not sign certificates and lists of revocations (keyUsage)"
    if now >= certificate.not_valid_after_utc.timestamp():
        return f"has expired, on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc.timestamp():
        return f"begins only on {certificate.not_valid_before_utc:%Y-%m-%d}"
    return ""


def read_request(pem: bytes) -> PublicKey:
    """Return the key that a request proves to be its sender's; its names are not looked at.

    Raises BadRequest.
    """
    try:
        request = x509.load_pem_x509_csr(pem)
        proven = request.is_signature_valid
        key = request.public_key()
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise BadRequest(f"This is no certificate request in PEM: {error}.") from None
    if not proven:
        raise BadRequest("The request is not signed with its own key: whoever sent it may not have that key.")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise BadRequest(f"The key is too weak or unusual: use ECDSA P-256, or RSA of {SMALLEST_RSA_BITS} bits.")


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.key_cert_sign and usage.crl_sign


def _read_key(pem: bytes, password: bytes | None) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:
        raise BadAuthority("The key is under a password: give it, or give the plain key.") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadAuthority(f"This is no private key in PEM that opens: {error}.") from None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= SMALLEST_RSA_BITS:
        return key
    raise BadAuthority(f"Use a key for ECDSA, or RSA of {SMALLEST_RSA_BITS} bits or more.")
