"""What a code says about a login: when it was proven, what made it, and how its owner had come by that.

A session keeps it as a word, `totp registration`: the factor, and the origin where that is known. Without a
code nothing of it applies; a session of before the word was kept has a code of which this is unknown.
"""

from functools import lru_cache

from access.model import Absent
from access.proof.factors import Factor, Origin
from radius.frozen import value


@value
class CodeFacts:
    """The three facts about a code, as the policy asks for them."""

    otp_at: float | Absent
    factor: Factor | Absent
    assurance: Origin | Absent


NO_CODE = CodeFacts(Absent.DOES_NOT_APPLY, Absent.DOES_NOT_APPLY, Absent.DOES_NOT_APPLY)


def code_word(kind: str, origin: str) -> str:
    """Return how a session keeps what a code was."""
    return f"{kind} {origin}".strip()


def code_facts(code_at: float | None, word: str) -> CodeFacts:
    """Return the facts about a code that was proven at code_at, None: about none."""
    return NO_CODE if code_at is None else CodeFacts(code_at, *_read(word))


@lru_cache(maxsize=256)
def _read(word: str) -> tuple[Factor | Absent, Origin | Absent]:
    kind, _, origin = word.partition(" ")
    factor: Factor | Absent = Factor(kind) if kind in set(Factor) else Absent.UNKNOWN
    assurance: Origin | Absent = Origin(origin) if origin and origin in set(Origin) else Absent.UNKNOWN
    return factor, assurance
