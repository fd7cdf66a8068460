"""What was found in a directory, put together to an Update."""

from collections.abc import Sequence
from typing import TypeVar

from access.directory import entries
from access.directory.entries import Entry, Group, Part, Person, RawEntry, Skipped, Update
from access.directory.settings import DirectorySettings

Made = TypeVar("Made")
# (entries, gone, known) as in Part.
Found = tuple[Sequence[Made], frozenset[str], frozenset[str] | None]


def complete(people: Sequence[RawEntry], groups: Sequence[RawEntry], settings: DirectorySettings) -> Update:
    """Return the reading that says: these are all."""
    return update_of(
        (people, frozenset(), frozenset(raw.uuid for raw in people)),
        (groups, frozenset(), frozenset(raw.uuid for raw in groups)),
        settings,
    )


def update_of(people: Found[RawEntry], groups: Found[RawEntry], settings: DirectorySettings) -> Update:
    """Return a reading made of what was found of people and of groups."""
    made_people = [
        entries.person(raw, settings.name_attribute, settings.stable_attribute, settings.attributes)
        for raw in people[0]
    ]
    made_groups = [entries.group(raw) for raw in groups[0]]
    return put_together((made_people, *people[1:]), (made_groups, *groups[1:]))


def put_together(people: Found[Person | Skipped], groups: Found[Group | Skipped]) -> Update:
    """Return a reading of people and groups; who can no longer be used is gone, however well known it is."""
    skipped: list[Skipped] = []
    return Update(_part(people, skipped), _part(groups, skipped), skipped=tuple(skipped))


def _part(found: Found[Entry | Skipped], skipped: list[Skipped]) -> Part[Entry]:
    made, gone, known = found
    unusable = [each for each in made if isinstance(each, Skipped)]
    skipped += unusable
    usable = tuple(each for each in made if not isinstance(each, Skipped))
    return Part(usable, gone | {each.uuid for each in unusable}, known)
