from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Effect, Facts, Request
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.document import load
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from access.policy.mutations import Cut, Mutation, mutants, unguarded
from access.policy.vocabulary import Condition, Document, Network, PolicyTest, Rule, World
from tests.access.policy.samples import MONDAY_9, OFFICE, person
from tests.access.policy.test_cookbook import OFFICES, document_of
from tests.access.policy.test_cookbook import WORLD as OFFICES_WORLD

TESTS = """\
tests:
  - name: an engineer at work
    who: {groups: [hangang/engineering, hangang/vpn-users], organization: hangang}
    facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn, network:git]
    gives: {vlan: staff}
  - name: a contractor has no code
    who: {groups: [hangang/engineering, hangang/contractors], organization: hangang}
    facts: {via: vpn, otp_age: 5m, now: "2026-11-23T09:00:00+09:00"}
    deny: [network:git]
"""
AT_NIGHT = """\
  - name: nobody at night
    who: {groups: [hangang/vpn-users], organization: hangang}
    facts: {via: vpn, otp_age: 5m, now: "2026-11-23T23:00:00+09:00"}
    deny: [login:vpn]
"""


def left(tests: str) -> dict[str, list[str]]:
    found = unguarded(policy_of(OFFICE + tests), World())
    return {rule: [each.to("en") for each in found if each.rule == rule] for rule in {e.rule for e in found}}


def test_without_tests_every_rule_is_unguarded():
    found = left("")

    assert set(found) == {
        *("staff-vpn", "everyone-intranet", "engineers", "no-contractors-git", "institute", "printer")
    }
    assert found["staff-vpn"] == [
        "is taken away",
        "is turned round",
        "does not ask for hours",
        "does not ask for otp_age",
    ]


def test_what_a_test_would_miss_is_guarded_and_the_rest_is_named():
    found = left(TESTS)

    assert found["staff-vpn"] == ["does not ask for hours", "does not ask for otp_age"]
    assert found["engineers"] == ["does not ask for via", "says nothing of vdi:desktops"]
    assert "no-contractors-git" not in found


def test_another_test_guards_a_condition():
    assert left(TESTS + AT_NIGHT)["staff-vpn"] == ["does not ask for otp_age"]


def test_a_test_that_fails_or_is_about_nobody_guards_nothing():
    stranger = TESTS.replace(
        "{groups: [hangang/engineering, hangang/vpn-users], organization: hangang}", "{user: gone@hangang}"
    )
    wrong = TESTS.replace("gives: {vlan: staff}", "gives: {vlan: guest}")

    assert "is taken away" in left(stranger)["engineers"]
    assert "is taken away" in left(wrong)["staff-vpn"]


def test_a_requirement_that_asks_for_nothing_is_none():
    asked = (Condition("site", frozenset({"seoul"})),)
    rule = Rule("r", Effect.DENY, ("login:vpn",), ("organization:hangang",), asked, requires=True)

    assert [mutant for mutation, mutant in mutants(rule) if mutation.cut is Cut.CONDITION] == [None]


NETWORKS = {f"n{number}": Network(f"n{number}", "hangang", (), (), 1) for number in range(8)}


def drawn(random: Random) -> Document:
    """Rules about a few groups and networks, and tests that each promise what is so."""
    rules = tuple(
        Rule(
            f"r{number}",
            random.choice((Effect.PERMIT, Effect.PERMIT, Effect.DENY)),
            tuple(f"network:{name}" for name in random.sample(sorted(NETWORKS), random.randint(1, 2))),
            tuple(f"group:hangang/g{group}" for group in random.sample(range(4), random.randint(1, 2))),
            random.choice(((), (Condition("site", frozenset({"seoul"})),))),
        )
        for number in range(8)
    )
    policy = compile(Document("d", networks=NETWORKS, rules=rules))
    tests = tuple(promise(policy, random, number) for number in range(12))
    return replace(policy.document, tests=tests)


def promise(policy: Policy, random: Random, number: int) -> PolicyTest:
    subject = person(*(f"hangang/g{group}" for group in random.sample(range(4), 2)))
    facts = Facts(site=random.choice(("seoul", "busan", Absent.UNKNOWN)))
    objects = (f"network:{random.choice(sorted(NETWORKS))}",)
    permitted = decide(policy, subject, Request(objects[0], facts), MONDAY_9).permitted
    kept = (objects, ()) if permitted else ((), objects)
    return PolicyTest(f"t{number}", None, subject, facts, MONDAY_9, *kept, number)


def survivors(document: Document, world: World) -> set[Mutation]:
    """What compiling every mutant whole and running every test finds."""
    found = set()
    for rule in document.rules:
        for mutation, mutant in mutants(rule):
            made = (mutant if each is rule else each for each in document.rules)
            rules = tuple(each for each in made if each is not None)
            if not run(compile(replace(document, rules=rules)), world):
                found.add(mutation)
    return found


@given(st.integers(0, 2**32))
def test_it_finds_what_compiling_every_mutant_whole_and_running_every_test_finds(seed: int):
    document = drawn(Random(seed))
    assert not run(compile(document), World())

    assert set(unguarded(compile(document), World())) == survivors(document, World())


@pytest.mark.parametrize("office", OFFICES)
def test_it_finds_the_same_in_whole_offices_with_zones_and_computed_groups(office: str):
    document = load(document_of(office))

    assert set(unguarded(compile(document), OFFICES_WORLD)) == survivors(document, OFFICES_WORLD)
