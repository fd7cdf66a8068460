"""A rule change costs the sessions of whoever it is about, and no others."""

from collections.abc import Collection
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from access.gateways.enforcement import Enforcer
from access.gateways.livesessions import Holder, HolderKey, HolderKind, LiveSession
from access.model import Effect, Facts, Gives, Method, Subject, Via
from access.policy.compiled import compile
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import ComputedGroup, Condition, Document, Network, Opening, Rule, Zone
from access.policy.waves import Wave
from tests.access.paper_world import PaperWorld, SilentBell
from tests.access.policy.samples import MONDAY_9
from vpn.state import Gateway, Pool

PEOPLE = 300
FEW = {7, 70, 170}
EVERYBODY = set(range(PEOPLE))
NETWORKS = {
    name: Network(name, "hangang", (ip_network(to),), (), number)
    for number, (name, to) in enumerate({"git": "10.99.0.0/28", "wiki": "10.98.0.0/28"}.items())
}
DOOR = Rule("door", Effect.PERMIT, ("login:vpn",), ("organization:hangang",))
GIT = Rule("git", Effect.PERMIT, ("network:git",), ("organization:hangang",))
WIKI = Rule("wiki", Effect.PERMIT, ("network:wiki",), ("group:hangang/few",))
FACTS = Facts(via=Via.VPN, method=Method.PAP, site="seoul", station="00:11:22:aa:bb:dd")
DOCUMENT = Document("1", NETWORKS, rules=(DOOR, GIT))
GROUP = ComputedGroup("hangang/chosen", any=("group:hangang/few",), but=("user:u7@hangang",))


class Counted(PaperWorld):
    """A world of one session each, that knows which of them were read, which is before they are judged."""

    def __init__(self) -> None:
        super().__init__({1: Gateway("gw-1", frozenset({Pool(ip_network("10.8.0.0/16"))}))})
        self.read: set[int] = set()
        for number in range(PEOPLE):
            groups = frozenset({"hangang/few"}) if number in FEW else frozenset[str]()
            self.place(number + 1, Holder(Subject(number + 1, "hangang", f"u{number}", groups)))
            holder = HolderKey(HolderKind.USER, number + 1)
            address = (ip_address(f"10.8.{number >> 8}.{number & 255}"),)
            self.begin(LiveSession(number, 1, holder, FACTS, gateway_id=1, addresses=address, generation=1))

    def sessions(self, ids: Collection[int] | None) -> list[LiveSession]:
        self.read |= self.open.keys() if ids is None else set(ids)
        return super().sessions(ids)


class Scene:
    """The enforcer over three hundred sessions."""

    def __init__(self) -> None:
        self.world, self.document = Counted(), DOCUMENT
        self.world.publish(compile(DOCUMENT))
        self.enforcer = Enforcer(self.world, SilentBell())
        self.enforcer.begin(MONDAY_9)
        self.follow()

    def publish(self, **changes: object) -> set[int]:
        """Put another document in force; the sessions that were judged for it."""
        self.document = replace(self.document, revision=f"{self.document.revision}1", **changes)  # type: ignore[arg-type]
        self.world.publish(compile(self.document))
        return self.follow()

    def follow(self) -> set[int]:
        self.world.read = set()
        before = dict(self.enforcer.crowd.judged)
        while self.enforcer.follow(MONDAY_9):
            pass
        judged = {key for key, each in self.enforcer.crowd.judged.items() if each is not before.get(key)}
        assert judged <= self.world.read
        return judged

    def reaching(self, network: str) -> set[int]:
        atoms = self.enforcer.ground.atoms.of(f"network:{network}")
        open_to = {row.pair.address for row in self.world.rows.values() if row.pair.atom in atoms}
        return {each.id for each in self.world.open.values() if open_to & {*each.addresses}}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_rule_about_three_of_three_hundred_judges_three_sessions(scene: Scene):
    assert scene.publish(rules=(DOOR, GIT, WIKI)) == FEW
    assert scene.reaching("wiki") == FEW

    assert scene.publish(rules=(DOOR, GIT)) == FEW
    assert scene.reaching("wiki") == set()
    assert scene.reaching("git") == EVERYBODY


