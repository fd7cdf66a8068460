"""The text of a part of the document: read out of it, and put back with everything else left as it was."""

from collections.abc import Collection, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from access.policy import tree
from access.policy.editing import BadEdit, Value, entry_lines
from access.policy.parts import SECTIONS, Place

Part = Mapping[Place, Value]
_NAMES = {"rules": "id", "tests": "name"}
_VERSION = "version"


def read_part(text: str) -> dict[Place, Value]:
    """Return the entries of a text by where they stand. Raises PolicyErrors; BadEdit for other sections."""
    found: dict[Place, Value] = {}
    for key, section in tree.grow(text).entries:
        if key.text not in (*SECTIONS, _VERSION):
            raise BadEdit(f"The section {key.text[:80]!r} is the head office's: leave it out.")
        for place, entry in _entries(key.text, section):
            if place in found:
                raise BadEdit(f"There are two of {place}.")
            found[place] = entry
    return found


def part_of(text: str, owned: Collection[Place]) -> dict[Place, Value]:
    """Return those entries of a whole document that are owned."""
    entries = (each for key, section in tree.grow(text).entries for each in _entries(key.text, section))
    return {place: entry for place, entry in entries if place in owned}


def written(part: Part) -> str:
    """Return a part as a text of its own, in the order of the sections."""
    lines = ["version: 1\n"]
    for section in SECTIONS:
        own = {place: entry for place, entry in part.items() if place.section == section}
        if own:
            lines += [f"{section}:\n", *(_lines(place, entry, 2) for place, entry in own.items())]
    return "".join(lines)


def put_back(text: str, old: Part, new: Part) -> str:
    """Return a whole document with the entries of old taken out that new has not, and those of new put in.

    Everything else stays as it was written. Raises BadEdit where a section is written in a way that does not
    allow it.
    """
    gone = {place for place, entry in old.items() if new.get(place) != entry}
    come = {place: entry for place, entry in new.items() if old.get(place) != entry}
    if not gone and not come:
        return text
    root = YAML(typ="safe", pure=True).compose(text)
    pieces: list[tuple[int, int, str]] = []
    added = ""
    for section in SECTIONS:
        taken = {place.name for place in gone if place.section == section}
        fresh = {place: entry for place, entry in come.items() if place.section == section}
        if not taken and not fresh:
            continue
        found = next((each for each in root.value if each[0].value == section), None)
        if found is None:
            added += f"{section}:\n" + "".join(_lines(*each, 2) for each in fresh.items())
        else:
            pieces.append(_section_put_back(text, section, found, taken, fresh))
    for start, end, piece in sorted(pieces, reverse=True):
        text = text[:start] + piece + text[end:]
    return f"{text.rstrip()}\n{added}" if added else text


def lines_of(text: str) -> list[tuple[int, Place]]:
    """Return the first line of every entry, in order."""
    grown = tree.grow(text)
    found = []
    for key, section in grown.entries:
        if isinstance(section, tree.Table):
            found += [(name.line, Place(key.text, name.text)) for name, _ in section.entries]
        elif isinstance(section, tree.Items):
            found += [(each.line, Place(key.text, _name(key.text, _plain(each)))) for each in section.items]
    return sorted(found)


def _section_put_back(
    text: str, section: str, found: tuple[Node, Node], gone: Collection[str], come: Part
) -> tuple[int, int, str]:
    """Return what of the text is another now, and what takes its place."""
    key, node = found
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        raise BadEdit(f"The head office has to write `{section}:` one entry below the other first.")
    spans = [(_named(section, each), _span(text, each)) for each in node.value]
    begin, end = spans[0][1][0], spans[-1][1][1]
    fresh = "".join(_lines(place, entry, int(node.start_mark.column)) for place, entry in come.items())
    if not fresh and all(name in gone for name, _ in spans):
        return _line_start(text, key.start_mark.index), end, ""
    return begin, end, _between(text, spans, gone) + fresh


def _between(text: str, spans: list[tuple[str, tuple[int, int]]], gone: Collection[str]) -> str:
    """Return the entries that stay, with the lines between them."""
    pieces, at = [], spans[0][1][0]
    for name, (start, end) in spans:
        pieces.append(text[at:start])
        if name not in gone:
            pieces.append(text[start:end])
        at = end
    joined = "".join(pieces)
    return joined if not joined or joined.endswith("\n") else joined + "\n"


def _span(text: str, entry: Any) -> tuple[int, int]:
    first = entry[0] if isinstance(entry, tuple) else entry
    last = entry[1] if isinstance(entry, tuple) else entry
    return _line_start(text, first.start_mark.index), _line_end(text, _end(last))


def _end(node: Node) -> int:
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _named(section: str, entry: Any) -> str:
    if isinstance(entry, tuple):
        return str(entry[0].value)
    wanted = _NAMES[section]
    found = (value.value for key, value in entry.value if key.value == wanted)
    return str(next(found, ""))


def _lines(place: Place, entry: Value, indent: int) -> str:
    return entry_lines("" if place.section in _NAMES else place.name, entry, indent)


def _entries(section: str, node: tree.Node) -> list[tuple[Place, Value]]:
    if section not in SECTIONS:
        return []
    plain = _plain(node)
    if section in _NAMES and isinstance(plain, list):
        return [(Place(section, _name(section, each)), each) for each in plain]
    if section not in _NAMES and isinstance(plain, dict):
        return [(Place(section, name), each) for name, each in plain.items()]
    raise BadEdit(f"`{section}:` is a {'list' if section in _NAMES else 'table'}.")


def _name(section: str, entry: Any) -> str:
    name = entry.get(_NAMES[section]) if isinstance(entry, dict) and section in _NAMES else None
    if not isinstance(name, str) or not name:
        raise BadEdit(f"Every entry of `{section}:` has a {_NAMES.get(section, 'name')!r}.")
    return name


def _plain(node: tree.Node) -> Any:
    if isinstance(node, tree.Scalar):
        return node.text
    if isinstance(node, tree.Items):
        return [_plain(each) for each in node.items]
    return {key.text: _plain(value) for key, value in node.entries}
