"""A NAS that does what the RFCs say: RFC 3580 for the VLAN, 4675 for a second one, 2865 for the rest."""

from radius.attributes import Attribute, AttributeType, integer, text
from radius.dynauth import Action
from radius.vendor import tunnel_client
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.privilege import service_type

TUNNEL_TYPE_VLAN = 13
TUNNEL_MEDIUM_TYPE_IEEE_802 = 6
TERMINATION_ACTION_RADIUS_REQUEST = 1
# RFC 2868: the attributes of one tunnel have one tag. Zero is none, which every NAS reads.
UNTAGGED = 0
# RFC 4675 sections 2.1 and 2.3: frames of this VLAN leave the port with their tag.
TAGGED_FRAMES = 0x31
MAX_VLAN = 4094
SERVICE_TYPE_AUTHORIZE_ONLY = 17
# Beside a State: have the session authorized anew by an Access-Request of the NAS's own (RFC 5176 3.2).
AUTHORIZE_ONLY = integer(AttributeType.SERVICE_TYPE, SERVICE_TYPE_AUTHORIZE_ONLY)


def vlan(name: str, tag: int = UNTAGGED) -> tuple[Attribute, ...]:
    """Return the three attributes that put a session into a VLAN, by its number or name."""
    group = name.encode() if tag == UNTAGGED else bytes((tag,)) + name.encode()
    return (
        integer(AttributeType.TUNNEL_TYPE, tag << 24 | TUNNEL_TYPE_VLAN),
        integer(AttributeType.TUNNEL_MEDIUM_TYPE, tag << 24 | TUNNEL_MEDIUM_TYPE_IEEE_802),
        Attribute(AttributeType.TUNNEL_PRIVATE_GROUP_ID, group),
    )


def voice_vlan(name: str) -> tuple[Attribute, ...]:
    """Return the attribute that lets a tagged VLAN out of the port beside the first, by number or name."""
    number = vlan_number(name)
    if number is None:
        return (text(AttributeType.EGRESS_VLAN_NAME, f"{chr(TAGGED_FRAMES)}{name}"),)
    return (integer(AttributeType.EGRESS_VLANID, TAGGED_FRAMES << 24 | number),)


def vlan_number(name: str) -> int | None:
    """Return the number of a VLAN that is spelt by number, None for one that is spelt by name."""
    numeric = name.isascii() and name.isdecimal() and len(name) <= 4
    return int(name) if numeric and 1 <= int(name) <= MAX_VLAN else None


def session_timeout(seconds: int, authenticate_again: bool) -> tuple[Attribute, ...]:
    """Return the attributes that end a session after seconds, or have it log in again (RFC 2865 5.29)."""
    timeout = integer(AttributeType.SESSION_TIMEOUT, seconds)
    if not authenticate_again:
        return (timeout,)
    return (timeout, integer(AttributeType.TERMINATION_ACTION, TERMINATION_ACTION_RADIUS_REQUEST))


def filter_id(name: str) -> tuple[Attribute, ...]:
    """Return the attribute that names a filter the NAS knows."""
    return (text(AttributeType.FILTER_ID, name),)


GENERIC = Family(
    name="generic",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        Feature.ACL: filter_id,
        Feature.ROLE: filter_id,
        Feature.PRIVILEGE: service_type,
        Feature.ADDRESS: tunnel_client.address,
        Feature.DNS: tunnel_client.dns,
    },
    identifies=(
        Identifier.USER_NAME,
        Identifier.ACCT_SESSION_ID,
        Identifier.CALLING_STATION_ID,
        Identifier.FRAMED_IP_ADDRESS,
    ),
    changes={
        Change.REAUTHENTICATE: (Recipe(Action.CHANGE, (AUTHORIZE_ONLY,)), ENDS),
        Change.DISCONNECT: (ENDS,),
    },
)
