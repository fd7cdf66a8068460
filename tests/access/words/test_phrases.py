"""Every kind of sentence has both languages, and whoever says one gives it the facts it has places for."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

import access
from access.model import Bilingual
from access.words.document_mistakes import RuleMistake, SectionMistake
from access.words.phrase import Kind, at_line, joined, say
from access.words.text_mistakes import EditMistake, TextMistake, Thing
from access.words.value_mistakes import Hint, ValueMistake
from access.words.world_mistakes import Choice, Failure, Named, Why, WorldMistake

KINDS = [
    kind
    for each in (
        *(ValueMistake, TextMistake, SectionMistake, RuleMistake, WorldMistake, EditMistake, Failure),
        *(Hint, Thing, Named, Choice, Why),
    )
    for kind in each
]
HOME = Path(access.__path__[0])


def places(text: str) -> set[tuple[str, str | None]]:
    """The places for facts in a sentence, each with how its fact is written there."""
    return {(name, conversion) for _, name, _, conversion in Formatter().parse(text) if name}


def facts_of(kind: Kind) -> set[str]:
    return {name for words in (kind.wording.what, kind.wording.instead) for name, _ in places(words.en)}


def test_every_kind_there_is_is_looked_at():
    assert {type(kind) for kind in KINDS} == set(Kind.__subclasses__())


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_kind_says_the_same_in_both_languages(kind):
    what, instead = kind.wording.what, kind.wording.instead

    assert what.ko and what.en
    assert bool(instead.ko) == bool(instead.en)
    assert places(what.ko) == places(what.en)
    assert places(instead.ko) == places(instead.en)


def test_two_kinds_of_one_subject_never_say_the_same():
    told = [(type(kind), kind.wording) for kind in KINDS]

    assert len(set(told)) == len(told)


NAMES = {type(kind).__name__ for kind in KINDS}


# What makes a phrase of a kind and its facts.
SAYING = ("say", "found", "problem", "BadValue", "BadEdit")


class Saying(NamedTuple):
    """A place in our code where a kind is said. whole: all of its facts are seen there."""

    where: str
    kind: str
    facts: set[str]
    whole: bool


@cache
def sources() -> dict[str, str]:
    """The text of every module that speaks of kinds, by its path."""
    texts = ((str(path), path.read_text("utf-8")) for path in sorted(HOME.rglob("*.py")))
    return {path: text for path, text in texts if any(f"{name}." in text for name in NAMES)}


def sayings() -> Iterator[Saying]:
    for path, text in sources().items():
        nodes = ast.walk(ast.parse(text))
        for call in (node for node in nodes if isinstance(node, ast.Call) and says(node.func)):
            given = {each.arg for each in call.keywords if each.arg}
            whole = all(each.arg for each in call.keywords)
            for kind, line in (found for argument in call.args for found in kinds_in(argument)):
                yield Saying(f"{path}:{line}", kind, given, whole)


def says(function: ast.expr) -> bool:
    return ast.unparse(function).rpartition(".")[2] in SAYING


def kinds_in(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The kinds in an argument that no other call is given."""
    if isinstance(node, ast.Call):
        return
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMES:
        yield f"{node.value.id}.{node.attr}", node.lineno
    for each in ast.iter_child_nodes(node):
        yield from kinds_in(each)


def test_whoever_says_a_kind_gives_it_its_facts():
    known = {str(kind): facts_of(kind) for kind in KINDS}
    found = [*sayings()]

    assert len({each.kind for each in found}) > len(KINDS) * 0.9
    assert [each for each in found if each.kind not in known] == []
    assert [each for each in found if each.whole and each.facts != known[each.kind]] == []
    assert [each for each in found if not each.facts <= known[each.kind]] == []


def test_every_kind_is_said_somewhere():
    text = "".join(sources().values())

    assert [str(kind) for kind in KINDS if str(kind) not in text] == []


def test_a_fact_stands_in_both_languages_as_it_was_written_or_as_each_has_it():
    names = say(Named.AND_MORE, names="{kim}", more=3)

    told = say(WorldMistake.NO_USER, name="{0}", hint=say(Hint.KNOWN, known=names))

    assert told.to("en") == "there is no user '{0}'; known: {kim} and 3 more"
    assert told.to("ko") == "사용자 '{0}'이(가) 없습니다. 쓸 수 있는 것: {kim} 외 3명"
    assert told.what("ko") == "사용자 '{0}'이(가) 없습니다"
    assert at_line(7, str(told), "ko").startswith("7행: ")


def test_what_has_no_advice_is_said_alone():
    told = say(TextMistake.NOT_YAML, said=Bilingual(ko="가", en="a"), advice=Bilingual("", ""))

    assert (told.to("ko"), told.to("en")) == ("YAML 형식이 아닙니다: 가", "this is not YAML: a")


def test_several_things_are_listed_in_the_language_of_the_reader():
    things = [say(Thing.RULE, name="door"), say(Thing.SECTION, name="zones")]

    assert (joined(things, "ko"), joined(things, "en")) == ("규칙 door, zones", "rule door, zones")
