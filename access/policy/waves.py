"""Waves: a newer policy that speaks for some people first, the same ones every time.

A person is in a wave by their organization, by the site they are at, or by a hash of who they are and of the
newer revision: so a share of one per cent is a part of the share of ten, and another change begins with
others.
What somebody is allowed follows one policy at a time, whole: never a rule of the one and a rule of the other.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from access.model import Facts, Subject
from access.policy.subjects import fold

_WHOLE = 1 << 64


@dataclass(frozen=True, slots=True)
class Wave:
    """For whom the newer policy speaks: a share of everybody, or all of an organization or at a site."""

    percent: float = 0.0
    organizations: frozenset[str] = field(default=frozenset())
    sites: frozenset[str] = field(default=frozenset())

    def takes(self, revision: str, subject: Subject, facts: Facts) -> bool:
        """Whether the newer policy of this revision speaks for somebody with these facts."""
        if subject.organization in self.organizations and not subject.realm:
            return True
        if isinstance(facts.site, str) and facts.site in self.sites:
            return True
        return place_of(revision, subject) * 100 < self.percent * _WHOLE

    def __str__(self) -> str:
        named = [f"organization:{each}" for each in sorted(self.organizations)]
        named += [f"site:{each}" for each in sorted(self.sites)]
        return "+".join(named) if named else f"{self.percent:g}%"


def place_of(revision: str, subject: Subject) -> int:
    """Where somebody stands among all people for a revision: from 0 to just below 2**64."""
    who = fold(f"{subject.name}@{subject.realm or subject.organization}")
    return int.from_bytes(sha256(f"{revision} {who}".encode()).digest()[:8])


NOBODY = Wave()


class BadWave(ValueError):
    """What was written names no wave; the message says what one looks like."""


def read_wave(text: str) -> Wave:
    """A wave as 10%, organization:KEY or site:NAME, several of the latter with + between. Raises BadWave."""
    organizations, sites, percent = set(), set(), 0.0
    for part in text.strip().split("+"):
        kind, _, name = part.partition(":")
        if part.endswith("%") and part == text.strip():
            percent = _percent(part)
        elif kind == "organization" and name:
            organizations.add(name)
        elif kind == "site" and name:
            sites.add(name)
        else:
            raise BadWave(f"{text!r} is no wave: write 10%, organization:KEY or site:NAME")
    return Wave(percent, frozenset(organizations), frozenset(sites))


def _percent(text: str) -> float:
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 < percent <= 100:
        raise BadWave(f"{text!r} is no share: write more than 0% and at most 100%")
    return percent
