"""Palo Alto Networks firewalls: GlobalProtect, and administrators. They take no request to end a session."""

from radius.vendor import tunnel_client
from radius.vendor.family import Family, Feature, Identifier
from radius.vendor.privilege import FULL, READ_ONLY, named

PALOALTO_VENDOR = 25461
PALOALTO_ADMIN_ROLE = 1
PALOALTO_USER_GROUP = 5
_ROLES = {FULL: "superuser", READ_ONLY: "superreader"}

PALOALTO = Family(
    name="paloalto",
    spellings={
        Feature.ROLE: named(PALOALTO_USER_GROUP, PALOALTO_VENDOR),
        Feature.ADDRESS: tunnel_client.address4,
        Feature.PRIVILEGE: named(PALOALTO_ADMIN_ROLE, PALOALTO_VENDOR, _ROLES),
    },
    identifies=(Identifier.USER_NAME,),
    changes={},
)
