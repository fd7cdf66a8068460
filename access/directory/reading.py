"""What was found in a directory, put together to an Update."""

from collections.abc import Iterable, Sequence

from access.directory import entries
from access.directory.entries import Entry, Part, RawEntry, Skipped, Update
from access.directory.settings import DirectorySettings

# (entries, gone, known) as in Part.
Found = tuple[Sequence[RawEntry], frozenset[str], frozenset[str] | None]


def complete(people: Sequence[RawEntry], groups: Sequence[RawEntry], settings: DirectorySettings) -> Update:
    """Return the reading that says: these are all."""
    return update_of(
        (people, frozenset(), frozenset(raw.uuid for raw in people)),
        (groups, frozenset(), frozenset(raw.uuid for raw in groups)),
        settings,
    )


def update_of(people: Found, groups: Found, settings: DirectorySettings) -> Update:
    """Return a reading made of what was found of people and of groups."""
    skipped: list[Skipped] = []
    made_people = [entries.person(raw, settings.name_attribute) for raw in people[0]]
    made_groups = [entries.group(raw) for raw in groups[0]]
    return Update(
        people=_part(made_people, people, skipped),
        groups=_part(made_groups, groups, skipped),
        skipped=tuple(skipped),
    )


def _part(made: Iterable[Entry | Skipped], found: Found, skipped: list[Skipped]) -> Part[Entry]:
    """Return the part; who can no longer be used is gone, however well known it is."""
    usable: list[Entry] = []
    unusable: set[str] = set()
    for each in made:
        if isinstance(each, Skipped):
            skipped.append(each)
            unusable.add(each.uuid)
        else:
            usable.append(each)
    _, gone, known = found
    return Part(tuple(usable), gone | unusable, known)
