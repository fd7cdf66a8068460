"""HPE switches with AOS-Switch, formerly ProCurve. Their named filters are roles."""

from radius.attributes import Attribute, integer
from radius.dynauth import Action
from radius.vendor.bandwidth import pair
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import vlan, voice_vlan
from radius.vendor.privilege import level, named, service_type

HP_VENDOR = 11
HP_PRIVILEGE_LEVEL = 1
HP_PORT_BOUNCE_HOST = 23
HP_USER_ROLE = 25
# In kbit/s, as the switch sees its port.
HP_BANDWIDTH_MAX_INGRESS, HP_BANDWIDTH_MAX_EGRESS = 46, 48
BOUNCE_S = 12


def privilege(name: str) -> tuple[Attribute, ...]:
    """Return manager or operator, or a level where it is a number. Raises UnknownFeature."""
    if name.isdecimal():
        return (integer(HP_PRIVILEGE_LEVEL, level(name, {}), HP_VENDOR),)
    return service_type(name)


PROCURVE = Family(
    name="procurve",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        Feature.ROLE: named(HP_USER_ROLE, HP_VENDOR),
        Feature.PRIVILEGE: privilege,
        Feature.BANDWIDTH: pair(HP_VENDOR, (HP_BANDWIDTH_MAX_INGRESS,), (HP_BANDWIDTH_MAX_EGRESS,), 1),
    },
    identifies=(Identifier.USER_NAME, Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (ENDS,),
        Change.BOUNCE_PORT: (Recipe(Action.CHANGE, (integer(HP_PORT_BOUNCE_HOST, BOUNCE_S, HP_VENDOR),)),),
        Change.DISCONNECT: (ENDS,),
    },
)
