"""The search for permits of two zones finds what a look at every two of them finds, for everybody by name."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from access.model import NETWORK_DOORS, Effect, Subject
from access.policy.computed import computation
from access.policy.subjects import at_most, fold, keys_of
from access.policy.vocabulary import ComputedGroup, Condition, Document, Rule, World, Zone
from access.policy.zone_check import exclude, find_clashes
from tests.access.policy import generated

GROUP = ComputedGroup("hangang/both", all=("group:hangang/a", "group:hangang/b"))
KIM, BOTH, LEE, *_ = generated.SUBJECTS
PEOPLE = {
    "kim@hangang": KIM,
    "both@hangang": replace(BOTH, id=3, name="both"),
    "lee@seorak": LEE,
    "park@hangang": Subject(4, "hangang", "park", ending=(("hangang/b", 1.0),)),
}
WORLD = World(users=PEOPLE)
ZONES = {
    "git": Zone("git", ("network:git", "login:wired"), ("staff",)),
    "wiki": Zone("wiki", ("network:wiki",), ("guest",)),
    "desk": Zone("desk", ("vdi:desktops", "login:vpn")),
}


def document(random: Random) -> Document:
    rules = tuple(rule(random, f"r{number}") for number in range(random.randint(0, 9)))
    zones = {name: ZONES[name] for name in random.sample(sorted(ZONES), random.randint(0, 3))}
    return Document("r", rules=rules, zones=zones, groups={GROUP.name: GROUP})


def rule(random: Random, id: str) -> Rule:
    drawn = generated.rule(random, id)
    who = (f"group:{GROUP.name}",) if random.random() < 0.2 else drawn.who
    crosses = tuple(random.sample(sorted(ZONES), 1)) if random.random() < 0.2 else ()
    return replace(drawn, who=who, crosses=crosses)


def places(document: Document, rule: Rule) -> Iterator[tuple[str, str, tuple[Condition, ...]]]:
    """Each zone a permit puts somebody into, by which gift, and what a session has to meet for that."""
    for object in rule.objects if rule.effect is Effect.PERMIT else ():
        doors = (
            NETWORK_DOORS & {object.removeprefix("login:")} if object.startswith("login:") else NETWORK_DOORS
        )
        for each in rule.conditions:
            doors = doors & each.argument if each.name == "via" else doors
        asked = (Condition("via", doors), *(each for each in rule.conditions if each.name != "via"))
        for zone in document.zones.values() if doors else ():
            if object in zone.holds:
                yield zone.name, "", asked
            if object.startswith("login:") and rule.gives.vlan in zone.vlans:
                yield zone.name, "vlan", asked


def slowly(document: Document) -> dict[frozenset[tuple[str, str]], set[str]]:
    """Whom every two permits clash for, each by its id and its zone."""
    computed = computation(document.groups)
    keys = {name: computed.keys(keys_of(at_most(subject))) for name, subject in PEOPLE.items()}
    keys |= {one: frozenset({one}) for one in ("endpoint:00:11:22:aa:bb:cc", "realm:campus.example")}
    found: dict[frozenset[tuple[str, str]], set[str]] = {}
    every = [(rule, *place) for rule in document.rules for place in places(document, rule)]
    for (one, zone, gift, asked), (other, there, given, wanted) in combinations(every, 2):
        if zone == there or zone in other.crosses or there in one.crosses:
            continue
        if (gift and gift == given) or exclude(asked, wanted):
            continue
        mine, theirs = (set(map(fold, each.who)) for each in (one, other))
        hit = {name for name, has in keys.items() if mine & has and theirs & has}
        if hit:
            found.setdefault(frozenset({(one.id, zone), (other.id, there)}), set()).update(hit)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_the_search_finds_what_a_look_at_every_two_permits_finds(seed: int):
    drawn = document(Random(seed))

    found, more = find_clashes(drawn, WORLD, most=1000)

    told = {
        frozenset((rule.id, zone) for rule, zone in zip(each.rules, each.zones, strict=True)): set(
            each.people
        )
        for each in found
    }
    assert (told, len(told), more) == (slowly(drawn), len(found), 0)


def test_the_drawn_documents_clash_and_do_not():
    counts = [len(slowly(document(Random(seed)))) for seed in range(150)]

    assert 20 < counts.count(0) < 130
    assert max(counts) > 10


def test_only_the_first_are_named_and_the_others_counted():
    crowded = next(drawn for seed in range(150) if len(slowly(drawn := document(Random(seed)))) > 10)
    all_of_them = find_clashes(crowded, WORLD, most=1000)

    first = find_clashes(crowded, WORLD, most=3)

    assert first.clashes == all_of_them.clashes[:3]
    assert first.more == len(all_of_them.clashes) - 3
    firsts = [crowded.rules.index(each.rules[0]) for each in all_of_them.clashes]
    assert firsts == sorted(firsts)
