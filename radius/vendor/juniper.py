"""Juniper EX switches (Junos), and the access points of Mist.

Junos maps a login to a user of its own, a template that has to be configured there: a privilege is its name,
whatever it is, and the house words have no other meaning.
"""

from radius.attributes import text
from radius.dynauth import Action
from radius.vendor import airespace
from radius.vendor.cisco import REAUTHENTICATE
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import filter_id, vlan
from radius.vendor.privilege import named

JUNIPER_VENDOR = 2636
JUNIPER_LOCAL_USER_NAME = 1
JUNIPER_VOIP_VLAN = 49
JUNIPER_AV_PAIR = 52

JUNIPER = Family(
    name="juniper",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: named(JUNIPER_VOIP_VLAN, JUNIPER_VENDOR),
        # A firewall filter configured on the switch.
        Feature.ACL: filter_id,
        Feature.PRIVILEGE: named(JUNIPER_LOCAL_USER_NAME, JUNIPER_VENDOR),
    },
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (ENDS,),
        Change.BOUNCE_PORT: (Recipe(Action.CHANGE, (text(JUNIPER_AV_PAIR, "Port-Bounce", JUNIPER_VENDOR),)),),
        Change.DISCONNECT: (ENDS,),
    },
)

MIST = Family(
    name="mist",
    spellings={
        Feature.VLAN: airespace.vlan_or_interface,
        # What Mist's labels call a user's group.
        Feature.ROLE: airespace.acl,
    },
    identifies=(Identifier.CALLING_STATION_ID,),
    changes={Change.REAUTHENTICATE: (REAUTHENTICATE, ENDS), Change.DISCONNECT: (ENDS,)},
)
