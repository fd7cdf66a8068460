"""What one run of a directory changed about each person, and what it takes to put that back."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from access.directory.attribute_fuse import LONGEST_NOTE, folded
from access.directory.fuse import WINDOW_OF_RIGHTS_S, Fuse, Held, What
from access.directory.roster import NOBODY, Changes, Difference, Roster
from access.policy.carrying import Ground, name_of

Kept = TypeVar("Kept")


class RunKind(StrEnum):
    """How much a run read. FIRST: into empty tables; who was added by it is not listed."""

    FIRST = "first"
    FULL = "full"
    DELTA = "delta"


class Change(StrEnum):
    """What became of a person. GROUPS: nothing but groups."""

    ADDED = "added"
    VANISHED = "vanished"
    DISABLED = "disabled"
    ENABLED = "enabled"
    CHANGED = "changed"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person in one run. before: the columns that were different, all of them of who vanished."""

    uuid: str
    what: Change
    before: Mapping[str, Any] = field(default_factory=dict)
    joined: frozenset[str] = NOBODY
    left: frozenset[str] = NOBODY


@dataclass(frozen=True, slots=True)
class Now:
    """What is there before something is put back.

    later: who was changed again since; groups: those that exist; names: of whoever may log in, by entryUUID.
    """

    later: frozenset[str]
    groups: frozenset[str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is put back, and whom it leaves alone: (entryUUID, why)."""

    back: Mapping[str, Mapping[str, Any]]
    away: frozenset[str]
    renamed: Mapping[str, tuple[str, str]]
    joining: Mapping[str, frozenset[str]]
    leaving: Mapping[str, frozenset[str]]
    alone: Sequence[tuple[str, str]]
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def held(self) -> frozenset[Held]:
        """What the next reading may not do again."""
        return frozenset(
            [
                *(Held(What.PERSON, uuid) for uuid in self.back),
                *(Held(What.UNWANTED, uuid) for uuid in self.away),
                *(Held(What.NAME, uuid, note=new) for uuid, (_, new) in self.renamed.items()),
                *(Held(What.MEMBERSHIP, uuid, each) for uuid, own in self.joining.items() for each in own),
                *(Held(What.WITHHELD, uuid, each) for uuid, own in self.leaving.items() for each in own),
                *(Held(What.ATTRIBUTE, uuid, note=_note(text)) for uuid, text in self.attributes.items()),
            ]
        )

    def people(self) -> list[str]:
        """Return whom it touches, in an order."""
        moved = {*self.joining, *self.leaving}
        return sorted({*self.back, *self.away, *self.renamed, *self.attributes} | moved)

    def of(self, uuids: Collection[str]) -> "Undoing":
        """Return the part of it that is about some people."""
        some = frozenset(uuids)
        return Undoing(
            _only(self.back, some),
            self.away & some,
            _only(self.renamed, some),
            _only(self.joining, some),
            _only(self.leaving, some),
            (),
            _only(self.attributes, some),
        )


def changes_of(changes: Changes) -> list[PersonChange]:
    """Return what a step changes about each person; who is only touched by a group's name is not listed."""
    found = []
    for uuid in sorted(changes.people.keys() | changes.vanished | changes.memberships.keys()):
        difference = changes.memberships.get(uuid, Difference())
        left = difference.removed | changes.left.get(uuid, NOBODY)
        what, before = _change(changes, uuid)
        found.append(PersonChange(uuid, what, before, difference.added, left))
    return found


def undo(changes: Sequence[PersonChange], now: Now) -> Undoing:
    """Return what puts the changes of a run back, the last first. Times and mails stay as they are.

    Attributes come back; the next reading keeps those that rules stand on.

    What the directory says of an account (disabled, when it ends) is never put back: it would let in whom
    the directory keeps out.
    """
    alone: dict[str, str] = {}
    back: dict[str, Mapping[str, Any]] = {}
    away: set[str] = set()
    renamed: dict[str, tuple[str, str]] = {}
    joining: dict[str, frozenset[str]] = {}
    leaving: dict[str, frozenset[str]] = {}
    attributes: dict[str, str] = {}
    taken = {name: uuid for uuid, name in now.names.items()}
    for change in reversed(changes):
        uuid, name = change.uuid, change.before.get("name")
        if uuid in now.later:
            alone[uuid] = "was changed again since"
            continue
        if name is not None and taken.get(name, uuid) != uuid:
            alone[uuid] = f"the name {name} is somebody else's now"
            continue
        if change.what is Change.VANISHED:
            back[uuid] = change.before
        elif change.what is Change.ADDED:
            away.add(uuid)
        elif name is not None and now.names.get(uuid, name) != name:
            renamed[uuid] = (name, now.names[uuid])
        elif change.what in (Change.DISABLED, Change.ENABLED):
            alone[uuid] = f"was {change.what}, as the directory says: change that there"
        if change.what is not Change.VANISHED and "attributes" in change.before:
            attributes[uuid] = str(change.before["attributes"])
        joining[uuid] = (joining.get(uuid, NOBODY) - change.joined) | (change.left & now.groups)
        leaving[uuid] = (leaving.get(uuid, NOBODY) - change.left) | (change.joined & now.groups)
    return Undoing(
        back,
        frozenset(away),
        renamed,
        _some(joining),
        _without(leaving, away),
        sorted(alone.items()),
        {uuid: text for uuid, text in attributes.items() if uuid not in away},
    )


def let_go(
    lately: Iterable[tuple[float, PersonChange]], roster: Roster, carrying: frozenset[str], ground: Ground
) -> tuple[Fuse, Fuse, dict[str, Fuse]]:
    """Return how many have lost a group that carries rights, an attribute of rules, and each attribute.

    lately: what runs of the window changed that nobody asked for, with when, the first first; roster: how it
    came out; carrying: the entryUUIDs of groups that carry rights. Who has it again has lost nothing.
    """
    rights: Counter[float] = Counter()
    attributed: Counter[float] = Counter()
    by_attribute: dict[str, Counter[float]] = {}
    seen: set[tuple[str, str]] = set()
    for at, change in lately:
        uuid = change.uuid
        if roster.name_of(uuid) is None:
            continue
        if not change.left & carrying <= roster.groups_of(uuid) and (uuid, "group") not in seen:
            seen.add((uuid, "group"))
            rights[at] += 1
        had = folded(change.before.get("attributes", ""))
        lost = ground.lost(had, folded(roster.attributes_of(uuid))) if had else NOBODY
        if lost and (uuid, "attribute") not in seen:
            seen.add((uuid, "attribute"))
            attributed[at] += 1
            for name in set(map(name_of, lost)):
                by_attribute.setdefault(name, Counter())[at] += 1
    each = {name: _let_go(counts) for name, counts in by_attribute.items()}
    return _let_go(rights), _let_go(attributed), each


def _let_go(counts: Mapping[float, int]) -> Fuse:
    return Fuse(let_go=tuple(sorted(counts.items())), window_s=WINDOW_OF_RIGHTS_S)


def counted(changes: Iterable[PersonChange]) -> Counter[str]:
    """Return how many of each kind there are, and how often a group was joined or left."""
    counts: Counter[str] = Counter()
    for change in changes:
        counts[change.what.value] += 1
        counts["joined"] += len(change.joined)
        counts["left"] += len(change.left)
    return +counts


def _change(changes: Changes, uuid: str) -> tuple[Change, dict[str, Any]]:
    old, new = changes.before.get(uuid), changes.people.get(uuid)
    if uuid in changes.vanished:
        return Change.VANISHED, asdict(old) if old is not None else {}
    if new is None:
        return Change.GROUPS, {}
    if old is None:
        return Change.ADDED, {}
    is_now = asdict(new)
    different = {name: value for name, value in asdict(old).items() if is_now[name] != value}
    if old.enabled != new.enabled:
        return (Change.ENABLED if new.enabled else Change.DISABLED), different
    return Change.CHANGED, different


def _note(text: str) -> str:
    return ", ".join(text.split("\n"))[:LONGEST_NOTE]


def _only(found: Mapping[str, Kept], uuids: frozenset[str]) -> dict[str, Kept]:
    return {uuid: kept for uuid, kept in found.items() if uuid in uuids}


def _some(groups: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {uuid: own for uuid, own in groups.items() if own}


def _without(groups: Mapping[str, frozenset[str]], uuids: Collection[str]) -> dict[str, frozenset[str]]:
    return {uuid: own for uuid, own in _some(groups).items() if uuid not in uuids}
