"""Whose attributes a reading changes so that rules would no longer mean them, and whether that is believed.

A column that somebody clears, or a mapping that names the wrong one, takes as much as a group that is
emptied: who loses something the policy stands on by it counts among those who lose a group of rights.
An attribute that few have is asked about sooner, once most of those who had a value that rules name have lost
it. Whose attribute is kept has it whole as it was, and never a mixture that nobody ever gave them.

Who is disabled never waits, and neither does whoever gets a value by which a rule forbids something.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from access.directory.entries import Person
from access.directory.kept import attributes_of
from access.directory.roster import NOBODY, Roster
from access.policy.carrying import Ground, name_of
from access.policy.subjects import fold

# Of an attribute that so many lose, most of those who had it is too many.
FEW = 10
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Loss:
    """What one person loses. values: as "department=sales"; text: all attributes with those as before."""

    values: frozenset[str]
    text: str
    note: str

    @property
    def names(self) -> frozenset[str]:
        """The attributes that it is about."""
        return frozenset(map(name_of, self.values))


def losses(roster: Roster, people: Iterable[Person], ground: Ground, now: float) -> dict[str, Loss]:
    """Return who of a reading, enabled before and after it, loses what by their attributes, by entryUUID."""
    found: dict[str, Loss] = {}
    if not ground.values:
        return found
    for entry in people:
        before = roster.attributes_of(entry.uuid)
        if not before or before == entry.attributes or not _is_live(entry, now):
            continue
        values = ground.lost(folded(before), folded(entry.attributes))
        if values and roster.is_live(entry.uuid, now):
            found[entry.uuid] = _loss(before, entry.attributes, values)
    return found


def most_lose(
    name: str, losing: frozenset[str], roster: Roster, ground: Ground, lately: tuple[int, float]
) -> bool:
    """Return whether so many lose an attribute that most of those who had it, or all of them, would.

    lately: how many lost it within the window, and now.
    """
    gone, now = lately
    here = sum(
        roster.is_live(uuid, now) and any(name_of(each) == name for each in folded(text) & ground.values)
        for uuid, text in roster.all_attributes()
    )
    many = len(losing) + gone
    return 1 < here <= len(losing) or (many >= FEW and 2 * many > here + gone)


def by_name(found: Mapping[str, Loss], uuids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return who of these loses something by each attribute."""
    sorted_out: dict[str, set[str]] = {}
    for uuid in uuids:
        for name in found[uuid].names:
            sorted_out.setdefault(name, set()).add(uuid)
    return {name: frozenset(losing) for name, losing in sorted_out.items()}


def folded(text: str) -> frozenset[str]:
    """Return attributes as access.policy.carrying.Ground has them."""
    return frozenset(map(fold, attributes_of(text))) if text else NOBODY


def _is_live(entry: Person, now: float) -> bool:
    return entry.enabled and (entry.expires_at is None or entry.expires_at > now)


def _loss(before: str, told: str, values: frozenset[str]) -> Loss:
    names = frozenset(map(name_of, values))
    had = {each for each in attributes_of(before) if name_of(each) in names}
    gets = {each for each in attributes_of(told) if name_of(each) in names}
    rest = {each for each in attributes_of(told) if name_of(each) not in names}
    lost = sorted(each for each in had if fold(each) in values)
    note = f"{', '.join(lost)} → {', '.join(each.partition('=')[2] for each in sorted(gets)) or '–'}"
    return Loss(values, "\n".join(sorted(had | rest)), note[:LONGEST_NOTE])
