"""Cisco switches and controllers (IOS, IOS-XE)."""

from radius.attributes import Attribute, text
from radius.vendor.family import Family, Feature, Identifier
from radius.vendor.generic import filter_id, vlan

CISCO_VENDOR = 9
CISCO_AVPAIR = 1


def av_pair(pair: str) -> tuple[Attribute, ...]:
    """Return a Cisco-AVPair."""
    value = text(CISCO_AVPAIR, pair)
    return (Attribute(value.type, value.value, CISCO_VENDOR),)


def acl(name: str) -> tuple[Attribute, ...]:
    """Return the Filter-Id of an ACL on the switch, for what comes in from the port."""
    return filter_id(f"{name}.in")


def role(name: str) -> tuple[Attribute, ...]:
    """Return the pair that applies a service template."""
    return av_pair(f"subscriber:service-name={name}")


CISCO = Family(
    name="cisco",
    spellings={Feature.VLAN: vlan, Feature.ACL: acl, Feature.ROLE: role},
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
)
