from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

import pytest

from access.changes import session_preview
from access.changes.session_preview import SessionChange, name_of, open_objects, sessions_between
from access.gateways.livesessions import (
    Desk,
    Ground,
    Holder,
    HolderKey,
    HolderKind,
    Live,
    LiveSession,
    grounds,
    stand,
)
from access.model import Effect, Facts, Method, Reason, Subject, Via
from access.nas import endpoint_standing
from access.nas.endpoint_standing import Evidence, Registration
from access.policy.compiled import Policy, compile
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from access.policy.subjects import keys_of, standing
from access.policy.touched import touched
from access.policy.vocabulary import ComputedGroup, Condition, Document, Network, Rule, Zone
from access.proof.factors import Factor
from tests.access.policy.generated import POOLS, case
from tests.access.policy.samples import HOUR, MONDAY_9, OFFICE, office, person
from vpn import atoms

KIM = person("hangang/vpn-users", "hangang/engineering", name="kim")
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9 - 7200)
SESSION = LiveSession(
    1, 1, HolderKey(HolderKind.USER, 7), ON_VPN, gateway_id=1, addresses=(ip_address("10.8.0.5"),)
)
LIVE = Live(SESSION, Holder(KIM))


def edited(old: str, new: str) -> Policy:
    assert old in OFFICE
    return policy_of(OFFICE.replace(old, new))


def change(new: Policy | None, live: Live = LIVE) -> SessionChange | None:
    found = sessions_between(office(), new, [live], MONDAY_9).changes
    return found[0] if found else None


def test_a_session_loses_what_no_rule_permits_any_more():
    found = change(edited("who: [group:hangang/engineering]", "who: [user:lee@hangang]"))

    assert found == SessionChange(
        1, "kim@hangang", "hangang", loses=frozenset({"network:git", "vdi:desktops"}), cut=1
    )


def test_a_session_ends_whose_door_asks_for_a_younger_code():
    found = change(edited("when: {otp_age: 12h,", "when: {otp_age: 1h,"))

    assert found is not None
    assert (found.ends, found.takes) == (Reason.CONDITION_FAILED, True)


def test_a_network_that_grows_smaller_takes_destinations_of_an_object_that_stays():
    found = change(edited("to: [10.99.0.128/28]", "to: [10.99.0.128/29]"))

    assert found is not None
    assert (found.loses, found.cut > 0, found.opened) == (frozenset(), True, 0)


def test_a_session_that_nothing_is_taken_from_or_given_is_not_named():
    assert change(edited("- id: engineers", "- id: developers")) is None
    assert change(office(), replace_leaving()) is None


def test_a_session_at_a_switch_is_moved_where_it_is_to_be_given_another_vlan():
    desk = "  - {id: desk, permit: [login:wired], who: [organization:hangang], gives: {vlan: %s}}\n"
    at_desk = replace(SESSION, facts=Facts(via=Via.WIRED, method=Method.PAP), gateway_id=None)
    live = Live(replace(at_desk, gifts="vlan=staff"), Holder(KIM))

    (found,) = sessions_between(office(desk % "staff"), office(desk % "guest"), [live], MONDAY_9).changes

    assert (found.moves, found.ends, found.takes) == (True, None, False)


def test_an_endpoint_that_the_new_policy_alone_asks_for_is_one_that_is_known():
    login, git = (
        Rule(name, Effect.PERMIT, (name,), ("organization:hangang",)) for name in ("login:vpn", "network:git")
    )
    asks = replace(git, conditions=(Condition("endpoint", frozenset({endpoint_standing.Standing.MANAGED})),))
    old, new = (compile(drawn((login, each), Random(0))) for each in (git, asks))
    managed = Evidence(True, Registration(1, "hangang", 7, managed=True, until=None))

    for evidence, lost in ((managed, frozenset()), (Evidence(True), frozenset({"network:git"}))):
        live = Live(replace(SESSION, evidence=evidence), Holder(KIM))

        found = sessions_between(old, new, [live], MONDAY_9).changes

        assert frozenset[str]().union(*(each.loses for each in found)) == lost


def replace_leaving() -> Live:
    return Live(replace(SESSION, leaving=True), Holder(KIM))


