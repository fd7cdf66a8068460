"""Grants of drawn worlds: what is let through brings no conflict of zones, and no door is closed in vain."""

from dataclasses import replace
from itertools import product
from random import Random

from access.model import NETWORK_DOORS, Effect, Facts, Method, Reason, Request, Subject, Via
from access.policy.beside import rule_of
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.grant_zones import Having, room_for
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import Condition, Period, Rule, World, Zone
from access.policy.zone_check import find_clashes
from tests.access.policy import generated
from tests.access.policy.samples import HOUR

MAC = "02:00:5e:00:53:01"
ZONES = {
    "git": Zone("git", ("network:git", "login:wired"), ("staff",)),
    "wiki": Zone("wiki", ("network:wiki",), ("guest",)),
    "desk": Zone("desk", ("vdi:desktops", "login:vpn")),
}
OWNED = ("network:git", "network:wiki", "vdi:desktops")
OTHER_MAC = "02:00:5e:00:53:77"
WORLDS = 40
SIMPLE_WORLDS = 60
PEOPLE = [each for each in generated.SUBJECTS if each.id and each.organization]


def world(random: Random) -> tuple[Policy, Subject] | None:
    """A policy, and somebody whom no two permits of it have in two zones; None where the draw was another."""
    rules = tuple(_rule(random, f"r{number}") for number in range(random.randint(1, 6)))
    subject = random.choice(PEOPLE)
    policy = zoned(random, rules)
    return (
        None
        if find_clashes(policy.document, World(users={"them": subject}), 1).clashes
        else (policy, subject)
    )


def zoned(random: Random, rules: tuple[Rule, ...]) -> Policy:
    zones = {name: ZONES[name] for name in random.sample(sorted(ZONES), random.randint(1, 3))}
    return compile(replace(generated.policy_of(rules).document, zones=zones))


def _rule(random: Random, id: str) -> Rule:
    drawn = generated.rule(random, id)
    kept = tuple(each for each in drawn.conditions if each.name in ("via", "site", "valid", "hours"))
    if drawn.effect is Effect.PERMIT and random.random() < 0.4:
        end = Condition("valid", Period(None, generated.moment(random)))
        kept = (*(each for each in kept if each.name != "valid"), end)
        drawn = replace(drawn, crosses=tuple(random.sample(sorted(ZONES), random.randint(1, 2))))
    return replace(drawn, conditions=kept)


def asked(random: Random, number: int, subject: Subject) -> Standing:
    who = (f"user:{subject.name}@{subject.organization}",)
    since = generated.moment(random)
    until, endpoint = since + random.randint(1, 20) * HOUR, random.choice(("", "", MAC))
    return Standing(number, StandingKind.GRANT, who, (random.choice(OWNED),), since, until, endpoint=endpoint)


def made(standing: Standing, policy: Policy) -> Rule:
    rule = rule_of(standing, policy.document)
    assert rule is not None
    return rule


def let_through(random: Random, policy: Policy, subject: Subject) -> list[Standing]:
    """Of three grants that somebody asks for, one after the other, those that the check lets through."""
    let: list[Standing] = []
    for number in range(3):
        wanted = asked(random, number, subject)
        others = tuple(made(each, policy) for each in let)
        doors = room_for(policy, Having(subject, others), made(wanted, policy)).doors
        if doors:
            let.append(replace(wanted, doors=tuple(sorted(doors))))
    return let


def turns(policy: Policy, standing: list[Standing]) -> list[float]:
    """The moments at which anything begins or ends."""
    periods = [each.argument for rule in policy.rules for each in rule.conditions if each.name == "valid"]
    found = {at for each in periods for at in (each.start, each.end)}
    found |= {at for each in standing for at in (each.since, each.until)}
    return sorted(at for at in found if at is not None)


def conflicts(
    policy: Policy, subject: Subject, standing: list[Standing], at: list[float]
) -> set[tuple[Via, str, str, float, str]]:
    """Whatever is refused because of zones: by which door, at which site and endpoint, and when."""
    beside = policy.with_standing([(each.id, each) for each in standing], 1)
    found = set()
    for via, site, station, now in product(NETWORK_DOORS, ("seoul", "busan"), (MAC, OTHER_MAC), at):
        facts = Facts(via=via, site=site, station=station, method=Method.EAP_TLS)
        for object in (f"login:{via}", *OWNED):
            if decide(beside, subject, Request(object, facts), now).reason is Reason.POLICY_CONFLICT:
                found.add((via, site, station, now, object))
    return found


def test_what_is_let_through_brings_no_conflict_of_zones_by_itself():
    let, kept = 0, 0
    for seed in range(WORLDS):
        random = Random(seed)
        drawn = world(random)
        if drawn is None:
            continue
        policy, subject = drawn
        granted = let_through(random, policy, subject)
        at = turns(policy, granted)

        assert conflicts(policy, subject, granted, at) <= conflicts(policy, subject, [], at), f"seed {seed}"
        let += len(granted)
        kept += sum(bool(each.doors) and len(each.doors) < 3 for each in granted)

    assert let > WORLDS / 2
    assert kept > WORLDS / 5


def simple(random: Random) -> tuple[Policy, Subject]:
    """A policy of permits whose conditions are doors and sites, about what is the company's own."""
    drawn = (generated.rule(random, f"r{number}", Effect.PERMIT, gives=False) for number in range(2))
    own = [each for each in generated.OBJECTS if each != "network:wiki"]
    rules = tuple(
        replace(
            each,
            objects=tuple(set(each.objects) & set(own)) or ("network:git",),
            conditions=tuple(one for one in each.conditions if one.name in ("via", "site")),
            organization=None,
        )
        for each in drawn
    )
    return zoned(random, rules), random.choice([each for each in PEOPLE if each.organization == "hangang"])


def test_no_door_is_closed_at_which_it_would_do_no_harm():
    closed = 0
    for seed in range(SIMPLE_WORLDS):
        random = Random(seed)
        policy, subject = simple(random)
        wanted = replace(asked(random, 1, subject), objects=(random.choice(("network:git", "vdi:desktops")),))
        found = room_for(policy, Having(subject), made(wanted, policy))
        at = [wanted.since]

        before = {via for via, *_ in conflicts(policy, subject, [], at)}
        harmed = {via for via, *_ in conflicts(policy, subject, [wanted], at)}
        # Where they are in two zones without it nobody can say what it adds.
        assert NETWORK_DOORS - found.doors - before == harmed - before, f"seed {seed}"
        closed += len(harmed - before)

    assert closed > SIMPLE_WORLDS / 5
