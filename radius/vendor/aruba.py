"""Aruba: controllers and Instant (ArubaOS), and the switches with AOS-CX.

What these restrict a session by is its role, so there is no ACL beside it. AOS-Switch, the former ProCurve,
is a family of its own.
"""

from radius.attributes import Attribute, integer
from radius.dynauth import Action
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import vlan, voice_vlan
from radius.vendor.privilege import FULL, READ_ONLY, level, named

ARUBA_VENDOR = 14823
ARUBA_USER_ROLE = 1
ARUBA_PRIV_ADMIN_USER = 3
ARUBA_ADMIN_ROLE = 4
ARUBA_PORT_BOUNCE_HOST = 40
# Long enough for an endpoint to notice that its link is gone and to ask for an address again.
BOUNCE_S = 12

role = named(ARUBA_USER_ROLE, ARUBA_VENDOR)
_controller_role = named(ARUBA_ADMIN_ROLE, ARUBA_VENDOR, {FULL: "root", READ_ONLY: "read-only"})
_switch_role = named(ARUBA_ADMIN_ROLE, ARUBA_VENDOR, {FULL: "administrators", READ_ONLY: "operators"})


def switch_privilege(name: str) -> tuple[Attribute, ...]:
    """Return the group of an administrator, or the level where it is a number. Raises UnknownFeature."""
    if name.isdecimal():
        return (integer(ARUBA_PRIV_ADMIN_USER, level(name, {}), ARUBA_VENDOR),)
    return _switch_role(name)


ARUBA = Family(
    name="aruba",
    spellings={Feature.VLAN: vlan, Feature.ROLE: role, Feature.PRIVILEGE: _controller_role},
    identifies=(Identifier.USER_NAME, Identifier.CALLING_STATION_ID),
    changes={Change.REAUTHENTICATE: (ENDS,), Change.DISCONNECT: (ENDS,)},
)

ARUBA_CX = Family(
    name="aruba-cx",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        Feature.ROLE: role,
        Feature.PRIVILEGE: switch_privilege,
    },
    identifies=(Identifier.USER_NAME, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (ENDS,),
        Change.BOUNCE_PORT: (
            Recipe(Action.CHANGE, (integer(ARUBA_PORT_BOUNCE_HOST, BOUNCE_S, ARUBA_VENDOR),)),
        ),
        Change.DISCONNECT: (ENDS,),
    },
)
