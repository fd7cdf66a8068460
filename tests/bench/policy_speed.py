"""The policy of a large company: compiled, everyone's reach, one change, one decision. No I/O, one core."""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Network
from random import Random
from statistics import median, quantiles
from typing import TypeVar
from zoneinfo import ZoneInfo

from access.gateways.livesessions import ground
from access.model import Decision, Effect, Facts, Method, Reason, Request, Subject, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.edges import Edges
from access.policy.grant_zones import Having, possible_until, room_for
from access.policy.mutations import unguarded
from access.policy.preview import difference
from access.policy.subjects import keys_of
from access.policy.touched import touched
from access.policy.vocabulary import (
    Condition,
    Document,
    Hours,
    Network,
    Period,
    PolicyTest,
    Ports,
    Protocol,
    Rule,
    World,
    Zone,
)
from access.policy.zone_check import find_clashes
from access.proof.factors import Factor
from tests.bench.figures import Figure

HOW = """\
- `policy`: CPU of the decision core in one thread: the rules are indexed and everyone's reach is found (the
  full compile), one person joins another group (a membership change), one VPN login is decided. 3,000 groups,
  1,000 networks, a tenth of the rules forbids, three quarters have conditions.
- `zoned`: the same full compile with each of the 1,000 networks in one of three zones, although the groups
  were not made for zones: nearly everybody would be in several. `zone_clashes` is what saving such a document
  takes to find every two permits that would have somebody in two zones, and to name the first 50 for people;
  with `few` 180 of the networks are in a zone, with `none` everything is in one and nobody is in two.
  `zone_check_of_a_grant`: where somebody could have one of those networks for a while, asked of 300 people.
- `rule_change`: one rule is added about a group with few or many members: the two policies are compared, and
  those are weighed anew whom the comparison names; `compared` is what does not depend on the members.
  `preview` is the exact difference for everybody between two policies, ten rules apart.
  `mutation_check` tries every change to each of 500 rules against 1,000 tests.
- `floor`: in the same run, the least that Python could do: for the full compile, look up every group of
  everybody in a dictionary and join the sets found, without conditions, forbids or ends; for the decision,
  look up the rules about one person and make the value that is the answer. `ratio` is to that.
"""

Result = TypeVar("Result")
PEOPLE, RULES, NETWORKS, GROUPS = 30_000, 5000, 1000, 3000
GROUPS_EACH = 8
LOGIN = ("login:vpn",)
SAMPLE = 3000
MONDAY_9 = 1795392000.0  # 2026-11-23T09:00:00+09:00
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9 - 60)
OFFICE_HOURS = Hours("office", frozenset(range(5)), 7 * 60, 22 * 60, ZoneInfo("Asia/Seoul"))
# Every rule has one of these, in turn; each tenth is a forbid.
CONDITIONS: tuple[tuple[Condition, ...], ...] = (
    (),
    (Condition("via", frozenset({Via.VPN, Via.WIRED})),),
    (Condition("otp_age", 12 * 3600.0),),
    (Condition("hours", OFFICE_HOURS), Condition("otp_age", 12 * 3600.0)),
)


@dataclass(frozen=True)
class Large:
    """A company and its rules, the same every time."""

    document: Document
    subjects: list[Subject]


def measure() -> Iterator[Figure]:
    """Seconds for everything at once, milliseconds and microseconds for one."""
    large = large_company(Random(7))
    size = f"{RULES}_rules"
    policy, compile_s = timed(lambda: compile(large.document))
    _, cut_s = timed(lambda: ground(policy))
    edges = Edges(policy)
    reached, reach_s = timed_apart(lambda: [edges.reach(each, ON_VPN, MONDAY_9) for each in large.subjects])
    objects = sum(len(each.objects) for each in reached) / PEOPLE
    # What is kept would be looked at again by each collection of garbage in what is measured next.
    del reached
    yield Figure(f"policy_full_compile_of_{PEOPLE}_users_{size}", compile_s + reach_s, "s", 2.0)
    yield Figure(f"policy_index_of_{size}", compile_s, "s")
    yield Figure(f"policy_cut_of_{NETWORKS}_networks", cut_s, "s")
    yield Figure("policy_networks_reached_by_each_user", objects, "networks")
    changes_s = membership_changes(policy, large.subjects, Random(8))
    yield Figure(f"policy_membership_change_{size}_p50", median(changes_s) * 1e3, "ms", 1.0)
    yield Figure(f"policy_membership_change_{size}_p99", quantiles(changes_s, n=100)[98] * 1e3, "ms")
    decision_s = login_decision_s(policy, large.subjects)
    yield Figure(f"policy_login_decision_{size}", decision_s * 1e6, "us")
    yield Figure("policy_login_decision_floor_ratio", decision_s / decision_floor_s(policy, large), "ratio")
    yield Figure("policy_full_compile_floor_ratio", reach_s / reach_floor_s(policy, large), "ratio")
    yield from zone_figures(large)
    yield from rule_changes(large, policy)
    yield from previews(large, policy)
    yield from mutation_checks(large)


