"""Where a login was, from what its NAS says of it: the SSID, wire or air, the address it came from."""

import re
import unicodedata
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from access.model import Absent, Medium, Via
from access.policy.subjects import canonical_mac

# RFC 3580 section 3.20: the address of the access point, then the SSID behind a colon.
_CALLED = re.compile(r"(?:[0-9A-Fa-f]{2}[-:.]?){5}[0-9A-Fa-f]{2}:(.+)", re.DOTALL)
# RFC 2865 section 5.41 and RFC 3580 section 3.9.
MEDIA = {15: Medium.WIRED, 19: Medium.WIRELESS}
# What a session keeps of a port that is neither.
OTHER = "other"
_REMEMBERED: Mapping[str, Medium | Absent] = {
    **{each.value: each for each in Medium},
    OTHER: Absent.DOES_NOT_APPLY,
}


def ssid_of(called_station: str, via: Via | Absent) -> str | Absent:
    """The SSID in a Called-Station-Id (NFC). Without one it is unknown on Wi-Fi, and applies nowhere else."""
    found = _CALLED.fullmatch(called_station)
    if found:
        return unicodedata.normalize("NFC", found[1])
    return Absent.UNKNOWN if via in (Via.WIRELESS, Absent.UNKNOWN) else Absent.DOES_NOT_APPLY


def medium_of(port_type: int | None) -> Medium | Absent:
    """What a NAS-Port-Type says: nothing where there was none; of a tunnel or a line, that it is neither."""
    if port_type is None:
        return Absent.UNKNOWN
    return MEDIA.get(port_type, Absent.DOES_NOT_APPLY)


def source_of(said: str, via: Via | Absent) -> IPv4Address | IPv6Address | Absent:
    """The address somebody comes from, where what a NAS says is one; what is on our own wire comes from none.

    A gateway says it in Tunnel-Client-Endpoint (RFC 2868 section 3.3) or in Calling-Station-Id.
    """
    try:
        address = ip_address("" if "%" in said else said)
    except ValueError:
        return Absent.DOES_NOT_APPLY if via in (Via.WIRED, Via.WIRELESS) else Absent.UNKNOWN
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def country_kept(country: str, via: Via | Absent) -> str | Absent:
    """The country that a session has kept."""
    return country or (Absent.DOES_NOT_APPLY if via in (Via.WIRED, Via.WIRELESS) else Absent.UNKNOWN)


def kept(medium: Medium | Absent) -> str:
    """How a session keeps it."""
    if isinstance(medium, Medium):
        return medium.value
    return OTHER if medium is Absent.DOES_NOT_APPLY else ""


def remembered(text: str) -> Medium | Absent:
    """What a session has kept."""
    return _REMEMBERED.get(text, Absent.UNKNOWN)


def station_of(said: str, registered: str | None = None) -> str | Absent:
    """The MAC address of the endpoint somebody sits at, in colons.

    Of a registered endpoint that a certificate or its own login proved, it is that; else what the NAS says.
    """
    return canonical_mac(registered or said) or Absent.UNKNOWN
