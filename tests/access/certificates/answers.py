"""What a corporate authority says of its certificates: lists, and answers of OCSP, true ones and others."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.certificates import authority as making
from access.certificates.authority import Revocation, RevokedSerial, Signer
from tests.access.certificates.workshop import DAY_S, NOW, a_key

# Before the clock of any machine that runs these tests.
LONG_AGO = 1_600_000_000.0
GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def a_list(signer: Signer, *serials: int, at: float = NOW, until: float = NOW + DAY_S) -> bytes:
    revoked = [RevokedSerial(serial, at, Revocation.KEY_COMPROMISE) for serial in serials]
    return making.revocation_list(signer, revoked, 1, (at, until))


def an_answer(
    leaf: x509.Certificate,
    issuer: x509.Certificate,
    by: tuple,
    status: ocsp.OCSPCertStatus = GOOD,
    at: float = NOW,
    until: float | None = NOW + 3600,
    nonce: bytes | None = None,
) -> bytes:
    """by: certificate and key of whoever answers."""
    certificate, key = by
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=leaf,
            issuer=issuer,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=moment(at),
            next_update=None if until is None else moment(until),
            revocation_time=moment(at) if status is REVOKED else None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    if certificate != issuer:
        builder = builder.certificates([certificate])
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def a_responder(signer: Signer, *, named: bool = True, until: float = NOW + DAY_S) -> tuple:
    """Certificate and key of somebody who answers for an authority; named: it is for that."""
    key = a_key()
    issuer = signer.authority.certificate
    purpose = ExtendedKeyUsageOID.OCSP_SIGNING if named else ExtendedKeyUsageOID.CLIENT_AUTH
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "responder")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(99)
        .not_valid_before(moment(LONG_AGO))
        .not_valid_after(moment(until))
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .sign(signer.key, hashes.SHA256())
    )
    return certificate, key
