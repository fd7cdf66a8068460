"""YAML text to a tree of scalars, lists and tables that know their lines.

Only the events of the YAML parser are used: nothing is constructed, every scalar stays the text that was
written (so `no` is a word and 08:00 a time), but for the one way in which it is composed (Unicode NFC): what
looks the same is the same, whichever keyboard wrote it. What a policy does not need is refused, because it
hides meaning or explodes: anchors, aliases, tags, several documents, more than MAX_DEPTH levels, more than
MAX_BYTES.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from access.policy.vocabulary import PolicyErrors, Problem, found
from access.words.phrase import Kind
from access.words.text_mistakes import TextMistake
from access.words.yaml_errors import problem_of, within

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word, number or sentence, as written, in NFC."""

    line: int
    text: str


@dataclass(slots=True)
class Items:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """Keys and values in the order written, doubles included."""

    line: int
    entries: list[tuple[Scalar, "Node"]] = field(default_factory=list)


Node = Scalar | Items | Table

# A merge leaves these where both sides have changed the same lines (git, Mercurial).
_MERGED = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


def composed(text: str) -> str:
    """The text as every scalar of a tree has it: in NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_small(text: str) -> bool:
    """Whether a text is no larger than a document may be."""
    return len(text.encode("utf-8", "surrogatepass")) <= MAX_BYTES


def grow(text: str) -> Table:
    """The table a document consists of. Raises PolicyErrors."""
    if not is_small(text):
        raise PolicyErrors([found(1, TextMistake.TOO_LARGE, most=MAX_BYTES)])
    builder = _Builder()
    try:
        for event in _events(text):
            builder.take(event)
    except MarkedYAMLError as error:
        if (left := _MERGED.search(text)) is not None:
            line = text.count("\n", 0, left.start()) + 1
            builder.problem(line, TextMistake.BOTH_SIDES)
        else:
            builder.take_error(error)
    except YAMLError as error:
        said, _ = problem_of(str(error).splitlines()[0])
        builder.problem(1, TextMistake.NOT_YAML_TEXT, said=said)
    return builder.finish()


def _events(text: str) -> Iterator[Event]:
    return iter(YAML(typ="safe", pure=True).parse(text))


class _Builder:
    """Takes parser events, keeps the open tables and lists on a stack, and gathers problems."""

    def __init__(self) -> None:
        self._root: Node | None = None
        self._documents = 0
        self._open: list[Items | Table] = []
        self._keys: list[Scalar | None] = []
        self._problems: list[Problem] = []

    def problem(self, line: int, kind: Kind, /, **facts: object) -> None:
        self._problems.append(found(line, kind, **facts))

    def take_error(self, error: MarkedYAMLError) -> None:
        """Report what the parser stumbled over, where what it was in the middle of began, and what helps."""
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        what = str(error.problem or error.context)
        said, advice = problem_of(what)
        if begun is not None and what.endswith("end of stream"):
            # What is never closed swallows the rest: the mistake is where it begins.
            mark = begun
        line = mark.line + 1 if mark is not None else 1
        if begun is not None and begun.line < line - 1:
            said = within(said, str(error.context), begun.line + 1)
        self.problem(line, TextMistake.NOT_YAML, said=said, advice=advice)

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self.problem(line, TextMistake.SECOND_DOCUMENT)
        elif isinstance(event, NodeEvent):
            self._take_node(event, line)

    def _take_node(self, event: NodeEvent, line: int) -> None:
        if event.anchor is not None:
            kind = TextMistake.ALIAS if isinstance(event, AliasEvent) else TextMistake.ANCHOR
            self.problem(line, kind, name=str(event.anchor)[:40])
        if getattr(event, "tag", None) is not None:
            self.problem(line, TextMistake.TAG)
        if isinstance(event, MappingStartEvent):
            self._begin(Table(line))
        elif isinstance(event, SequenceStartEvent):
            self._begin(Items(line))
        else:
            self._put(Scalar(line, composed(event.value) if isinstance(event, ScalarEvent) else ""))

    def _begin(self, node: Items | Table) -> None:
        if len(self._open) == MAX_DEPTH:
            self.problem(node.line, TextMistake.TOO_DEEP, most=MAX_DEPTH)
            raise PolicyErrors(self._problems)
        self._put(node)
        self._open.append(node)
        self._keys.append(None)

    def _put(self, node: Node) -> None:
        if not self._open:
            self._root = self._root or node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(node)
        elif (key := self._keys[-1]) is not None:
            parent.entries.append((key, node))
            self._keys[-1] = None
        elif isinstance(node, Scalar):
            self._keys[-1] = node
        else:
            self.problem(node.line, TextMistake.KEY_IS_NO_WORD)
            self._keys[-1] = Scalar(node.line, "")

    def finish(self) -> Table:
        if not self._problems and not isinstance(self._root, Table):
            self.problem(1, TextMistake.NO_SECTIONS)
        if self._problems or not isinstance(self._root, Table):
            raise PolicyErrors(self._problems)
        return self._root
