"""docs/policy-cookbook.md is true: each office's document loads, keeps its promises and has no idle rule."""

import re
from pathlib import Path

import pytest

from access.model import Subject
from access.policy.compiled import compile
from access.policy.document import World, check
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from tests.access.policy.test_docs import BLOCK, without

TEXT = (Path(__file__).parents[3] / "docs" / "policy-cookbook.md").read_text("utf-8")
OFFICES = dict(re.findall(r"^## ([0-9]+)\. [^\n]+\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
WORLD = World(
    groups=frozenset(re.findall(r"group:([a-z]+/[a-z-]+)", TEXT)) - {"hangang/developers"},
    users={
        "minjun.kim@hangang": Subject(
            7,
            "hangang",
            "minjun.kim",
            frozenset({"hangang/staff"}),
            attributes=frozenset({"department=영업본부"}),
        )
    },
    organizations=frozenset({"hangang", "namsan", "bukak"}),
)


def document_of(office: str) -> str:
    (found,) = BLOCK.findall(OFFICES[office])
    return str(found)


def test_there_are_fifteen_offices_and_the_list_at_the_top_names_them():
    headings = re.findall(r"^## ([0-9]+\. [^\n]+)$", TEXT, re.MULTILINE)

    assert len(headings) == 15
    assert re.findall(r"^([0-9]+\. )\[([^\]]+)\]", TEXT, re.MULTILINE) == [
        (number + ". ", title) for number, title in (heading.split(". ", 1) for heading in headings)
    ]


@pytest.mark.parametrize("office", OFFICES)
def test_a_document_can_be_published_as_it_is(office: str):
    policy = policy_of(document_of(office))

    assert check(policy.document, WORLD) == []
    assert run(policy, WORLD) == []


@pytest.mark.parametrize("office", OFFICES)
def test_no_rule_can_be_taken_away_without_a_test_that_says_so(office: str):
    read = policy_of(document_of(office)).document

    # What a guardrail requires every permit has to ask for as well: alone it is not missed.
    told = [rule for rule in read.rules if not rule.requires]
    assert [rule.id for rule in told if not run(compile(without(read, rule.id)), WORLD)] == []
