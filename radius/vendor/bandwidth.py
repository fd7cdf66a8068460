"""How the most that a session may send and receive is spelt: two integers of a vendor, or one text."""

from radius.attributes import Attribute, integer
from radius.vendor.family import Spelling, UnknownFeature

WISPR_VENDOR = 14122
WISPR_BANDWIDTH_MAX_UP, WISPR_BANDWIDTH_MAX_DOWN = 7, 8
_LARGEST = 0xFFFFFFFF
KILO = 1000


def read(value: str) -> tuple[int | None, int | None]:
    """Return the kbit/s up and down of what is written up/down; None for no limit."""
    up, _, down = value.partition("/")
    return int(up) if up else None, int(down) if down else None


def pair(vendor: int, up: tuple[int, ...], down: tuple[int, ...], unit: int) -> Spelling:
    """Return the spelling as integers: the attributes of each direction, and how many a kbit/s is."""

    def spell(value: str) -> tuple[Attribute, ...]:
        limits = zip((up, down), read(value), strict=True)
        return tuple(
            integer(kind, min(kbps * unit, _LARGEST), vendor)
            for kinds, kbps in limits
            if kbps is not None
            for kind in kinds
        )

    return spell


# In bit/s, as access points for hotspots read it (the WISPr recommendations of the Wi-Fi Alliance).
wispr = pair(WISPR_VENDOR, (WISPR_BANDWIDTH_MAX_UP,), (WISPR_BANDWIDTH_MAX_DOWN,), KILO)


def both(value: str) -> tuple[int, int]:
    """Return the kbit/s up and down where a family takes both or none. Raises UnknownFeature."""
    up, down = read(value)
    if up is None or down is None:
        raise UnknownFeature("it limits both directions or none: give a bandwidth up and down")
    return up, down
