"""Cisco switches and controllers with IOS or IOS-XE, the Catalyst 9800 among them."""

from radius.attributes import Attribute, AttributeType, integer, text
from radius.dynauth import Action
from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Recipe
from radius.vendor.generic import filter_id, vlan
from radius.vendor.privilege import FULL, NAS_PROMPT_USER, READ_ONLY, level

CISCO_VENDOR = 9
CISCO_AVPAIR = 1
# What "aaa server radius dynamic-author" listens on unless told otherwise.
CISCO_COA_PORT = 1700
_LEVELS = {FULL: 15, READ_ONLY: 1}


def av_pair(pair: str) -> tuple[Attribute, ...]:
    """Return a Cisco-AVPair."""
    return (text(CISCO_AVPAIR, pair, CISCO_VENDOR),)


def acl(name: str) -> tuple[Attribute, ...]:
    """Return the Filter-Id of an ACL on the switch, for what comes in from the port."""
    return filter_id(f"{name}.in")


def role(name: str) -> tuple[Attribute, ...]:
    """Return the pair that applies a service template."""
    return av_pair(f"subscriber:service-name={name}")


def voice_vlan(name: str) -> tuple[Attribute, ...]:
    """Return what puts a telephone into the voice domain of its port, and there into this VLAN."""
    return (*av_pair("device-traffic-class=voice"), *vlan(name))


def privilege(name: str) -> tuple[Attribute, ...]:
    """Return what an EXEC session begins with: its level, 0 to 15. Raises UnknownFeature."""
    prompt = integer(AttributeType.SERVICE_TYPE, NAS_PROMPT_USER)
    return (prompt, *av_pair(f"shell:priv-lvl={level(name, _LEVELS)}"))


def command(name: str, *more: str) -> Recipe:
    """Return the CoA-Request that gives a session's command."""
    pairs = (f"subscriber:command={name}", *more)
    return Recipe(Action.CHANGE, tuple(pair for each in pairs for pair in av_pair(each)))


REAUTHENTICATE = command("reauthenticate", "subscriber:reauthenticate-type=rerun")
BOUNCE_PORT = command("bounce-host-port")

CISCO = Family(
    name="cisco",
    spellings={
        Feature.VLAN: vlan,
        Feature.VOICE_VLAN: voice_vlan,
        Feature.ACL: acl,
        Feature.ROLE: role,
        Feature.PRIVILEGE: privilege,
    },
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={
        Change.REAUTHENTICATE: (REAUTHENTICATE, ENDS),
        Change.BOUNCE_PORT: (BOUNCE_PORT,),
        Change.DISCONNECT: (ENDS,),
    },
    port=CISCO_COA_PORT,
)
