"""Two lanes of work for each device, and the right to work on one."""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """Membership moves elements in milliseconds; structure moves chains and maps, and proves the whole."""

    MEMBERSHIP = "membership"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Due:
    """A lane that somebody should claim."""

    device_id: int
    lane: Lane


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one lane of one device until a moment.

    wanted: what to reach; done: what was reached before; fence: rises with every claim.
    """

    device_id: int
    lane: Lane
    wanted: int
    done: int
    fence: int
    until: float


@dataclass(frozen=True, slots=True)
class LaneState:
    """How a lane stands, for people."""

    device_id: int
    lane: Lane
    wanted: int
    done: int
    failures: int
    failure: str
    not_before: float
    done_at: float | None
