"""Everything the YAML parser can say has Korean."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
from ruamel.yaml import parser, scanner

from access.words.yaml_errors import problem_of, within

OTHERWISE = problem_of("something that no parser says")[0].ko
RAISES = re.compile(r"(?:Scanner|Parser|MarkedYAML)Error$")
DECODING = "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
HANGUL = re.compile(r"[가-힣]")


def text_of(node: ast.AST) -> str:
    """What an f-string says, with a sign in the place of each value; a decoder's error is itself."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(each) if isinstance(each, ast.Constant) else "'$'" for each in node.values)
    return DECODING if isinstance(node, ast.Call) and ast.unparse(node) == "str(exc)" else ""


def said() -> Iterator[tuple[str, str]]:
    """What the parser was in the middle of and what it stumbled over, of all its errors."""
    for module in (scanner, parser):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and RAISES.search(ast.unparse(node.func)):
                words = [text_of(each) for each in node.args]
                # An error without a context of its own says what is wrong there.
                yield words[0], (words[2] if len(words) > 2 else "") or words[0]


ERRORS = sorted(set(said()))


def test_the_parser_is_read():
    problems = {problem for _, problem in ERRORS}

    assert len(ERRORS) > 30
    assert {"mapping values are not allowed here", "found unexpected end of stream"} <= problems


@pytest.mark.parametrize(("context", "problem"), ERRORS)
def test_what_the_parser_says_is_told_in_korean(context, problem):
    told, advice = problem_of(problem)

    assert told.en == problem
    assert told.ko != OTHERWISE
    assert not re.search(r"[a-z]{2,} [a-z]{2,}", told.ko)
    assert bool(advice.ko) == bool(advice.en)
    around = within(told, context, 3)
    assert around.en == f"{problem} ({context} that begins on line 3)"
    assert "3행" in around.ko
    assert HANGUL.search(around.ko)


def test_what_it_has_never_said_is_told_without_its_words():
    told, advice = problem_of("did not like what it saw")

    assert told.en == "did not like what it saw"
    assert HANGUL.search(told.ko)
    assert not re.search("[a-z]", told.ko)
    assert advice.en == advice.ko == ""
