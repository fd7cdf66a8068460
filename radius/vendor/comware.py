"""HPE and H3C switches with Comware 7."""

from radius.attributes import Attribute, integer, text
from radius.dynauth import Action
from radius.vendor.bandwidth import KILO, pair
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import filter_id, vlan
from radius.vendor.privilege import FULL, READ_ONLY, level, named

H3C_VENDOR = 25506
H3C_EXEC_PRIVILEGE = 29
# In bit/s; input is what comes from the endpoint.
H3C_INPUT_AVERAGE_RATE, H3C_OUTPUT_AVERAGE_RATE = 2, 5
H3C_USER_ROLE = 155
H3C_AV_PAIR = 210
_role = named(H3C_USER_ROLE, H3C_VENDOR, {FULL: "network-admin", READ_ONLY: "network-operator"})


def voice_vlan(name: str) -> tuple[Attribute, ...]:
    """Return what marks the VLAN of this login as one for voice."""
    return (text(H3C_AV_PAIR, "device-traffic-class=voice", H3C_VENDOR), *vlan(name))


def privilege(name: str) -> tuple[Attribute, ...]:
    """Return the user role of an administrator, or the level where it is a number. Raises UnknownFeature."""
    if name.isdecimal():
        return (integer(H3C_EXEC_PRIVILEGE, level(name, {}), H3C_VENDOR),)
    return _role(name)


COMWARE = Family(
    name="comware",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        # The number of an ACL, or the name of a user profile: the device tells them apart.
        Feature.ACL: filter_id,
        Feature.ROLE: filter_id,
        Feature.PRIVILEGE: privilege,
        Feature.BANDWIDTH: pair(H3C_VENDOR, (H3C_INPUT_AVERAGE_RATE,), (H3C_OUTPUT_AVERAGE_RATE,), KILO),
    },
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (ENDS,),
        Change.BOUNCE_PORT: (
            Recipe(Action.CHANGE, (text(H3C_AV_PAIR, "subscriber:command=bounce-host-port", H3C_VENDOR),)),
        ),
        Change.DISCONNECT: (ENDS,),
    },
)
