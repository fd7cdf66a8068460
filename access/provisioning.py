"""Takes over what a directory says: only what truly changed, and never a mass disappearance. ▸"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from access.directory.entries import Position, Skipped, Update
from access.directory.roster import Changes, Roster, split

# More rows than this at once would keep SQLite's other writers waiting.
ROWS_AT_ONCE = 500
# A wrong base, filter or right makes a company vanish in one reading; people leave a few at a time.
ALWAYS_BELIEVED = 50
BELIEVED_SHARE = 0.02


class RosterWriter(Protocol):
    """Where changes are written; access.store.rosters."""

    def write(self, steps: Sequence[Changes], position: Position, now: float) -> None:
        """Write each step at once, the position with the last."""

    def record_failure(self, failure: str, now: float) -> None:
        """Have everyone who looks see what is wrong."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What a reading changed. people and groups: how many there are now."""

    people: int
    groups: int
    touched: int
    vanished: int
    groups_changed: int
    skipped: tuple[Skipped, ...] = ()
    names_taken: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return bool(self.touched or self.groups_changed)


@dataclass(frozen=True, slots=True)
class MassChange:
    """So many would vanish that a mistake is likelier: nothing was written."""

    kind: str
    vanishing: int
    here: int

    def __str__(self) -> str:
        return (
            f"{self.vanishing:,} of {self.here:,} {self.kind} would vanish; nothing was changed. Check the"
            " base, the filter and the rights of our account, or accept it with"
            " `officegate directory sync ORGANIZATION --accept-mass-change`"
        )


def provision(
    writer: RosterWriter, roster: Roster, update: Update, now: float, accept_mass_change: bool = False
) -> Provisioned | MassChange:
    """Return what the reading changed, once it is written. The roster takes it over.

    Where writing fails, its error comes through and the roster is to be thrown away and loaded again.
    """
    suspicious = mass_change(roster, update)
    if suspicious is not None and not accept_mass_change:
        writer.record_failure(str(suspicious), now)
        return suspicious
    changes = roster.absorb(update)
    writer.write(split(changes, ROWS_AT_ONCE), update.position, now)
    return Provisioned(
        people=len(roster),
        groups=roster.group_count,
        touched=len(changes.touched),
        vanished=len(changes.vanished),
        groups_changed=len(changes.groups) + len(changes.groups_gone),
        skipped=update.skipped,
        names_taken=roster.names_taken(),
    )


def mass_change(roster: Roster, update: Update) -> MassChange | None:
    """Return what is suspicious about who would vanish: more than 50 and 2 %, or nobody at all left."""
    counts = (
        ("people", len(roster.people_vanishing(update)), len(roster)),
        ("groups", len(roster.groups_vanishing(update)), roster.group_count),
    )
    for kind, vanishing, here in counts:
        if vanishing > max(ALWAYS_BELIEVED, here * BELIEVED_SHARE) or 1 < here == vanishing:
            return MassChange(kind, vanishing, here)
    return None
