"""The decision beside a second one, written straight from docs/policy.md: slow, without index or folding.

It shares nothing with the product but the values that rules and facts are made of.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Effect, Facts, Gives, Method, Request, Subject, Via
from access.nas.endpoint_standing import Standing as Endpoint
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import Condition, Hours, Mailed, Period, Rule, Zone
from access.policy.waves import Wave
from access.proof.factors import Factor
from tests.access.policy.generated import NETWORKS, OBJECTS, POOLS, Case, case, moment, policy_of

DAY = timedelta(days=1)
OWNERS = {f"network:{name}": each.organization for name, each in NETWORKS.items()}
OWNERS |= {f"vdi:{name}": each.organization for name, each in POOLS.items()}
WAVES = (Wave(), Wave(), Wave(organizations=frozenset({"hangang"})), Wave(sites=frozenset({"seoul"})))
ZONES = {
    "git": Zone("git", ("network:git", "login:wired"), ("staff",)),
    "wiki": Zone("wiki", ("network:wiki",), ("guest",)),
    "desk": Zone("desk", ("vdi:desktops", "login:vpn")),
}
# The VLANs between which `prefer` chooses, the one that wins first.
PREFERRED = ("guest", "staff")
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
    if isinstance(age, Mailed):
        return now - facts.otp_at < age.age_s
    if now - facts.otp_at >= age:
        return False
    return None if facts.factor is Absent.UNKNOWN else True


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


def names(subject: Subject, now):
    if not subject.organization:
        return set()
    if subject.realm:
        return {f"realm:{subject.realm}"}
    words = {f"group:{each}" for each in subject.groups} | {f"organization:{subject.organization}"}
    words |= {f"group:{each}" for each, end in subject.ending if now < end}
    if subject.id:
        return words | {f"user:{subject.name}@{subject.organization}"}
    return {f"endpoint:{subject.name.replace('-', ':')}"}


def host_of(drawn: Case, wanted: str):
    """The other company at whose NAS somebody logs in; None: there is none."""
    subject, host = drawn.subject, drawn.facts.nas_organization
    at_nas = wanted.startswith("login:") and wanted != "login:portal" and host is not Absent.DOES_NOT_APPLY
    return host if at_nas and not subject.realm and host != subject.organization else None


def speaking(rules, beside, drawn: Case, wanted: str):
    """The permits by which somebody would be let through if there were no zones; None: they would not be."""
    subject, facts, now = drawn.subject, drawn.facts, drawn.now
    owner = OWNERS.get(wanted, subject.organization)
    weak = wanted.startswith("login:") and facts.method in WEAK
    said = []
    for rule in rules:
        if wanted not in rule.objects or not names(subject, now) & set(rule.who):
            continue
        truth = holds(rule, facts, now)
        if rule.requires:
            if truth is not True:
                return None
        elif rule.effect is Effect.DENY:
            if truth is not False:
                return None
        elif truth is True and (not weak or any(each.name == "method" for each in rule.conditions)):
            said.append((rule.organization or owner, rule))
    for each in beside:
        at = {f"endpoint:{facts.station}"} if isinstance(facts.station, str) else set()
        if not (names(subject, now) | at | {"*"}) & set(each.who) or not {wanted, "*"} & set(each.objects):
            continue
        if not (each.since <= now and (each.until is None or now < each.until)):
            continue
        if each.kind is StandingKind.CONTAINMENT:
            return None
        if not weak:
            said.append((each.organization or owner, None))
    sides = {owner} if subject.realm else {owner, subject.organization}
    host = host_of(drawn, wanted)
    sides |= {host} if host is not None else set()
    counted = [rule for side, rule in said if side in sides]
    return counted if sides <= {side for side, _ in said} else None


def crossed(permits):
    return {zone for rule in permits if rule is not None for zone in rule.crosses}


def permitted(rules, beside, zones, drawn: Case):
    """Whether somebody is let through, by documents and standing rules, as docs/policy.md says it."""
    permits = speaking(rules, beside, drawn, drawn.object)
    if permits is None:
        return False
    door = f"login:{drawn.facts.via}" if isinstance(drawn.facts.via, Via) else None
    if door in ("login:portal", "login:device"):
        return True
    zone_of = {object: zone.name for zone in zones.values() for object in zone.holds}
    login = speaking(rules, beside, drawn, door) if door else None
    # Where the login and its VLAN are; the portal is open to everybody, and no session.
    pinned = {zone_of[door]} if door in zone_of else set()
    host = host_of(drawn, door) if door else None
    given = {
        rule.gives.vlan for rule in login or () if rule is not None and host in (None, rule.organization)
    }
    vlan = next((each for each in PREFERRED if each in given), None)
    pinned |= {zone.name for zone in zones.values() if vlan in zone.vlans}
    had = {each: speaking(rules, beside, drawn, each) for each in OWNERS if each in zone_of}
    had = {each: crossed(said) for each, said in had.items() if said is not None}
    plain = {zone_of[each] for each, crosses in had.items() if not crosses}
    homes = pinned or plain or {zone_of[each] for each in had}
    if drawn.object.startswith("login:"):
        return len(homes) < 2 or not (pinned or plain)
    if drawn.object not in had:
        return True
    if len(homes) > 1 and (pinned or plain):
        return False
    # Exceptions alone leave a session in the first of their zones.
    home = min(homes)
    if zone_of[drawn.object] == home:
        return True
    excepted = {each: crosses for each, crosses in had.items() if zone_of[each] != home and home in crosses}
    return drawn.object in excepted and all(
        zone_of[drawn.object] == zone_of[other]
        or zone_of[drawn.object] in excepted[other]
        or zone_of[other] in excepted[drawn.object]
        for other in excepted
    )


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


def excepted(random: Random, rules):
    """The rules, whose permits may give a VLAN and may cross zones: such an exception has an end."""

    def crossing(rule: Rule) -> Rule:
        if rule.effect is not Effect.PERMIT or random.random() < 0.6:
            return rule
        kept = tuple(each for each in rule.conditions if each.name != "valid")
        end = Condition("valid", Period(None, moment(random)))
        crosses = tuple(random.sample(sorted(ZONES), random.randint(1, 2)))
        return replace(rule, conditions=(*kept, end), crosses=crosses)

    def giving(rule: Rule) -> Rule:
        vlan = random.choice((None, *PREFERRED))
        return replace(rule, gives=Gives(vlan)) if rule.effect is Effect.PERMIT else rule

    return tuple(giving(crossing(rule)) for rule in rules)


def compare(seed: int, zoned: bool | None = None) -> bool:
    """Compare one drawn world; whether somebody is let through in it. zoned: with zones; None: by chance."""
    drawn, random = case(seed, gives=False), Random(seed)
    zoned = random.random() < 0.5 if zoned is None else zoned
    beside = [standing(random, number) for number in range(random.choice((0, 0, 1, 2)))]
    if zoned and drawn.object.startswith("login:"):
        # Asked for where it stands: a session comes through one door.
        drawn = replace(drawn, facts=replace(drawn.facts, via=Via(drawn.object.removeprefix("login:"))))
    sides = [(drawn.rules, {}), (case(seed + 1, gives=False).rules, {})]
    if zoned:
        sides = [(excepted(random, rules), in_zones(random)) for rules, _ in sides]
    wave = random.choice(WAVES)
    older, newer = (compile(replace(policy_of(rules).document, zones=zones)) for rules, zones in sides)
    policy = older.with_standing([(each.id, each) for each in beside], 1)
    policy = policy.in_waves(compile(replace(newer.document, revision="newer")), wave)
    of_company = drawn.subject.organization in wave.organizations and not drawn.subject.realm
    taken = of_company or drawn.facts.site in wave.sites
    rules, zones = sides[taken]

    decision = decide(policy, drawn.subject, Request(drawn.object, drawn.facts), drawn.now)

    assert decision.permitted == permitted(rules, beside, zones, drawn), f"seed {seed}: {decision}"
    return decision.permitted


def in_zones(random: Random):
    return {name: ZONES[name] for name in random.sample(sorted(ZONES), random.randint(1, 3))}


@given(seed=st.integers(0, 2**32))
def test_a_decision_is_what_the_document_says_word_for_word(seed: int):
    compare(seed)


def test_a_few_hundred_worlds_let_some_through_and_more_not():
    let = [compare(seed) for seed in range(600)]

    assert 20 < sum(let) < 400


def test_a_few_hundred_worlds_with_zones_let_some_through_and_more_not():
    let = [compare(seed, zoned=True) for seed in range(300)]

    assert 10 < sum(let) < 200


@pytest.mark.soak
def test_hundreds_of_thousands_of_worlds_too():
    for seed in range(300_000):
        compare(seed)
