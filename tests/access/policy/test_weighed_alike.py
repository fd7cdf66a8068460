from dataclasses import replace
from random import Random

import pytest

from access.model import Effect, Facts, Method, Subject
from access.policy.compiled import Policy
from access.policy.conditions import BY_THE_CLOCK, judge
from access.policy.kept_texts import policy_of as read
from access.policy.standing import Standing, StandingKind
from access.policy.subjects import standing
from access.policy.vocabulary import Condition, Rule
from access.policy.weighed_alike import MOST_CONDITIONS, WeighedAlike
from access.policy.weighing import Weighed, weigh_all
from tests.access.policy.generated import CONDITIONS, SUBJECTS, case, policy_of, rule
from tests.access.policy.samples import HOUR, MONDAY_9, ON_VPN

KIM = Subject(1, "hangang", "kim", frozenset({"hangang/a"}))


def told(weighed: Weighed) -> tuple[object, ...]:
    """All that it says but when that ends, and in what order the permits speak."""
    return weighed.permitted, weighed.forbidden, {each.id for each in weighed.spoke}


def of_few_kinds(random: Random) -> Facts:
    """Facts in which little is another than in those of others, as of the sessions of one gateway."""
    return replace(ON_VPN, otp_at=MONDAY_9 - random.randint(1, 30) * HOUR, station=random.choice(("a", "b")))


def worlds(seeds: range) -> tuple[int, int]:
    """Hold what is weighed alike against each by itself; how many reached and were forbidden something."""
    reached, forbidden = 0, 0
    for seed in seeds:
        random, drawn = Random(seed), case(seed)
        rules = *drawn.rules, *(rule(random, f"more-{number}", gives=False) for number in range(4))
        policy = policy_of(rules)
        if seed % 5 == 0:
            contained = Standing(7, StandingKind.CONTAINMENT, ("user:kim@hangang",), ("network:git",))
            policy = policy.with_standing([(7, contained)], 1)
        alike = WeighedAlike(policy, drawn.now)
        for number in range(14):
            facts = of_few_kinds(random) if number % 2 else case(seed + 1000 * (number + 1)).facts
            if number % 7 == 0:
                facts = replace(facts, method=Method.OFFICE_OPEN)
            subject, _ = standing(random.choice(SUBJECTS), drawn.now)

            found = alike.weigh(subject, facts, policy.keys_of(subject))

            assert told(found) == told(weigh_all(policy, subject, facts, drawn.now)), (seed, number)
            reached += bool(found.permitted)
            forbidden += bool(found.forbidden)
    return reached, forbidden


def test_what_is_weighed_for_many_is_what_is_weighed_for_each_of_them():
    assert min(worlds(range(150))) > 20


@pytest.mark.soak
def test_of_thousands_of_worlds_nobody_is_weighed_by_what_others_are_told():
    assert min(worlds(range(150, 10_000))) > 20


def asking(*conditions: Condition) -> Policy:
    """A policy that permits the network git where any of these conditions holds."""
    return policy_of(
        tuple(
            Rule(f"r{number}", Effect.PERMIT, ("network:git",), ("organization:hangang",), (each,))
            for number, each in enumerate(conditions)
        )
    )


@pytest.mark.parametrize("conditions", [1, MOST_CONDITIONS, MOST_CONDITIONS + 1])
def test_a_session_whose_code_has_grown_old_is_not_alike(conditions: int):
    policy = asking(*(Condition("otp_age", (12 - number / 2) * HOUR) for number in range(conditions)))
    alike = WeighedAlike(policy, MONDAY_9)

    for age_h, permitted in ((1, True), (13, False), (11, True), (12, False)):
        facts = replace(ON_VPN, otp_at=MONDAY_9 - age_h * HOUR)
        assert bool(alike.weigh(KIM, facts, policy.keys_of(KIM)).permitted) is permitted


def test_people_of_two_companies_are_not_alike():
    policy = read(
        "version: 1\n"
        "networks:\n"
        "  wiki: {organization: seorak, to: [10.98.0.0/24]}\n"
        "rules:\n"
        "  - {id: in, permit: [network:wiki], who: [group:hangang/a]}\n"
        "  - {id: out, permit: [network:wiki], who: [group:hangang/a], organization: hangang}\n"
    )
    alike, other = WeighedAlike(policy, MONDAY_9), replace(KIM, organization="namsan")

    for subject, permitted in ((KIM, True), (other, False), (KIM, True)):
        assert bool(alike.weigh(subject, ON_VPN, policy.keys_of(subject)).permitted) is permitted


@pytest.mark.parametrize("name", sorted(BY_THE_CLOCK))
def test_what_the_clock_decides_no_fact_does(name: str):
    for seed in range(100):
        condition, drawn = Condition(name, CONDITIONS[name](Random(seed))), case(seed)
        assert judge(condition, drawn.facts, drawn.now) == judge(condition, Facts(), drawn.now)
