"""Ruckus: access points under SmartZone or ZoneDirector, and the ICX switches, which came from Foundry."""

from radius.attributes import Attribute, integer
from radius.vendor import bandwidth
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier
from radius.vendor.generic import filter_id, vlan
from radius.vendor.privilege import FULL, READ_ONLY, level, named

RUCKUS_VENDOR = 25053
RUCKUS_USER_GROUPS = 1
RUCKUS_WSG_USER = 10
FOUNDRY_VENDOR = 1991
FOUNDRY_PRIVILEGE_LEVEL = 1
# Counted from the top: 0 may do everything, 4 may configure ports, 5 may read.
_ICX_LEVELS = {FULL: 0, READ_ONLY: 5}


def icx_privilege(name: str) -> tuple[Attribute, ...]:
    """Return the level of an administrator, 0 to 5. Raises UnknownFeature."""
    return (integer(FOUNDRY_PRIVILEGE_LEVEL, level(name, _ICX_LEVELS, highest=5), FOUNDRY_VENDOR),)


def icx_acl(name: str) -> tuple[Attribute, ...]:
    """Return the Filter-Id of an IPv4 ACL on the switch, for what comes in from the port."""
    return filter_id(f"ip.{name}.in")


RUCKUS = Family(
    name="ruckus",
    spellings={
        Feature.VLAN: vlan,
        Feature.ROLE: named(RUCKUS_USER_GROUPS, RUCKUS_VENDOR),
        Feature.BANDWIDTH: bandwidth.wispr,
        # An administrator configured on the controller, who lends his rights.
        Feature.PRIVILEGE: named(RUCKUS_WSG_USER, RUCKUS_VENDOR),
    },
    identifies=(Identifier.USER_NAME, Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={Change.REAUTHENTICATE: (ENDS,), Change.DISCONNECT: (ENDS,)},
)

ICX = Family(
    name="icx",
    spellings={Feature.VLAN: vlan, Feature.ACL: icx_acl, Feature.PRIVILEGE: icx_privilege},
    # It answers with a NAK where more is said than this.
    identifies=(Identifier.CALLING_STATION_ID, Identifier.NAS_IP_ADDRESS),
    changes={Change.REAUTHENTICATE: (ENDS,), Change.DISCONNECT: (ENDS,)},
)
