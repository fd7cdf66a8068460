"""Every kind of mistake is told in Korean and in English, with its place and without the other language."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from access.policy import document_tests
from access.policy.check import check
from access.policy.document_tests import TestFailure
from access.policy.editing import BadEdit
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors, Problem
from access.words.document_mistakes import RuleMistake, SectionMistake
from access.words.phrase import Kind, Phrase
from access.words.text_mistakes import EditMistake, TextMistake, Thing
from access.words.value_mistakes import Hint, ValueMistake
from access.words.world_mistakes import Choice, Failure, Named, Why, WorldMistake
from tests.access.policy.mistaken import DOCUMENTS, EDITS, TWO_ADDRESSES, WORLD

OF_DOCUMENTS = (ValueMistake, TextMistake, SectionMistake, RuleMistake, WorldMistake, Failure)
# What somebody would type stands between backticks.
TYPED = re.compile(r"`[^`]*`")
ENGLISH = re.compile(r"[A-Za-z]*[a-z]{2} [a-z]{2,}")
KOREAN = re.compile(r"[가-힣]")


@cache
def findings(text: str) -> tuple[Problem | TestFailure, ...]:
    """Whatever is wrong with a document; its tests are run whatever else is wrong in the world."""
    try:
        policy = policy_of(text)
    except PolicyErrors as errors:
        return errors.problems
    return (*check(policy.document, WORLD), *document_tests.run(policy, WORLD))


def phrase_of(finding: Problem | TestFailure) -> Phrase:
    return finding.phrase if isinstance(finding, Problem) else finding.what


def english_in(korean: str, text: str) -> list[str]:
    """The pairs of English words in a Korean sentence that are not in the document."""
    return [pair for pair in ENGLISH.findall(TYPED.sub("", korean)) if pair not in text]


@pytest.mark.parametrize("kind", DOCUMENTS, ids=str)
def test_a_mistake_is_told_in_both_languages_with_its_line(kind):
    text = DOCUMENTS[kind]

    told = [each for each in findings(text) if phrase_of(each).kind is kind]

    assert told
    for finding in told:
        english, korean = finding.to("en"), finding.to("ko")
        assert 0 < finding.line <= text.count("\n") + 1
        assert english.startswith(f"line {finding.line}: ")
        assert korean.startswith(f"{finding.line}행: ")
        assert KOREAN.search(korean.partition(": ")[2])
        assert not KOREAN.search(english)
        assert english_in(korean, text) == []
        # What is looked for would be found.
        assert english_in(english, "")


@pytest.mark.parametrize("kind", EDITS, ids=str)
def test_an_edit_that_cannot_be_done_is_told_in_both_languages(kind):
    with pytest.raises(BadEdit) as caught:
        EDITS[kind]()

    english = caught.value.to("en")
    assert english == str(caught.value)
    assert re.fullmatch(re.sub(r"\\\{.*?\\\}", ".+", re.escape(kind.wording.what.en)), english)
    assert KOREAN.search(caught.value.to("ko"))
    assert not KOREAN.search(english)


def test_there_is_a_document_for_every_kind_of_mistake():
    assert set(DOCUMENTS) == {kind for each in OF_DOCUMENTS for kind in each} - {Failure.DEMANDS_NOTHING}
    assert set(EDITS) == set(EditMistake)


def kinds_in(phrase: Phrase) -> Iterator[Kind]:
    yield phrase.kind
    for _, fact in phrase.facts:
        if isinstance(fact, Phrase):
            yield from kinds_in(fact)


def test_these_documents_come_to_every_part_of_a_sentence():
    texts = (*DOCUMENTS.values(), TWO_ADDRESSES)

    phrases = [phrase_of(each) for text in texts for each in findings(text)]

    said = {kind for phrase in phrases for kind in kinds_in(phrase)}
    assert {*Hint, *Named, *Choice} - said == set()
    assert said & {*Thing} and said & {*Why}