def test_what_is_open_is_the_login_and_what_a_gateway_lets_through():
    without = Live(replace(SESSION, gateway_id=None), Holder(KIM))

    at_gateway = sessions_between(office(), None, [LIVE], MONDAY_9).open_to
    elsewhere = sessions_between(office(), None, [without], MONDAY_9).open_to

    assert at_gateway["network:git"] == at_gateway["login:vpn"] == {"kim@hangang"}
    assert set(elsewhere) == {"login:vpn"}


def test_what_is_open_is_told_of_what_differs_alone():
    new = edited("permit: [login:vpn]", "permit: [login:portal]")

    assert set(sessions_between(office(), new, [LIVE], MONDAY_9).open_to) == {"login:vpn"}


@pytest.mark.parametrize("who", ["account:7", "endpoint:02:00:5e:00:53:07"])
def test_a_session_loses_what_somebody_has_by_a_grant_alone(who: str):
    lee = person("hangang/vpn-users", name="lee")
    facts = replace(ON_VPN, station="02:00:5e:00:53:07")
    granted = Standing(7, StandingKind.GRANT, (who,), ("network:git",), 0.0, None)
    old, new = (
        each.with_standing([(7, granted)], 1)
        for each in (office(), edited("to: [10.99.0.128/28]", "to: [10.99.0.128/29]"))
    )

    seen = sessions_between(old, new, [Live(replace(SESSION, facts=facts), Holder(lee))], MONDAY_9)

    assert [(each.name, each.cut > 0) for each in seen.changes] == [("lee@hangang", True)]


CUT = {
    "git": Network("git", "hangang", (ip_network("10.99.0.0/25"),), (), 1),
    # Within the other: what is forbidden there is not reached by way of it.
    "wiki": Network("wiki", "seorak", (ip_network("10.99.0.0/27"),), (), 1),
}
DESKS = (Desk("desktops", "d1", MONDAY_9 + 99 * HOUR),)


