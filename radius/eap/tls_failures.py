"""Why TLS failed, in the words of somebody at the helpdesk."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from radius.eap.method import Failed
from radius.facts import text
from radius.questions import Failure

# RFC 8446 section 6.2. OpenSSL spells alerts with spaces.
_ALERTS = {
    "unknown ca": "the device does not trust the authority that signed our certificate",
    "certificate unknown": "the device does not accept our certificate",
    "bad certificate": "the device finds our certificate faulty",
    "certificate expired": "the device finds our certificate expired; check its clock and our certificate",
    "certificate revoked": "the device finds our certificate revoked",
    "unsupported certificate": "the device cannot use our kind of certificate",
    "access denied": "the user or device declined our certificate",
    "user cancelled": "the user cancelled",
    "handshake failure": "the device found no cipher in common with us",
    "protocol version": "the device speaks no version of TLS that we allow",
    "decrypt error": "the device could not verify our signature",
    "unrecognized name": "the device expected another server name",
}
# What OpenSSL found itself.
_FINDINGS = {
    "peer did not return a certificate": "the device has shown no certificate",
    "unsupported protocol": "the device speaks no version of TLS that we allow",
    "no shared cipher": "the device has no cipher in common with us",
}
# The errors of x509_vfy.h.
_COMPLAINTS = {
    9: "is not valid yet",
    10: "has expired",
    2: "comes from no authority that we trust",
    18: "is signed by itself",
    19: "comes from no authority that we trust",
    20: "comes from no authority that we trust",
    21: "comes from no authority that we trust",
    7: "is not what its authority has signed",
    24: "pretends to be an authority",
    26: "is not for clients",
    66: "has a key that is too short",
    68: "is signed with too weak a hash",
}
_LONGEST_NAME = 120
# What was read in so many is remembered: an endpoint comes back with the same one.
CERTIFICATES = 2048


def connection_failure(reasons: Sequence[str]) -> Failed:
    """Return the failure behind OpenSSL's reasons: an alert the peer sent, or what we found ourselves."""
    for reason in reasons:
        _, is_alert, name = reason.rpartition(" alert ")
        if is_alert:
            return Failed(Failure.TLS_ALERT, f"{_ALERTS.get(name, 'the device ended TLS')} ({name})")
    said = ", ".join(_FINDINGS.get(reason, reason) for reason in reasons)
    return Failed(Failure.TLS_FAILED, said or "TLS was cut off")


def certificate_failure(error: int, certificate: bytes) -> Failed:
    """Return what is wrong with the peer's certificate (DER), or one above it; error is OpenSSL's number."""
    try:
        subject = x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    except ValueError:
        subject = "of somebody unreadable"
    name = text(subject.encode())[:_LONGEST_NAME]
    complaint = _COMPLAINTS.get(error, f"does not do (error {error} of OpenSSL)")
    return Failed(Failure.BAD_CERTIFICATE, f"the certificate {name} {complaint}")


@lru_cache(CERTIFICATES)
def purpose_failure(certificate: bytes) -> Failed | None:
    """Return what is wrong with a certificate (DER) that does not name the purpose of a client."""
    try:
        usage = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.ExtendedKeyUsage
        )
        if ExtendedKeyUsageOID.CLIENT_AUTH in usage.value:
            return None
    except (x509.ExtensionNotFound, ValueError):
        pass
    return Failed(Failure.BAD_CERTIFICATE, "the certificate is not for clients: EKU clientAuth is missing")
