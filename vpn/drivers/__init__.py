"""One file a device kind: parse(text) -> state, render(plan) -> commands.

DRIVERS is the table of the kinds there are. A new kind is a name in DeviceKind, its file, and one line here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vpn.driver import DeviceKind, Driver
from vpn.drivers import linux_nftables

DRIVERS: Mapping[DeviceKind, Driver] = MappingProxyType({DeviceKind.LINUX_NFTABLES: linux_nftables.DRIVER})