def zone_figures(large: Large) -> Iterator[Figure]:
    """Seconds for everything at once, and to find what is in two zones, with networks in three zones."""
    zoned = in_zones(large.document, NETWORKS, 3)
    policy, compile_s = timed(lambda: compile(zoned))
    edges = Edges(policy)
    reached, reach_s = timed_apart(lambda: [edges.reach(each, ON_VPN, MONDAY_9) for each in large.subjects])
    in_two = sum(each.placement.lost for each in reached)
    del reached
    yield Figure(f"policy_full_compile_zoned_of_{PEOPLE}_users_{RULES}_rules", compile_s + reach_s, "s", 2.0)
    yield Figure("policy_zoned_people_who_would_be_in_two", in_two, "people")
    world = World(users={f"{each.name}@hangang": each for each in large.subjects})
    cases = {
        "many": zoned,
        "few": in_zones(large.document, 180, 3),
        "none": in_zones(large.document, NETWORKS, 1),
    }
    for name, document in cases.items():
        found, took_s = timed(partial(find_clashes, document, world, 50))
        yield Figure(f"policy_zone_clashes_{name}_of_{RULES}_rules", took_s, "s", 1.0)
        yield Figure(f"policy_zone_clashes_{name}_found", len(found.clashes) + found.more, "pairs")
    grants_s = grant_checks(policy, large.subjects)
    yield Figure(f"policy_zone_check_of_a_grant_{RULES}_rules_p50", median(grants_s) * 1e3, "ms")
    yield Figure(f"policy_zone_check_of_a_grant_{RULES}_rules_max", max(grants_s) * 1e3, "ms", 100.0)


def grant_checks(policy: Policy, subjects: list[Subject]) -> list[float]:
    """Seconds to say where each of some people could have a network for four hours, and for how much less."""
    took = []
    for number, subject in enumerate(subjects[:300]):
        period = Condition("valid", Period(MONDAY_9, MONDAY_9 + 4 * 3600.0))
        asked = Rule(f"grant-{number}", Effect.PERMIT, (f"network:n{number}",), (), (period,))
        having = Having(subject)
        found, took_s = timed(partial(room_for, policy, having, asked))
        _, more_s = (
            timed(partial(possible_until, policy, having, asked)) if not found.possible else (None, 0.0)
        )
        took.append(took_s + more_s)
    return took


def in_zones(document: Document, networks: int, zones: int) -> Document:
    """The document with the first networks dealt out to some zones."""
    names = [f"network:{name}" for name in list(document.networks)[:networks]]
    dealt = {f"z{number}": Zone(f"z{number}", tuple(names[number::zones])) for number in range(zones)}
    return replace(document, zones=dealt)


def decision_floor_s(policy: Policy, large: Large) -> float:
    """Seconds to find the rules about a login and to make a decision that nobody has thought about."""
    by_key = policy.by_object["login:vpn"]

    def answer(subject: Subject) -> Decision:
        found = tuple(rule.id for key in by_key.keys() & keys_of(subject) for rule in by_key[key])
        return Decision(Effect.PERMIT, Reason.PERMITTED, found, revision=policy.revision)

    _, took_s = timed_apart(lambda: [answer(each) for each in large.subjects[:SAMPLE]])
    return took_s / SAMPLE


def reach_floor_s(policy: Policy, large: Large) -> float:
    """Seconds to join, for everybody, the sets of objects of their groups."""
    objects_of = {
        key: frozenset(object for ready in rules for object in ready.objects)
        for key, rules in policy.by_subject.items()
    }
    nothing = frozenset[str]()

    def joined(subject: Subject) -> frozenset[str]:
        return nothing.union(*(objects_of.get(f"group:{group}", nothing) for group in subject.groups))

    return timed_apart(lambda: [joined(each) for each in large.subjects])[1]


