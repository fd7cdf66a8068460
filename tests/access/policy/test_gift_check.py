"""Permits that would give somebody two of what there is one of, found when the document is saved."""

import pytest

from access.model import Facts, Method, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import World, check, load
from access.policy.kept_texts import policy_of
from tests.access.policy.samples import MONDAY_9

HEAD = """\
version: 1
hours:
  day: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "20:00", zone: Asia/Seoul}
  night: {days: [mon, tue, wed, thu, fri], from: "20:00", to: "08:00", zone: Asia/Seoul}
  late: {days: [mon], from: "19:00", to: "22:00", zone: Asia/Seoul}
rules:
"""
KIM = Subject(7, "hangang", "kim", frozenset({"hangang/a", "hangang/b"}))
WORLD = World(
    groups=frozenset({"hangang/a", "hangang/b"}),
    users={"kim@hangang": KIM},
    organizations=frozenset({"hangang"}),
)
PRINTER = "endpoint:00-11-22-AA-BB-CC"


def giving(vlan: str, who: str, when: str = "") -> str:
    asked = f", when: {{{when}}}" if when else ""
    return f"  - {{id: {vlan}, permit: [login:wired], who: ['{who}'], gives: {{vlan: {vlan}}}{asked}}}\n"


def told(rules: str) -> list[str]:
    return [problem.what for problem in check(load(HEAD + rules), WORLD)]


@pytest.mark.parametrize("who", [PRINTER, "realm:partner"])
def test_an_endpoint_or_a_visitor_with_two_vlans_is_an_error_when_saved(who: str):
    rules = giving("printers", who) + giving("phones", who)
    subject = Subject(0, "hangang", "00:11:22:aa:bb:cc", realm="partner" if who.startswith("realm") else "")

    decision = decide(
        policy_of(HEAD + rules),
        subject,
        Request("login:wired", Facts(via=Via.WIRED, method=Method.MAB)),
        MONDAY_9,
    )

    assert decision.reason is Reason.POLICY_CONFLICT
    (said,) = told(rules)
    assert said.startswith("rules 'printers' and 'phones' give ")
    assert said.endswith(" the VLANs printers and phones")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hours: day", "hours: night"),
        ("factor: totp", "factor: [passkey, hotp]"),
        ("assurance: on-site", "assurance: vouched"),
        ("country: KR", "country: [JP, US]"),
        ("source: 10.0.0.0/25", "source: 10.0.0.128/25"),
        ("risk: low", "risk: [medium, high]"),
        ("site: seoul", "site: busan"),
    ],
)
def test_vlans_under_conditions_that_exclude_each_other_need_no_preference(one: str, other: str):
    assert told(giving("x", "group:hangang/a", one) + giving("y", "group:hangang/b", other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hours: day", "hours: late"),
        ("country: KR", "country: [JP, KR]"),
        ("site: seoul", "hours: day"),
        ("otp_age: 1h", "otp_age: 2h"),
    ],
)
def test_vlans_under_conditions_that_may_meet_need_one(one: str, other: str):
    assert told(giving("x", "group:hangang/a", one) + giving("y", "group:hangang/b", other)) == [
        "rules 'x' and 'y' give kim@hangang the VLANs x and y"
    ]


def test_of_very_many_pairs_the_first_are_told_and_the_rest_counted():
    rules = "".join(giving(f"v{number}", "organization:hangang") for number in range(12))

    said = told(rules)

    assert len(said) == 51
    assert "16 more pairs of rules would do the same" in said
