"""Recovery codes: ten codes on paper for the day the phone is gone, each good once.

A code is 16 digits, 53 bits, like the number on a payment card. It stands in for a token, so it is throttled
like one (otp.throttle), with a count of its own: guessing at paper must not lock the phone out, nor the
other way round. See otp.written_code for what is stored and why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from otp.throttle import NO_FAILURES, Throttle
from otp.token import Outcome
from otp.written_code import SALT_OCTETS, WrittenCode

COUNT = 10
CODE = WrittenCode(label=b"recovery", digits=16)
_DECOYS = (bytes(48),) * COUNT


@dataclass(frozen=True)
class RecoveryCodes:
    """The set one person holds: a fingerprint each, the positions already spent, and the throttle."""

    fingerprints: tuple[bytes, ...] = field(repr=False)
    spent: frozenset[int] = frozenset()
    throttle: Throttle = NO_FAILURES

    @property
    def left(self) -> int:
        """How many are still good."""
        return len(self.fingerprints) - len(self.spent)


def generate(random: Callable[[int], bytes], count: int = COUNT) -> list[str]:
    """Return new codes in groups of four, to be shown once; random(n) gives n unguessable octets."""
    return [CODE.generate(random) for _ in range(count)]


def fingerprint(code: str, key: bytes, salt: bytes) -> bytes:
    """Return what to store of a code: 48 octets; salt is 16 random octets, new for each code."""
    return CODE.fingerprint(code, key, salt)


def matches(code: str, key: bytes, stored: bytes) -> bool:
    """Return whether this is the code behind one stored fingerprint."""
    return CODE.matches(code, key, stored)


def issue(random: Callable[[int], bytes], key: bytes, count: int = COUNT) -> tuple[list[str], RecoveryCodes]:
    """Return a new set: the codes for its owner's eyes, and what to store. It replaces any older set."""
    codes = generate(random, count)
    return codes, RecoveryCodes(tuple(fingerprint(code, key, random(SALT_OCTETS)) for code in codes))


def verify(held: RecoveryCodes, code: str, key: bytes, now: float) -> tuple[Outcome, RecoveryCodes]:
    """Return ACCEPTED, WRONG, MALFORMED, REPLAYED, THROTTLED or LOCKED, and the set to store.

    A spent code is REPLAYED and no failure. Every fingerprint is compared whichever matches, and callers
    store by compare-and-set, as for a token.
    """
    if held.throttle.locked:
        dummy_verify(code, key)
        return Outcome.LOCKED, held
    if held.throttle.holds(now):
        dummy_verify(code, key)
        return Outcome.THROTTLED, replace(held, throttle=held.throttle.rebased(now))
    position = _find(held.fingerprints, code, key)
    if position is None:
        outcome = Outcome.MALFORMED if CODE.read(code) is None else Outcome.WRONG
        return outcome, replace(held, throttle=held.throttle.after_failure(now))
    if position in held.spent:
        return Outcome.REPLAYED, held
    return Outcome.ACCEPTED, replace(held, spent=held.spent | {position}, throttle=NO_FAILURES)


def dummy_verify(code: str, key: bytes) -> Outcome:
    """Return WRONG or MALFORMED after the work of a verification, for a user without codes or unknown."""
    _find(_DECOYS, code, key)
    return Outcome.MALFORMED if CODE.read(code) is None else Outcome.WRONG


def _find(fingerprints: tuple[bytes, ...], code: str, key: bytes) -> int | None:
    found = None
    for position, stored in enumerate(fingerprints):
        if CODE.matches(code, key, stored):
            found = position
    return found
