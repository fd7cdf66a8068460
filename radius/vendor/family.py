"""What a family of NASes has in common, and how a login's gifts are spelt for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from radius.attributes import Attribute
from radius.errors import RadiusError

COA_PORT = 3799


class Feature(Enum):
    """What an Access-Accept can give a session beside the permission itself."""

    VLAN = "vlan"
    ROLE = "role"
    ACL = "acl"


class Identifier(Enum):
    """By what a session can be named in a Disconnect-Request or CoA-Request (RFC 5176 section 3)."""

    USER_NAME = "User-Name"
    ACCT_SESSION_ID = "Acct-Session-Id"
    CALLING_STATION_ID = "Calling-Station-Id"
    NAS_IP_ADDRESS = "NAS-IP-Address"
    NAS_PORT = "NAS-Port"
    FRAMED_IP_ADDRESS = "Framed-IP-Address"


Spelling = Callable[[str], tuple[Attribute, ...]]


@dataclass(frozen=True, slots=True)
class Family:
    """One family. A feature without a spelling is one that this family does not have.

    identifies lists what a Disconnect-Request to such a NAS should carry.
    """

    name: str
    spellings: Mapping[Feature, Spelling]
    identifies: tuple[Identifier, ...]
    port: int = COA_PORT


class UnknownFeature(RadiusError):
    """This family of NAS cannot give that: the policy asks for too much, and the login must be refused."""


def spell(family: Family, feature: Feature, value: str) -> tuple[Attribute, ...]:
    """Return the attributes that give a session this value. Raises UnknownFeature."""
    spelling = family.spellings.get(feature)
    if spelling is None:
        raise UnknownFeature(f"{family.name} has no {feature.value}")
    return spelling(value)
