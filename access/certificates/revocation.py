"""What others say of their certificates: lists of revocations (RFC 5280), answers of OCSP (RFC 6960).

One that is not signed by whoever has issued the certificate, or for OCSP by somebody they have named for it,
is worth nothing; nor is one that is too old, or of a time to come.
"""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from access.certificates.errors import BadAnswer
from access.certificates.external import Status
from access.certificates.known import valid_at

# How far the clocks of two machines may be apart.
SLACK_S = 300.0
# An answer of OCSP that does not say when the next one comes.
SHORTEST_LIFE_S = 60.0
NONCE_OCTETS = 16
_STATUS = {
    ocsp.OCSPCertStatus.GOOD: Status.GOOD,
    ocsp.OCSPCertStatus.REVOKED: Status.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: Status.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class RevokedList:
    """A list that was proved: of which issuer, made when, and until when it says that it counts."""

    issuer: x509.Certificate
    made_at: float
    until: float
    serials: frozenset[int] = field(repr=False)

    def status(self, issuer: x509.Certificate, serial: int, now: float, longest_age_s: float) -> Status:
        """Return what the list says of a certificate of an issuer."""
        if issuer != self.issuer or now >= min(self.until, self.made_at + longest_age_s):
            return Status.UNKNOWN
        return Status.REVOKED if serial in self.serials else Status.GOOD


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """An answer that was proved, and until when it counts."""

    status: Status
    until: float


def read_list(octets: bytes, issuers: tuple[x509.Certificate, ...], now: float) -> RevokedList:
    """Return a list in DER or PEM that one of the issuers has signed. Raises BadAnswer."""
    try:
        pem = octets.lstrip().startswith(b"-----BEGIN")
        crl = x509.load_pem_x509_crl(octets) if pem else x509.load_der_x509_crl(octets)
        issuer = next((each for each in issuers if _has_signed(each, crl)), None)
        partial = any(_is_partial(each.value) for each in crl.extensions)
        ends = crl.next_update_utc
        made_at = crl.last_update_utc.timestamp()
        serials = frozenset(each.serial_number for each in crl)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise BadAnswer(f"it is no list of revocations: {error}") from None
    if issuer is None:
        raise BadAnswer(f"it is signed by somebody else, {crl.issuer.rfc4514_string()}")
    if partial:
        raise BadAnswer("it is a part of a list only (a delta, or of some certificates): name the whole one")
    if ends is None:
        raise BadAnswer("it does not say when the next one comes (nextUpdate)")
    if made_at > now + SLACK_S:
        raise BadAnswer(f"it was made in the future, at {crl.last_update_utc:%Y-%m-%d %H:%M} UTC")
    if ends.timestamp() <= now:
        raise BadAnswer(f"it ended at {ends:%Y-%m-%d %H:%M} UTC")
    return RevokedList(issuer, made_at, ends.timestamp(), serials)


def ocsp_request(leaf: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> bytes:
    """Return the question about one certificate, in DER."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())  # noqa: S303
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def read_ocsp(
    octets: bytes, leaf: x509.Certificate, issuer: x509.Certificate, nonce: bytes, now: float
) -> OcspAnswer:
    """Return what an answer says of a certificate. Raises BadAnswer.

    An answer without a nonce may have been made before: its times have to hold.
    """
    try:
        answer = ocsp.load_der_ocsp_response(octets)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise BadAnswer(f"it says {answer.response_status.name.lower()}")
        _prove(answer, issuer, now)
        _match(answer, leaf, issuer, nonce)
        begins = answer.this_update_utc.timestamp()
        ends = answer.next_update_utc
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise BadAnswer(f"it is no answer of OCSP: {error}") from None
    if begins > now + SLACK_S:
        raise BadAnswer("it is of a time to come")
    until = ends.timestamp() if ends is not None else begins + SHORTEST_LIFE_S + SLACK_S
    if until <= now:
        raise BadAnswer(f"it is too old, of {answer.this_update_utc:%Y-%m-%d %H:%M} UTC")
    return OcspAnswer(
        _STATUS[answer.certificate_status], until if ends is not None else now + SHORTEST_LIFE_S
    )


def _match(answer: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate, nonce: bytes) -> None:
    """Raise BadAnswer where an answer is about something else, or an answer to somebody else."""
    asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, answer.hash_algorithm).build()
    about = (answer.serial_number, answer.issuer_name_hash, answer.issuer_key_hash)
    if about != (asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash):
        raise BadAnswer("it is about another certificate")
    try:
        said = answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return
    if said != nonce:
        raise BadAnswer("it answers another question (nonce)")


def _prove(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: float) -> None:
    """Raise BadAnswer unless the issuer has signed it, or somebody the issuer has named for that."""
    named = [each for each in answer.certificates if _is_named(each, issuer, now)]
    for signer in (issuer, *named):
        if _verifies(signer, answer):
            return
    raise BadAnswer("it is signed by nobody who may answer for this authority")


def _is_named(certificate: x509.Certificate, issuer: x509.Certificate, now: float) -> bool:
    """Return whether a certificate is one for answering (RFC 6960 section 4.2.2.2)."""
    try:
        certificate.verify_directly_issued_by(issuer)
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes and valid_at(certificate, now)


def _verifies(signer: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    if algorithm is None:
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _is_partial(extension: x509.ExtensionType) -> bool:
    """Return whether a list with this extension leaves out some of an issuer's people and endpoints."""
    if isinstance(extension, x509.DeltaCRLIndicator):
        return True
    if not isinstance(extension, x509.IssuingDistributionPoint):
        return False
    others_only = extension.only_contains_ca_certs or extension.only_contains_attribute_certs
    return bool(others_only or extension.indirect_crl or extension.only_some_reasons)


def _has_signed(issuer: x509.Certificate, crl: x509.CertificateRevocationList) -> bool:
    key = issuer.public_key()
    if crl.issuer != issuer.subject or not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return False
    return crl.is_signature_valid(key)
