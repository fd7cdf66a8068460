"""How people are named: the spelling of a name, and whom a login name means."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from access.model import Organization

LONGEST_NAME = 200
FORBIDDEN = frozenset('@/\\"')


@dataclass(frozen=True, slots=True)
class Login:
    """Whom a login name means, if there is such a person."""

    organization: Organization
    name: str


def spell(text: str) -> str | None:
    """Return the one spelling of a user's or group's name: lower case, NFC; None where it cannot be a name.

    A name has 1-200 characters, none of them a control, an invisible, a space or one of @ / \\ ".
    """
    name = unicodedata.normalize("NFC", text.lower())
    if not 0 < len(name) <= LONGEST_NAME or FORBIDDEN & set(name):
        return None
    # C*: controls, invisible and unassigned characters. Z*: every kind of space.
    if any(unicodedata.category(char)[0] in "CZ" for char in name):
        return None
    return name


def resolve_login(
    organizations: Iterable[Organization], text: str, default: Organization | None = None
) -> Login | None:
    """Return whom text means: name@realm, name@organization-key, or a bare name of the default organization.

    None: nobody can be meant. A realm that is also another organization's key is a realm.
    """
    name, at, where = text.partition("@")
    spelt = spell(name)
    if spelt is None:
        return None
    organization = organization_by_realm_or_key(organizations, where) if at else default
    return Login(organization, spelt) if organization is not None else None


def organization_by_realm_or_key(organizations: Iterable[Organization], text: str) -> Organization | None:
    """Return the organization with this realm, else the one with this key, upper and lower case alike."""
    wanted = unicodedata.normalize("NFC", text.lower())
    known = tuple(organizations)
    for spelling in (_realm, _key):
        for organization in known:
            if wanted and spelling(organization) == wanted:
                return organization
    return None


def _realm(organization: Organization) -> str:
    return unicodedata.normalize("NFC", organization.realm.lower())


def _key(organization: Organization) -> str:
    return unicodedata.normalize("NFC", organization.key.lower())
