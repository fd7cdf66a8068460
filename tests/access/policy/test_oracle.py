"""The decision beside a second one, written straight from docs/policy.md: slow, without index or folding.

It shares nothing with the product but the values that rules and facts are made of.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Effect, Facts, Method, Request, Subject, Via
from access.nas.endpoint_standing import Standing as Endpoint
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import Hours, Mailed, Rule
from access.policy.waves import Wave
from access.proof.factors import Factor
from tests.access.policy.generated import NETWORKS, OBJECTS, POOLS, Case, case, moment, policy_of

DAY = timedelta(days=1)
OWNERS = {f"network:{name}": each.organization for name, each in NETWORKS.items()}
OWNERS |= {f"vdi:{name}": each.organization for name, each in POOLS.items()}
WAVES = (Wave(), Wave(), Wave(organizations=frozenset({"hangang"})), Wave(sites=frozenset({"seoul"})))
# What a permit of a login has to name.
WEAK = {Method.EAP_MD5}


def among(wanted, fact):
    return None if fact is Absent.UNKNOWN else fact in wanted


def closed(calendar, day):
    return None if calendar.last_year is not None and day.year > calendar.last_year else day in calendar.days


def any_of(answers):
    answers = set(answers)
    return True if True in answers else None if None in answers else False


def open_at(hours: Hours, now):
    """A window opens on a day; the one of yesterday may still be open."""
    clock = datetime.fromtimestamp(now, hours.zone)
    minutes = clock.hour * 60 + clock.minute
    lasts = hours.end > hours.start

    def opens(day):
        return any_of(closed(each, day) for each in hours.closed) is False and day.weekday() in hours.days

    today, yesterday = clock.date(), clock.date() - DAY
    if lasts:
        return opens(today) and hours.start <= minutes < hours.end
    return (opens(today) and minutes >= hours.start) or (opens(yesterday) and minutes < hours.end)


def young(age, facts: Facts, now):
    if facts.otp_at is Absent.DOES_NOT_APPLY:
        return False
    if not isinstance(age, Mailed) and facts.factor is Factor.E_MAIL:
        return False
    if facts.otp_at is Absent.UNKNOWN:
        return None
    return now - facts.otp_at < (age.age_s if isinstance(age, Mailed) else age)


def few(wanted, facts: Facts):
    if isinstance(facts.sessions, Absent):
        return None if facts.sessions is Absent.UNKNOWN else False
    elsewhere = sum(count for door, count in facts.sessions.by_door if door is None or door in wanted.doors)
    doors = list(Via) if facts.via is Absent.UNKNOWN else [facts.via]
    answers = {elsewhere + (door in wanted.doors) <= wanted.most for door in doors}
    return answers.pop() if len(answers) == 1 else None


def at_endpoint(wanted, facts: Facts, now):
    if isinstance(facts.endpoint, Absent):
        return None if facts.endpoint is Absent.UNKNOWN else False
    each = facts.endpoint
    known = {
        name: None if until is None else now < until
        for name, until in (
            (Endpoint.KNOWN, each.known),
            (Endpoint.MANAGED, each.managed),
            (Endpoint.CERTIFIED, each.certified),
        )
    }
    something = any_of(known.values())
    known[Endpoint.UNREGISTERED] = None if something is None else not something
    return any_of(known[name] for name in wanted)


ASKED = {
    "otp_age": young,
    "sessions": lambda wanted, facts, _now: few(wanted, facts),
    "endpoint": at_endpoint,
    "hours": lambda wanted, _facts, now: open_at(wanted, now),
    "valid": lambda wanted, _facts, now: (
        (wanted.start is None or wanted.start <= now) and (wanted.end is None or now < wanted.end)
    ),
    "holiday": lambda wanted, _facts, now: any_of(
        closed(each, datetime.fromtimestamp(now, each.zone).date()) for each in wanted
    ),
    "source": lambda wanted, facts, _now: (
        None
        if facts.source is Absent.UNKNOWN
        else facts.source is not Absent.DOES_NOT_APPLY and any(facts.source in each for each in wanted)
    ),
    "risk": lambda wanted, facts, _now: among(
        wanted, facts.risk if isinstance(facts.risk, Absent) else facts.risk.level
    ),
    "signed": lambda _stopped, _facts, _now: False,
    "designated": lambda wanted, facts, _now: among(wanted, facts.station),
}


def holds(rule: Rule, facts: Facts, now):
    """Whether all conditions of a rule hold: True, False or, where facts are missing, None."""
    answers = set()
    for each in rule.conditions:
        ask = ASKED.get(each.name)
        wanted = each.argument
        answers.add(ask(wanted, facts, now) if ask else among(wanted, getattr(facts, each.name)))
    return False if False in answers else None if None in answers else True


def names(subject: Subject):
    if not subject.organization:
        return set()
    words = {f"group:{each}" for each in subject.groups} | {f"organization:{subject.organization}"}
    if subject.id:
        return words | {f"user:{subject.name}@{subject.organization}"}
    return {f"endpoint:{subject.name.replace('-', ':')}"}


def permitted(rules, beside, drawn: Case):
    """Whether somebody is let through, by documents and standing rules, as docs/policy.md says it."""
    subject, facts, now, wanted = drawn.subject, drawn.facts, drawn.now, drawn.object
    owner = OWNERS.get(wanted, subject.organization)
    weak = wanted.startswith("login:") and facts.method in WEAK
    said = set()
    for rule in rules:
        if wanted not in rule.objects or not names(subject) & set(rule.who):
            continue
        truth = holds(rule, facts, now)
        if rule.requires:
            if truth is not True:
                return False
        elif rule.effect is Effect.DENY:
            if truth is not False:
                return False
        elif truth is True and (not weak or any(each.name == "method" for each in rule.conditions)):
            said.add(rule.organization or owner)
    for each in beside:
        at = {f"endpoint:{facts.station}"} if isinstance(facts.station, str) else set()
        if not (names(subject) | at | {"*"}) & set(each.who) or not {wanted, "*"} & set(each.objects):
            continue
        if not (each.since <= now and (each.until is None or now < each.until)):
            continue
        if each.kind is StandingKind.CONTAINMENT:
            return False
        if not weak:
            said.add(each.organization or owner)
    return {owner, subject.organization} <= said


def standing(random: Random, number: int) -> Standing:
    """A containment of somebody, of an endpoint or of everybody at one object; or a grant."""
    if random.random() < 0.5:
        who = random.choice(("user:kim@hangang", "endpoint:00:11:22:aa:bb:dd", "*"))
        objects = ("*",) if who != "*" else (random.choice(OBJECTS),)
        kind, organization = StandingKind.CONTAINMENT, ""
    else:
        who, objects = random.choice(("user:kim@hangang", "user:lee@seorak")), (random.choice(OBJECTS),)
        kind, organization = StandingKind.GRANT, ""
    since, until = random.choice((0.0, moment(random))), random.choice((None, moment(random)))
    return Standing(number, kind, (who,), objects, since, until, organization=organization)


def compare(seed: int) -> bool:
    """Compare one drawn world; whether somebody is let through in it."""
    drawn, random = case(seed, gives=False), Random(seed)
    beside = [standing(random, number) for number in range(random.choice((0, 0, 1, 2)))]
    newer, rules = case(seed + 1, gives=False).rules, drawn.rules
    wave = random.choice(WAVES)
    policy = policy_of(rules).with_standing([(each.id, each) for each in beside], 1)
    policy = policy.in_waves(compile(replace(policy_of(newer).document, revision="newer")), wave)
    if drawn.subject.organization in wave.organizations or drawn.facts.site in wave.sites:
        rules = newer

    decision = decide(policy, drawn.subject, Request(drawn.object, drawn.facts), drawn.now)

    assert decision.permitted == permitted(rules, beside, drawn), f"seed {seed}: {decision}"
    return decision.permitted


@given(seed=st.integers(0, 2**32))
def test_a_decision_is_what_the_document_says_word_for_word(seed: int):
    compare(seed)


def test_a_few_hundred_worlds_let_some_through_and_more_not():
    let = [compare(seed) for seed in range(600)]

    assert 20 < sum(let) < 400


@pytest.mark.soak
def test_hundreds_of_thousands_of_worlds_too():
    for seed in range(300_000):
        compare(seed)
