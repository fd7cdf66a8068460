"""What a family of NASes has in common: how a login's gifts are spelt, and how a session is changed later.

All of it is data. A feature or a change that a family lacks is refused with UnknownFeature and never left
out: who was meant to get a narrower network must not get a wide one because the switch is of another make.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from radius.attributes import Attribute
from radius.dynauth import Action
from radius.errors import RadiusError

COA_PORT = 3799


class Feature(Enum):
    """What an Access-Accept can give a session beside the permission itself.

    VOICE_VLAN is a second VLAN, for a telephone, beside or instead of the first. PRIVILEGE is what an
    administrator may do on the NAS itself (radius/vendor/privilege.py). BANDWIDTH is the most that goes up
    and down, written up/down in kbit/s, either of them empty for no limit. ADDRESS is the one address of the
    session, ROUTES what its client sends through the tunnel, DNS whom it asks for names and DNS_SUFFIXES what
    it completes them by, each in plain text with spaces between.
    """

    VLAN = "vlan"
    VOICE_VLAN = "voice_vlan"
    ROLE = "role"
    ACL = "acl"
    PRIVILEGE = "privilege"
    BANDWIDTH = "bandwidth"
    ADDRESS = "address"
    ROUTES = "routes"
    DNS = "dns"
    DNS_SUFFIXES = "dns_suffixes"


class Change(Enum):
    """What can be asked of a NAS about a session that goes on."""

    REAUTHENTICATE = "reauthenticate"
    BOUNCE_PORT = "bounce port"
    DISCONNECT = "disconnect"


class Limit(Enum):
    """By what a session is to end by itself: how long it lasts, or how long nothing happens in it."""

    SESSION_TIMEOUT = "session_timeout"
    IDLE_TIMEOUT = "idle_timeout"


class Identifier(Enum):
    """By what a session can be named in a Disconnect-Request or CoA-Request (RFC 5176 section 3)."""

    USER_NAME = "User-Name"
    ACCT_SESSION_ID = "Acct-Session-Id"
    CALLING_STATION_ID = "Calling-Station-Id"
    NAS_IP_ADDRESS = "NAS-IP-Address"
    NAS_PORT = "NAS-Port"
    FRAMED_IP_ADDRESS = "Framed-IP-Address"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to ask for a change: the request, and what it carries beside the session's name."""

    action: Action
    attributes: tuple[Attribute, ...] = ()


# The plain Disconnect-Request. An endpoint that speaks 802.1X logs in anew by itself after it.
ENDS = Recipe(Action.DISCONNECT)

Spelling = Callable[[str], tuple[Attribute, ...]]


def _ends_only() -> Mapping[Change, tuple[Recipe, ...]]:
    return {Change.DISCONNECT: (ENDS,)}


@dataclass(frozen=True, slots=True)
class Family:
    """One family. A feature without a spelling is one that this family does not have.

    admin_connect_info is what its Connect-Info says where an administrator logs in, if it tells so by that.
    identifies lists what a request about a session should carry; changes has the recipes for each change, to
    be tried in their order; port is where such a NAS takes them unless it is configured otherwise. unheeded:
    the limits that it is told and does nothing about. Where keeps_class is False its accounting does not say
    which Class the Accept had, as RFC 2865 section 5.25 asks it to.
    """

    name: str
    spellings: Mapping[Feature, Spelling]
    identifies: tuple[Identifier, ...]
    changes: Mapping[Change, tuple[Recipe, ...]] = field(default_factory=_ends_only)
    port: int = COA_PORT
    admin_connect_info: str = ""
    unheeded: frozenset[Limit] = frozenset()
    keeps_class: bool = True


class UnknownFeature(RadiusError):
    """This family of NAS cannot give that: the policy asks for too much, and the login must be refused."""


def spell(family: Family, feature: Feature, value: str) -> tuple[Attribute, ...]:
    """Return the attributes that give a session this value. Raises UnknownFeature."""
    spelling = family.spellings.get(feature)
    if spelling is None:
        raise UnknownFeature(f"{family.name} has no {feature.value}")
    return spelling(value)


def recipes(family: Family, change: Change) -> tuple[Recipe, ...]:
    """Return the ways to ask for a change, the best first. Raises UnknownFeature."""
    known = family.changes.get(change)
    if known is None:
        raise UnknownFeature(f"{family.name} cannot {change.value}")
    return known
