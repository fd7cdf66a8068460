"""A code that was made for somebody to use for a while: a number of times, at some doors, until a moment.

The rules, in the order in which they are applied:

1.  Throttled and locked like a token (otp.throttle), with a count of its own.
2.  What is not the code is WRONG (or MALFORMED), and a failure.
3.  The right code tells what has become of it, to nobody else, and without counting: EXPIRED, REPLAYED once
    its uses are used up, ELSEWHERE at a door it was not made for.
4.  Otherwise it is ACCEPTED, one use less is left, and the failures are forgotten.

Callers store what is returned by compare-and-set, as for tokens. A newer code of the same kind takes the
place of an older one, but not of its failures, unless somebody who recognised the owner made it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from otp.throttle import NO_FAILURES, Throttle
from otp.token import Outcome
from otp.written_code import SALT_OCTETS, WrittenCode

_DECOY = bytes(48)


@dataclass(frozen=True)
class IssuedCode:
    """One such code as it is stored. expires_at is Unix time; doors is where it counts, empty: everywhere."""

    fingerprint: bytes = field(repr=False)
    expires_at: float
    uses_left: int = 1
    doors: frozenset[str] = frozenset()
    throttle: Throttle = NO_FAILURES

    def good(self, now: float) -> bool:
        """Return whether it may still be used somewhere."""
        return self.uses_left > 0 and now < self.expires_at


@dataclass(frozen=True)
class Typed:
    """A code as somebody typed it at a door, and the key that such codes are fingerprinted with."""

    code: str = field(repr=False)
    key: bytes = field(repr=False)
    door: str


def issue(
    kind: WrittenCode, random: Callable[[int], bytes], key: bytes, limits: IssuedCode
) -> tuple[str, IssuedCode]:
    """Return a new code and what to store of it; limits has everything but its fingerprint."""
    code = kind.generate(random)
    return code, replace(limits, fingerprint=kind.fingerprint(code, key, random(SALT_OCTETS)))


def verify(kind: WrittenCode, issued: IssuedCode, typed: Typed, now: float) -> tuple[Outcome, IssuedCode]:
    """Return what becomes of a typed code, and the issued code to store."""
    throttle = issued.throttle
    if throttle.locked:
        dummy_verify(kind, typed)
        return Outcome.LOCKED, issued
    if throttle.holds(now):
        dummy_verify(kind, typed)
        return Outcome.THROTTLED, replace(issued, throttle=throttle.rebased(now))
    if not kind.matches(typed.code, typed.key, issued.fingerprint):
        outcome = Outcome.MALFORMED if kind.read(typed.code) is None else Outcome.WRONG
        return outcome, replace(issued, throttle=throttle.after_failure(now))
    if now >= issued.expires_at:
        return Outcome.EXPIRED, issued
    if issued.uses_left < 1:
        return Outcome.REPLAYED, issued
    if issued.doors and typed.door not in issued.doors:
        return Outcome.ELSEWHERE, issued
    return Outcome.ACCEPTED, replace(issued, uses_left=issued.uses_left - 1, throttle=NO_FAILURES)


def dummy_verify(kind: WrittenCode, typed: Typed) -> Outcome:
    """Return WRONG or MALFORMED after the work of a verification, for a user without such a code."""
    kind.matches(typed.code, typed.key, _DECOY)
    return Outcome.MALFORMED if kind.read(typed.code) is None else Outcome.WRONG
