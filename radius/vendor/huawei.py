"""Huawei switches and access controllers (S and AC series)."""

from radius.attributes import Attribute, AttributeType, integer, text
from radius.dynauth import Action
from radius.vendor.bandwidth import KILO, pair
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import filter_id, vlan
from radius.vendor.privilege import ADMINISTRATIVE_USER, FULL, READ_ONLY, level

HUAWEI_VENDOR = 2011
HUAWEI_EXEC_PRIVILEGE = 29
# In bit/s; input is what comes from the endpoint.
HUAWEI_INPUT_AVERAGE_RATE, HUAWEI_OUTPUT_AVERAGE_RATE = 2, 5
HUAWEI_EXT_SPECIFIC = 238
_LEVELS = {FULL: 15, READ_ONLY: 1}


def privilege(name: str) -> tuple[Attribute, ...]:
    """Return the level of an administrator, 0 to 15. Raises UnknownFeature."""
    return (
        integer(AttributeType.SERVICE_TYPE, ADMINISTRATIVE_USER),
        integer(HUAWEI_EXEC_PRIVILEGE, level(name, _LEVELS), HUAWEI_VENDOR),
    )


def user_command(number: int) -> Recipe:
    """Return the CoA-Request that gives a session's command."""
    return Recipe(Action.CHANGE, (text(HUAWEI_EXT_SPECIFIC, f"user-command={number}", HUAWEI_VENDOR),))


HUAWEI = Family(
    name="huawei",
    spellings={
        Feature.VLAN: vlan,
        # The number of an ACL, or the name of a user group: the device tells them apart.
        Feature.ACL: filter_id,
        Feature.ROLE: filter_id,
        Feature.PRIVILEGE: privilege,
        Feature.BANDWIDTH: pair(
            HUAWEI_VENDOR, (HUAWEI_INPUT_AVERAGE_RATE,), (HUAWEI_OUTPUT_AVERAGE_RATE,), KILO
        ),
    },
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (user_command(1), ENDS),
        Change.BOUNCE_PORT: (user_command(2),),
        Change.DISCONNECT: (ENDS,),
    },
)
