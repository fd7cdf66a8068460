"""Whatever happens, in any order, a pair stands exactly where decide permits: at every step of random walks.

The walks are through two companies with permits of both sides, forbids, requirements, windows, holidays and
ages of codes, rules beside the document, desktops, and the clock. What is expected asks decide() about every
session and every object anew, and nothing that the enforcer kept.
"""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address, ip_network
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.gateways.enforcement import Enforcer
from access.gateways.livesessions import Desk, Holder, HolderKey, HolderKind, LiveSession, ground
from access.model import Decision, Effect, Method, Request, Subject, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.standing import EVERYTHING, STOPS, Standing, StandingKind
from access.policy.vocabulary import (
    ComputedGroup,
    Condition,
    Document,
    Network,
    Ports,
    Protocol,
    Rule,
    VdiPool,
)
from access.proof.factors import Factor
from tests.access.paper_world import PaperWorld, SilentBell
from tests.access.policy.generated import CONDITIONS, WHO, case, requirement, rule
from tests.access.policy.samples import HOUR, MONDAY_9
from vpn.state import Gateway, Pool

NETWORKS = {
    "git": Network("git", "hangang", (ip_network("10.99.0.0/29"),), (Ports(Protocol.TCP, 22, 22),), 1),
    # Around git, so that a forbid of the one takes addresses out of the other.
    "wide": Network("wide", "hangang", (ip_network("10.99.0.0/28"), ip_network("fd00:99::/120")), (), 1),
    "wiki": Network("wiki", "seorak", (ip_network("10.98.0.0/28"),), (Ports(Protocol.TCP, 443, 443),), 1),
}
DESKTOPS = {"d1": ip_address("10.99.0.3"), "d2": ip_address("10.99.1.3")}
POOLS = {"desktops": VdiPool("desktops", "hangang", Ports(Protocol.TCP, 3389, 3389), 8 * HOUR, DESKTOPS, 1)}
# Every policy of a walk has these destinations, so that they are cut alike in all.
ATOMS = ground(compile(Document("", NETWORKS, POOLS))).atoms
REACHED = (*(f"network:{name}" for name in NETWORKS), "vdi:desktops")
GROUPS = ("hangang/a", "hangang/b", "hangang/c", "seorak/a")
COMPUTED = "group:hangang/c"
TERMS = ("group:hangang/a", "group:hangang/b", "user:kim@hangang", "user:park@hangang")
PEOPLE = ((1, "hangang", "kim"), (2, "seorak", "lee"), (3, "hangang", "park"))
# What depends on other sessions and on the registry is walked through in test_enforced_facts.py.
LEFT_OUT = {"sessions", "endpoint", "designated", "signed"}
GATEWAYS = {1: Gateway("gw-1", frozenset({Pool(ip_network("10.8.0.0/16")), Pool(ip_network("fd00:8::/64"))}))}
Held = set[tuple[str, int]]


