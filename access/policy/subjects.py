"""The keys under which the rules about somebody are found.

Names arrive spelt as access.naming spells them, but a rule must not miss somebody over spelling, least of
all a forbid: both sides are folded once more here.
"""

import re
import unicodedata
from functools import lru_cache

from access.model import Subject

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


@lru_cache(maxsize=8192)
def keys_of(subject: Subject) -> frozenset[str]:
    """Every key that rules about this subject may carry.

    An endpoint (id 0) is not one of its organization's people: an unknown device must not gain what
    `organization:ORG` grants to them. Somebody of another realm is nobody's here but that realm's.
    """
    keys = [fold(f"group:{group}") for group in subject.groups]
    if subject.realm and subject.id == 0:
        keys.append(fold(f"realm:{subject.realm}"))
    elif subject.id == 0:
        keys.append(f"endpoint:{canonical_mac(subject.name) or fold(subject.name)}")
    else:
        keys.append(fold(f"user:{subject.name}@{subject.organization}"))
        keys.append(fold(f"organization:{subject.organization}"))
    return frozenset(keys)
