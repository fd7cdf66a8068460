"""Time-based codes (RFC 6238) over pyotp."""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pyotp import TOTP

from otp.kinds import Algorithm, Candidate, Generator

# One step either way: three codes, the fewest that forgive a slow typist and a clock half a minute off.
# Every further step makes a guess likelier and gives a stolen code a longer life.
WINDOW = (-1, 0, 1)

_DIGESTS: Mapping[Algorithm, Callable[..., Any]] = MappingProxyType(
    {Algorithm.SHA1: hashlib.sha1, Algorithm.SHA256: hashlib.sha256, Algorithm.SHA512: hashlib.sha512}
)

# RFC 4226 section 4 recommends 160 bits; RFC 6238 section 5.1 a key as long as the hash.
_SECRET_OCTETS = MappingProxyType({Algorithm.SHA1: 20, Algorithm.SHA256: 32, Algorithm.SHA512: 64})


def new_secret(random: Callable[[int], bytes], algorithm: Algorithm = Algorithm.SHA1) -> bytes:
    """Return a secret as long as the hash's output; random(n) gives n unguessable octets."""
    return random(_SECRET_OCTETS[algorithm])


def step_at(now: float, period_s: int) -> int:
    """Return the time step of RFC 6238 section 4.2; now is Unix time in seconds."""
    return int(now // period_s)


def code_at(generator: Generator, step: int) -> str:
    """Return the code of one step, zeros in front kept. step is not negative."""
    return _codes(generator).generate_otp(step)


def candidates(generator: Generator, now: float) -> tuple[Candidate, ...]:
    """Return the codes of the step before, this step and the next, always three.

    The middle is our clock plus the drift known of this token; in the first period of 1970 the step
    before is this step again.
    """
    codes = _codes(generator)
    middle = step_at(now, generator.period_s) + generator.drift_steps
    steps = (max(0, middle + offset) for offset in WINDOW)
    return tuple(Candidate(step, codes.generate_otp(step)) for step in steps)


def _codes(generator: Generator) -> TOTP:
    return TOTP(
        b32encode(generator.secret).decode(),
        digits=generator.digits,
        digest=_DIGESTS[generator.algorithm],
        interval=generator.period_s,
    )
