"""Where the entries of a section stand in a document's text, to the character."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from access.policy.cutting import Section, cut
from access.policy.editing import BadEdit
from access.policy.kept_texts import tree_of
from access.policy.tree import Items, Scalar, Table, composed
from access.words.text_mistakes import EditMistake

# What an entry of a list is called by.
NAMES = {"rules": "id", "tests": "name"}
_Entry = Node | tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Span:
    """The whole lines of one entry: from this character on, up to that one."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spans:
    """A section: where the line with its name begins, the column of its entries, and where each stands."""

    start: int
    column: int
    entries: tuple[Span, ...]


def spans_of(text: str, wanted: Mapping[str, Collection[str]]) -> dict[str, Spans]:
    """Return how those of the wanted sections stand that a text has. Raises PolicyErrors, BadEdit.

    wanted names the entries to be known to the last character, by their section. An entry that is not named
    may end where the next one begins, with the comments between them; the last one of a section never does.
    """
    found = _by_pieces(text, wanted)
    return _by_the_whole(text, wanted) if found is None else found


def _by_the_whole(text: str, wanted: Collection[str]) -> dict[str, Spans]:
    found: dict[str, Spans] = {}
    for key, node in YAML(typ="safe", pure=True).compose(text).value:
        if key.value not in wanted or key.value in found:
            continue
        if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
            raise BadEdit(EditMistake.WRITTEN_IN_ONE_LINE, section=key.value)
        spans = tuple(
            Span(_named(key.value, each), _line_start(text, _first(each)), _line_end(text, _end(each)))
            for each in node.value
        )
        start = _line_start(text, key.start_mark.index)
        found[key.value] = Spans(start, int(node.start_mark.column), spans)
    return found


def _by_pieces(text: str, wanted: Mapping[str, Collection[str]]) -> dict[str, Spans] | None:
    """The same with only the named entries composed; None where the text cannot be cut as its tree says."""
    sections, root = cut(text), tree_of(text)
    if [section.line for section in sections] != [key.line for key, _ in root.entries]:
        return None
    found: dict[str, Spans] = {}
    at = len(text) - sum(map(_length, sections))
    for section, (key, node) in zip(sections, root.entries, strict=True):
        if key.text in wanted and key.text not in found:
            stands = _section_by_pieces(section, at, key.text, node, wanted[key.text])
            if stands is None:
                return None
            found[key.text] = stands
        at += _length(section)
    return found


def _section_by_pieces(
    section: Section, at: int, name: str, node: Scalar | Items | Table, wanted: Collection[str]
) -> Spans | None:
    begun = list(_begun(name, node))
    if not section.head or [line for line, _ in begun] != [piece.line for piece in section.pieces]:
        return None
    starts = [at + len(section.head)]
    for piece in section.pieces:
        starts.append(starts[-1] + len(piece.text))
    last = len(begun) - 1
    told = [number for number, (_, called) in enumerate(begun) if called in wanted or number == last]
    lengths = _composed(section.head, [section.pieces[number].text for number in told])
    if lengths is None:
        return None
    ends = dict(zip(range(last), starts[1:], strict=False))
    ends |= {number: starts[number] + length for number, length in zip(told, lengths, strict=True)}
    spans = (Span(called, starts[number], ends[number]) for number, (_, called) in enumerate(begun))
    first = section.pieces[0].text
    return Spans(at, len(first) - len(first.lstrip(" ")), tuple(spans))


def _composed(head: str, pieces: list[str]) -> list[int] | None:
    """How much of each piece its entry is, up to the end of its last line; None where it does not say."""
    text = head + "".join(pieces)
    try:
        ((_, node),) = YAML(typ="safe", pure=True).compose(text).value
    except (YAMLError, ValueError):
        return None
    if not isinstance(node, MappingNode | SequenceNode) or len(node.value) != len(pieces):
        return None
    lengths, start = [], len(head)
    for piece, entry in zip(pieces, node.value, strict=True):
        # An item left empty may end where the next thing begins, which is another one here.
        if _line_start(text, _first(entry)) != start or _is_empty(_innermost(entry)):
            return None
        length = _line_end(text, _end(entry)) - start
        if length > len(piece):
            return None
        lengths.append(length)
        start += len(piece)
    return lengths


def _begun(section: str, node: Scalar | Items | Table) -> Iterator[tuple[int, str]]:
    """Yield the first line and the name of each entry."""
    if isinstance(node, Table):
        yield from ((key.line, key.text) for key, _ in node.entries)
    elif isinstance(node, Items):
        for item in node.items:
            entries = item.entries if isinstance(item, Table) else []
            named = (value for key, value in entries if key.text == NAMES.get(section))
            name = next(named, None)
            yield item.line, name.text if isinstance(name, Scalar) else ""


def _length(section: Section) -> int:
    return len(section.head) + sum(len(piece.text) for piece in section.pieces)


def _named(section: str, entry: _Entry) -> str:
    if isinstance(entry, tuple):
        return composed(str(entry[0].value))
    wanted = NAMES[section]
    return composed(str(next((value.value for key, value in entry.value if key.value == wanted), "")))


def _first(entry: _Entry) -> int:
    return int((entry[0] if isinstance(entry, tuple) else entry).start_mark.index)


def _innermost(entry: _Entry) -> Node:
    """The node with which an entry ends: a block's own mark stands behind the comments that follow it.

    That of a value left empty stands behind whatever comes next, so it ends with its key.
    """
    if isinstance(entry, tuple) and _is_empty(entry[1]):
        return entry[0]
    node = entry[1] if isinstance(entry, tuple) else entry
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        return _innermost(node.value[-1])
    return node


def _end(entry: _Entry) -> int:
    return int(_innermost(entry).end_mark.index)


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.value and not node.style


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1
