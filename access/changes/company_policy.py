"""One company's part of the policy: shown alone, and put back into the document of all. ▸

Its administrators never see the rest. What is wrong with their part is told without what others have: where a
finding would name an entry that is not theirs, it only says that it does not fit with it. What they publish
may change their own entries and nothing else; anything beyond is refused, and named by what they wrote.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from access.errors import Refused
from access.model import Bilingual
from access.policy.document_tests import TestFailure
from access.policy.earlier_parts import Versions
from access.policy.editing import Value
from access.policy.kept_texts import document_of
from access.policy.part_text import lines_of, part_of, put_back, read_part, revision_of_part, written
from access.policy.parts import Place, changes_elsewhere, entries_of, owned_places
from access.policy.vocabulary import Document, PolicyError, Problem
from access.words.document_mistakes import SectionMistake
from access.words.value_mistakes import ValueMistake
from access.words.world_mistakes import WorldMistake

EMPTY = "version: 1\n"
_WORD = re.compile(r"[\w.-]+")
# What says that a name is nobody's, and behind that which names there are.
NOT_THERE = frozenset(
    {
        *(ValueMistake.NO_OBJECT, ValueMistake.NO_HOURS, ValueMistake.NO_HOLIDAYS, SectionMistake.NO_ZONE),
        *(WorldMistake.NO_GROUP, WorldMistake.NO_ATTRIBUTE),
        *(WorldMistake.NO_USER, WorldMistake.NO_ORGANIZATION),
    }
)
_ELSEWHERE = Bilingual(
    ko="다른 회사의 내용과 더 이상 맞지 않습니다",
    en="something that another organization has written does not fit with it any more",
)
_CLASH = Bilingual(
    ko="다른 회사의 내용과 맞지 않습니다", en="it does not fit with what another organization has written"
)
# Parts of earlier documents, by whose digest and the organization; a page of the history looks at eleven.
_MOST_EARLIER = 64
_EARLIER: dict[tuple[bytes, str], str] = {}
_VERSIONS = Versions()


Finding = Problem | TestFailure


class NotYours(Refused):
    """A part would change what is another organization's or the head office's; the message names it."""


@dataclass(frozen=True, slots=True)
class CompanyPart:
    """The document in force, as the administrators of one organization have it before them."""

    document: str = field(repr=False)
    organization: str

    def shown(self) -> str:
        """Return their part as a text of its own."""
        return written(_own(self.document, self.organization))

    @property
    def revision(self) -> str:
        """What their part is called by, which no change of anybody else's makes another."""
        return revision_of_part(self.organization, _own(self.document, self.organization))

    def merged(self, part: str) -> str:
        """Return the whole document with their part as it is now.

        Raises PolicyErrors and BadEdit for a text that is no part, and NotYours.
        """
        own, fresh = _own(self.document, self.organization), read_part(part)
        taken = fresh.keys() & entries_of(document_of(self.document)).keys() - own.keys()
        if taken:
            raise _not_yours(sorted(taken), self.organization)
        return put_back(self.document, own, fresh)

    def refuse_beyond(self, after: Document) -> None:
        """Refuse a merged document that changes what is not theirs. Raises NotYours."""
        beyond = changes_elsewhere(document_of(self.document), after, self.organization)
        if beyond:
            raise _not_yours(beyond, self.organization)

    def told(self, merged: str, findings: Iterable[Finding], part: str) -> tuple[Bilingual, ...]:
        """Return what was found in a merged document as they may read it, each once."""
        return tuple(dict.fromkeys(self._told(merged, findings, part)))

    def _told(self, merged: str, findings: Iterable[Finding], part: str) -> Iterator[Bilingual]:
        own = set(read_part(part))
        lines = lines_of(merged)
        foreign = {place.name for _, place in lines if place not in own}
        for finding in findings:
            place = _place_at(lines, finding.line)
            if place is None or place not in own:
                yield _ELSEWHERE
            elif isinstance(finding, Problem) and finding.phrase.kind in NOT_THERE:
                yield _at(place, finding.phrase.what)
            else:
                # A test that fails says its name, which its place says already.
                what = finding.what.to if isinstance(finding, TestFailure) else finding.told
                yield _at(place, _CLASH.to if _names(what("en"), foreign) else what)


def _names(told: str, foreign: Collection[str]) -> bool:
    """Whether a finding says a name that is not theirs to know."""
    said = set(_WORD.findall(told))
    return any(name in said or f" {name} " in f" {told} " for name in foreign)


def _at(place: Place, what: Callable[[str], str]) -> Bilingual:
    return Bilingual(*(f"{place.to(language)}: {what(language)}" for language in ("ko", "en")))


def part_in(document: str, organization: str) -> str:
    """Return an organization's part of an earlier document; of one that is not read any more it is empty."""
    if not document:
        return EMPTY
    key = hashlib.sha256(document.encode("utf-8", "surrogatepass")).digest(), organization
    # Put behind the others: what has not been asked for longest goes first.
    part = _EARLIER.pop(key, None)
    part = _EARLIER[key] = _part_in(document, organization) if part is None else part
    for each in list(_EARLIER)[:-_MOST_EARLIER]:
        _EARLIER.pop(each, None)
    return part


def _part_in(document: str, organization: str) -> str:
    try:
        return written(_VERSIONS.part_of(document, organization))
    except PolicyError:
        return EMPTY


@lru_cache(maxsize=8)
def _own(text: str, organization: str) -> Mapping[Place, Value]:
    return MappingProxyType(part_of(text, owned_places(document_of(text), organization)))


def _place_at(lines: list[tuple[int, Place]], line: int) -> Place | None:
    found = [place for first, place in lines if first <= line]
    return found[-1] if found else None


def _not_yours(named: Iterable[Place], organization: str) -> NotYours:
    places = tuple(named)
    english, korean = (", ".join(each.to(language) for each in places) for language in ("en", "ko"))
    return NotYours(
        f"{english}: not {organization}'s alone, so it cannot be changed here. What speaks for several"
        " companies or for another one, or names another one's groups or networks in a test, is for the head"
        " office to write.",
        f"{korean}: {organization}만의 항목이 아니어서 여기서 바꿀 수 없습니다. 여러 회사나 다른 회사의"
        " 규칙, 다른 회사의 그룹이나 네트워크가 들어 있는 테스트는 본사에서 고칩니다.",
    )
