"""Cisco wireless controllers with AireOS. A Catalyst 9800 is an IOS-XE device: family cisco."""

from radius.attributes import Attribute
from radius.vendor import airespace
from radius.vendor.cisco import CISCO_COA_PORT, REAUTHENTICATE, av_pair
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier
from radius.vendor.privilege import service_type


def role(name: str) -> tuple[Attribute, ...]:
    """Return the role that a local policy of the controller asks for."""
    return av_pair(f"role={name}")


CISCO_WLC = Family(
    name="cisco-wlc",
    spellings={
        Feature.VLAN: airespace.vlan_or_interface,
        Feature.ACL: airespace.acl,
        Feature.ROLE: role,
        Feature.BANDWIDTH: airespace.bandwidth,
        Feature.PRIVILEGE: service_type,
    },
    identifies=(Identifier.CALLING_STATION_ID,),
    changes={Change.REAUTHENTICATE: (REAUTHENTICATE, ENDS), Change.DISCONNECT: (ENDS,)},
    port=CISCO_COA_PORT,
)
