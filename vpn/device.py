"""A device to read, change and verify: a driver's words over a channel ▸

The membership lane calls `apply` and `verify` and reads only what it touched. The structure lane calls
`running`, plans, applies, and may call `running` again. Neither lets an error pass: a device that did not
answer is a DeviceError, and what it then holds is unknown until it was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from vpn.diff import Plan
from vpn.driver import Driver, VpnError
from vpn.grant import Pair
from vpn.state import GatewayState, by_key


class DeviceError(VpnError):
    """The device refused a command or did not answer in time; what it holds now has to be read."""

    def __init__(self, device: str, what: str, remedy: str) -> None:
        super().__init__(f"{device}: {what}; {remedy}")
        self.device, self.what, self.remedy = device, what, remedy


class DeviceUnreachable(DeviceError):
    """Nobody is there to take a command: nothing was changed."""


class Channel(Protocol):
    """An open way to one device. Everything raises DeviceError, or DeviceUnreachable."""

    def run(self, batch: str) -> None:
        """Carry the batch out, all of it or nothing."""

    def ask(self, question: str) -> str | None:
        """What the device answers; None where it has no such thing."""

    def generation(self) -> int:
        """A number that changes with every change somebody makes, but not as pairs end by themselves."""


@dataclass(frozen=True)
class Device:
    """A driver and a channel; `now` is in seconds since 1970."""

    driver: Driver
    channel: Channel

    def running(self, now: float) -> GatewayState:
        """All the device holds. Slow on a full gateway (500,000 pairs: seconds). Raises BadListing."""
        listing = self.channel.ask(self.driver.listing)
        return GatewayState() if listing is None else self.driver.parse(listing, now)

    def apply(self, plan: Plan, now: float) -> None:
        """Carry the plan out, revocations first; where a batch fails, those before it stand."""
        for batch in self.driver.render(plan, now):
            self.channel.run(batch)

    def read_back(self, pairs: Iterable[Pair], now: float) -> frozenset[Pair]:
        """Those of the pairs the device holds, each with the end it has there."""
        held: set[Pair] = set()
        for pair in pairs:
            answer = self.channel.ask(self.driver.lookup(pair))
            held |= self.driver.found(answer, now) if answer is not None else set()
        return frozenset(held)

    def verify(self, plan: Plan, now: float) -> frozenset[Pair]:
        """The pairs of the plan the device has not as planned: still there, missing, or with another end."""
        present = frozenset(pair for pair in plan.present if pair.until is None or pair.until > now)
        held = by_key(self.read_back(plan.gone | plan.present, now))
        lingering = frozenset(held[pair.key] for pair in plan.gone if pair.key in held)
        return lingering | frozenset(pair for pair in present if held.get(pair.key) != pair)

    def generation(self) -> int:
        """The channel's generation: unchanged since we last looked means nobody else changed anything."""
        return self.channel.generation()
