"""Sentences that are put together in either language: a kind of sentence, and the facts that stand in it.

What finds a mistake says which kind it is and what it is about; nobody but the table of the kind has words.
Names from a document stand in both languages as they were written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Union

from access.model import Bilingual

_NOTHING = Bilingual("", "")
_AT_LINE = Bilingual(ko="{line}행: {text}", en="line {line}: {text}")
_ADVISED = Bilingual(ko="{what}. {instead}", en="{what}; {instead}")


class Sayable(Protocol):
    """What can be told to people in their language."""

    def to(self, language: str) -> str:
        """What it says in a language: "ko", or English for every other."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a kind of sentence says, and what to do about it. {name} stands for the fact of that name."""

    what: Bilingual
    instead: Bilingual = _NOTHING


class Kind(Enum):
    """A kind of sentence; those of one subject are an enumeration of its own, its values their Wordings."""

    @property
    def wording(self) -> Wording:
        """Its words in both languages."""
        words: Wording = self.value
        return words


Fact = Union[str, Bilingual, "Phrase"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence or a part of one: its kind, and the facts that stand in it by name."""

    kind: Kind
    facts: tuple[tuple[str, Fact], ...] = ()

    def __str__(self) -> str:
        return self.to("en")

    def what(self, language: str) -> str:
        """What is the matter, without what to do about it."""
        return self._filled(self.kind.wording.what, language)

    def instead(self, language: str) -> str:
        """What to do about it; empty where there is nothing to say."""
        return self._filled(self.kind.wording.instead, language)

    def to(self, language: str) -> str:
        """Both together."""
        what, instead = self.what(language), self.instead(language)
        return _ADVISED.to(language).format(what=what, instead=instead) if instead else what

    def _filled(self, words: Bilingual, language: str) -> str:
        facts = {name: fact if isinstance(fact, str) else fact.to(language) for name, fact in self.facts}
        return words.to(language).format(**facts)


def say(kind: Kind, /, **facts: object) -> Phrase:
    """A phrase of a kind. What is no phrase and not in two languages is written as str() writes it."""
    kept = (
        (name, fact if isinstance(fact, Bilingual | Phrase) else str(fact)) for name, fact in facts.items()
    )
    return Phrase(kind, tuple(kept))


def at_line(line: int, text: str, language: str) -> str:
    """What is told of a line of a document, with its place. The first line is 1."""
    return _AT_LINE.to(language).format(line=line, text=text)


def joined(things: Iterable[Sayable], language: str) -> str:
    """Several things as one list."""
    return ", ".join(each.to(language) for each in things)
