from ipaddress import ip_address

import pytest

from access.model import Absent, Facts, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import PolicyErrors, World, check, load
from access.policy.edges import Edges
from access.policy.explain import explain
from access.policy.guardrails import is_met
from access.policy.kept_texts import policy_of
from access.policy.remedies import RemedyKind
from access.policy.telling import render
from access.policy.vocabulary import AtMost, Condition, Mailed, Period
from access.proof.factors import Factor

NOW = 1_800_000_000.0
KIM = Subject(7, "hangang", "kim", frozenset({"hangang/accounting"}))
WORLD = World(frozenset({"hangang/accounting"}), {"kim@hangang": KIM}, frozenset({"hangang"}))
HEAD = """version: 1
networks:
  payroll: {organization: hangang, to: [10.99.0.0/28]}
rules:
  - id: payroll-needs-a-code
    tier: guardrail
    require: [network:payroll]
    who: [organization:hangang]
    when: {otp_age: 12h, source: [203.0.113.0/24]}
    owner: security@hangang
    reason: Payroll is opened with a code
"""


def permit(when: str, more: str = "") -> str:
    return (
        "  - id: accounting\n    permit: [network:payroll]\n    who: [group:hangang/accounting]\n"
        f"    when: {{{when}}}\n{more}"
    )


def asked(text: str, **facts: object):
    known = Facts(via=Via.VPN, factor=Factor.TOTP, **facts)
    return policy_of(HEAD + text), KIM, Request("network:payroll", known), NOW


def problems(text: str) -> list[str]:
    return [problem.what for problem in check(load(HEAD + text), WORLD)]


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        load("version: 1\nrules:\n" + text)
    return [problem.what for problem in caught.value.problems]


OURS, THEIRS = ip_address("203.0.113.7"), ip_address("192.0.2.7")


@pytest.mark.parametrize(
    "when",
    [
        "otp_age: 12h, source: 203.0.113.0/24",
        "otp_age: 1h, source: 203.0.113.64/26",
        "otp_age: 1h, source: [203.0.113.7/32], via: vpn",
    ],
)
def test_a_permit_that_asks_for_as_much_as_the_guardrail_or_more_may_be_published(when: str):
    assert problems(permit(when)) == []


@pytest.mark.parametrize(
    ("when", "lacking"),
    [
        ("via: vpn", "otp_age, source"),
        ("otp_age: 13h, source: 203.0.113.0/24", "otp_age"),
        ("otp_age: 12h, source: 203.0.112.0/23", "source"),
        ("otp_age: 12h, source: [203.0.113.0/24, 192.0.2.0/24]", "source"),
        ('otp_age: 12h, source: "2001:db8::/32"', "source"),
        ("otp_age: 12h, factor: [e-mail, totp], source: 203.0.113.0/24", "otp_age"),
    ],
)
def test_a_permit_that_asks_for_less_is_refused_with_both_rules_and_whom_it_would_let_in(when, lacking):
    assert problems(permit(when)) == [
        "rule 'accounting' permits kim@hangang more than the guardrail 'payroll-needs-a-code' allows: "
        f"it lacks {lacking}"
    ]


def test_a_permit_about_nobody_the_guardrail_is_about_is_none_of_its_business():
    elsewhere = permit("via: vpn").replace("group:hangang/accounting", "endpoint:00-11-22-aa-bb-cc")

    assert problems(elsewhere) == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"otp_at": NOW - 60, "source": OURS}, Reason.PERMITTED),
        ({"otp_at": NOW - 43200, "source": OURS}, Reason.CONDITION_FAILED),
        ({"otp_at": NOW - 60, "source": THEIRS}, Reason.CONDITION_FAILED),
        ({"otp_at": NOW - 60}, Reason.FACT_UNKNOWN),
        ({"otp_at": Absent.DOES_NOT_APPLY, "source": Absent.DOES_NOT_APPLY}, Reason.CONDITION_FAILED),
    ],
)
def test_no_permit_opens_what_the_guardrail_requires_more_for(facts, reason):
    decision = decide(*asked(permit("via: vpn"), **facts))

    assert decision.reason is reason
    assert decision.forbids == (() if decision.permitted else ("payroll-needs-a-code",))


