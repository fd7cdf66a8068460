"""docs/policy.md is true: its examples load and keep their promises, and it names every key and kind."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from access.model import Reason, Subject, Via
from access.policy import computed, document, gifts, objects, openings, promises, requestable, rules, zoning
from access.policy.compiled import compile
from access.policy.conditions import CONDITIONS
from access.policy.document import World, check
from access.policy.document_tests import run
from access.policy.kept_texts import document_of, policy_of
from access.policy.reading import Keys
from access.policy.vocabulary import LOGINS, Document
from access.words.reasons import MEANINGS

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(TEXT)
SECTION = re.compile(r"^(?=[a-z]+:)", re.MULTILINE)
WORLD = World(
    groups=frozenset(re.findall(r"group:(hangang/[a-z-]+)", TEXT))
    - {"hangang/researchers", "hangang/own-researchers"},
    users={
        "minjun.kim@hangang": Subject(
            7,
            "hangang",
            "minjun.kim",
            frozenset({"hangang/vpn-users", "hangang/engineering"}),
            attributes=frozenset({"department=영업", "title=대리"}),
        )
    },
    organizations=frozenset({"hangang", "namsan"}),
)


def sections(block: str) -> dict[str, str]:
    return {part.partition(":")[0]: part for part in SECTION.split(block) if part}


def whole(block: str) -> str:
    """An example with the objects of the first one, where it has none of its own."""
    first = sections(BLOCKS[0])
    named = {key: first[key] for key in ("version", "networks", "vdi", "hours")}
    return "".join((named | sections(block)).values())


def test_there_are_examples():
    assert len(BLOCKS) >= 6


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_example_loads_and_keeps_its_promises(block: str):
    policy = policy_of(whole(block))

    assert policy.document.tests
    assert check(policy.document, WORLD) == []
    assert run(policy, WORLD) == []


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_rule_of_an_example_matters_to_its_tests(block: str):
    read = document_of(whole(block))

    # What a guardrail requires every permit has to ask for as well: alone it is not missed.
    told = [rule for rule in read.rules if not rule.requires]
    unnoticed = [rule.id for rule in told if not run(compile(without(read, rule.id)), WORLD)]

    assert unnoticed == []


def without(read: Document, rule_id: str) -> Document:
    return replace(read, rules=tuple(rule for rule in read.rules if rule.id != rule_id))


def all_keys() -> set[str]:
    tables = [
        value
        for module in (computed, document, gifts, objects, openings, promises, requestable, rules, zoning)
        for value in vars(module).values()
    ]
    return {key for table in tables if isinstance(table, Keys) for key in table.all}


def test_every_key_condition_login_and_reason_is_documented():
    named = set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.MULTILINE)))
    words = {word for name in named for word in re.findall(r"[\w-]+", name)}

    assert all_keys() - words == set()
    assert {*CONDITIONS} - words - named == set()
    assert {*LOGINS, *Via} - words - named == set()
    assert {*Reason} - words - named == set()


@pytest.mark.parametrize("reason", Reason)
def test_the_table_of_reasons_says_what_the_pages_say(reason: Reason):
    title = MEANINGS[reason].title

    assert f"| `{reason}` | {title.en} | {title.ko} |" in TEXT
