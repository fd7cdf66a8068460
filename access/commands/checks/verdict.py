"""What a check says: one line with a level, and what to do. ◆"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check ended. FAIL: it will not work; WARN: it works and should be looked at."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line: what was looked at, what was seen, and what to do about it."""

    level: Level
    subject: str
    seen: str
    advice: str = ""


def ok(subject: str, seen: str) -> Verdict:
    """As it should be."""
    return Verdict(Level.OK, subject, seen)


def warn(subject: str, seen: str, advice: str) -> Verdict:
    """It works, for now."""
    return Verdict(Level.WARN, subject, seen, advice)


def fail(subject: str, seen: str, advice: str = "") -> Verdict:
    """It does not work. An error of ours says what to do by itself, so advice may be empty."""
    return Verdict(Level.FAIL, subject, seen, advice)
