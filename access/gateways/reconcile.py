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

from access.gateways.lanes import Claim, Due, Lane
from access.gateways.pairbook import HeldPair
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


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of the table, and the generation up to which they are all there are."""

    rows: Collection[HeldPair]
    generation: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What working on a lane came to: the generation that is reached, and the drift that was found."""

    reached: int
    drift: Drift = NO_DRIFT


class NotAsTold(VpnError):
    """The gateway holds something else than it was just told to."""


class Rows(Protocol):
    """What the database has about one gateway. Every call sees the newest state."""

    def written(self) -> Written:
        """The rows since the confirmed generation: whole generations, as many as one go should carry out."""

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

    def finish(self, job: Job, outcome: Outcome, now: float) -> None:
        """A generation is reached; where more was wanted, the lane is due again."""

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
        outcome = LANES[due.lane](Device(device.driver, channel), job, clock)
    except VpnError as error:
        lanes.put_off(job, str(error), not isinstance(error, DeviceUnreachable), clock())
    else:
        lanes.finish(job, outcome, clock())
    return True


def membership(device: Device, job: Job, clock: Clock) -> Outcome:
    """Carry out what was written since. Raises DeviceError, NotAsTold."""
    written = job.rows.written()
    plan = diff.delta(
        removed=[row.pair for row in written.rows if row.removed],
        added=[row.pair for row in written.rows if not row.removed],
    )
    if not plan.empty:
        device.apply(plan, clock())
        _prove(device, plan, clock())
    return Outcome(written.generation)


def whole(device: Device, job: Job, clock: Clock) -> Outcome:
    """Make the gateway what it should be; what was otherwise. Raises DeviceError, BadListing, NotAsTold."""
    rows, now = job.rows, clock()
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
        return Outcome(job.claim.wanted)
    rules = plan.structure is not None and was_whole
    drift = Drift(len(plan.present & astray), len(plan.gone & astray), rules)
    return Outcome(job.claim.wanted, drift)


LANES: Mapping[Lane, Callable[[Device, Job, Clock], Outcome]] = {
    Lane.MEMBERSHIP: membership,
    Lane.STRUCTURE: whole,
}


def _prove(device: Device, plan: Plan, now: float) -> None:
    wrong = device.verify(plan, now)
    if wrong:
        shown = ", ".join(sorted(f"{pair.address} . {pair.atom}" for pair in wrong)[:3])
        raise NotAsTold(f"{len(wrong)} pairs are not as told, among them {shown}")
