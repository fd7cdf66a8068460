"""A document's tree out of those of the texts before it: only what is new in a text is parsed.

Parsing is nearly all that reading a large document costs, and a text mostly differs from the last one by a
rule. A text is cut into sections and entries. Such a piece is known once the parser has begun an entry at the
first line of every piece around it: so nothing in it reaches over a cut, and it means the same wherever it
stands. A text that cannot be cut so, or has a mistake, is parsed whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from access.policy import tree
from access.policy.cutting import Section, cut
from access.policy.tree import Items, Node, Scalar, Table, is_small
from access.policy.vocabulary import PolicyErrors

_Entry = tuple[Scalar, Node]


@dataclass(frozen=True, slots=True)
class _Grown:
    """What a piece has become: an entry of a table or an item of a list, as it is from this line on."""

    line: int
    what: _Entry | Node


class Grove:
    """Grows the trees of texts, of which each is likely to be much like one of the last two."""

    def __init__(self) -> None:
        self._known: tuple[Mapping[str, _Grown], Mapping[str, _Grown]] = {}, {}

    def grow(self, text: str) -> Table:
        """The same as tree.grow(text). Raises PolicyErrors."""
        return self.grown(text)[0]

    def grown(self, text: str) -> tuple[Table, list[Section]]:
        """The tree, and the sections into which the text was cut, if it could be. Raises PolicyErrors."""
        sections = cut(text) if is_small(text) else []
        if not sections:
            return tree.grow(text), []
        newer, older = self._known
        known = {**older, **newer}
        root = self._out_of(sections, known)
        if root is None:
            root = tree.grow(text)
            known = _grown(root, sections)
        told = (piece.text for section in sections for piece in section.pieces)
        self._known = {each: known[each] for each in told if each in known}, newer
        return root, sections

    def _out_of(self, sections: list[Section], known: dict[str, _Grown]) -> Table | None:
        """The tree, with what was not known added to known; None: the text has to be parsed whole."""
        missing = "".join(_missing(sections, known))
        if missing:
            found = cut(missing)
            try:
                known |= _grown(tree.grow(missing), found) if found else {}
            except PolicyErrors:
                return None
        try:
            return Table(sections[0].line, [_placed(section, known) for section in sections])
        except KeyError:
            return None


def _missing(sections: list[Section], known: Mapping[str, _Grown]) -> Iterator[str]:
    """Yield the text of sections with only those pieces that are not known."""
    for section in sections:
        new = [piece.text for piece in section.pieces if piece.text not in known]
        if new:
            yield section.head
            yield from new


def _placed(section: Section, known: Mapping[str, _Grown]) -> _Entry:
    """The entry of the whole document that a section is. Raises KeyError where a piece is not known."""
    parts = [_moved(known[piece.text], piece.line) for piece in section.pieces]
    if not section.head:
        return _entry(parts[0])
    key, line = Scalar(section.line, section.name), section.pieces[0].line
    if isinstance(parts[0], tuple):
        return key, Table(line, [_entry(part) for part in parts])
    return key, Items(line, [part for part in parts if not isinstance(part, tuple)])


def _entry(part: _Entry | Node) -> _Entry:
    """The part, which is the entry of a table. Raises KeyError."""
    if not isinstance(part, tuple):
        raise KeyError("an item among the entries of a table")
    return part


def _moved(grown: _Grown, line: int) -> _Entry | Node:
    by = line - grown.line
    if not by:
        return grown.what
    if isinstance(grown.what, tuple):
        key, node = grown.what
        return Scalar(key.line + by, key.text), _lower(node, by)
    return _lower(grown.what, by)


def _lower(node: Node, by: int) -> Node:
    """The same node so many lines further down."""
    if isinstance(node, Scalar):
        return Scalar(node.line + by, node.text)
    if isinstance(node, Items):
        return Items(node.line + by, [_lower(each, by) for each in node.items])
    entries = [(Scalar(key.line + by, key.text), _lower(value, by)) for key, value in node.entries]
    return Table(node.line + by, entries)


def _grown(root: Table, sections: list[Section]) -> dict[str, _Grown]:
    """What each piece has become, as far as one begins where the parser has seen one begin."""
    found: dict[str, _Grown] = {}
    if [key.line for key, _ in root.entries] != [section.line for section in sections]:
        return found
    for section, (key, node) in zip(sections, root.entries, strict=True):
        parts: list[_Entry] | list[Node] = [(key, node)] if not section.head else _parts(node)
        if [_line_of(part) for part in parts] != [piece.line for piece in section.pieces]:
            continue
        for piece, part in zip(section.pieces, parts, strict=True):
            # What was left empty stands where the next thing begins, which another text has elsewhere.
            if not _has_gap(part):
                found[piece.text] = _Grown(piece.line, part)
    return found


def _parts(node: Node) -> list[_Entry] | list[Node]:
    if isinstance(node, Table):
        return node.entries
    return node.items if isinstance(node, Items) else []


def _has_gap(part: _Entry | Node) -> bool:
    if isinstance(part, tuple):
        return not part[0].text or _has_gap(part[1])
    if isinstance(part, Scalar):
        return not part.text
    return any(map(_has_gap, _parts(part)))


def _line_of(part: _Entry | Node) -> int:
    return part[0].line if isinstance(part, tuple) else part.line
