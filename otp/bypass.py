"""Bypass codes: for hours, some uses and some doors, from the helpdesk for who stands there without a phone.

Six digits, as many as an app shows, so that it fits wherever a code is typed behind the password. It is
guessed at like a code of an app: throttled, and only together with the right password.
"""

from collections.abc import Callable
from dataclasses import dataclass

from otp.errors import BadToken
from otp.issued import IssuedCode
from otp.issued import issue as issue_code
from otp.written_code import WrittenCode

CODE = WrittenCode(label=b"bypass", digits=6, group=3)
HOURS, LONGEST_HOURS = 4.0, 72.0
USES, MOST_USES = 3, 20


@dataclass(frozen=True)
class Limits:
    """How long a code lasts, how often it may be used, and where (empty: everywhere). Raises BadToken."""

    hours: float = HOURS
    uses: int = USES
    doors: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 < self.hours <= LONGEST_HOURS:
            raise BadToken(f"a bypass code lasts up to {LONGEST_HOURS:.0f} hours, not {self.hours:g}")
        if not 1 <= self.uses <= MOST_USES:
            raise BadToken(f"a bypass code has 1 to {MOST_USES} uses, not {self.uses}")


def issue(random: Callable[[int], bytes], key: bytes, limits: Limits, now: float) -> tuple[str, IssuedCode]:
    """Return a new code and what to store of it."""
    ends = now + limits.hours * 3600.0
    return issue_code(CODE, random, key, IssuedCode(b"", ends, limits.uses, limits.doors))
