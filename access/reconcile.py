"""What a worker does with a lane it has claimed. ▸

Membership: the rows written since the last confirmed generation are carried out, revocations first, and
only what was touched is read back. Structure: the gateway is read whole and made what it should be.

The structure lane never gives a pair: between its look at the table and its last command a right may be
lost, and it would bring the pair back. What it finds missing it has the membership lane carry out again,
which reads each row when it does. What it took away because it did not know better, it gives back that way.

Nothing is sent once the lease of a claim has run out: by then another worker may be at it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from access.lanes import Claim, Due, Lane
from access.pairbook import HeldPair
from vpn import diff
from vpn.device import Channel, Device, DeviceError, DeviceUnreachable
from vpn.diff import Plan
from vpn.driver import VpnError
from vpn.grant import Pair
from vpn.state import GatewayState

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Drift:
    """What a gateway had otherwise than it was left. rules: whether destinations, pools or rules were."""

    missing: int = 0
    foreign: int = 0
    rules: bool = False

    @property
    def count(self) -> int:
        """How many things were put right."""
        return self.missing + self.foreign + self.rules


NO_DRIFT = Drift()


class NotAsTold(VpnError):
    """The gateway holds something else than it was just told to."""


class Rows(Protocol):
    """What the database has about one gateway. Every call sees the newest state."""

    def written(self) -> Collection[HeldPair]:
        """The rows since the generation of pairs that the gateway confirmed last."""

    def intended(self, now: float) -> GatewayState:
        """All that the gateway should hold."""

    def settled(self, pairs: Collection[Pair]) -> frozenset[Pair]:
        """Those of the pairs about which the membership lane has nothing to do."""

    def write_again(self, pairs: Collection[Pair]) -> None:
        """Have the membership lane carry out the pairs again, those of them that stand."""

    def was_whole(self) -> bool:
        """Whether the gateway once had the rules that are intended now."""


@dataclass(frozen=True)
class Job:
    """A claimed lane and what is known of its gateway."""

    claim: Claim
    rows: Rows


class Lanes(Protocol):
    """Where lanes are claimed. What comes back under a fence that is no longer ours changes nothing but
    that the gateway is to be read."""

    def claim(self, due: Due, now: float) -> Job | None:
        """The right to work on a lane; None: nothing to do, or somebody is at it."""

    def finish(self, job: Job, drift: Drift, now: float) -> None:
        """What was wanted is reached."""

    def put_off(self, job: Job, failure: str, unsure: bool, now: float) -> None:
        """It is not. unsure: what the gateway holds now has to be read."""


@dataclass(frozen=True)
class Leased:
    """A channel that takes no command any more once a claim has run out. Implements vpn.device.Channel."""

    channel: Channel
    name: str
    until: float
    clock: Clock

    def run(self, batch: str) -> None:
        """Carry the batch out. Raises DeviceError."""
        if self.clock() >= self.until:
            raise DeviceError(self.name, "the lease ran out before the command", "another worker goes on")
        self.channel.run(batch)

    def ask(self, question: str) -> str | None:
        """What the device answers."""
        return self.channel.ask(question)

    def generation(self) -> int:
        """The channel's generation."""
        return self.channel.generation()


def serve(lanes: Lanes, open_device: Callable[[Claim], Device], due: Due, clock: Clock) -> bool:
    """Work on a lane if there is something to do on it; whether there was. open_device raises VpnError."""
    job = lanes.claim(due, clock())
    if job is None:
        return False
    try:
        device = open_device(job.claim)
        channel = Leased(device.channel, f"device {due.device_id}", job.claim.until, clock)
        drift = LANES[due.lane](Device(device.driver, channel), job.rows, clock)
    except VpnError as error:
        lanes.put_off(job, str(error), not isinstance(error, DeviceUnreachable), clock())
    else:
        lanes.finish(job, drift, clock())
    return True


def membership(device: Device, rows: Rows, clock: Clock) -> Drift:
    """Carry out what was written since. Raises DeviceError, NotAsTold."""
    written = rows.written()
    plan = diff.delta(
        removed=[row.pair for row in written if row.removed],
        added=[row.pair for row in written if not row.removed],
    )
    if not plan.empty:
        device.apply(plan, clock())
        _prove(device, plan, clock())
    return NO_DRIFT


def whole(device: Device, rows: Rows, clock: Clock) -> Drift:
    """Make the gateway what it should be; what was otherwise. Raises DeviceError, BadListing, NotAsTold."""
    now = clock()
    running, was_whole = device.running(now), rows.was_whole()
    plan = diff.plan(running, rows.intended(now))
    astray = rows.settled(plan.present | plan.gone)
    ours = replace(plan, additions=diff.NONE, extensions=diff.NONE)
    device.apply(ours, clock())
    rows.write_again((plan.present & astray) | plan.gone)
    _prove(device, ours, clock())
    if plan.structure is not None and device.running(clock()).structure != plan.structure.after:
        raise NotAsTold("the rules on the gateway are not as told")
    if running == GatewayState() and not was_whole:
        return NO_DRIFT
    rules = plan.structure is not None and was_whole
    return Drift(len(plan.present & astray), len(plan.gone & astray), rules)


LANES: Mapping[Lane, Callable[[Device, Rows, Clock], Drift]] = {
    Lane.MEMBERSHIP: membership,
    Lane.STRUCTURE: whole,
}


def _prove(device: Device, plan: Plan, now: float) -> None:
    wrong = device.verify(plan, now)
    if wrong:
        shown = ", ".join(sorted(f"{pair.address} . {pair.atom}" for pair in wrong)[:3])
        raise NotAsTold(f"{len(wrong)} pairs are not as told, among them {shown}")
