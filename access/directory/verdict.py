"""What a directory's answer to a bind says about a password."""

import re
from enum import StrEnum

from access.directory import ber
from access.directory.ber import Reader

PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 - draft-behera-ldap-password-policy section 6.1
SUCCESS = 0


class PasswordOutcome(StrEnum):
    """The answer to "is this the password"."""

    RIGHT = "right"
    WRONG = "wrong"
    EMPTY = "empty"
    EXPIRED = "expired"
    MUST_CHANGE = "must change"
    LOCKED = "locked"
    DISABLED = "disabled"
    NO_HASH = "no hash"
    UNAVAILABLE = "unavailable"


# RFC 4511 appendix A.2. Anything else is no answer about the password.
BY_RESULT = {
    SUCCESS: PasswordOutcome.RIGHT,
    19: PasswordOutcome.LOCKED,  # 389ds: too many attempts
    32: PasswordOutcome.WRONG,
    48: PasswordOutcome.WRONG,
    49: PasswordOutcome.WRONG,
    53: PasswordOutcome.DISABLED,  # 389ds, AD: the account is inactive
}
# draft-behera-ldap-password-policy section 6.2. A password that must be changed first lets nobody in.
BY_POLICY_ERROR = {0: PasswordOutcome.EXPIRED, 1: PasswordOutcome.LOCKED, 2: PasswordOutcome.MUST_CHANGE}
# Active Directory says it in the text of invalidCredentials: "AcceptSecurityContext error, data 775, v1db1".
AD_DETAIL = re.compile(r"\bdata ([0-9a-f]+)\b")
BY_AD_DETAIL = {
    "532": PasswordOutcome.EXPIRED,
    "773": PasswordOutcome.MUST_CHANGE,
    "533": PasswordOutcome.DISABLED,
    "701": PasswordOutcome.DISABLED,
    # Not at this hour, not from this computer: as ntlm_auth tells it.
    "530": PasswordOutcome.DISABLED,
    "531": PasswordOutcome.DISABLED,
    "775": PasswordOutcome.LOCKED,
}
INVALID_CREDENTIALS = 49
ERROR_TAG = 0x81


def verdict(code: int, diagnostic: str, policy: bytes | None) -> PasswordOutcome:
    """Return what result code, diagnostic message and the password policy control's value say together.

    The outcome is RIGHT only where the code is success and the policy objects to nothing. Raises BadMessage.
    """
    error = _policy_error(policy) if policy else None
    if error in BY_POLICY_ERROR and code in (SUCCESS, INVALID_CREDENTIALS):
        return BY_POLICY_ERROR[error]
    if code == INVALID_CREDENTIALS and (detail := AD_DETAIL.search(diagnostic)):
        return BY_AD_DETAIL.get(detail[1], PasswordOutcome.WRONG)
    return BY_RESULT.get(code, PasswordOutcome.UNAVAILABLE)


def _policy_error(value: bytes) -> int | None:
    """Return the error of a PasswordPolicyResponseValue; None without one. A warning is passed over."""
    outer = Reader(value)
    content = outer.inside(ber.SEQUENCE)
    outer.end()
    while content.more():
        if content.next_is(ERROR_TAG):
            return content.number(ERROR_TAG)
        content.element()
    return None
