"""FortiGate: VPN, the switches and access points under it, and its administrators."""

from radius.vendor import tunnel_client
from radius.vendor.family import Family, Feature, Identifier
from radius.vendor.generic import vlan
from radius.vendor.privilege import FULL, READ_ONLY, named

FORTINET_VENDOR = 12356
FORTINET_GROUP_NAME = 1
FORTINET_ACCESS_PROFILE = 6
_PROFILES = {FULL: "super_admin", READ_ONLY: "super_admin_readonly"}

FORTIGATE = Family(
    name="fortigate",
    spellings={
        Feature.VLAN: vlan,
        Feature.ROLE: named(FORTINET_GROUP_NAME, FORTINET_VENDOR),
        Feature.ADDRESS: tunnel_client.address4,
        Feature.PRIVILEGE: named(FORTINET_ACCESS_PROFILE, FORTINET_VENDOR, _PROFILES),
    },
    identifies=(Identifier.USER_NAME, Identifier.ACCT_SESSION_ID),
    # It sends no Service-Type that would tell an administrator from somebody at the VPN.
    admin_connect_info="admin-login",
)
