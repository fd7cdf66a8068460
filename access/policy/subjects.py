"""The keys under which the rules about somebody are found.

Names arrive spelt as access.people.naming spells them, but a rule must not miss somebody over spelling, least
of all a forbid: both sides are folded once more here.
"""

import unicodedata
from dataclasses import replace
from functools import lru_cache

from access.model import Subject, User

_SEPARATORS = {ord(each): None for each in ":.-"}
_HEX = frozenset("0123456789abcdef")


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """The form in which two spellings of one name are equal."""
    return _folded(text)


def _folded(text: str) -> str:
    lowered = text.lower()
    return lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered)


@lru_cache(maxsize=16384)
def group_key(group: str) -> str:
    """The key of a group, organization/name."""
    return _folded(f"group:{group}")


def canonical_mac(text: str) -> str | None:
    """A MAC address as aa:bb:cc:dd:ee:ff, from 00-11-.., 0011.2233.4455 and the like; None: it is not one."""
    digits = text.translate(_SEPARATORS).lower()
    if len(digits) != 12 or not _HEX.issuperset(digits):
        return None
    return ":".join([digits[at : at + 2] for at in range(0, 12, 2)])


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


def keys_once(subject: Subject) -> frozenset[str]:
    """Every key that rules about this subject may carry; for those of whom it is asked once in a long while.

    An endpoint (id 0) is not one of its organization's people: an unknown device must not gain what
    `organization:ORG` grants to them. Somebody of another realm is nobody's here but that realm's.
    """
    keys = set(map(group_key, subject.groups))
    if subject.attributes:
        keys.update(fold(f"attribute:{subject.organization}/{each}") for each in subject.attributes)
    if subject.id:
        keys.add(_folded(f"user:{subject.name}@{subject.organization}"))
        keys.add(fold(f"organization:{subject.organization}"))
    elif subject.realm:
        keys.add(fold(f"realm:{subject.realm}"))
    else:
        keys.add(f"endpoint:{canonical_mac(subject.name) or fold(subject.name)}")
    return frozenset(keys)


@lru_cache(maxsize=8192)
def keys_of(subject: Subject) -> frozenset[str]:
    """The same as keys_once(), remembered: whoever logs in, or has a session, is asked about again."""
    return keys_once(subject)
