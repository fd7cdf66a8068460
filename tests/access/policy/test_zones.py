"""Zones: what is kept apart is never given to one session at once, by no document and at no moment."""

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from access.model import Absent, Facts, Gives, Method, Reason, Request, Subject, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.document import World, check, load
from access.policy.edges import Edges, reach
from access.policy.explain import explain
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from access.policy.telling import render
from access.policy.vocabulary import PolicyErrors, Rule
from tests.access.policy import generated
from tests.access.policy.samples import HOUR, MONDAY_9

OFFICE = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.1.0.0/24]}
  web: {organization: hangang, to: [10.2.0.0/24]}
  git: {organization: hangang, to: [10.3.0.0/24]}
  clock: {organization: hangang, to: [10.4.0.0/24]}
hours:
  day: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", zone: Asia/Seoul}
  night: {days: [mon, tue, wed, thu, fri], from: "18:00", to: "08:00", zone: Asia/Seoul}
zones:
  business: {title: {ko: 업무망, en: Business}, holds: [network:intranet], vlans: [staff]}
  internet: {holds: [network:web, login:wireless]}
  development: {holds: [network:git]}
rules:
  - {id: vpn, permit: [login:vpn, login:wired], who: [organization:hangang]}
  - {id: clock, permit: [network:clock], who: [organization:hangang]}
