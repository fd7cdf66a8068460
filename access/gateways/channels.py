"""Open channels to the devices: one for each lane, so that a long read never stands before a revocation. ◆"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from access.gateways.lanes import Claim, Lane
from vpn.device import Device, DeviceError, DeviceUnreachable
from vpn.driver import DeviceKind
from vpn.drivers import DRIVERS
from vpn.transport import LocalNft

LOCAL = "local:"
NETNS = "netns:"
DEADLINES_S = {Lane.MEMBERSHIP: 5.0, Lane.STRUCTURE: 60.0}


@dataclass(frozen=True, slots=True)
class Located:
    """Where a device is and what kind it is, as its row says."""

    name: str
    kind: str
    address: str


@dataclass
class Channels:
    """Devices by claim. find(device_id) tells where one is now, None where it is gone."""

    find: Callable[[int], Located | None]
    _open: dict[tuple[int, Lane], tuple[Located, LocalNft]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def device(self, claim: Claim) -> Device:
        """The device of a claim. Raises DeviceError, DeviceUnreachable."""
        located = self.find(claim.device_id)
        if located is None:
            raise DeviceUnreachable(f"device {claim.device_id}", "it was removed", "nothing is left to do")
        try:
            driver = DRIVERS[DeviceKind(located.kind)]
        except ValueError:
            known = ", ".join(kind.value for kind in DeviceKind)
            raise DeviceError(located.name, f"kind {located.kind} is unknown", f"choose {known}") from None
        return Device(driver, self._channel(claim, located))

    def close(self) -> None:
        """Let go of every device."""
        with self._lock:
            opened, self._open = list(self._open.values()), {}
        for _, channel in opened:
            channel.close()

    def _channel(self, claim: Claim, located: Located) -> LocalNft:
        place = claim.device_id, claim.lane
        with self._lock:
            known, channel = self._open.get(place, (None, None))
            if known == located and channel is not None:
                return channel
            if channel is not None:
                channel.close()
            channel = _nft(located, DEADLINES_S[claim.lane])
            self._open[place] = located, channel
            return channel


def _nft(located: Located, deadline_s: float) -> LocalNft:
    if located.address == LOCAL:
        return LocalNft(deadline_s=deadline_s)
    if located.address.startswith(NETNS):
        return LocalNft(located.address.removeprefix(NETNS), deadline_s)
    raise DeviceError(located.name, f"no way to {located.address}", "write local: or netns:NAME")