@pytest.fixture
def cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The few networks that are drawn are cut into atoms a single time: it takes as long as the weighing."""
    known: dict[tuple[Any, ...], atoms.Atoms] = {}

    def cut(resources: Mapping[str, Iterable[atoms.Target]]) -> atoms.Atoms:
        key = tuple((name, *targets) for name, targets in resources.items())
        if key not in known:
            known[key] = whole(resources)
        return known[key]

    whole = atoms.cut
    monkeypatch.setattr(atoms, "cut", cut)


def drawn(rules: tuple[Rule, ...], random: Random) -> Document:
    """A document of these rules; at times its network is another one than usual."""
    smaller = replace(CUT["git"], to=(ip_network("10.99.0.0/26"),))
    networks = CUT if random.random() < 0.8 else {**CUT, "git": smaller}
    pools = {"desktops": replace(POOLS["desktops"], desktops={"d1": ip_address("10.99.0.201")})}
    return Document("r", networks=networks, vdi=pools, rules=rules, prefer={"vlan": ("guest", "staff")})


def counted(patched: pytest.MonkeyPatch) -> list[Live]:
    """The sessions that will be weighed."""
    found: list[Live] = []

    def noted(ground: Ground, live: Live, *more: Any) -> Any:
        found.append(live)
        return stand(ground, live, *more)

    patched.setattr(session_preview, "stand", noted)
    return found


def weigh_and_spare(monkeypatch: pytest.MonkeyPatch, seeds: range) -> tuple[int, int, int]:
    """Hold what is told of drawn sessions against weighing all; how many were spared, changed and stayed."""
    spared, changed, remaining = 0, 0, 0
    for seed in seeds:
        random, drawn_case = Random(seed), case(seed, gives=seed % 2 == 0)
        door = Rule("door", Effect.PERMIT, ("login:vpn", "login:wired"), ("organization:hangang",))
        rules = (door, *drawn_case.rules)
        old = compile(drawn(rules, random))
        others = tuple(replace(each, id="other") for each in case(seed + 7000).rules[:1])
        new = compile(drawn((*rules[:-1], *others), random))
        kind = HolderKind.USER if drawn_case.subject.id else HolderKind.ENDPOINT
        facts = replace(drawn_case.facts, via=random.choice((Via.VPN, Via.WIRED)))
        session = replace(
            SESSION, holder=HolderKey(kind, 1), facts=facts, gifts=random.choice(("", "vlan=lab"))
        )
        live = Live(session, Holder(drawn_case.subject), DESKS)

        with monkeypatch.context() as patched:
            weighed = counted(patched)
            seen = sessions_between(old, new, [live], drawn_case.now)

        with monkeypatch.context() as patched:
            patched.setattr(session_preview, "NO_ZONES", None)
            whole = sessions_between(old, new, [live], drawn_case.now)
        assert seen.changes == whole.changes
        keys = keys_of(drawn_case.subject)
        differing = {each for key, objects in touched(old, new).items() if key in keys for each in objects}
        assert {each: seen.open_to.get(each) for each in differing} == {
            each: whole.open_to.get(each) for each in differing
        }
        spared += bool(whole.open_to) and not weighed
        changed += bool(whole.changes)
        remaining += bool(whole.open_to) and not whole.changes
    return spared, changed, remaining


@pytest.mark.usefixtures("cut_once")
def test_a_session_that_is_not_weighed_is_one_to_which_nothing_happens(monkeypatch: pytest.MonkeyPatch):
    assert min(weigh_and_spare(monkeypatch, range(200))) > 5


@pytest.mark.soak
def test_of_thousands_of_sessions_none_is_spared_to_which_something_happens(monkeypatch: pytest.MonkeyPatch):
    assert min(weigh_and_spare(monkeypatch, range(200, 10_000))) > 5


def live_of(number: int, subject: Subject, facts: Facts) -> Live:
    """A session at a gateway of a person, or of an endpoint that has no account."""
    kind = HolderKind.USER if subject.id else HolderKind.ENDPOINT
    session = replace(SESSION, id=number, holder=HolderKey(kind, 1), facts=facts)
    return Live(session, Holder(subject), DESKS)


def weighed_apart(old: Policy, new: Policy, live: Live, now: float) -> list[SessionChange]:
    """What happens to a session by asking each policy for itself."""
    was, will = (stand(side, live, now) for side in grounds(old, new))
    change = session_preview._change(live, name_of(live.holder.subject), was, will)
    return [change] if change is not None else []


def open_apart(old: Policy, new: Policy, lives: Iterable[Live], now: float) -> dict[str, set[str]]:
    """What these sessions have open of what differs for them, by asking the old policy for each."""
    about, (ground, _) = touched(old, new), grounds(old, new)
    found: dict[str, set[str]] = {}
    for live in lives:
        subject, _ = standing(live.holder.subject, now)
        own = old.keys_of(subject) | new.keys_of(subject)
        touching = {object for key in own & about.keys() for object in about[key]}
        for object in open_objects(live.session, stand(ground, live, now)) & touching:
            found.setdefault(object, set()).add(name_of(subject))
    return found


ZONES = (
    {},
    {"lab": Zone("lab", ("network:git",))},
    {"lab": Zone("lab", ("network:git",)), "office": Zone("office", ("network:wiki", "vdi:desktops"))},
    {
        "lab": Zone("lab", ("network:git",)),
        "office": Zone("office", ("network:wiki", "vdi:desktops"), ("guest",)),
    },
    {"lab": Zone("lab", ("login:wired",)), "office": Zone("office", ("network:wiki",), ("guest",))},
)


@pytest.mark.usefixtures("cut_once")
def test_what_both_policies_say_alike_of_a_session_is_as_each_says_it():
    changed, ended = 0, 0
    for seed in range(600):
        random, drawn_case = Random(seed), case(seed, gives=seed % 2 == 0)
        door = Rule("door", Effect.PERMIT, ("login:vpn", "login:wired"), ("organization:hangang",))
        rules = [door, *drawn_case.rules]
        one = drawn(tuple(rules), random)
        # Of a login or of a network, each may be there in one of them only.
        more = *case(seed + 7000).rules[:1], replace(door, who=("user:x@y",))
        others = (*rules, *(replace(each, id=f"other-{number}") for number, each in enumerate(more)))
        other = drawn(tuple(random.sample(others, random.randint(len(others) - 2, len(others)))), random)
        old, new = (
            compile(replace(each, zones=random.choice(ZONES), revision=str(number)))
            for number, each in enumerate((one, other))
        )
        facts = replace(drawn_case.facts, via=random.choice((Via.VPN, Via.WIRED)))
        live = live_of(1, drawn_case.subject, facts)

        seen = sessions_between(old, new, [live], drawn_case.now)

        assert list(seen.changes) == weighed_apart(old, new, live, drawn_case.now), seed
        assert seen.open_to == open_apart(old, new, [live], drawn_case.now), seed
        changed += bool(seen.changes)
        ended += any(each.ends for each in seen.changes)
    assert min(changed, ended) > 20


@pytest.mark.usefixtures("cut_once")
def test_where_only_zones_differ_each_of_many_sessions_is_as_both_policies_say_it():
    alike, changed = 0, 0
    for seed in range(60):
        random, drawn_case = Random(seed), case(seed, gives=seed % 2 == 0)
        door = Rule("door", Effect.PERMIT, ("login:vpn", "login:wired"), ("organization:hangang",))
        everything = Rule(
            "all", Effect.PERMIT, ("network:git", "network:wiki", "vdi:desktops"), ("organization:hangang",)
        )
        plain = drawn((door, everything, *drawn_case.rules), Random(0))
        old, new = (
            compile(replace(plain, zones=zones, revision=str(number)))
            for number, zones in enumerate(random.sample(ZONES, 2))
        )
        lives = []
        for number in range(6):
            other = case(seed + 1000 * (number + 1))
            facts = replace(other.facts, via=random.choice((Via.VPN, Via.WIRED)))
            lives.append(live_of(number, other.subject, facts))

        seen = sessions_between(old, new, lives, drawn_case.now)

        apart = [weighed_apart(old, new, live, drawn_case.now) for live in lives]
        assert list(seen.changes) == [change for found in apart for change in found], seed
        assert seen.open_to == open_apart(old, new, lives, drawn_case.now), seed
        changed += len(seen.changes)
        alike += len(lives) - len(seen.changes)
    assert min(alike, changed) > 10


def drawn_in_zones(rules: tuple[Rule, ...], random: Random, revision: str) -> Policy:
    """A policy of most of these rules, at times with zones or with a group that is computed."""
    some = tuple(random.sample(rules, random.randint(len(rules) // 2, len(rules))))
    computed = {"hangang/b": ComputedGroup("hangang/b", any=("group:hangang/a", "user:lee@seorak"))}
    groups = random.choice(({}, {}, computed))
    document = replace(drawn(some, random), zones=random.choice(ZONES), groups=groups)
    return compile(replace(document, revision=revision))


def many_as_each(seeds: range) -> tuple[int, int]:
    """Hold what is told of many drawn sessions against each by itself; how many changed and stayed."""
    changed, alike = 0, 0
    for seed in seeds:
        random, drawn_case = Random(seed), case(seed, gives=seed % 2 == 0)
        door = Rule("door", Effect.PERMIT, ("login:vpn", "login:wired"), ("organization:hangang",))
        more = (replace(each, id=f"more-{each.id}") for each in case(seed + 7000).rules)
        rules = (door, *drawn_case.rules, *more)
        old, new = (drawn_in_zones(rules, random, str(number)) for number in range(2))
        lives = []
        for number in range(10):
            other = case(seed + 1000 * (number + 1))
            # Half of them are told apart by little, as are most sessions of one gateway.
            facts = replace(ON_VPN, otp_at=drawn_case.now - random.randint(0, 40) * HOUR)
            facts = replace(random.choice((facts, other.facts)), via=random.choice((Via.VPN, Via.WIRED)))
            lives.append(live_of(number, other.subject, facts))

        seen = sessions_between(old, new, lives, drawn_case.now)

        apart = [weighed_apart(old, new, live, drawn_case.now) for live in lives]
        assert list(seen.changes) == [change for found in apart for change in found], seed
        assert seen.open_to == open_apart(old, new, lives, drawn_case.now), seed
        changed += len(seen.changes)
        alike += len(lives) - len(seen.changes)
    return changed, alike


def test_of_many_sessions_each_is_as_both_policies_say_it():
    assert min(many_as_each(range(60))) > 50


@pytest.mark.soak
def test_of_many_sessions_in_thousands_of_worlds_each_is_as_both_policies_say_it():
    assert min(many_as_each(range(60, 3000))) > 1000