def test_a_session_loses_what_is_required_for_when_the_code_grows_old():
    policy, who, request, now = asked(permit("via: vpn"), otp_at=NOW - 43199, source=OURS)

    reach = Edges(policy).reach(who, request.facts, now)

    assert reach.objects == {"network:payroll"}
    assert reach.valid_until == NOW + 1
    assert Edges(policy).reach(who, request.facts, NOW + 1).objects == frozenset()


def test_whoever_does_not_meet_a_requirement_is_told_what_to_do():
    policy, who, request, now = asked(permit("via: vpn"), otp_at=NOW - 99999, source=Absent.DOES_NOT_APPLY)

    told = explain(policy, who, request, now)

    assert [remedy.kind for remedy in told.remedies] == [RemedyKind.ENTER_CODE, RemedyKind.COME_FROM]
    lines = {language: render(told, language) for language in ("ko", "en")}
    assert "Rule payroll-needs-a-code requires more: Payroll is opened with a code" in lines["en"]
    assert "규칙 payroll-needs-a-code: 갖추어야 할 조건: Payroll is opened with a code" in lines["ko"]


def test_without_any_permit_the_requirement_is_not_to_blame():
    assert decide(*asked("", otp_at=NOW)).reason is Reason.NO_PERMIT


WHO = "who: [group:hangang/a], permit: [login:vpn]"


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (f"{{id: r, tier: guardrail, {WHO}, reason: x}}", ["guardrail 'r' has no owner"]),
        (
            f"{{id: r, tier: temporary, {WHO}, owner: kim}}",
            ["temporary 'r' has no end", "temporary 'r' has no reason"],
        ),
        (f"{{id: r, tier: boss, {WHO}}}", ["'boss' is not known here"]),
        (
            "{id: r, require: [login:vpn], who: [group:hangang/a], when: {via: vpn}}",
            ["'r' requires and is no guardrail"],
        ),
        (
            "{id: r, tier: guardrail, owner: kim, reason: x, require: [login:vpn], who: [group:hangang/a]}",
            ["'r' requires nothing"],
        ),
        (
            "{id: r, tier: guardrail, owner: kim, reason: x, require: [login:vpn], who: [group:hangang/a], "
            "when: {via: vpn}, gives: {vlan: staff}}",
            ["only a permit of logins gives something"],
        ),
        (
            f"{{id: r, tier: guardrail, owner: kim, reason: x, require: [login:vpn], {WHO}}}",
            ["'r' requires nothing", "the rule both permits and requires"],
        ),
    ],
)
def test_a_rule_that_does_not_say_what_its_tier_has_to_is_refused(rule: str, what: list[str]):
    assert mistakes(f"  - {rule}\n") == what


VPN, WIRED = frozenset({Via.VPN}), frozenset({Via.WIRED})


@pytest.mark.parametrize(
    ("name", "required", "enough", "less"),
    [
        ("via", VPN | WIRED, VPN, frozenset(Via)),
        ("sessions", AtMost(2), AtMost(1), AtMost(3)),
        ("sessions", AtMost(2, VPN | WIRED), AtMost(2, frozenset(Via)), AtMost(2, VPN)),
        ("otp_age", 60.0, 59.0, 61.0),
        ("otp_age", 60.0, 60.0, Mailed(60.0)),
        ("valid", Period(10.0, 20.0), Period(10.0, 19.0), Period(9.0, 20.0)),
        ("valid", Period(None, 20.0), Period(None, 20.0), Period(None, None)),
    ],
)
def test_what_asks_for_as_much_meets_a_requirement_and_what_asks_for_less_does_not(
    name, required, enough, less
):
    wanted = Condition(name, required)

    assert is_met(wanted, [Condition(name, enough)])
    assert is_met(wanted, [Condition(name, required)])
    assert not is_met(wanted, [Condition(name, less)])
    assert not is_met(wanted, [])


def test_a_requirement_has_no_time_of_its_own():
    rule = (
        "  - {id: g, tier: guardrail, require: [login:vpn], who: [organization:hangang], when: {site: seoul},"
        ' owner: o, reason: R, %s: "2026-12-01T00:00:00+09:00"}\n'
    )

    for end in ("valid_from", "valid_to"):
        assert mistakes(rule % end) == ["'g' would forbid everything outside of its time"]
