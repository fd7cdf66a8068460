"""Registration codes: the invitation that lets someone without a token enrol the first one.

Without it whoever knows only the password could enrol before the owner does. It is 12 digits (40 bits), good
once, for three days unless told otherwise, and dead after ten wrong tries: a new one is quickly made. What
ended it is told only to who types the right code; anyone else learns no more than WRONG.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from otp.written_code import SALT_OCTETS, WrittenCode

LIFETIME_S = 3 * 86400.0
MAX_FAILURES = 10
CODE = WrittenCode(label=b"registration", digits=12)
_DECOY = bytes(48)


class Redemption(Enum):
    """What became of a registration code."""

    REDEEMED = "redeemed"
    WRONG = "wrong"
    SPENT = "spent"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Invitation:
    """One invitation as it is stored; expires_at is Unix time, failures never go back."""

    fingerprint: bytes = field(repr=False)
    expires_at: float
    spent: bool = False
    failures: int = 0


def invite(
    random: Callable[[int], bytes], key: bytes, now: float, lifetime_s: float = LIFETIME_S
) -> tuple[str, Invitation]:
    """Return the code to hand over by another way than the password's, and the invitation to store."""
    code = CODE.generate(random)
    return code, Invitation(CODE.fingerprint(code, key, random(SALT_OCTETS)), now + lifetime_s)


def redeem(invitation: Invitation, code: str, key: bytes, now: float) -> tuple[Redemption, Invitation]:
    """Return what becomes of a typed code, and the invitation to store by compare-and-set."""
    right = CODE.matches(code, key, invitation.fingerprint)
    if not right:
        return Redemption.WRONG, replace(invitation, failures=invitation.failures + 1)
    if invitation.failures >= MAX_FAILURES:
        return Redemption.EXHAUSTED, invitation
    if invitation.spent:
        return Redemption.SPENT, invitation
    if now >= invitation.expires_at:
        return Redemption.EXPIRED, invitation
    return Redemption.REDEEMED, replace(invitation, spent=True)


def dummy_redeem(code: str, key: bytes) -> Redemption:
    """Return WRONG after the work of a redemption, for a user without an invitation or unknown."""
    CODE.matches(code, key, _DECOY)
    return Redemption.WRONG
