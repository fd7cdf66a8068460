"""Reads tables of the document by their keys and gathers every mistake instead of stopping at the first."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from access.model import Bilingual
from access.policy.scalars import BadValue, name, sentence
from access.policy.tree import Items, Node, Scalar, Table
from access.policy.vocabulary import Problem

T = TypeVar("T")


def nearest(word: str, known: tuple[str, ...]) -> str:
    """What to write instead of an unknown word: the closest known one, or all of them."""
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    listed = ", ".join(sorted(known)[:12]) + (" ..." if len(known) > 12 else "")
    return f"known: {listed}" if listed else "there is none yet"


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

    def problem(self, line: int, what: str, instead: str = "") -> None:
        self.problems.append(Problem(line, what, instead))

    def scalar(self, node: Node | None, parse: Callable[[str], T]) -> T | None:
        """The value of one word; None also where there is no node at all."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.problem(node.line, "one value belongs here, not a list or a table")
            return None
        try:
            return parse(node.text)
        except BadValue as error:
            self.problem(node.line, error.what, error.instead)
            return None

    def words(self, node: Node | None) -> list[Scalar]:
        """The words of a list; a single word is a list of one. An empty list is a mistake."""
        if node is None:
            return []
        if isinstance(node, Scalar):
            node = Items(node.line, [node])
        if isinstance(node, Table):
            self.problem(node.line, "a list belongs here, not a table", "write [one, two]")
            return []
        if not node.items:
            self.problem(node.line, "the list is empty", "name at least one, or leave the key out")
        for item in node.items:
            if not isinstance(item, Scalar):
                self.problem(item.line, "one value belongs here, not a list or a table")
        return [item for item in node.items if isinstance(item, Scalar)]

    def values(self, node: Node | None, parse: Callable[[str], T]) -> tuple[T, ...]:
        """The values of a list, the bad ones left out, a repeated one being a mistake."""
        found: list[T] = []
        for word in self.words(node):
            value = self.scalar(word, parse)
            if value is not None and value in found:
                self.problem(word.line, f"{word.text!r} stands here twice", "write it once")
            elif value is not None:
                found.append(value)
        return tuple(found)

    def table(self, node: Node | None, what: str, keys: Keys) -> Mapping[str, Node]:
        """The entries of a table under known keys; unknown, repeated and missing ones are mistakes."""
        entries: dict[str, Node] = {}
        if node is None:
            return entries
        for key, value in self._entries(node, what):
            if key.text not in keys.all:
                self.problem(key.line, f"{what} has no key {key.text[:80]!r}", nearest(key.text, keys.all))
            entries.setdefault(key.text, value)
        for missing in keys.required:
            if missing not in entries:
                self.problem(node.line, f"{what} lacks {missing!r}", f"add `{missing}:`")
        return entries

    def named(
        self, node: Node | None, what: str, parse: Callable[[str], str] = name
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
        entries = self.table(node, "the text", Keys(("ko", "en")))
        ko, en = self.scalar(entries.get("ko"), sentence), self.scalar(entries.get("en"), sentence)
        return None if ko is None or en is None else Bilingual(ko, en)

    def _entries(self, node: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
        if not isinstance(node, Table):
            self.problem(node.line, f"{what} is a table of keys and values", "write `key: value`")
            return
        seen: dict[str, int] = {}
        for key, value in node.entries:
            if key.text in seen:
                self.problem(
                    key.line, f"{key.text[:80]!r} stands on line {seen[key.text]} already", "keep one of them"
                )
                continue
            seen[key.text] = key.line
            if value == Scalar(value.line, ""):
                self.problem(key.line, f"{key.text[:80]!r} has no value", "write one or remove the key")
                continue
            yield key, value
