"""The keys under which the rules about somebody are found.

Names arrive spelt as access.people.naming spells them, but a rule must not miss somebody over spelling, least
of all a forbid: both sides are folded once more here.
"""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from access.model import Subject, User

_SEPARATORS = re.compile(r"[:.\-]")
_TWELVE_HEX = re.compile(r"[0-9a-f]{12}")


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """The form in which two spellings of one name are equal."""
    return unicodedata.normalize("NFC", text.lower())


def canonical_mac(text: str) -> str | None:
    """A MAC address as aa:bb:cc:dd:ee:ff, from 00-11-.., 0011.2233.4455 and the like; None: it is not one."""
    digits = _SEPARATORS.sub("", text).lower()
    if not _TWELVE_HEX.fullmatch(digits):
        return None
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def subject_of(user: User) -> Subject:
    """The person as the policy knows one."""
    return Subject(
        user.id,
        user.organization,
        user.name,
        user.groups,
        attributes=user.attributes,
        ending=user.ending,
    )


def standing(subject: Subject, now: float) -> tuple[Subject, float | None]:
    """Somebody as they stand at a moment, in no group that has ended for them, and when the next one ends."""
    if not subject.ending:
        return subject, None
    lasting = {group for group, until in subject.ending if now < until}
    ends = (until for _, until in subject.ending if now < until)
    return replace(subject, groups=subject.groups | lasting, ending=()), min(ends, default=None)


def at_most(subject: Subject) -> Subject:
    """Somebody in every group they are in, also in those that end."""
    if not subject.ending:
        return subject
    return replace(subject, groups=subject.groups | {group for group, _ in subject.ending}, ending=())


@lru_cache(maxsize=8192)
def keys_of(subject: Subject) -> frozenset[str]:
    """Every key that rules about this subject may carry.

    An endpoint (id 0) is not one of its organization's people: an unknown device must not gain what
    `organization:ORG` grants to them. Somebody of another realm is nobody's here but that realm's.
    """
    keys = [fold(f"group:{group}") for group in subject.groups]
    keys += [fold(f"attribute:{subject.organization}/{each}") for each in subject.attributes]
    if subject.realm and subject.id == 0:
        keys.append(fold(f"realm:{subject.realm}"))
    elif subject.id == 0:
        keys.append(f"endpoint:{canonical_mac(subject.name) or fold(subject.name)}")
    else:
        keys.append(fold(f"user:{subject.name}@{subject.organization}"))
        keys.append(fold(f"organization:{subject.organization}"))
    return frozenset(keys)