class Walk:
    """A world in which anything can happen, and the enforcer that follows it."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now, self.count = Random(seed), MONDAY_9, 0
        self.kept = 0
        self.world = PaperWorld(dict(GATEWAYS))
        self.enforcer = Enforcer(self.world, SilentBell())
        for user_id, organization, name in PEOPLE:
            self.world.place(user_id, Holder(self.subject(user_id, organization, name)))
        self.publish()
        self.enforcer.begin(self.now)

    def step(self) -> None:
        happens: list[Callable[[], None]] = [
            *(self.come, self.come, self.go, self.regroup, self.regroup, self.bar, self.publish),
            *(self.amend, self.amend, self.amend, self.compute, self.at_once),
            *(self.wait, self.wait, self.wait, self.assign, self.stand, self.take_back),
        ]
        self.dice.choice(happens)()

    def turn(self) -> None:
        """What the process does at each turn, until there is nothing left to do."""
        for _ in range(3):
            while self.enforcer.follow(self.now):
                pass
            self.enforcer.look_again(self.now)
            self.enforcer.confirm(self.now)

    def subject(self, user_id: int, organization: str, name: str) -> Subject:
        groups = self.dice.sample(GROUPS, self.dice.randint(0, len(GROUPS)))
        return Subject(user_id, organization, name, frozenset(groups))

    def come(self) -> None:
        self.count += 1
        facts = replace(case(self.dice.randrange(10**9)).facts, via=Via.VPN, method=Method.PAP)
        if self.dice.random() < 0.7:
            facts = replace(facts, otp_at=self.now - self.dice.randint(0, 3) * HOUR, factor=Factor.TOTP)
        address = (ip_address(f"10.8.{self.count >> 8}.{self.count & 255}"),)
        if self.dice.random() < 0.3:
            address = (*address, ip_address(f"fd00:8::{self.count:x}"))
        holder = HolderKey(HolderKind.USER, self.dice.choice(PEOPLE)[0])
        self.world.begin(
            LiveSession(self.count, 1, holder, facts, gateway_id=1, addresses=address, generation=self.count)
        )

    def go(self) -> None:
        if self.world.open:
            self.world.end(self.dice.choice(sorted(self.world.open)))

    def regroup(self) -> None:
        person = self.dice.choice(PEOPLE)
        self.world.place(person[0], Holder(self.subject(*person)))

    def bar(self) -> None:
        """An account is disabled, or is to end soon."""
        person = self.dice.choice(PEOPLE)
        barred = self.dice.random() < 0.3
        until = self.now + self.dice.randint(1, 5) * HOUR if not barred else None
        self.world.place(person[0], Holder(self.subject(*person), barred, until))

    def publish(self) -> None:
        dice = self.dice
        doors = tuple(
            Rule(f"door-{who}", Effect.PERMIT, ("login:vpn",), (f"organization:{who}",))
            for who in ("hangang", "seorak")
            if dice.random() < 0.8
        )
        drawn = [self.limited(rule(dice, f"r{number}", gives=False)) for number in range(dice.randint(2, 8))]
        drawn += [self.limited(requirement(dice, f"g{number}")) for number in range(dice.choice((0, 0, 1)))]
        self.put(Document("", NETWORKS, POOLS, rules=(*doors, *drawn), groups=self.computed()))

    def put(self, document: Document) -> None:
        self.document = replace(document, revision=f"{self.dice.random()}")
        self.world.publish(compile(self.document))

    def amend(self) -> None:
        """One rule comes, goes, says something else or has another name, and sessions are let be."""
        rules = list(self.document.rules)
        place = self.dice.randint(0, len(rules))
        fresh = self.limited(rule(self.dice, f"a{self.dice.random()}", gives=False))
        fresh = replace(fresh, who=(self.dice.choice((*WHO, COMPUTED)),))
        renamed = (replace(each, id=fresh.id) for each in rules[place : place + 1])
        rules[place : place + 1] = self.dice.choice([(), (fresh,), (fresh,), tuple(renamed)])
        before = dict(self.enforcer.crowd.judged)
        self.put(replace(self.document, rules=tuple(rules)))
        self.turn()
        after = self.enforcer.crowd.judged
        self.kept += sum(each is after.get(session_id) for session_id, each in before.items())

    def compute(self) -> None:
        """A group is computed of something else."""
        self.put(replace(self.document, groups=self.computed()))

    def computed(self) -> dict[str, ComputedGroup]:
        name, dice = COMPUTED.removeprefix("group:"), self.dice
        drawn = [tuple(dice.sample(TERMS, dice.randint(0, 2))) for _ in range(3)]
        group = ComputedGroup(name, any=drawn[0] or TERMS[:1], all=drawn[1], but=drawn[2])
        # It is also a group of a directory, whose members it has only where it is not computed.
        return {name: group} if dice.random() < 0.7 else {}

    def at_once(self) -> None:
        """Several things that the enforcer hears of together."""
        for happens in self.dice.sample([self.amended, self.stand, self.take_back, self.regroup], 3):
            happens()

    def amended(self) -> None:
        self.put(replace(self.document, rules=self.document.rules[1:]))

    def limited(self, drawn: Rule) -> Rule:
        """A rule about what there is here, with conditions that are walked through here."""
        kept = tuple(each for each in drawn.conditions if each.name not in LEFT_OUT)
        if drawn.requires and not kept:
            kept = requirement_of(self.dice)
        if drawn.effect is Effect.PERMIT:
            # What most offices ask, and what ends by the clock.
            names = self.dice.sample(("hours", "valid", "otp_age"), self.dice.choice((0, 1, 1)))
            kept = tuple(Condition(name, CONDITIONS[name](self.dice)) for name in names)
        objects = tuple(self.dice.sample(("login:vpn", *REACHED), self.dice.randint(1, 3)))
        if drawn.effect is Effect.DENY and self.dice.random() < 0.7:
            objects = tuple(each for each in objects if not each.startswith("login:")) or ("network:git",)
        who = (*drawn.who, COMPUTED) if self.dice.random() < 0.3 else drawn.who
        return replace(drawn, objects=objects, conditions=kept, who=who)

    def wait(self) -> None:
        """Time passes. What stands meanwhile, without any turn, is never more than decide permits."""
        for _ in range(3):
            self.now += self.dice.choice([1, 60, HOUR, 7 * HOUR, 30 * HOUR])
            assert self.standing() <= self.permitted()
            self.turn()

    def assign(self) -> None:
        until = self.now + self.dice.choice([0, HOUR, 20 * HOUR])
        desk = Desk("desktops", self.dice.choice(sorted(DESKTOPS)), until)
        self.world.assign(self.dice.choice(PEOPLE)[0], desk)

    def stand(self) -> None:
        """A grant or a containment begins beside the document, or a review stops one of its rules."""
        if self.dice.random() < 0.3:
            kind = self.dice.choice(sorted(STOPS))
            rules = [each.id for each in self.document.rules if each.effect is Effect.PERMIT] or ["none"]
            number = self.dice.randint(1, 3)
            self.world.stand(number, Standing(number, kind, (), (self.dice.choice(rules),)))
            return
        contains, number = self.dice.random() < 0.4, self.dice.randint(1, 3)
        kind = StandingKind.CONTAINMENT if contains else StandingKind.GRANT
        objects = (EVERYTHING,) if contains else (self.dice.choice(REACHED),)
        _, organization, name = self.dice.choice(PEOPLE)
        who = self.dice.choice((f"user:{name}@{organization}", f"user:{name}@{organization}", COMPUTED))
        until = self.now + self.dice.randint(1, 30) * HOUR
        self.world.stand(number, Standing(number, kind, (who,), objects, 0.0, until))

    def take_back(self) -> None:
        self.world.stand(self.dice.randint(1, 3), None)

    def standing(self) -> Held:
        """What the gateways let through now: an element whose end has passed is gone by itself."""
        pairs = (row.pair for row in self.world.rows.values())
        return {
            (str(each.address), each.atom) for each in pairs if each.until is None or self.now < each.until
        }

    def permitted(self) -> Held:
        """What decide permits now, asked about everything anew."""
        policy = self.world.in_force
        assert policy is not None
        policy = policy.with_standing(self.world.beside.items(), 1)
        return {
            (str(address), atom)
            for session in self.world.open.values()
            for atom in self.atoms(policy, session)
            for address in session.addresses
        }

    def atoms(self, policy: Policy, session: LiveSession) -> set[int]:
        assert session.holder is not None
        holder = self.world.people[session.holder.id]
        over = holder.barred or (holder.until is not None and holder.until <= self.now)

        def asked(object: str) -> Decision:
            return decide(policy, holder.subject, Request(object, session.facts), self.now)

        if over or session.leaving or not asked("login:vpn").permitted:
            return set()
        opened, closed = set[int](), set[int]()
        for object in REACHED:
            decision = asked(object)
            if decision.permitted:
                opened |= self.places(object, session.holder.id)
            if decision.forbids:
                closed |= self.places(object, None)
        return opened - closed

    def places(self, object: str, user_id: int | None) -> set[int]:
        """The atoms of an object: of a pool those that a user has now, None: all."""
        if not object.startswith("vdi:"):
            return set(ATOMS.of(object))
        desks = self.world.held.get(user_id, ()) if user_id is not None else ()
        has = [each.desktop for each in desks if self.now < each.until]
        found = DESKTOPS if user_id is None else has
        return set[int]().union(*(ATOMS.of(f"{object}/{name}") for name in found))


class RuleWalk(Walk):
    """Nobody is turned away: sessions stay while rules, groups and what stands beside them change."""

    def step(self) -> None:
        if len([each for each in self.world.open.values() if not each.leaving]) < 4:
            self.come()
        happens: list[Callable[[], None]] = [
            *(self.amend, self.amend, self.compute, self.compute, self.at_once, self.stand, self.take_back),
            *(self.regroup, self.at_once, self.tick),
        ]
        self.dice.choice(happens)()

    def tick(self) -> None:
        self.now += 60

    def put(self, document: Document) -> None:
        kept = [self.plain(each) for each in document.rules if each.id != "door" and not each.requires]
        door = Rule("door", Effect.PERMIT, ("login:vpn",), ("organization:hangang", "organization:seorak"))
        super().put(replace(document, rules=(*kept[-4:], door)))

    def plain(self, drawn: Rule) -> Rule:
        """A rule without conditions, about one network and few people."""
        who = (COMPUTED,) if COMPUTED in drawn.who else drawn.who[:1]
        objects = [each for each in drawn.objects if not each.startswith("login:")][:1] or ["network:git"]
        return replace(drawn, objects=tuple(objects), who=who, conditions=(), organization=None)


def requirement_of(dice: Random) -> tuple[Condition, ...]:
    name = dice.choice(("site", "otp_age", "hours"))
    return (Condition(name, CONDITIONS[name](dice)),)


def walk(seed: int, steps: int, kind: type[Walk] = Walk) -> tuple[int, int, int]:
    """Go so many steps; how many pairs were seen to stand, sessions ended, and let be by a changed rule."""
    walked, seen = kind(seed), 0
    for _ in range(steps):
        walked.step()
        walked.turn()
        assert walked.standing() == walked.permitted(), f"after {walked.now - MONDAY_9:.0f} s"
        seen += len(walked.standing())
    return seen, len(walked.world.ended), walked.kept


@given(st.integers(0, 2**32))
def test_at_every_step_a_pair_stands_exactly_where_decide_permits(seed: int):
    walk(seed, 10)


@given(st.integers(0, 2**32))
def test_at_every_step_it_does_so_while_rules_and_groups_change(seed: int):
    walk(seed, 12, RuleWalk)


def test_the_walks_see_pairs_that_stand_sessions_that_are_ended_and_some_that_a_rule_leaves_alone():
    seen, ended, kept = zip(*(walk(seed, 40) for seed in range(40)), strict=True)

    assert sum(seen) > 200
    assert sum(ended) > 100
    assert sum(kept) > 100


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_long_walks_too(part: int):
    for seed in range(200):
        walk(part * 1000 + seed, 300)
        walk(part * 1000 + seed, 300, RuleWalk)
