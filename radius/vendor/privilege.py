"""What an administrator may do on a NAS: a house word for every family, or the family's own word.

"full" and "read-only" mean the same everywhere, where a family has such a thing. Anything else is what the
family itself calls it: a level for those that count (Cisco, Huawei), a role, profile or user template for
those that name (Aruba, Palo Alto, Junos).
"""

from collections.abc import Mapping

from radius.attributes import Attribute, AttributeType, integer, text
from radius.facts import Facts
from radius.vendor.family import Family, Spelling, UnknownFeature

FULL = "full"
READ_ONLY = "read-only"
# RFC 2865 section 5.6
ADMINISTRATIVE_USER = 6
NAS_PROMPT_USER = 7
HIGHEST_LEVEL = 15
# Logins to the NAS itself, call-backs too: whoever may only use the network must not be let in there.
ADMINISTRATORS = frozenset({ADMINISTRATIVE_USER, NAS_PROMPT_USER, 9, 11})
# Logins to a host. Some access points say so of 802.1X, where it means nothing.
_HOST_USERS = frozenset({1, 3})
_SERVICE_TYPES = {FULL: ADMINISTRATIVE_USER, READ_ONLY: NAS_PROMPT_USER}


def is_for_the_nas(family: Family, known: Facts) -> bool:
    """Return whether somebody logs in to the NAS itself, as its administrator, and not to the network."""
    if known.service_type in ADMINISTRATORS or (known.service_type in _HOST_USERS and not known.eap):
        return True
    return bool(family.admin_connect_info) and known.connect_info == family.admin_connect_info


def service_type(privilege: str) -> tuple[Attribute, ...]:
    """Return the Service-Type that opens all of the NAS or its prompt only. Raises UnknownFeature."""
    kind = _SERVICE_TYPES.get(privilege)
    if kind is None:
        raise UnknownFeature(f"a Service-Type says {FULL} or {READ_ONLY}, not {privilege!r}")
    return (integer(AttributeType.SERVICE_TYPE, kind),)


def level(privilege: str, words: Mapping[str, int], highest: int = HIGHEST_LEVEL) -> int:
    """Return the level that a house word or a number means. Raises UnknownFeature."""
    known = words.get(privilege)
    if known is not None:
        return known
    if privilege.isascii() and privilege.isdecimal() and len(privilege) <= 3 and int(privilege) <= highest:
        return int(privilege)
    named = ", ".join(words)
    raise UnknownFeature(f"a privilege here is one of {named} or 0 to {highest}, not {privilege!r}")


def named(kind: int, vendor: int, words: Mapping[str, str] | None = None) -> Spelling:
    """Return a spelling by name: that of a house word, or any name as it is."""
    known = words or {}
    return lambda privilege: (text(kind, known.get(privilege, privilege), vendor),)
