"""Every family of NAS we know, by the name a NAS's setting gives it."""

from radius.vendor.cisco import CISCO
from radius.vendor.generic import GENERIC
from radius.vendor.hostapd import HOSTAPD

FAMILIES = {family.name: family for family in (GENERIC, HOSTAPD, CISCO)}
