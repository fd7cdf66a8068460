"""Whom a reading of the directory makes vanish, and whether that is believed.

A wrong base, filter or right makes a company vanish at once; people leave a few at a time. So few are let go
without a question; of more than that nobody is, until an operator accepts it or they show up again. Whatever
else the reading says counts all the same: an account that was disabled or a group that somebody left must
never wait for a question about others.

Several readings within WINDOW_S count as one, or a deletion that comes in small pieces would never be many.
"""

from dataclasses import dataclass, replace

from access.directory.entries import Entry, Part, Update
from access.directory.roster import Roster

ALWAYS_BELIEVED = 50
BELIEVED_SHARE = 0.02
WINDOW_S = 600.0


@dataclass(frozen=True, slots=True)
class Fuse:
    """One kind of entry. held: who vanished and is not believed to; let_go: (when, how many) lately."""

    held: frozenset[str] = frozenset()
    let_go: tuple[tuple[float, int], ...] = ()

    def after(self, vanishing: frozenset[str], here: int, now: float) -> "Fuse":
        """Return the fuse once these have vanished, of so many that are here and not held."""
        lately = tuple((at, count) for at, count in self.let_go if now - at < WINDOW_S)
        fresh = vanishing - self.held
        many = len(fresh) + sum(count for _, count in lately) > max(ALWAYS_BELIEVED, here * BELIEVED_SHARE)
        if fresh and (many or 1 < here == len(fresh)):
            return Fuse(self.held | fresh, lately)
        return Fuse(self.held, (*lately, (now, len(fresh))) if fresh else lately)


@dataclass(frozen=True, slots=True)
class Fuses:
    """Those of one organization's people and groups."""

    people: Fuse = Fuse()
    groups: Fuse = Fuse()

    @property
    def holding(self) -> bool:
        """Whether somebody is kept whom the directory no longer shows."""
        return bool(self.people.held or self.groups.held)

    def after(self, roster: Roster, update: Update, now: float) -> "Fuses":
        """Return the fuses after this reading; whoever it shows is not held any more."""
        leaving, groups_leaving = roster.people_vanishing(update), roster.groups_vanishing(update)
        people = _still_missing(self.people, update.people, leaving)
        groups = _still_missing(self.groups, update.groups, groups_leaving)
        return Fuses(
            people.after(leaving, len(roster) - len(people.held), now),
            groups.after(groups_leaving, roster.group_count - len(groups.held), now),
        )

    def believable(self, update: Update) -> Update:
        """Return the reading as if those held were still there, unchanged."""
        return replace(
            update,
            people=_sparing(update.people, self.people.held),
            groups=_sparing(update.groups, self.groups.held),
        )


def _still_missing(fuse: Fuse, part: Part[Entry], vanishing: frozenset[str]) -> Fuse:
    if part.known is not None:
        return replace(fuse, held=fuse.held & vanishing)
    return replace(fuse, held=fuse.held - {entry.uuid for entry in part.entries})


def _sparing(part: Part[Entry], held: frozenset[str]) -> Part[Entry]:
    known = None if part.known is None else part.known | held
    return replace(part, gone=part.gone - held, known=known)
