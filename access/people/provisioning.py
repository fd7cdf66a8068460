"""Takes over what a directory says: only what truly changed, and never a mass disappearance. ▸"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from access.directory.entries import Position, Skipped, Update
from access.directory.expiry import in_force
from access.directory.fuse import Fuses, Held
from access.directory.roster import Changes, Roster, split
from access.directory.runs import RunKind

# More rows than this at once would keep SQLite's other writers beside.
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes with the changes of a reading.

    failure: what it leaves open, in words, empty where nothing is; held: everything that is kept meanwhile.
    """

    failure: str = ""
    held: frozenset[Held] = frozenset()
    kind: RunKind = RunKind.DELTA


NOTHING_BESIDE = Beside()


class RosterWriter(Protocol):
    """Where changes are written; access.store.rosters."""

    def write(self, steps: Sequence[Changes], position: Position, now: float, beside: Beside) -> None:
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

    fuses: as the reading before left them; None believes everything. Where writing fails, its error comes
    through and the roster is to be thrown away and loaded again.
    """
    update, foreign = roster.own(update)
    believes_all, kind = fuses is None, _kind(roster, update)
    fuses = fuses.after(roster, update, now) if fuses is not None else Fuses()
    work = roster.take(fuses.believable(update))
    if not believes_all:
        fuses = fuses.after_losses(roster, work, now)
    changes = in_force(roster.settle(work, fuses.kept, fuses.withheld), now)
    failure = ". ".join(filter(None, (_failure(fuses, roster), _shown_twice(foreign))))
    writer.write(split(changes, ROWS_AT_ONCE), update.position, now, Beside(failure, fuses.rows, kind))
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


def _shown_twice(dns: Sequence[str]) -> str:
    if not dns:
        return ""
    more = f" and {len(dns) - 1:,} more" if len(dns) > 1 else ""
    return (
        f"{dns[0]}{more} was not taken over: another directory of the organization showed this entryUUID"
        " first. Narrow user_base, group_base or a filter of one of the two"
    )


def _kind(roster: Roster, update: Update) -> RunKind:
    if not len(roster):
        return RunKind.FIRST
    return RunKind.DELTA if update.people.known is None else RunKind.FULL


def _failure(fuses: Fuses, roster: Roster) -> str:
    counts = (
        ("people would vanish", len(fuses.people.held), len(roster)),
        ("groups would vanish", len(fuses.groups.held), roster.group_count),
        ("people would lose a group that carries rights", len(fuses.kept), len(roster)),
        ("people would lose an attribute that rules stand on", len(fuses.attributes), len(roster)),
        ("people would have another name", len(fuses.names), len(roster)),
        ("groups that carry rights would have another name", len(fuses.group_names), roster.group_count),
        ("people would join a group again", len(fuses.withheld), len(roster)),
        ("people would be added again", len(fuses.unwanted), len(roster)),
    )
    held = " and ".join(f"{many:,} of {here:,} {what}" for what, many, here in counts if many)
    if not held:
        return ""
    return (
        f"{held} at once: that was kept as it is, everything else was taken over. See who with"
        " `officegate directory difference ORGANIZATION`, then mend the directory or the settings, or"
        " believe it with `officegate directory approve ORGANIZATION`"
    )