"""
EXCEPTION = 'owner: kim, reason: moves, valid_to: "2026-12-01T00:00:00+09:00"'
KIM = Subject(1, "hangang", "kim", frozenset({"hangang/a", "hangang/b"}))
LEE = Subject(2, "hangang", "lee", frozenset({"hangang/a"}))
PARK = Subject(3, "hangang", "park", frozenset({"hangang/b"}))
WORLD = World(
    frozenset({"hangang/a", "hangang/b", "hangang/c"}),
    {f"{each.name}@hangang": each for each in (KIM, LEE, PARK)},
    frozenset({"hangang"}),
)
ON_VPN = Facts(via=Via.VPN)


def permit(id: str, objects: str, who: str = "group:hangang/a", more: str = "") -> str:
    return f"  - {{id: {id}, permit: [{objects}], who: ['{who}']{', ' if more else ''}{more}}}\n"


def problems(rules: str) -> list[str]:
    return [str(problem) for problem in check(load(OFFICE + rules), WORLD)]


def has(rules: str, subject: Subject, facts: Facts = ON_VPN, now: float = MONDAY_9) -> set[str]:
    """What is reached, having seen that decide() says the same of each."""
    policy = policy_of(OFFICE + rules)
    seen = reach(policy, subject, facts, now)
    objects = {f"network:{name}" for name in policy.document.networks}
    told = {each for each in objects if decide(policy, subject, Request(each, facts), now).permitted}
    assert told == set(seen.objects)
    login = decide(policy, subject, Request(f"login:{facts.via}", facts), now)
    assert (login.reason, login.zone) == (seen.login.reason, seen.login.zone)
    assert login.clash == Edges(policy).clash(subject, facts, now)
    return {each.removeprefix("network:") for each in told}


def test_two_permits_of_two_zones_are_refused_with_both_rules_and_whom():
    rules = permit("one", "network:intranet") + permit("two", "network:web", "group:hangang/b")

    (said,) = problems(rules)

    assert "rules 'one' and 'two' would together have a session of kim@hangang in the zones" in said
    assert "business and internet at once" in said


def test_one_permit_of_two_zones_is_refused():
    (said,) = problems(permit("one", "network:intranet, network:git"))

    assert "rules 'one' and 'one'" not in said
    assert (
        "rule 'one' would have a session of kim@hangang, lee@hangang in the zones business and development"
        in said
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("when: {via: vpn}", "when: {via: wired}"),
        ("when: {via: [vpn, portal]}", "when: {via: portal}"),
        ("when: {method: pap}", "when: {method: [eap-tls, mab]}"),
        ("when: {hours: day}", "when: {hours: night}"),
        ("when: {source: 192.0.2.0/25}", "when: {source: [192.0.2.128/25, '2001:db8::/32']}"),
        ("when: {site: seoul, hours: day}", "when: {site: busan, hours: day}"),
        ('valid_to: "2026-11-01T00:00:00+09:00"', 'valid_from: "2026-11-01T00:00:00+09:00"'),
        (f"crosses: [development], {EXCEPTION}", ""),
        ("", f"crosses: [business, internet], {EXCEPTION}"),
    ],
)
def test_permits_that_no_session_meets_at_once_are_taken(one: str, two: str):
    rules = permit("one", "network:intranet", more=one) + permit("two", "network:git", more=two)

    assert problems(rules) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("when: {via: vpn}", "when: {via: [wired, vpn]}"),
        ("when: {otp_age: 1h}", "when: {otp_age: 2h}"),
        ("when: {hours: day}", "when: {site: seoul}"),
        ("when: {source: 192.0.2.0/24}", "when: {source: 192.0.2.128/25}"),
        ('valid_to: "2026-11-02T00:00:00+09:00"', 'valid_from: "2026-11-01T00:00:00+09:00"'),
        (f"crosses: [internet], {EXCEPTION}", ""),
    ],
)
def test_permits_that_are_not_shown_to_be_apart_are_refused(one: str, two: str):
    rules = permit("one", "network:intranet", more=one) + permit("two", "network:git", more=two)

    assert len(problems(rules)) == 1


def test_permits_for_different_people_are_taken():
    rules = permit("one", "network:intranet", "user:lee@hangang") + permit(
        "two", "network:git", "group:hangang/b"
    )

    assert problems(rules) == []


def test_an_endpoint_that_both_name_is_whom():
    endpoint = "endpoint:00-11-22-AA-BB-CC"
    rules = permit("one", "network:intranet", endpoint) + permit("two", "network:git", endpoint)

    assert "a session of endpoint:00:11:22:aa:bb:cc in" in problems(rules)[0]


def test_a_group_that_ends_counts_for_the_check():
    world = replace(
        WORLD,
        users={
            "x@hangang": Subject(4, "hangang", "x", frozenset({"hangang/a"}), ending=(("hangang/b", 1.0),))
        },
    )
    rules = permit("one", "network:intranet") + permit("two", "network:git", "group:hangang/b")

    assert len(check(load(OFFICE + rules), world)) == 1


def test_a_login_of_a_zone_and_a_network_of_another_are_refused_where_they_meet():
    air = permit("air", "login:wireless")

    assert problems(air + permit("web", "network:web")) == []
    assert problems(air + permit("git", "network:git", more="when: {via: vpn}")) == []
    assert "'air' and 'git'" in problems(air + permit("git", "network:git"))[0]


def test_a_vlan_of_a_zone_and_a_network_of_another_are_refused_where_they_meet():
    desk = permit("desk", "login:wired", more="gives: {vlan: staff}")

    assert problems(desk + permit("intranet", "network:intranet")) == []
    assert "'desk' and 'git'" in problems(desk + permit("git", "network:git"))[0]


def test_who_is_only_at_the_portal_is_in_no_zone():
    rules = permit("one", "network:intranet") + permit("two", "network:git", "group:hangang/b")
    policy = policy_of(OFFICE + rules + permit("portal", "login:portal"))
    at_portal = Facts(via=Via.PORTAL)

    assert decide(policy, KIM, Request("login:portal", at_portal), MONDAY_9).permitted
    assert decide(policy, KIM, Request("login:portal", at_portal), MONDAY_9).zone == ""


BOTH = permit("one", "network:intranet") + permit("two", "network:git", "group:hangang/b")


def test_who_would_be_in_two_zones_is_in_neither_and_refused_with_both_rules():
    policy = policy_of(OFFICE + BOTH)

    assert has(BOTH, KIM) == {"clock"}
    login = decide(policy, KIM, Request("login:vpn", ON_VPN), MONDAY_9)
    assert login.reason is Reason.POLICY_CONFLICT
    assert login.clash == (("business", "one"), ("development", "two"))
    assert decide(policy, KIM, Request("network:git", ON_VPN), MONDAY_9).reason is Reason.POLICY_CONFLICT
    assert decide(policy, KIM, Request("network:clock", ON_VPN), MONDAY_9).permitted


def test_who_would_be_in_one_zone_is_told_which():
    policy = policy_of(OFFICE + BOTH)

    assert has(BOTH, LEE) == {"intranet", "clock"}
    assert has(BOTH, PARK) == {"git", "clock"}
    assert decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9).zone == "business"
    assert reach(policy, PARK, ON_VPN, MONDAY_9).placement.zone == "development"


def test_a_vlan_decides_and_what_else_is_in_another_zone_is_refused():
    rules = BOTH + permit("desk", "login:wired", more="gives: {vlan: staff}")
    wired = Facts(via=Via.WIRED)
    login = decide(policy_of(OFFICE + rules), KIM, Request("login:wired", wired), MONDAY_9)

    assert has(rules, KIM, wired) == {"intranet", "clock"}
    assert (login.permitted, login.zone) == (True, "business")
    assert ("development", "two") in login.clash


def test_a_login_of_a_zone_decides_even_where_nothing_of_it_is_reached():
    rules = permit("air", "login:wireless") + permit("git", "network:git")
    air = Facts(via=Via.WIRELESS)

    assert has(rules, LEE, air) == {"clock"}


def test_an_exception_gives_its_object_beside_the_zone_it_names_until_its_end():
    rules = permit("one", "network:intranet") + permit(
        "two", "network:git", more=f"crosses: [business], {EXCEPTION}"
    )
    end = MONDAY_9 + 8 * 24 * HOUR - 9 * HOUR

    assert has(rules, LEE) == {"intranet", "git", "clock"}
    assert has(rules, LEE, now=end - 1) == {"intranet", "git", "clock"}
    assert has(rules, LEE, now=end) == {"intranet", "clock"}


def test_an_exception_into_another_zone_than_the_session_has_is_none():
    rules = permit("one", "network:web") + permit(
        "two", "network:git", more=f"crosses: [business], {EXCEPTION}"
    )

    assert has(rules, LEE) == {"web", "clock"}


def test_two_exceptions_stand_together_only_where_one_names_the_zone_of_the_other():
    home = permit("one", "network:intranet")
    git = permit("two", "network:git", more=f"crosses: [business], {EXCEPTION}")
    web = permit("three", "network:web", more=f"crosses: [business], {EXCEPTION}")
    web_too = permit("three", "network:web", more=f"crosses: [business, development], {EXCEPTION}")

    assert has(home + git + web, LEE) == {"intranet", "clock"}
    assert has(home + git + web_too, LEE) == {"intranet", "git", "web", "clock"}


def test_an_exception_that_speaks_for_neither_company_is_none():
    who, printer = "endpoint:00:11:22:aa:bb:cc", Subject(0, "hangang", "00-11-22-aa-bb-cc")
    rules = permit("door", "login:vpn", who) + permit("one", "network:intranet", who)
    rules += permit("two", "network:git", who)
    foreign = permit("x", "network:git", who, f"organization: seorak, crosses: [business], {EXCEPTION}")

    assert has(rules, printer) == has(rules + foreign, printer) == set()
    assert has(rules + foreign.replace("seorak", "hangang"), printer) == {"intranet", "git"}


def test_a_decision_ends_when_the_clock_brings_another_zone():
    rules = permit("one", "network:intranet") + permit("two", "network:git", more="when: {hours: night}")
    policy = policy_of(OFFICE + rules)
    decision = decide(policy, LEE, Request("network:intranet", ON_VPN), MONDAY_9)

    assert decision.permitted
    assert decision.valid_until == MONDAY_9 + 9 * HOUR
    assert not decide(policy, LEE, Request("network:intranet", ON_VPN), MONDAY_9 + 9 * HOUR).permitted


def test_a_login_does_not_end_with_a_network_that_leaves_it_in_its_zone():
    rules = permit("one", "network:intranet", more="when: {hours: day}")
    policy = policy_of(OFFICE + rules)

    login = decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9)

    assert (login.zone, login.valid_until) == ("business", None)
    assert decide(policy, LEE, Request("network:intranet", ON_VPN), MONDAY_9).valid_until is not None


def test_a_login_ends_when_a_grant_brings_a_second_zone():
    begins = MONDAY_9 + HOUR
    grant = Standing(5, StandingKind.GRANT, ("user:lee@hangang",), ("network:git",), since=begins)
    policy = policy_of(OFFICE + permit("one", "network:intranet")).with_standing([(5, grant)], 1)

    login = decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9)

    assert (login.zone, login.valid_until) == ("business", begins)
    assert decide(policy, LEE, Request("login:vpn", ON_VPN), begins).reason is Reason.POLICY_CONFLICT


def test_a_login_that_is_refused_for_its_zones_carries_nothing():
    gifts = permit("desk", "login:vpn", more="gives: {session_timeout: 1h}")
    policy = policy_of(OFFICE + BOTH + gifts)

    assert decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9).gives.session_timeout_s == 3600
    assert decide(policy, KIM, Request("login:vpn", ON_VPN), MONDAY_9).gives == Gives()


def test_a_login_ends_when_the_clock_brings_a_second_zone():
    rules = permit("one", "network:intranet") + permit("two", "network:git", more="when: {hours: night}")
    policy = policy_of(OFFICE + rules)

    login = decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9)

    assert login.permitted
    assert login.valid_until == MONDAY_9 + 9 * HOUR
    later = decide(policy, LEE, Request("login:vpn", ON_VPN), MONDAY_9 + 9 * HOUR)
    assert later.reason is Reason.POLICY_CONFLICT


def test_a_login_into_a_vlan_of_a_zone_ends_when_a_network_of_another_comes():
    rules = permit("one", "login:wired", more="gives: {vlan: staff}") + permit(
        "two", "network:git", more="when: {hours: night}"
    )
    policy = policy_of(OFFICE + rules)

    login = decide(policy, LEE, Request("login:wired", Facts(via=Via.WIRED)), MONDAY_9)

    assert (login.zone, login.valid_until) == ("business", MONDAY_9 + 9 * HOUR)


def mistakes(text: str) -> str:
    with pytest.raises(PolicyErrors) as caught:
        load(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "holds: [network:git]",
            "holds: [network:git, network:web]",
            "network:web is in zone internet",
        ),
        ("holds: [network:git]", "holds: [network:nowhere]", "no object 'network:nowhere'"),
        ("{holds: [network:git]}", "{vlans: [staff]}", "VLAN staff is in zone business already"),
        ("{holds: [network:git]}", "{title: x}", "zone development holds nothing"),
        (
            "10.4.0.0/24",
            "10.0.0.0/8",
            "network:git, which is not in the same zone",
        ),
        ("10.4.0.0/24", "10.3.0.7/32", "network:clock shares addresses with network:git"),
        ("10.2.0.0/24", "10.1.0.128/25", "network:web shares addresses with network:intranet"),
    ],
)
def test_zones_that_are_not_apart_are_refused(old: str, new: str, said: str):
    assert old in OFFICE
    assert said in mistakes(OFFICE.replace(old, new))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (permit("x", "network:git", more="crosses: [business]"), "'x' crosses zones and has no owner"),
        (permit("x", "network:git", more="crosses: [business], owner: a, reason: b"), "has no valid_to"),
        (permit("x", "network:git", more=f"crosses: [bussiness], {EXCEPTION}"), "did you mean business?"),
        (
            permit("x", "login:wireless", more="gives: {vlan: staff}"),
            "rule 'x' gives VLAN staff of zone business to login:wireless of zone internet",
        ),
        (
            permit("x", "network:git", more=f"crosses: [business], {EXCEPTION}").replace("permit", "forbid"),
            "crosses zones and permits nothing",
        ),
    ],
)
def test_an_exception_that_nobody_answers_for_is_refused(rule: str, said: str):
    assert said in mistakes(OFFICE + rule)


# Whatever is drawn, no session has two zones without an exception, and decide() says the same.
ZONES = {"git": ("network:git", "vdi:desktops"), "wiki": ("network:wiki",), "door": ("login:wired",)}


def zoned(rules: tuple[Rule, ...], random: Random) -> Policy:
    crossing = (
        replace(rule, crosses=tuple(random.sample(sorted(ZONES), 1))) if random.random() < 0.2 else rule
        for rule in rules
    )
    document = generated.policy_of(tuple(crossing)).document
    zones = generated.zones({name: ZONES[name] for name in random.sample(sorted(ZONES), 2)})
    return compile(replace(document, zones=zones))


@pytest.mark.parametrize("seed", range(300))
def test_no_session_is_ever_in_two_zones(seed: int):
    random = Random(seed)
    case = generated.case(seed, gives=False)
    policy = zoned(case.rules, random)
    facts = replace(case.facts, via=random.choice((Via.VPN, Via.WIRED, Absent.UNKNOWN)), method=Method.PAP)

    seen = reach(policy, case.subject, facts, case.now)
    asked = ("network:git", "network:wiki", "vdi:desktops")
    told = {object: decide(policy, case.subject, Request(object, facts), case.now) for object in asked}

    assert {object for object in asked if told[object].permitted} == seen.objects
    at_door = facts.via is Via.WIRED and "login:wired" in policy.zoning.of_object
    placed = [("door", frozenset[str]())] * at_door
    for object in seen.objects & policy.zoning.of_object.keys():
        permits = [rule for rule in policy.document.rules if rule.id in told[object].permits]
        placed.append(
            (policy.zoning.of_object[object], frozenset(z for rule in permits for z in rule.crosses))
        )
    for (zone, crosses), (other, others) in combinations(placed, 2):
        assert zone == other or zone in others or other in crosses


def test_the_drawn_sessions_meet_conflicts_and_exceptions():
    seen = set()
    for seed in range(300):
        random = Random(seed)
        case = generated.case(seed, gives=False)
        policy = zoned(case.rules, random)
        facts = replace(
            case.facts, via=random.choice((Via.VPN, Via.WIRED, Absent.UNKNOWN)), method=Method.PAP
        )
        placement = reach(policy, case.subject, facts, case.now).placement
        seen |= {bool(placement.zone), bool(placement.refused) and "refused", placement.lost and "lost"}

    assert seen == {True, False, "refused", "lost"}


def test_the_explanation_names_the_zone_and_what_would_be_in_another():
    policy = policy_of(OFFICE + BOTH)
    asked = Request("login:vpn", ON_VPN)

    assert "Zone: Business (business)" in render(explain(policy, LEE, asked, MONDAY_9), "en")
    told = render(explain(policy, KIM, asked, MONDAY_9), "ko")
    assert told[0] == "거부: login:vpn (정책이 서로 어긋납니다)"
    assert {"망 구역 업무망(business): 규칙 one", "망 구역 development: 규칙 two"} <= set(told)
    assert "→ 서로 다른 망 구역의 권한이 겹칩니다." in told[-1]
    assert "one (business), two (development)" in told[-1]


def test_a_document_with_very_many_clashes_is_told_of_the_first():
    rules = "".join(permit(f"i{number}", "network:intranet") for number in range(12))
    rules += "".join(permit(f"g{number}", "network:git") for number in range(12))

    said = problems(rules)

    assert len(said) == 51
    assert "94 more pairs of rules would do the same" in " ".join(said)


OPENINGS = OFFICE.replace(
    "rules:\n", "openings:\n  seoul: {organization: hangang, site: seoul, permit: [%s]%s}\n%srules:\n", 1
)
SECOND = "  other: {organization: hangang, site: %s, permit: [login:vpn, network:git]%s}\n"


def opening_problems(permit: str, more: str = "", second: str = "") -> list[str]:
    return [str(problem) for problem in check(load(OPENINGS % (permit, more, second)), WORLD)]


def test_an_opening_that_leads_into_two_zones_is_refused():
    (said,) = opening_problems("login:wired, network:intranet, network:git")

    assert "opening 'seoul' would have a session of kim@hangang, lee@hangang, park@hangang" in said
    assert "in the zones business and development at once; let openings of one site lead" in said


@pytest.mark.parametrize(
    ("permit", "more"),
    [("login:wired, network:git", ", gives: {vlan: staff}"), ("login:wireless, network:git", "")],
)
def test_so_is_one_whose_login_is_in_another_zone_than_what_it_opens(permit: str, more: str):
    assert len(opening_problems(permit, more)) == 1


def test_two_openings_of_one_site_that_lead_the_same_people_into_two_zones_are_refused():
    (said,) = opening_problems("login:vpn, network:intranet", second=SECOND % ("seoul", ""))

    assert "openings 'seoul' and 'other' would together have a session of" in said


@pytest.mark.parametrize(
    ("permit", "more", "second"),
    [
        ("login:wired, login:vpn, network:intranet, network:clock", ", gives: {vlan: staff}", ""),
        ("login:vpn, network:intranet", "", SECOND % ("busan", "")),
        (
            "login:vpn, network:intranet",
            ", who: ['user:lee@hangang']",
            SECOND % ("seoul", ", who: ['user:park@hangang']"),
        ),
        ("login:vpn, network:git", "", SECOND % ("seoul", "")),
    ],
)
def test_openings_that_lead_nobody_into_two_zones_are_taken(permit: str, more: str, second: str):
    assert opening_problems(permit, more, second) == []


def test_what_is_opened_is_not_compared_with_rules_that_do_not_speak_for_whom_it_admits():
    rules = OPENINGS % ("login:vpn, network:git", "", "") + permit("one", "network:intranet")

    assert check(load(rules), WORLD) == []
