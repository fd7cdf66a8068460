"""Names that Cisco's AireOS brought with it, and that others who build access points read as well."""

from radius.attributes import Attribute, text
from radius.vendor.bandwidth import pair
from radius.vendor.generic import vlan, vlan_number

AIRESPACE_VENDOR = 14179
AIRESPACE_INTERFACE_NAME = 5
AIRESPACE_ACL_NAME = 6
# Of TCP and of UDP, which a controller limits apart, in kbit/s.
_DOWNSTREAM, _UPSTREAM = (7, 8), (13, 14)
bandwidth = pair(AIRESPACE_VENDOR, _UPSTREAM, _DOWNSTREAM, 1)


def acl(name: str) -> tuple[Attribute, ...]:
    """Return the name of an ACL on the controller."""
    return (text(AIRESPACE_ACL_NAME, name, AIRESPACE_VENDOR),)


def vlan_or_interface(name: str) -> tuple[Attribute, ...]:
    """Return a VLAN by its number, or the interface of this name, which stands for one."""
    if vlan_number(name) is not None:
        return vlan(name)
    return (text(AIRESPACE_INTERFACE_NAME, name, AIRESPACE_VENDOR),)
