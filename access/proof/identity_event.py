"""What is written down when somebody signs in or a factor of theirs changes: never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from access.model import Reason


class What(StrEnum):
    """What happened. The kind of the audit row is the part before the dot."""

    PASSWORD_RIGHT = "sign-in.password-right"  # noqa: S105 - an event, not a password
    CODE_RIGHT = "sign-in.code-right"
    PASSKEY_RIGHT = "sign-in.passkey-right"
    REGISTRATION_RIGHT = "sign-in.registration-right"
    VOUCHES_SPENT = "sign-in.vouches-spent"
    ON_SITE = "sign-in.on-site"
    CODE_MAILED = "sign-in.code-mailed"
    SIGN_IN_REFUSED = "sign-in.refused"
    SIGNED_OUT = "sign-in.ended"
    ACTS_FOR = "sign-in.acts-for"
    ACTS_NO_MORE = "sign-in.acts-no-more"
    INVITED = "enrolment.invited"
    BEGUN = "enrolment.begun"
    PROOF_REFUSED = "enrolment.proof-refused"
    PROVEN = "enrolment.proven"
    RECOVERY_RENEWED = "enrolment.recovery-renewed"
    ASSIGNED = "enrolment.assigned"
    RESYNCED = "enrolment.resynced"
    BYPASS_ISSUED = "enrolment.bypass-issued"
    PASS_ASKED = "enrolment.pass-asked"  # noqa: S105 - an event, not a password
    PASS_AGREED = "enrolment.pass-agreed"  # noqa: S105
    ACT_ASKED = "enrolment.act-asked"
    REVOKED = "enrolment.revoked"
    VOUCHED = "enrolment.vouched"
    VOUCH_GIVEN = "enrolment.vouch-given"
    LOST = "enrolment.lost"
    FOUND = "enrolment.found"
    UNLOCKED = "enrolment.unlocked"
    IMPORTED = "enrolment.imported"
    PASSKEY_REGISTERED = "enrolment.passkey-registered"
    PASSKEY_REFUSED = "enrolment.passkey-refused"
    PASSKEY_REVOKED = "enrolment.passkey-revoked"
    NETWORK_PASSWORD_MADE = "enrolment.network-password-made"  # noqa: S105
    NETWORK_PASSWORD_REVOKED = "enrolment.network-password-revoked"  # noqa: S105
    CODE_TAKEN = "application.code-taken"
    CODE_NOT_TAKEN = "application.code-not-taken"

    @property
    def kind(self) -> str:
        """The kind of the audit row."""
        return self.value.partition(".")[0]


# What a throttle stops would let a stranger fill the disk; what the database could not prove it cannot keep.
UNRECORDED = frozenset(
    {
        Reason.PASSWORD_THROTTLED,
        Reason.PASSWORD_REPEATED,
        Reason.CODE_THROTTLED,
        Reason.CODE_UNPROVABLE,
    }
)


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """One event. user_id is None for names nobody has; detail is shown to auditors as it stands."""

    what: What
    at: float
    user_id: int | None
    reason: Reason | None = None
    organization: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    case_code: str | None = None
