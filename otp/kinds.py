"""The words every kind of token shares, and what a kind has to provide."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol


class Kind(Enum):
    """How the codes of a token come about."""

    TOTP = "totp"


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
    """The part of a token from which its codes follow."""

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


@dataclass(frozen=True)
class TokenType:
    """What a kind of token can do.

    candidates(generator, now) is always the same number of codes for one kind, so that a comparison
    takes the same work whichever of them is right.
    """

    candidates: Callable[[Generator, float], tuple[Candidate, ...]]
