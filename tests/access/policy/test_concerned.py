"""Whom another policy concerns: for nobody else is anything decided otherwise, whatever the facts."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from access.model import Effect, Subject
from access.policy.beside import holder_keys
from access.policy.compiled import Policy, compile
from access.policy.edges import Reach, reach
from access.policy.touched import concerned
from access.policy.vocabulary import ComputedGroup, Document, Rule
from tests.access.policy.generated import NETWORKS, POOLS, SUBJECTS, case, rule, zones

ZONES = zones({"inner": ("network:git", "login:wired"), "outer": ("network:wiki", "vdi:desktops")})
COMPUTED = "group:hangang/c"
TERMS = ("group:hangang/a", "group:hangang/b", "attribute:hangang/x", "user:kim@hangang")
PEOPLE = (
    *SUBJECTS,
    Subject(3, "hangang", "park", frozenset({"hangang/c"})),
    Subject(4, "hangang", "choi", attributes=frozenset({"x"})),
    Subject(5, "hangang", "yoon", ending=(("hangang/b", case(1).now),)),
    Subject(0, "", "guest@campus", realm="campus"),
)


def drawn(random: Random, id: str) -> Rule:
    """A rule that crosses zones here and there, about a few."""
    made = rule(random, id, gives=random.random() < 0.3)
    who = (random.choice((*made.who, COMPUTED, "realm:campus")),)
    crosses = random.choice(((), (), ("inner",), ("outer",)))
    return replace(made, who=who, crosses=crosses, conditions=made.conditions[:1])


def groups(random: Random) -> dict[str, ComputedGroup]:
    """One computed group, or none; it may have the name of a group of the directory."""
    terms = [tuple(random.sample(TERMS, random.randint(0, 2))) for _ in range(3)]
    name = COMPUTED.removeprefix("group:")
    return random.choice(({}, {name: ComputedGroup(name, terms[0] or TERMS[:1], terms[1], terms[2])}))


def amended(random: Random, document: Document) -> Document:
    """The document with a rule or the computed group changed."""
    if random.random() < 0.2:
        return replace(document, groups=groups(random))
    at = random.randrange(len(document.rules))
    before = document.rules[at]
    fresh = drawn(random, before.id)
    instead = random.choice(
        ((), (fresh,), (replace(before, id="other"),), (before, replace(fresh, id="more")))
    )
    return replace(document, rules=(*document.rules[:at], *instead, *document.rules[at + 1 :]))


def two(random: Random) -> tuple[Policy, Policy]:
    rules = tuple(drawn(random, f"r{number}") for number in range(random.randint(2, 8)))
    doors = Rule("door", Effect.PERMIT, ("login:vpn", "login:wired"), ("organization:hangang",))
    old = Document(
        "r",
        NETWORKS,
        POOLS,
        rules=(*rules, doors),
        prefer={"vlan": ("guest", "staff")},
        zones=random.choice(({}, ZONES)),
        groups=groups(random),
    )
    return compile(old), compile(amended(random, old))


def unconcerned(old: Policy, new: Policy) -> list[Subject]:
    """Whoever is found by no key, as the enforcer looks for them."""
    keys = concerned(old, new)
    if keys is None:
        return []
    everywhere = (replace(each, groups=each.groups | {name for name, _ in each.ending}) for each in PEOPLE)
    found = zip(PEOPLE, everywhere, strict=True)
    return [subject for subject, at_most in found if keys.isdisjoint(holder_keys(at_most))]


def compared(seed: int) -> tuple[list[tuple[Reach, Reach]], bool]:
    """What those reach who are not concerned, by both; and whether anything differs for anybody."""
    random = Random(seed)
    old, new = two(random)
    asked = [(case(random.randrange(10**9)).facts, case(random.randrange(10**9)).now) for _ in range(4)]

    def pairs(people: list[Subject]) -> list[tuple[Reach, Reach]]:
        return [
            (reach(old, subject, facts, now), reach(new, subject, facts, now))
            for subject in people
            for facts, now in asked
        ]

    return pairs(unconcerned(old, new)), any(one != other for one, other in pairs(list(PEOPLE)))


@given(st.integers(0, 2**32))
def test_nobody_who_is_not_concerned_reaches_anything_else(seed: int):
    same, _ = compared(seed)

    assert all(before == after for before, after in same)


def test_there_are_changes_that_matter_and_people_whom_they_do_not_concern():
    same, matters = zip(*(compared(seed) for seed in range(20)), strict=True)

    assert sum(map(bool, same)) > 4
    assert sum(matters) > 4


def test_the_first_policy_and_the_end_of_the_last_concern_anybody():
    policy, _ = two(Random(1))

    assert concerned(None, policy) is None
    assert concerned(policy, None) is None
    assert concerned(policy, policy) == frozenset()
