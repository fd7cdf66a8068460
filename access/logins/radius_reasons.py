"""What RADIUS calls a method or a failure, in the application's words."""

from access.model import Method, Reason
from radius.questions import Failure
from radius.questions import Method as RadiusMethod

METHODS = {
    RadiusMethod.PAP: Method.PAP,
    RadiusMethod.MAB: Method.MAB,
    RadiusMethod.CHAP: Method.CHAP,
    RadiusMethod.MSCHAPV2: Method.MSCHAPV2,
    RadiusMethod.EAP_TLS: Method.EAP_TLS,
    RadiusMethod.EAP_TTLS_PAP: Method.EAP_TTLS_PAP,
    RadiusMethod.EAP_TTLS_CHAP: Method.EAP_TTLS_CHAP,
    RadiusMethod.EAP_TTLS_MSCHAPV2: Method.EAP_TTLS_MSCHAPV2,
    RadiusMethod.EAP_TTLS_EAP_MSCHAPV2: Method.EAP_TTLS_EAP_MSCHAPV2,
    RadiusMethod.EAP_TTLS_EAP_GTC: Method.EAP_TTLS_EAP_GTC,
    RadiusMethod.PEAP_MSCHAPV2: Method.PEAP_MSCHAPV2,
    RadiusMethod.PEAP_GTC: Method.PEAP_GTC,
    RadiusMethod.PEAP_TLS: Method.PEAP_EAP_TLS,
    RadiusMethod.EAP_MSCHAPV2: Method.EAP_MSCHAPV2,
    RadiusMethod.EAP_GTC: Method.EAP_GTC,
    RadiusMethod.EAP_MD5: Method.EAP_MD5,
    RadiusMethod.HOME_SERVER: Method.HOME_SERVER,
}

# And back: what the application calls a method, in RADIUS's words.
RADIUS_METHODS = {ours: theirs for theirs, ours in METHODS.items()}

REASONS_OF_FAILURES = {
    Failure.PASSWORD_TOO_SHORT: Reason.CODE_MISSING,
    Failure.NOT_TEXT: Reason.WRONG_PASSWORD,
    Failure.NO_CREDENTIALS: Reason.METHOD_NOT_ALLOWED,
    Failure.METHOD_NOT_ALLOWED: Reason.METHOD_NOT_ALLOWED,
    Failure.MAB_NOT_ALLOWED: Reason.METHOD_NOT_ALLOWED,
    Failure.MAB_NAME_MISMATCH: Reason.METHOD_NOT_ALLOWED,
    Failure.BAD_STATE: Reason.CONVERSATION_EXPIRED,
    Failure.TIMED_OUT: Reason.CONVERSATION_EXPIRED,
    Failure.GIVEN_UP: Reason.CONVERSATION_EXPIRED,
    Failure.SUPERSEDED: Reason.CONVERSATION_EXPIRED,
    Failure.BUSY: Reason.CONVERSATION_EXPIRED,
    Failure.TOO_MANY_ROUND_TRIPS: Reason.EAP_FAILED,
    Failure.TOO_LONG: Reason.EAP_FAILED,
    Failure.BAD_EAP: Reason.EAP_FAILED,
    Failure.NO_COMMON_METHOD: Reason.METHOD_NOT_ALLOWED,
    Failure.TLS_ALERT: Reason.EAP_FAILED,
    Failure.TLS_FAILED: Reason.EAP_FAILED,
    Failure.BAD_CERTIFICATE: Reason.CERTIFICATE_UNKNOWN,
    Failure.INNER_METHOD: Reason.METHOD_NOT_ALLOWED,
    Failure.NOT_GRANTED: Reason.EAP_FAILED,
    Failure.IDENTITY_MISMATCH: Reason.EAP_FAILED,
    Failure.REALM_MISMATCH: Reason.EAP_FAILED,
    Failure.UNKNOWN_REALM: Reason.UNKNOWN_REALM,
    Failure.HOME_UNAVAILABLE: Reason.HOME_SERVER_UNAVAILABLE,
    Failure.HOME_REFUSED: Reason.HOME_SERVER_REFUSED,
    Failure.FORWARDING_LOOP: Reason.FORWARDING_LOOP,
    Failure.REPLY_TOO_LARGE: Reason.POLICY_CONFLICT,
}

# The alerts of TLS (RFC 8446 section 6.2) by which a device says that our certificate does not do.
_DISTRUST = (
    "unknown ca",
    "certificate unknown",
    "bad certificate",
    "certificate expired",
    "certificate revoked",
    "unsupported certificate",
    "unrecognized name",
)


def reason_of(failure: Failure, detail: str) -> Reason:
    """Return the reason of a login that the RADIUS server itself refused."""
    if failure is Failure.TLS_ALERT and any(f"({alert})" in detail for alert in _DISTRUST):
        return Reason.CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT
    if failure is Failure.TLS_FAILED and "shown no certificate" in detail:
        return Reason.CERTIFICATE_MISSING
    if failure is Failure.BAD_CERTIFICATE and detail.endswith(("has expired", "is not valid yet")):
        return Reason.CERTIFICATE_EXPIRED
    return REASONS_OF_FAILURES[failure]
