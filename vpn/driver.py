"""What a kind of device has to bring: a way to read it and a way to write it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from vpn.diff import Plan
from vpn.grant import Pair
from vpn.state import GatewayState


class VpnError(Exception):
    """The root of what this package raises."""


class BadListing(VpnError):
    """The device printed something its driver cannot read: a newer version, or another table of this name."""


class DeviceKind(Enum):
    """The kinds of device Officegate can keep in step."""

    LINUX_NFTABLES = "linux-nftables"


@dataclass(frozen=True)
class Driver:
    """One kind of device, as text. Clocks are arguments: `now` is in seconds since 1970.

    listing prints the whole state and parse reads it; lookup prints one pair or fails and found reads that.
    parse and found raise BadListing. render gives batches: each takes effect as a whole or not at all, and
    one is sent only once those before it have taken effect.
    """

    listing: str
    parse: Callable[[str, float], GatewayState]
    lookup: Callable[[Pair], str]
    found: Callable[[str, float], frozenset[Pair]]
    render: Callable[[Plan, float], list[str]]
