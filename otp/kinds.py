"""The words every kind of token shares, and what a kind has to provide."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol


class Kind(Enum):
    """How the codes of a token come about."""

    TOTP = "totp"
    HOTP = "hotp"


class Algorithm(Enum):
    """The hash under the HMAC, spelt as otpauth links spell it."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"


class Candidate(NamedTuple):
    """One code that could be right now, and the step (moving factor) it belongs to."""

    step: int
    code: str


class Generator(Protocol):
    """The part of a token from which its codes follow.

    drift_steps is how far the token's clock is known to be ahead of ours. missed_step is that of a code that
    was right but too far away, and missed_at when it was typed.
    """

    @property
    def secret(self) -> bytes: ...
    @property
    def digits(self) -> int: ...
    @property
    def period_s(self) -> int: ...
    @property
    def algorithm(self) -> Algorithm: ...
    @property
    def drift_steps(self) -> int: ...
    @property
    def last_step(self) -> int: ...
    @property
    def missed_step(self) -> int: ...
    @property
    def missed_at(self) -> float: ...


@dataclass(frozen=True)
class TokenType:
    """What a kind of token can do. Steps are the moving factors of RFC 4226: time steps, or a counter.

    candidates(generator, now): the codes that count now, always as many for one kind, so that a comparison
        takes the same work whichever of them is right.
    distant(generator, now): codes of a token that has run away; always as many for all kinds. Such a code
        counts for nothing by itself.
    wide(generator, now): the steps in which two codes in a row are looked for.
    follows(generator, step, now): whether a distant code comes right after the one that was missed.
    drift(generator, step, now): the drift to remember once a code of this step was accepted.
    """

    candidates: Callable[[Generator, float], tuple[Candidate, ...]]
    distant: Callable[[Generator, float], tuple[Candidate, ...]]
    wide: Callable[[Generator, float], range]
    follows: Callable[[Generator, int, float], bool]
    drift: Callable[[Generator, int, float], int]
