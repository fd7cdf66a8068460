"""Time-based codes (RFC 6238): the codes of RFC 4226, with the time step as the counter.

What is known of a token's clock is kept as its drift, whole steps ahead of ours, and the window stands around
it: a phone that is a step off goes on being accepted while it drifts further. The window itself stays
three codes. Who types slowly has a clock that is right, so a code one step older than expected moves the
drift only when it had ended longer ago than typing takes.
"""

from collections.abc import Callable

from otp.hotp import code_at, listed
from otp.kinds import Algorithm, Candidate, Generator

# One step either way: three codes, the fewest that forgive a slow typist and a clock half a minute off.
# Every further step makes a guess likelier and gives a stolen code a longer life.
WINDOW = (-1, 0, 1)
# As far as a clock may be off and found again: ten minutes of steps of 30 seconds.
DRIFT_LIMIT = 20
TYPING_S = 20.0

# RFC 4226 section 4 recommends 160 bits; RFC 6238 section 5.1 a key as long as the hash.
_SECRET_OCTETS = {Algorithm.SHA1: 20, Algorithm.SHA256: 32, Algorithm.SHA512: 64}

__all__ = ["candidates", "code_at", "distant", "drift", "follows", "new_secret", "step_at", "wide"]


def new_secret(random: Callable[[int], bytes], algorithm: Algorithm = Algorithm.SHA1) -> bytes:
    """Return a secret as long as the hash's output; random(n) gives n unguessable octets."""
    return random(_SECRET_OCTETS[algorithm])


def step_at(now: float, period_s: int) -> int:
    """Return the time step of RFC 6238 section 4.2; now is Unix time in seconds."""
    return int(now // period_s)


def candidates(generator: Generator, now: float) -> tuple[Candidate, ...]:
    """Return the codes of the step before, this step and the next, always three.

    The middle is our clock plus the drift known of this token; in the first period of 1970 the step
    before is this step again.
    """
    middle = step_at(now, generator.period_s) + generator.drift_steps
    return listed(generator, tuple(max(0, middle + offset) for offset in WINDOW))


def distant(generator: Generator, now: float) -> tuple[Candidate, ...]:
    """Return the codes of every clock that may be found again."""
    middle = step_at(now, generator.period_s)
    offsets = range(-DRIFT_LIMIT, DRIFT_LIMIT + 1)
    return listed(generator, tuple(max(0, middle + offset) for offset in offsets))


def wide(generator: Generator, now: float) -> range:
    """Return the steps in which two codes in a row are looked for, spent ones left out."""
    middle = step_at(now, generator.period_s)
    first = max(0, middle - DRIFT_LIMIT, generator.last_step + 1)
    return range(first, max(first, middle + DRIFT_LIMIT))


def follows(generator: Generator, step: int, now: float) -> bool:
    """Return whether it is a later code by the same clock as the one missed, to a step."""
    elapsed = step_at(now, generator.period_s) - step_at(generator.missed_at, generator.period_s)
    return step > generator.missed_step and abs(step - generator.missed_step - elapsed) <= 1


def drift(generator: Generator, step: int, now: float) -> int:
    """Return how far the clock is ahead now that this code was right, within the limit."""
    known = generator.drift_steps
    seen = step - step_at(now, generator.period_s)
    ended_ago_s = now - (step - known + 1) * generator.period_s
    if seen < known and ended_ago_s <= TYPING_S:
        return known
    return max(-DRIFT_LIMIT, min(DRIFT_LIMIT, seen))
