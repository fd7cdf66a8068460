"""How people are named: the spelling of a name, and whom a login name means."""

import re
import unicodedata
from collections.abc import Iterable

from access.model import Organization
from radius.frozen import value

LONGEST_NAME = 200
# What stands before the slash where a machine names itself (host/laptop-7.hangang.example).
MACHINE = "host"
# Most names by far, of which nothing else has to be asked.
_PLAIN = re.compile(rf"[a-z0-9._-]{{1,{LONGEST_NAME}}}")
FORBIDDEN = frozenset('@/\\"')


@value
class Login:
    """Whom a login name means, if there is such a person."""

    organization: Organization
    name: str


def spell(text: str) -> str | None:
    """Return the one spelling of a user's or group's name: lower case, NFC; None where it cannot be a name.

    A name has 1-200 characters, none of them a control, an invisible, a space or one of @ / \\ ".
    """
    name = text.lower()
    if _PLAIN.fullmatch(name):
        return name
    name = unicodedata.normalize("NFC", name)
    if not 0 < len(name) <= LONGEST_NAME or FORBIDDEN & set(name):
        return None
    # C*: controls, invisible and unassigned characters. Z*: every kind of space.
    if any(unicodedata.category(char)[0] in "CZ" for char in name):
        return None
    return name


def resolve_login(
    organizations: Iterable[Organization], text: str, default: Organization | None = None
) -> Login | None:
    """Return whom text means: name@realm, REALM\\name, REALM/name, or a name of the default organization.

    A realm is an organization's realm or key. None: nobody can be meant. A realm that is also another
    organization's key is a realm.
    """
    name, realm = split_realm(text)
    spelt = spell(name)
    if spelt is None:
        return None
    organization = default if realm is None else organization_by_realm_or_key(organizations, realm)
    return Login(organization, spelt) if organization is not None else None


def split_realm(text: str) -> tuple[str, str | None]:
    """Return the name and the realm in text, None where it has none: name@realm, REALM\\name, REALM/name.

    A suffix counts before a prefix. `host/name` is how a machine calls itself, and no realm.
    """
    name, at, suffix = text.partition("@")
    if at:
        return name, suffix
    for separator in "\\/":
        prefix, found, rest = text.partition(separator)
        if found and prefix.lower() != MACHINE:
            return rest, prefix
    return text, None


def folded(realm: str) -> str:
    """Return the form in which two spellings of a realm are equal."""
    return unicodedata.normalize("NFC", realm.lower())


def organization_by_realm_or_key(organizations: Iterable[Organization], text: str) -> Organization | None:
    """Return the organization with this realm, else the one with this key, upper and lower case alike."""
    wanted = folded(text)
    known = tuple(organizations)
    for spelling in (_realm, _key):
        for organization in known:
            if wanted and spelling(organization) == wanted:
                return organization
    return None


def _realm(organization: Organization) -> str:
    return folded(organization.realm)


def _key(organization: Organization) -> str:
    return folded(organization.key)
