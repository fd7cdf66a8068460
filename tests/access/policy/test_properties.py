"""What must be true of every policy, whoever wrote it."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Decision, Effect, Facts, Request, Subject
from access.nas.endpoint_standing import EndpointFacts
from access.policy.conditions import CONDITIONS as KNOWN
from access.policy.conditions import judge
from access.policy.decide import decide
from access.policy.edges import Edges
from access.policy.offered import MUST_BE_NAMED
from access.policy.vocabulary import Condition, Mailed, Rule
from tests.access.policy.generated import (
    CONDITIONS,
    OBJECTS,
    SUBJECTS,
    WHO,
    Case,
    case,
    policy_of,
    requirement,
    rule,
)
from tests.access.policy.samples import HOUR, MONDAY_9

Property = Callable[[int], None]
PROPERTIES: list[Property] = []
# Conditions that ask for a fact and not for the clock.
ASKING = CONDITIONS.keys() - {"hours", "holiday", "valid", "signed"}
TURNING = ("hours", "holiday", "valid", "otp_age", "endpoint")
DAY_S = 86400.0
LEAVING = next(each for each in SUBJECTS if each.ending)
# In Seoul, which has no summer time, around every moment that is drawn.
MIDNIGHTS = [MONDAY_9 + (day * 24 - 9) * HOUR for day in range(-5, 15)]


def always(holds: Property) -> Property:
    """A property that a few seeds try now, and `make soak` many more."""
    PROPERTIES.append(holds)
    return given(seed=st.integers(0, 2**32))(holds)


@pytest.mark.soak
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_every_property_holds_for_long(holds: Property):
    for seed in range(100_000):
        holds(seed)


def ask(case: Case, *more: Rule) -> Decision:
    return decide(policy_of((*case.rules, *more)), case.subject, Request(case.object, case.facts), case.now)


@always
def test_the_order_of_rules_does_not_matter(seed: int):
    drawn = case(seed)
    shuffled = list(drawn.rules)
    Random(seed).shuffle(shuffled)

    other = policy_of(tuple(shuffled))
    assert ask(replace(drawn, rules=tuple(shuffled))) == ask(drawn)
    assert (other.by_object, other.by_subject) == (drawn.policy.by_object, drawn.policy.by_subject)


@always
def test_another_permit_never_takes_access_away(seed: int):
    drawn = case(seed, gives=False)

    more = ask(drawn, rule(Random(seed), "more", Effect.PERMIT, gives=False))

    assert more.permitted or not ask(drawn).permitted


@always
def test_another_forbid_never_gives_access(seed: int):
    drawn = case(seed)

    more = ask(drawn, rule(Random(seed), "more", Effect.DENY))

    assert ask(drawn).permitted or not more.permitted


@always
def test_another_requirement_never_gives_access_and_holds_whatever_else_permits(seed: int):
    drawn, random = case(seed), Random(seed)
    guardrail = replace(requirement(random, "guardrail"), objects=(drawn.object,), who=WHO)
    stands = {judge(condition, drawn.facts, drawn.now).truth.value for condition in guardrail.conditions}
    openers = [replace(rule(random, f"p{number}", Effect.PERMIT), conditions=()) for number in range(3)]

    with_it = ask(drawn, guardrail)

    assert ask(drawn).permitted or not with_it.permitted
    if stands != {"holds"} and drawn.subject in SUBJECTS[:4]:
        assert not ask(drawn, guardrail, *openers).permitted


@always
def test_facts_that_are_no_longer_known_never_give_access(seed: int):
    drawn, random = case(seed, gives=False), Random(seed)
    names = random.sample([each.name for each in fields(Facts)], random.choice((1, 1, 2, 5)))
    if "method" in names and drawn.facts.method in MUST_BE_NAMED:
        return  # what is refused for being weak is no longer known to be; RADIUS knows the method of a login

    blind = ask(replace(drawn, facts=replace(drawn.facts, **dict.fromkeys(names, Absent.UNKNOWN))))

    assert ask(drawn).permitted or not blind.permitted


@always
def test_where_nothing_is_known_whatever_asks_for_a_fact_stops(seed: int):
    drawn, random = case(seed, gives=False), Random(seed)
    name = random.choice(sorted(ASKING))
    asked = (Condition(name, CONDITIONS[name](random)),)
    about = {"objects": (drawn.object,), "who": WHO, "conditions": asked}
    opener = replace(rule(random, "opener", Effect.PERMIT, gives=False), objects=(drawn.object,), who=WHO)
    openers = [
        replace(opener, id=f"for-{side}", conditions=(), organization=side) for side in ("hangang", "seorak")
    ]
    blind = replace(drawn, rules=(), subject=SUBJECTS[1], facts=Facts())

    assert ask(blind, *openers).permitted
    for forbid in (rule(random, "forbid", Effect.DENY), requirement(random, "guardrail")):
        assert not ask(blind, *openers, replace(forbid, **about)).permitted
    assert not ask(blind, *(replace(each, conditions=asked) for each in openers)).permitted


@always
def test_the_same_question_has_the_same_answer_whatever_was_asked_between(seed: int):
    drawn, other = case(seed), case(seed + 1)
    policy, request = drawn.policy, Request(drawn.object, drawn.facts)

    first = decide(policy, drawn.subject, request, drawn.now)
    decide(policy, other.subject, Request(other.object, other.facts), other.now)

    assert decide(policy, drawn.subject, request, drawn.now) == first == ask(drawn)
    assert [*first.permits] == sorted(first.permits)
    assert [*first.forbids] == sorted(first.forbids)


@always
def test_a_decision_stays_as_it_is_until_its_end(seed: int):
    drawn = case(seed)
    decision = ask(drawn)
    end = drawn.now + 400 * 86400 if decision.valid_until is None else decision.valid_until
    assert end > drawn.now

    for share in (0.0, 0.1, 0.5, 0.9, 1.0):
        later = ask(replace(drawn, now=min(drawn.now + (end - drawn.now) * share, end - 0.001)))
        assert what_counts(later) == what_counts(decision)


@always
def test_no_decision_outlives_the_first_moment_at_which_it_would_be_another(seed: int):
    drawn = clocked(seed)
    policy, request = drawn.policy, Request(drawn.object, drawn.facts)
    end = drawn.now + 9 * DAY_S
    moments = sorted({at for about in drawn.rules for at in turns(about, drawn) if drawn.now < at < end})
    decision = decide(policy, drawn.subject, request, drawn.now)
    until = decision.valid_until

    for moment in moments:
        then = decide(policy, drawn.subject, request, moment)
        if until is not None and moment >= until:
            decision, until = then, then.valid_until
            assert until is None or until > moment
        assert what_counts(then) == what_counts(decision)


def clocked(seed: int) -> Case:
    """A case in which rules about everybody ask for the clock, and for much of it at once."""
    random = Random(seed)
    drawn = replace(case(seed), subject=random.choice((*SUBJECTS[:3], LEAVING)))
    rules = []
    for each in drawn.rules:
        names = random.sample(sorted(TURNING), 2)
        asked = tuple(Condition(name, CONDITIONS[name](random)) for name in names)
        rules.append(replace(each, who=WHO, objects=OBJECTS, conditions=asked))
    return replace(drawn, rules=tuple(rules))


def turns(rule: Rule, drawn: Case) -> Iterator[float]:
    """Every moment near a case at which a rule could turn, found without the engine."""
    yield from (end for _, end in drawn.subject.ending)
    for name, wanted in ((each.name, each.argument) for each in rule.conditions):
        if name == "valid":
            yield from (at for at in (wanted.start, wanted.end) if at is not None)
        elif name == "otp_age" and isinstance(drawn.facts.otp_at, float):
            yield drawn.facts.otp_at + (wanted.age_s if isinstance(wanted, Mailed) else wanted)
        elif name == "hours":
            yield from (
                midnight + minute * 60 for midnight in MIDNIGHTS for minute in (wanted.start, wanted.end)
            )
        elif name == "endpoint" and isinstance(drawn.facts.endpoint, EndpointFacts):
            ends = (getattr(drawn.facts.endpoint, each) for each in ("known", "managed", "certified"))
            yield from (end for end in ends if end is not None)
        if name in ("hours", "holiday"):
            yield from MIDNIGHTS


def what_counts(decision: Decision) -> tuple[object, ...]:
    return decision.effect, decision.reason, decision.permits, decision.forbids, decision.gives


@given(
    seed=st.integers(0, 2**32),
    subject=st.builds(Subject, st.integers(), st.text(), st.text(), st.frozensets(st.text())),
    object=st.text(),
    facts=st.builds(Facts, site=st.text(), nas_group=st.text(), otp_at=st.floats()),
    now=st.floats(),
)
def test_there_is_a_decision_about_anything(seed, subject, object, facts, now):
    policy = case(seed).policy

    for asked in (object, *OBJECTS):
        decision = decide(policy, subject, Request(asked, facts), now)
        assert decision.permitted == (decision.reason == "PERMITTED")


def hosts_of(case: Case) -> set[object]:
    """The other organization at whose NAS somebody of ours logs in."""
    host = case.facts.nas_organization
    at_nas = case.object.startswith("login:") and case.object != "login:portal"
    if case.subject.realm or not at_nas or host is Absent.DOES_NOT_APPLY:
        return set()
    return {host} - {case.subject.organization}


def plainly(case: Case) -> bool:
    """The sentences of access/policy/decide.py written without an index, and without VLANs."""
    subject = case.subject
    owners = {"network:git": "hangang", "network:wiki": "seorak", "vdi:desktops": "hangang"}
    owner = owners.get(case.object, subject.organization)
    names = {f"group:{group}" for group in subject.groups}
    names |= {f"group:{group}" for group, end in subject.ending if case.now < end}
    if subject.realm:
        names = {f"realm:{subject.realm}"}
    elif subject.id == 0:
        names |= {"endpoint:00:11:22:aa:bb:cc"}
    else:
        names |= {f"user:{subject.name}@{subject.organization}", f"organization:{subject.organization}"}
    consenting = set()
    for about in case.rules:
        if case.object not in about.objects or not names & set(about.who):
            continue
        stands = {judge(condition, case.facts, case.now).truth.value for condition in about.conditions}
        if about.requires and not stands <= {"holds"}:
            return False
        if about.effect is Effect.DENY and not about.requires and "fails" not in stands:
            return False
        named = any(condition.name == "method" for condition in about.conditions)
        weak = case.object.startswith("login:") and case.facts.method in MUST_BE_NAMED and not named
        if about.effect is Effect.PERMIT and stands <= {"holds"} and not weak:
            consenting.add(about.organization or owner)
    return ({owner} if subject.realm else {owner, subject.organization, *hosts_of(case)}) <= consenting


@always
def test_only_the_organizations_concerned_are_named_as_permitting(seed: int):
    drawn = case(seed)
    policy, speakers = drawn.policy, {rule.id: rule.organization for rule in drawn.rules}
    owner = policy.owners.get(drawn.object, drawn.subject.organization)

    for permit in ask(drawn).permits:
        assert speakers[permit] in (None, owner, drawn.subject.organization, *hosts_of(drawn))


@always
def test_decide_does_what_its_sentences_say(seed: int):
    drawn = case(seed, gives=False)

    assert ask(drawn).permitted == plainly(drawn)


def test_every_condition_there_is_is_drawn():
    assert set(CONDITIONS) == set(KNOWN)


def test_the_drawn_cases_meet_every_reason():
    reasons = {ask(case(seed)).reason.value for seed in range(300)}

    assert reasons == {
        *("PERMITTED", "NO_PERMIT", "FORBIDDEN", "CONDITION_FAILED", "FACT_UNKNOWN", "POLICY_CONFLICT"),
    }


@always
def test_a_session_reaches_exactly_what_decide_permits(seed: int):
    drawn = case(seed)
    reach = Edges(drawn.policy).reach(drawn.subject, drawn.facts, drawn.now)

    decisions = {
        object: ask(replace(drawn, object=object)) for object in OBJECTS if not object.startswith("login:")
    }

    assert reach.objects == {object for object, decision in decisions.items() if decision.permitted}
    assert reach.forbidden == {object for object, decision in decisions.items() if decision.forbids}
    ends = [decision.valid_until for decision in (*decisions.values(), reach.login)]
    assert reach.valid_until == min((end for end in ends if end is not None), default=None)
    if not isinstance(drawn.facts.via, Absent):
        assert reach.login == ask(replace(drawn, object=f"login:{drawn.facts.via}"))
