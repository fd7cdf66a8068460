"""Counter-based codes (RFC 4226): a hardware token makes the next one each time its button is pressed.

The counter is the token's `last_step`: the last one spent. A token whose button was pressed in a pocket runs
ahead; a few steps are forgiven, further ones take two codes in a row.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from otp.kinds import Algorithm, Candidate, Generator

# The next three codes count: as many as of a clock. Section 7.4 calls it s.
LOOK_AHEAD = 3
DISTANT = 41
# How far ahead two codes in a row are found: some years of playing with the button.
WIDE = 1000

_DIGESTS: Mapping[Algorithm, Callable[..., Any]] = MappingProxyType(
    {Algorithm.SHA1: hashlib.sha1, Algorithm.SHA256: hashlib.sha256, Algorithm.SHA512: hashlib.sha512}
)


def code_at(generator: Generator, counter: int) -> str:
    """Return the code of one counter, zeros in front kept. counter is not negative."""
    return codes_of(generator)(counter)


def codes_of(generator: Generator) -> Callable[[int], str]:
    """Return a function from counters to codes (RFC 4226 section 5.3); the key is hashed but once."""
    keyed, digits = hmac.new(generator.secret, digestmod=_DIGESTS[generator.algorithm]), generator.digits

    def code(counter: int) -> str:
        mac = keyed.copy()
        mac.update(counter.to_bytes(8, "big"))
        octets = mac.digest()
        start = octets[-1] & 0x0F
        number = int.from_bytes(octets[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**digits:0{digits}}"

    return code


def candidates(generator: Generator, _now: float) -> tuple[Candidate, ...]:
    """Return the last code spent, which is told to be used, and the next three."""
    last = generator.last_step
    return listed(generator, (max(0, last), *range(last + 1, last + 1 + LOOK_AHEAD)))


def distant(generator: Generator, _now: float) -> tuple[Candidate, ...]:
    """Return the codes behind those that count."""
    start = generator.last_step + 1 + LOOK_AHEAD
    return listed(generator, range(start, start + DISTANT))


def wide(generator: Generator, _now: float) -> range:
    """Return the counters in which two codes in a row are looked for."""
    return range(generator.last_step + 1, generator.last_step + 1 + WIDE)


def follows(generator: Generator, step: int, _now: float) -> bool:
    """Return whether it is the very next code after the one missed (section 7.4, a sequence of values)."""
    return step == generator.missed_step + 1


def drift(_generator: Generator, _step: int, _now: float) -> int:
    """Return 0: a counter has no clock."""
    return 0


def listed(generator: Generator, counters: Iterable[int]) -> tuple[Candidate, ...]:
    """Return the codes of some counters with them."""
    code = codes_of(generator)
    return tuple(Candidate(counter, code(counter)) for counter in counters)
