"""Cisco Meraki access points and switches; their dashboard knows no logins by RADIUS."""

from radius.attributes import Attribute
from radius.vendor.cisco import BOUNCE_PORT, CISCO_COA_PORT, REAUTHENTICATE, av_pair
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier
from radius.vendor.generic import filter_id, vlan


def voice_vlan(_name: str) -> tuple[Attribute, ...]:
    """Return what puts a telephone into the voice VLAN of its port, which is set in the dashboard."""
    return av_pair("device-traffic-class=voice")


MERAKI = Family(
    name="meraki",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        # The group policy of this name, where the dashboard takes Filter-Id for it.
        Feature.ROLE: filter_id,
    },
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (REAUTHENTICATE, ENDS),
        Change.BOUNCE_PORT: (BOUNCE_PORT,),
        Change.DISCONNECT: (ENDS,),
    },
    port=CISCO_COA_PORT,
)