def rule_changes(large: Large, policy: Policy) -> Iterator[Figure]:
    """Milliseconds to take in one more rule about a group with few members, and about one with many."""
    by_size = sorted(_members(large.subjects).items(), key=lambda each: (len(each[1]), each[0]))
    for group, members in (by_size[len(by_size) // 2], by_size[-1]):
        rule = Rule("one-more", Effect.PERMIT, ("network:n1",), (f"group:{group}",))
        changed = compile(replace(large.document, rules=(*large.document.rules, rule)))
        found, compared_s = timed_apart(partial(touched, policy, changed))
        assert set(found) == {f"group:{group}"}
        edges = Edges(changed)
        _, took_s = timed(lambda: [edges.reach(each, ON_VPN, MONDAY_9) for each in members])  # noqa: B023
        yield Figure(f"policy_rule_change_{len(members)}_members", took_s * 1e3, "ms")
        yield Figure(
            f"policy_rule_change_{len(members)}_members_each", took_s / len(members) * 1e3, "ms", 1.0
        )
    yield Figure("policy_rule_change_compared", compared_s * 1e3, "ms")


def previews(large: Large, policy: Policy) -> Iterator[Figure]:
    """Milliseconds to tell for everybody what ten rules less change."""
    changed = compile(replace(large.document, rules=large.document.rules[:-10]))
    people = {each.name: each for each in large.subjects}
    lines, took_s = timed(lambda: difference(policy, changed, people, MONDAY_9))
    yield Figure(f"policy_preview_of_{PEOPLE}_users", took_s * 1e3, "ms")
    yield Figure("policy_preview_people_told_of", sum(len(line.people) for line in lines), "people")


def mutation_checks(large: Large) -> Iterator[Figure]:
    """Seconds to change 500 rules in every way and ask 1,000 tests of each that is about them."""
    document = replace(large.document, rules=large.document.rules[:500])
    tests = tuple(
        PolicyTest(f"t{number}", None, subject, ON_VPN, MONDAY_9, (), tuple(rule.objects), number)
        for number, (subject, rule) in enumerate(zip(large.subjects[:1000], document.rules * 2, strict=True))
    )
    policy = compile(replace(document, tests=tests))
    found, took_s = timed(lambda: unguarded(policy, World()))
    yield Figure("policy_mutation_check_of_500_rules", took_s, "s")
    yield Figure("policy_mutations_that_no_test_noticed", len(found), "mutations")


def _members(subjects: list[Subject]) -> dict[str, list[Subject]]:
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        for group in subject.groups:
            found.setdefault(group, []).append(subject)
    return found


def timed(act: Callable[[], Result]) -> tuple[Result, float]:
    """What it returns, and the seconds of CPU it took: it waits for nothing, others may be at work here."""
    began = time.thread_time()
    result = act()
    return result, time.thread_time() - began


def timed_apart(act: Callable[[], Result]) -> tuple[Result, float]:
    """The same without the collection of what others have left, which would fall into it by chance."""
    gc.collect()
    return timed(act)


def membership_changes(policy: Policy, subjects: list[Subject], random: Random) -> list[float]:
    """Seconds for the new reach of each of SAMPLE people who have just joined one more group."""
    edges = Edges(policy)
    times_s = []
    for subject in random.sample(subjects, SAMPLE):
        groups = subject.groups | {f"hangang/g{random.randrange(GROUPS)}"}
        changed = Subject(subject.id, subject.organization, subject.name, groups)
        times_s.append(timed(partial(edges.reach, changed, ON_VPN, MONDAY_9))[1])
    return times_s


def login_decision_s(policy: Policy, subjects: list[Subject]) -> float:
    """Seconds for the decision about one login, on average."""
    request = Request("login:vpn", ON_VPN)
    _, took_s = timed_apart(lambda: [decide(policy, each, request, MONDAY_9) for each in subjects[:SAMPLE]])
    return took_s / SAMPLE


def large_company(random: Random) -> Large:
    """PEOPLE in GROUPS_EACH groups of GROUPS, a few of which are large; RULES about NETWORKS."""
    weights = [1 / (number + 1) ** 0.8 for number in range(GROUPS)]
    subjects = [
        Subject(
            number + 1,
            "hangang",
            f"user{number}",
            frozenset(f"hangang/g{group}" for group in random.choices(range(GROUPS), weights, k=GROUPS_EACH)),
        )
        for number in range(PEOPLE)
    ]
    login = Rule("login", Effect.PERMIT, LOGIN, ("organization:hangang",), CONDITIONS[2])
    rules = (login, *(_rule(number, random) for number in range(RULES - 1)))
    networks = {f"n{number}": _network(number) for number in range(NETWORKS)}
    return Large(Document("bench", networks=networks, rules=rules), subjects)


def _rule(number: int, random: Random) -> Rule:
    return Rule(
        id=f"r{number}",
        effect=Effect.DENY if number % 10 == 0 else Effect.PERMIT,
        objects=(f"network:n{random.randrange(NETWORKS)}",),
        who=(f"group:hangang/g{random.randrange(GROUPS)}",),
        conditions=CONDITIONS[number % len(CONDITIONS)],
    )


def _network(number: int) -> Network:
    address = IPv4Network(f"10.{number >> 8}.{number & 255}.0/24")
    return Network(f"n{number}", "hangang", (address,), (Ports(Protocol.TCP, 443, 443),), 1)
