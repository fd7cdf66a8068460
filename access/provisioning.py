"""Takes over what a directory says: only what truly changed, and never a mass disappearance. ▸"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from access.directory.entries import Position, Skipped, Update
from access.directory.expiry import in_force
from access.directory.fuse import Fuses
from access.directory.roster import Changes, Roster, split

# More rows than this at once would keep SQLite's other writers waiting.
ROWS_AT_ONCE = 500


class RosterWriter(Protocol):
    """Where changes are written; access.store.rosters."""

    def write(self, steps: Sequence[Changes], position: Position, now: float, failure: str) -> None:
        """Write each step at once, with the last the position, or what is wrong with the reading."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What a reading changed. people and groups: how many there are now, those that are held included.

    failure: what an operator has to look at, empty where nothing is held.
    """

    people: int
    groups: int
    touched: int
    vanished: int
    groups_changed: int
    fuses: Fuses
    skipped: tuple[Skipped, ...] = ()
    names_taken: tuple[str, ...] = ()
    failure: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything was different."""
        return bool(self.touched or self.groups_changed)


def provision(
    writer: RosterWriter, roster: Roster, update: Update, now: float, fuses: Fuses | None
) -> Provisioned:
    """Return what the reading changed, once it is written. The roster takes it over.

    fuses: as the reading before left them; None believes every disappearance. Where writing fails, its error
    comes through and the roster is to be thrown away and loaded again.
    """
    fuses = fuses.after(roster, update, now) if fuses is not None else Fuses()
    changes = in_force(roster.absorb(fuses.believable(update)), now)
    failure = _failure(fuses, roster)
    writer.write(split(changes, ROWS_AT_ONCE), update.position, now, failure)
    return Provisioned(
        people=len(roster),
        groups=roster.group_count,
        touched=len(changes.touched),
        vanished=len(changes.vanished),
        groups_changed=len(changes.groups.keys() | changes.members.keys() | changes.groups_gone),
        skipped=update.skipped,
        names_taken=roster.names_taken(),
        fuses=fuses,
        failure=failure,
    )


def _failure(fuses: Fuses, roster: Roster) -> str:
    counts = (
        ("people", len(fuses.people.held), len(roster)),
        ("groups", len(fuses.groups.held), roster.group_count),
    )
    held = " and ".join(f"{many:,} of {here:,} {kind}" for kind, many, here in counts if many)
    if not held:
        return ""
    return (
        f"{held} would vanish at once: they were kept, everything else was taken over. Check the base, the"
        " filter and the rights of our account, or accept it with"
        " `officegate directory sync ORGANIZATION --accept-mass-change`"
    )