def test_a_rule_with_another_condition_or_name_judges_whom_it_is_about(scene: Scene):
    scene.publish(rules=(DOOR, GIT, WIKI))

    assert scene.publish(rules=(DOOR, GIT, replace(WIKI, id="books"))) == FEW
    elsewhere = Condition("site", frozenset({"busan"}))
    assert scene.publish(rules=(DOOR, GIT, replace(WIKI, conditions=(elsewhere,)))) == FEW
    assert scene.reaching("wiki") == set()


def test_a_rule_about_everybody_judges_everybody(scene: Scene):
    assert scene.publish(rules=(DOOR, replace(GIT, effect=Effect.DENY))) == EVERYBODY
    assert scene.reaching("git") == set()


def test_a_line_that_moves_judges_nobody_and_the_revision_is_told_all_the_same(scene: Scene):
    moved = {name: replace(each, line=each.line + 9) for name, each in NETWORKS.items()}

    assert scene.publish(networks=moved, rules=tuple(replace(each, line=9) for each in (GIT, DOOR))) == set()
    assert scene.world.enforced == scene.document.revision


def test_a_computed_group_judges_whoever_can_be_in_it(scene: Scene):
    chosen = replace(WIKI, who=("group:hangang/chosen",))

    assert scene.publish(groups={GROUP.name: GROUP}, rules=(DOOR, GIT, chosen)) == FEW
    assert scene.reaching("wiki") == FEW - {7}
    assert scene.publish(groups={GROUP.name: replace(GROUP, but=())}) == FEW
    assert scene.reaching("wiki") == FEW


def test_a_standing_rule_about_a_computed_group_judges_whoever_can_be_in_it(scene: Scene):
    scene.publish(groups={GROUP.name: GROUP})
    who = (f"group:{GROUP.name}",)

    scene.world.stand(1, Standing(1, StandingKind.CONTAINMENT, who, ("network:git",)))
    assert scene.follow() == FEW
    assert scene.reaching("git") == EVERYBODY - FEW | {7}
    scene.world.stand(1, None)
    assert scene.follow() == FEW
    assert scene.reaching("git") == EVERYBODY


def test_a_standing_rule_that_ends_together_with_a_new_policy_is_not_missed(scene: Scene):
    scene.world.stand(1, Standing(1, StandingKind.GRANT, ("user:u5@hangang",), ("network:wiki",)))
    assert scene.follow() == {5}
    assert scene.reaching("wiki") == {5}

    scene.world.stand(1, None)

    assert scene.publish(rules=(DOOR, GIT, replace(WIKI, who=("user:u6@hangang",)))) == {5, 6}
    assert scene.reaching("wiki") == {6}


def test_an_opening_that_the_document_prepares_otherwise_judges_whom_it_is_about(scene: Scene):
    who = ("group:hangang/few",)
    opening = Opening("night", "hangang", "seoul", ("network:wiki",), who, Gives(), 3600.0, 1)
    scene.publish(openings={"night": opening})
    standing = Standing(1, StandingKind.OPENING, (), opening="night", organization="hangang", since=MONDAY_9)
    scene.world.stand(1, standing)
    assert scene.follow() == FEW

    assert scene.publish(openings={"night": replace(opening, objects=("network:git",))}) == FEW
    assert scene.publish(openings={}) == FEW


def test_while_a_policy_comes_in_waves_everybody_is_judged(scene: Scene):
    newer = compile(replace(DOCUMENT, revision="2", rules=(DOOR, GIT, WIKI)))
    scene.world.publish(compile(replace(DOCUMENT, revision="3")).in_waves(newer, Wave(percent=10.0)))
    assert scene.follow() == EVERYBODY

    assert scene.publish() == EVERYBODY
    assert scene.publish() == set()


def test_what_is_no_rule_judges_everybody(scene: Scene):
    wider = {**NETWORKS, "wiki": replace(NETWORKS["wiki"], to=(ip_network("10.98.0.0/27"),))}

    assert scene.publish(networks=wider) == EVERYBODY
    assert scene.publish(prefer={"vlan": ("staff",)}) == EVERYBODY
    assert scene.publish(vlans={"seoul": {"staff": 20}}) == EVERYBODY
    assert scene.publish(zones={"inner": Zone("inner", ("network:wiki",), ())}) == EVERYBODY
