"""An organization's part of one version of the document after another, each read by what differs from others.

A rule or test is known by its lines: whose it is follows from them and from the owners of networks and pools,
which every version says itself. So of a version only the rules and tests are read that no other had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from access.policy.cutting import Section
from access.policy.document import load
from access.policy.editing import Value
from access.policy.kept_texts import sections_of, tree_of
from access.policy.part_text import Part, entries_in, part_of, plain
from access.policy.parts import Entry, Place, entries_of, owned_among, owned_places, owners_of
from access.policy.tree import Items, Node, Scalar, Table

_LONG = ("rules", "tests")


@dataclass(frozen=True, slots=True)
class _Read:
    """What the lines of a rule or test say."""

    place: Place
    entry: Entry
    value: Value


class _Item(NamedTuple):
    lines: str
    node: Node


class Versions:
    """Reads versions of a document, of which each is likely to be much like one of the last two."""

    def __init__(self) -> None:
        self._known: tuple[dict[str, _Read], dict[str, _Read]] = {}, {}

    def part_of(self, text: str, organization: str) -> Part:
        """Return the part of an organization in a version. Raises PolicyErrors."""
        root, sections = sections_of(text)
        long = _items(sections, root)
        if not long:
            return part_of(text, owned_places(load(text, tree_of), organization))
        newer, older = self._known
        known = {**older, **newer}
        document = load(text, lambda _: _without(root, long, known))
        entries = entries_of(document)
        read: dict[str, _Read] = {}
        for section, items in long.items():
            unknown = [item for item in items if item.lines not in known]
            for item, (place, node) in zip(unknown, entries_in(section, _list(unknown)), strict=True):
                known[item.lines] = _Read(place, entries[place], plain(node))
            read |= {item.lines: known[item.lines] for item in items}
        entries |= {each.place: each.entry for each in read.values()}
        self._known = read, newer
        own = owned_among(entries, organization, owners_of(document))
        short = {place: value for place, value in _short(root, long) if place in own}
        return short | {each.place: each.value for each in read.values() if each.place in own}


def _items(sections: list[Section], root: Table) -> dict[str, list[_Item]]:
    """Return the entries of the long sections with their lines; none where the text cannot be cut so."""
    if [section.line for section in sections] != [key.line for key, _ in root.entries]:
        return {}
    found: dict[str, list[_Item]] = {}
    for section, (key, node) in zip(sections, root.entries, strict=True):
        if key.text not in _LONG:
            continue
        items = node.items if isinstance(node, Items) else []
        lines = [piece.text for piece in section.pieces]
        begun = [piece.line for piece in section.pieces]
        # Two that are alike would be one here, and a version that has both is refused elsewhere.
        if begun != [item.line for item in items] or len(set(lines)) < len(lines) or key.text in found:
            return {}
        found[key.text] = list(map(_Item, lines, items))
    return found


def _without(root: Table, long: dict[str, list[_Item]], known: dict[str, _Read]) -> Table:
    """Return the tree without what is known."""
    entries: list[tuple[Scalar, Node]] = []
    for key, node in root.entries:
        kept = node
        if key.text in long:
            unknown = [item for item in long[key.text] if item.lines not in known]
            if not unknown:
                continue
            kept = _list(unknown, node.line)
        entries.append((key, kept))
    return Table(root.line, entries)


def _list(items: list[_Item], line: int = 0) -> Items:
    return Items(line, [item.node for item in items])


def _short(root: Table, long: dict[str, list[_Item]]) -> Iterator[tuple[Place, Value]]:
    for key, node in root.entries:
        if key.text not in long:
            yield from ((place, plain(each)) for place, each in entries_in(key.text, node))
