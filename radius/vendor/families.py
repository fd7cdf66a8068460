"""Every family of NAS we know, by the name a NAS's setting gives it."""

from radius.vendor.aruba import ARUBA, ARUBA_CX
from radius.vendor.cisco import CISCO
from radius.vendor.cisco_wlc import CISCO_WLC
from radius.vendor.comware import COMWARE
from radius.vendor.family import Family
from radius.vendor.fortigate import FORTIGATE
from radius.vendor.gateways import OCSERV, OPENVPN, STRONGSWAN
from radius.vendor.generic import GENERIC
from radius.vendor.hostapd import HOSTAPD
from radius.vendor.huawei import HUAWEI
from radius.vendor.juniper import JUNIPER, MIST
from radius.vendor.meraki import MERAKI
from radius.vendor.mikrotik import MIKROTIK
from radius.vendor.paloalto import PALOALTO
from radius.vendor.procurve import PROCURVE
from radius.vendor.ruckus import ICX, RUCKUS

_ALL = (
    GENERIC,
    HOSTAPD,
    CISCO,
    CISCO_WLC,
    MERAKI,
    ARUBA,
    ARUBA_CX,
    PROCURVE,
    COMWARE,
    JUNIPER,
    MIST,
    HUAWEI,
    RUCKUS,
    ICX,
    MIKROTIK,
    FORTIGATE,
    PALOALTO,
    OCSERV,
    STRONGSWAN,
    OPENVPN,
)
FAMILIES = {family.name: family for family in _ALL}


def family_of(name: str) -> Family:
    """Return the family of this name; where we know none, what follows the RFCs."""
    return FAMILIES.get(name, GENERIC)
