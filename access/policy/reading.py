"""Reads tables of the document by their keys and gathers every mistake instead of stopping at the first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from access.model import Bilingual
from access.policy.scalars import name, sentence
from access.policy.tree import Items, Node, Scalar, Table
from access.policy.vocabulary import BadValue, Problem, found
from access.words.phrase import Kind, Phrase, say
from access.words.text_mistakes import TextMistake, Thing
from access.words.value_mistakes import Hint

T = TypeVar("T")


def nearest(word: str, known: tuple[str, ...]) -> Phrase:
    """What to write instead of an unknown word: the closest known one, or all of them."""
    close = get_close_matches(word, known, n=1)
    if close:
        return say(Hint.DID_YOU_MEAN, meant=close[0])
    listed = ", ".join(sorted(known)[:12]) + (" ..." if len(known) > 12 else "")
    return say(Hint.KNOWN, known=listed) if listed else say(Hint.NONE_YET)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys a table may carry, and those it must."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.required + self.optional


class Reader:
    """Turns nodes into values; what cannot be turned becomes a problem and None, or is left out."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, line: int, kind: Kind, /, **facts: object) -> None:
        self.problems.append(found(line, kind, **facts))

    def scalar(self, node: Node | None, parse: Callable[[str], T]) -> T | None:
        """The value of one word; None also where there is no node at all."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.problem(node.line, TextMistake.NOT_ONE_VALUE)
            return None
        try:
            return parse(node.text)
        except BadValue as error:
            self.problems.append(Problem(node.line, error.phrase))
            return None

    def words(self, node: Node | None) -> list[Scalar]:
        """The words of a list; a single word is a list of one. An empty list is a mistake."""
        if node is None:
            return []
        if isinstance(node, Scalar):
            node = Items(node.line, [node])
        if isinstance(node, Table):
            self.problem(node.line, TextMistake.NOT_A_LIST)
            return []
        if not node.items:
            self.problem(node.line, TextMistake.EMPTY_LIST)
        for item in node.items:
            if not isinstance(item, Scalar):
                self.problem(item.line, TextMistake.NOT_ONE_VALUE)
        return [item for item in node.items if isinstance(item, Scalar)]

    def values(self, node: Node | None, parse: Callable[[str], T]) -> tuple[T, ...]:
        """The values of a list, the bad ones left out, a repeated one being a mistake."""
        found: list[T] = []
        for word in self.words(node):
            value = self.scalar(word, parse)
            if value is not None and value in found:
                self.problem(word.line, TextMistake.WORD_TWICE, text=word.text)
            elif value is not None:
                found.append(value)
        return tuple(found)

    def table(self, node: Node | None, what: str | Phrase, keys: Keys) -> Mapping[str, Node]:
        """The entries of a table under known keys; unknown, repeated and missing ones are mistakes."""
        entries: dict[str, Node] = {}
        if node is None:
            return entries
        for key, value in self._entries(node, what):
            if key.text not in keys.all:
                hint = nearest(key.text, keys.all)
                self.problem(key.line, TextMistake.NO_SUCH_KEY, what=what, key=key.text[:80], hint=hint)
            entries.setdefault(key.text, value)
        for missing in keys.required:
            if missing not in entries:
                self.problem(node.line, TextMistake.LACKS_KEY, what=what, key=missing)
        return entries

    def named(
        self, node: Node | None, what: str | Phrase, parse: Callable[[str], str] = name
    ) -> Iterator[tuple[str, Scalar, Node]]:
        """The entries of a table whose keys are names the writer chose: name, key, value."""
        if node is None:
            return
        for key, value in self._entries(node, what):
            parsed = self.scalar(key, parse)
            if parsed is not None:
                yield parsed, key, value

    def sentences(self, node: Node | None) -> Bilingual | None:
        """A sentence for people: one for both languages, or a table with ko and en."""
        if not isinstance(node, Table):
            text = self.scalar(node, sentence)
            return None if text is None else Bilingual(text, text)
        entries = self.table(node, say(Thing.TEXT), Keys(("ko", "en")))
        ko, en = self.scalar(entries.get("ko"), sentence), self.scalar(entries.get("en"), sentence)
        return None if ko is None or en is None else Bilingual(ko, en)

    def _entries(self, node: Node, what: str | Phrase) -> Iterator[tuple[Scalar, Node]]:
        if not isinstance(node, Table):
            self.problem(node.line, TextMistake.NOT_A_TABLE, what=what)
            return
        seen: dict[str, int] = {}
        for key, value in node.entries:
            if key.text in seen:
                self.problem(key.line, TextMistake.KEY_TWICE, key=key.text[:80], line=seen[key.text])
                continue
            seen[key.text] = key.line
            if value == Scalar(value.line, ""):
                self.problem(key.line, TextMistake.NO_VALUE, key=key.text[:80])
                continue
            yield key, value
