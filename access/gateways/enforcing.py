"""What the enforcer and the world say to each other: views, steps, and the bell."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from access.gateways.livesessions import Desk, Holder, HolderKey, LiveSession
from access.gateways.pairbook import HeldPair
from access.gateways.uses import Use
from access.policy.beside import Change
from access.policy.compiled import Policy
from access.records.alarms import Alarm
from access.records.audit import AuditEntry
from vpn.state import Gateway


class FeedPruned(Exception):
    """The feed no longer reaches back to where it was read: load everything."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What the feed says has changed, by row id. position: how far it has been read with that."""

    position: Any
    sessions: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    endpoints: frozenset[int] = frozenset()
    nas: frozenset[int] = frozenset()
    devices: frozenset[int] = frozenset()
    desks: frozenset[int] = frozenset()
    certificates: frozenset[int] = frozenset()
    policy: bool = False
    standing: frozenset[int] = frozenset()


class View(Protocol):
    """The world at one moment. Where ids may be None, that means everything there is."""

    def head(self) -> Any:
        """The position of the feed at this moment."""

    def touched(self, since: Any) -> Touched | None:
        """What changed after a position; None where nothing did. Raises FeedPruned."""

    def policy(self, known: Policy | None) -> Policy | None:
        """The policy in force, without what stands beside it now; known itself where it still is."""

    def standing(self, policy: Policy, numbers: Collection[int] | None) -> tuple[list[Change], int]:
        """How these standing rules are now, None: all, those that a policy has included; their revision."""

    def sessions(self, ids: Collection[int] | None) -> list[LiveSession]:
        """Those of the sessions that have not ended."""

    def sessions_of_nas(self, nas: Collection[int]) -> frozenset[int]:
        """The sessions of these NAS that have not ended."""

    def holders(self, keys: Collection[HolderKey]) -> Mapping[HolderKey, Holder]:
        """Those of them that are known."""

    def sessions_of_certificates(self, certificates: Collection[int]) -> frozenset[int]:
        """The open sessions that these certificates opened."""

    def sessions_at(self, endpoints_: Collection[int]) -> frozenset[int]:
        """The open sessions on these endpoints, whoever has them."""

    def members(self, groups: Collection[int]) -> frozenset[int]:
        """The users in any of these groups who have sessions."""

    def desks(self, users: Collection[int] | None) -> Mapping[int, tuple[Desk, ...]]:
        """The desktops that users have, by user."""

    def gateways(self) -> Mapping[int, Gateway]:
        """Every gateway by its id."""

    def pairs(self) -> list[HeldPair]:
        """Every row of the table of pairs."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to write, all or nothing.

    ends: sessions to disconnect; moves: sessions to log in anew; structure: gateways to make whole;
    revision: the policy they follow then. zones: sessions that are in another zone now.
    """

    changes: tuple[HeldPair, ...] = ()
    ends: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()
    structure: frozenset[int] = frozenset()
    notes: tuple[AuditEntry, ...] = ()
    revision: str | None = None
    zones: tuple[tuple[int, str], ...] = ()
    alarms: tuple[Alarm, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return self == Step()


@dataclass(frozen=True, slots=True)
class Generations:
    """Generations of the two lanes by device: asked for by a step, or confirmed by the devices."""

    membership: Mapping[int, int] = field(default_factory=dict)
    structure: Mapping[int, int] = field(default_factory=dict)


class Records(Protocol):
    """Where everything is kept."""

    def reading(self) -> AbstractContextManager[View]:
        """A view that does not change while it is open."""

    def write(self, step: Step, now: float) -> Generations:
        """Write a step; what is asked of devices by it. Raises Deposed where another enforcer leads."""

    def note_uses(self, uses: Sequence[Use]) -> None:
        """Remember that objects were open to users."""

    def confirmed(self, devices: Collection[int]) -> Generations:
        """What these devices have confirmed; those that are gone are left out."""


class Bell(Protocol):
    """Wakes the workers; that nobody hears it must not matter."""

    def ring(self, membership: Collection[int], structure: Collection[int], ends: Collection[int]) -> None:
        """There is work on lanes of these devices, and these sessions are to be disconnected."""
