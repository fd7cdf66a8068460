"""MikroTik RouterOS: access points, switches, hotspots and VPN."""

from radius.attributes import Attribute, integer, text
from radius.vendor import bandwidth, generic, tunnel_client
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, UnknownFeature
from radius.vendor.privilege import FULL, READ_ONLY, named

MIKROTIK_VENDOR = 14988
MIKROTIK_GROUP = 3
MIKROTIK_RATE_LIMIT = 8
MIKROTIK_WIRELESS_VLANID = 26
MIKROTIK_WIRELESS_VLANID_TYPE = 27
_IEEE_802_1Q = 0


def vlan(name: str) -> tuple[Attribute, ...]:
    """Return a VLAN for wires (dot1x) and for access points, which look at different attributes.

    RouterOS knows VLANs by number only. Raises UnknownFeature.
    """
    number = generic.vlan_number(name)
    if number is None:
        raise UnknownFeature(f"mikrotik knows VLANs by number only: give {name!r} one at this site")
    return (
        *generic.vlan(name),
        integer(MIKROTIK_WIRELESS_VLANID, number, MIKROTIK_VENDOR),
        integer(MIKROTIK_WIRELESS_VLANID_TYPE, _IEEE_802_1Q, MIKROTIK_VENDOR),
    )


def rate_limit(value: str) -> tuple[Attribute, ...]:
    """Return what the router receives from a session and sends to it. Raises UnknownFeature."""
    up, down = bandwidth.both(value)
    return (text(MIKROTIK_RATE_LIMIT, f"{up}k/{down}k", MIKROTIK_VENDOR),)


MIKROTIK = Family(
    name="mikrotik",
    spellings={
        Feature.VLAN: vlan,
        # The profile of a PPP or hotspot user.
        Feature.ROLE: named(MIKROTIK_GROUP, MIKROTIK_VENDOR),
        # A chain of the firewall.
        Feature.ACL: generic.filter_id,
        Feature.BANDWIDTH: rate_limit,
        Feature.ADDRESS: tunnel_client.address4,
        Feature.PRIVILEGE: named(MIKROTIK_GROUP, MIKROTIK_VENDOR, {FULL: "full", READ_ONLY: "read"}),
    },
    identifies=(Identifier.USER_NAME, Identifier.ACCT_SESSION_ID, Identifier.FRAMED_IP_ADDRESS),
    changes={Change.REAUTHENTICATE: (ENDS,), Change.DISCONNECT: (ENDS,)},
)
