"""A NAS that does what the RFCs say: RFC 3580 section 3.31 for the VLAN, RFC 2865 for filter and time."""

from radius.attributes import Attribute, AttributeType, integer, text
from radius.vendor.family import Family, Feature, Identifier

TUNNEL_TYPE_VLAN = 13
TUNNEL_MEDIUM_TYPE_IEEE_802 = 6
TERMINATION_ACTION_RADIUS_REQUEST = 1
# RFC 2868: the attributes of one tunnel have one tag. Zero is none, which every NAS reads.
UNTAGGED = 0


def vlan(name: str, tag: int = UNTAGGED) -> tuple[Attribute, ...]:
    """Return the three attributes that put a session into a VLAN, by its number or name."""
    group = name.encode() if tag == UNTAGGED else bytes((tag,)) + name.encode()
    return (
        integer(AttributeType.TUNNEL_TYPE, tag << 24 | TUNNEL_TYPE_VLAN),
        integer(AttributeType.TUNNEL_MEDIUM_TYPE, tag << 24 | TUNNEL_MEDIUM_TYPE_IEEE_802),
        Attribute(AttributeType.TUNNEL_PRIVATE_GROUP_ID, group),
    )


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
    spellings={Feature.VLAN: vlan, Feature.ACL: filter_id, Feature.ROLE: filter_id},
    identifies=(
        Identifier.USER_NAME,
        Identifier.ACCT_SESSION_ID,
        Identifier.CALLING_STATION_ID,
        Identifier.FRAMED_IP_ADDRESS,
    ),
)
