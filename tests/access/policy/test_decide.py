from dataclasses import replace
from math import inf, nan

import pytest

from access.model import (
    Absent,
    Decision,
    Effect,
    Facts,
    FailedCondition,
    Gives,
    Method,
    Reason,
    Request,
    Subject,
    Via,
)
from access.policy.decide import decide
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, ON_VPN, office, person

OFFICE = office()
EVENING = MONDAY_9 + 11 * HOUR
UNKNOWN = Facts()
PRINTER = Subject(0, "hangang", "0011.22aa.bbcc")

CASES = [
    (MINJUN, "login:vpn", ON_VPN, MONDAY_9, Reason.PERMITTED),
    (person("HANGANG/VPN-Users"), "login:vpn", ON_VPN, MONDAY_9, Reason.PERMITTED),
    (
        person("hangang/연구소".replace("연", "\u110b\u1167\u11ab")),
        "login:portal",
        ON_VPN,
        MONDAY_9,
        Reason.PERMITTED,
    ),
    (person("hangang/engineering"), "login:vpn", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (person("seorak/vpn-users"), "login:vpn", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (MINJUN, "login:vpn", replace(ON_VPN, otp_at=MONDAY_9 - 12 * HOUR), MONDAY_9, Reason.CONDITION_FAILED),
    (MINJUN, "login:vpn", replace(ON_VPN, otp_at=Absent.DOES_NOT_APPLY), MONDAY_9, Reason.CONDITION_FAILED),
    (MINJUN, "login:vpn", UNKNOWN, MONDAY_9, Reason.FACT_UNKNOWN),
    (MINJUN, "login:vpn", ON_VPN, EVENING, Reason.CONDITION_FAILED),
    (MINJUN, "login:vpn", UNKNOWN, EVENING, Reason.CONDITION_FAILED),
    (MINJUN, "login:wired", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (MINJUN, "network:git", ON_VPN, MONDAY_9, Reason.PERMITTED),
    (MINJUN, "vdi:desktops", ON_VPN, MONDAY_9, Reason.PERMITTED),
    (MINJUN, "network:git", Facts(via=Via.WIRELESS), MONDAY_9, Reason.CONDITION_FAILED),
    (MINJUN, "network:git", Facts(via=Absent.DOES_NOT_APPLY), MONDAY_9, Reason.CONDITION_FAILED),
    (MINJUN, "network:git", UNKNOWN, MONDAY_9, Reason.FACT_UNKNOWN),
    (MINJUN, "network:payroll", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (MINJUN, "network:nowhere", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (MINJUN, "", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (person("hangang/engineering", "hangang/contractors"), "network:git", ON_VPN, MONDAY_9, Reason.FORBIDDEN),
    (person("hangang/contractors"), "network:intranet", ON_VPN, MONDAY_9, Reason.PERMITTED),
    (person(organization="seorak"), "network:intranet", ON_VPN, MONDAY_9, Reason.NO_PERMIT),
    (PRINTER, "login:wired", Facts(method=Method.MAB), MONDAY_9, Reason.PERMITTED),
    (PRINTER, "login:wired", Facts(method=Method.PAP), MONDAY_9, Reason.CONDITION_FAILED),
    (
        replace(PRINTER, name="00:11:22:aa:bb:cd"),
        "login:wired",
        Facts(method=Method.MAB),
        MONDAY_9,
        Reason.NO_PERMIT,
    ),
    # A person whose name looks like the printer's address is not the printer.
    (replace(PRINTER, id=7), "login:wired", Facts(method=Method.MAB), MONDAY_9, Reason.NO_PERMIT),
    # An unknown device is not one of the people of its organization.
    (PRINTER, "network:intranet", Facts(method=Method.MAB), MONDAY_9, Reason.NO_PERMIT),
]


@pytest.mark.parametrize(("subject", "object", "facts", "now", "reason"), CASES)
def test_every_request_has_its_reason(
    subject: Subject, object: str, facts: Facts, now: float, reason: Reason
):
    decision = decide(OFFICE, subject, Request(object, facts), now)

    assert decision.reason is reason
    assert decision.effect is (Effect.PERMIT if reason is Reason.PERMITTED else Effect.DENY)
    assert decision.revision == OFFICE.revision


def test_without_a_policy_everything_is_denied():
    assert decide(None, MINJUN, Request("login:vpn", ON_VPN), MONDAY_9) == Decision(
        Effect.DENY, Reason.NO_POLICY
    )


@pytest.mark.parametrize("now", [nan, inf, -inf, -1.0, 253_370_764_800.0, 1e15])
def test_a_clock_that_is_wrong_denies(now: float):
    decision = decide(OFFICE, MINJUN, Request("network:intranet", ON_VPN), now)

    assert decision.reason is Reason.FACT_UNKNOWN
    assert decision.failed[0].condition == "now"


def test_a_permitted_login_names_its_rule_its_end_and_what_it_carries():
    decision = decide(OFFICE, MINJUN, Request("login:vpn", ON_VPN), MONDAY_9)

    assert decision.permits == ("staff-vpn",)
    assert decision.gives == Gives("staff", 8 * 3600)
    assert decision.valid_until == MONDAY_9 + 11 * HOUR


def test_a_code_that_ages_before_the_window_closes_ends_the_decision_first():
    decision = decide(
        OFFICE, MINJUN, Request("login:vpn", replace(ON_VPN, otp_at=MONDAY_9 - 2 * HOUR)), MONDAY_9
    )

    assert decision.valid_until == MONDAY_9 + 10 * HOUR


def test_a_denied_login_says_which_condition_of_which_rule_failed():
    old = replace(ON_VPN, otp_at=MONDAY_9 - 13 * HOUR)

    decision = decide(OFFICE, MINJUN, Request("login:vpn", old), MONDAY_9)

    assert decision.failed == (FailedCondition("staff-vpn", "otp_age", "< 12h", "13h"),)
    assert decision.valid_until is None


def test_an_unknown_fact_is_named():
    decision = decide(OFFICE, MINJUN, Request("network:git", Facts()), MONDAY_9)

    assert decision.failed == (FailedCondition("engineers", "via", "vpn, wired", "unknown", unknown=True),)


def test_a_forbid_that_needs_an_unknown_fact_forbids_and_names_it():
    policy = office(
        "  - {id: not-busan, forbid: [network:intranet], who: [organization:hangang],"
        " when: {site: busan}, reason: R}\n"
    )
    request = Request("network:intranet", ON_VPN)

    unknown = decide(policy, MINJUN, request, MONDAY_9)
    elsewhere = decide(policy, MINJUN, replace(request, facts=replace(ON_VPN, site="seoul")), MONDAY_9)
    nowhere = decide(
        policy, MINJUN, replace(request, facts=replace(ON_VPN, site=Absent.DOES_NOT_APPLY)), MONDAY_9
    )

    assert (unknown.reason, unknown.forbids) == (Reason.FORBIDDEN, ("not-busan",))
    assert unknown.failed == (FailedCondition("not-busan", "site", "busan", "unknown", unknown=True),)
    assert elsewhere.permitted
    assert nowhere.permitted


def test_a_forbid_with_a_failed_condition_is_silent_even_where_another_fact_is_unknown():
    policy = office(
        "  - {id: busan-wire, forbid: [network:intranet], who: [organization:hangang],"
        " when: {site: busan, via: wired}, reason: R}\n"
    )

    assert decide(policy, MINJUN, Request("network:intranet", ON_VPN), MONDAY_9).permitted


def test_a_forbid_that_begins_later_ends_the_permission_then():
    policy = office(
        "  - {id: nights, forbid: [network:intranet], who: [organization:hangang], reason: R,"
        ' valid_from: "2026-11-23T18:00:00+09:00"}\n'
    )
    request = Request("network:intranet", ON_VPN)

    before = decide(policy, MINJUN, request, MONDAY_9)

    assert before.permitted
    assert before.valid_until == MONDAY_9 + 9 * HOUR
    assert decide(policy, MINJUN, request, before.valid_until).reason is Reason.FORBIDDEN


def test_a_rule_that_can_no_longer_hold_does_not_end_a_decision():
    policy = office(
        "  - {id: wire, permit: [network:intranet], who: [organization:hangang],"
        " when: {via: wired, hours: business}}\n"
    )

    assert decide(policy, MINJUN, Request("network:intranet", ON_VPN), MONDAY_9).valid_until is None


@pytest.mark.parametrize(("leaves", "ends"), [(4 * HOUR, 4 * HOUR), (40 * HOUR, 9 * HOUR)])
def test_a_decision_ends_with_the_rule_or_the_membership_whichever_ends_first(leaves: float, ends: float):
    policy = office(
        "  - {id: today, permit: [network:payroll], who: [group:hangang/audit],"
        ' valid_to: "2026-11-23T18:00:00+09:00"}\n'
    )
    auditor = replace(person(), ending=(("hangang/audit", MONDAY_9 + leaves),))

    assert (
        decide(policy, auditor, Request("network:payroll", ON_VPN), MONDAY_9).valid_until == MONDAY_9 + ends
    )


def test_a_requirement_that_fails_is_to_blame_where_another_cannot_be_judged():
    policy = office(
        "".join(
            f"  - {{id: {id}, require: [network:intranet], who: [organization:hangang], when: {when},"
            " tier: guardrail, owner: kim@hangang, reason: R}\n"
            for id, when in (("in-seoul", "{site: seoul}"), ("by-wire", "{via: wired}"))
        )
    )

    by_wire = decide(policy, MINJUN, Request("network:intranet", Facts(via=Via.WIRED)), MONDAY_9)
    by_vpn = decide(policy, MINJUN, Request("network:intranet", Facts(via=Via.VPN)), MONDAY_9)

    assert (by_wire.forbids, by_wire.reason) == (("in-seoul",), Reason.FACT_UNKNOWN)
    assert (by_vpn.forbids, by_vpn.reason) == (("by-wire", "in-seoul"), Reason.CONDITION_FAILED)


def test_what_keeps_a_forbid_silent_is_no_condition_that_somebody_lacks():
    policy = office(
        "  - {id: not-busan, forbid: [login:vpn], who: [organization:hangang],"
        " when: {site: busan}, reason: R}\n"
    )
    old = replace(ON_VPN, site="seoul", otp_at=MONDAY_9 - 13 * HOUR)

    decision = decide(policy, MINJUN, Request("login:vpn", old), MONDAY_9)

    assert [(each.rule, each.condition) for each in decision.failed] == [("staff-vpn", "otp_age")]


ABROAD = "  - {id: in, permit: [network:wiki], who: [group:hangang/engineering]}\n"
CONSENT = (
    "  - {id: out, permit: [network:wiki], who: [organization:hangang],"
    " organization: hangang, when: {via: vpn}}\n"
)


@pytest.mark.parametrize(
    ("rules", "facts", "reason"),
    [
        ("", ON_VPN, Reason.NO_PERMIT),
        (ABROAD, ON_VPN, Reason.NO_PERMIT),
        (CONSENT, ON_VPN, Reason.NO_PERMIT),
        (ABROAD + CONSENT, ON_VPN, Reason.PERMITTED),
        (ABROAD + CONSENT, Facts(via=Via.WIRED), Reason.CONDITION_FAILED),
        (ABROAD + CONSENT, Facts(), Reason.FACT_UNKNOWN),
        # Three companies: the permit of one that has no part in it does not count.
        (ABROAD + CONSENT.replace("organization: hangang,", "organization: namsan,"), ON_VPN, None),
    ],
)
def test_another_organizations_network_needs_a_permit_of_both(
    rules: str, facts: Facts, reason: Reason | None
):
    if reason is None:
        with pytest.raises(Exception, match="speaks for namsan"):
            office(rules)
        return

    assert decide(office(rules), MINJUN, Request("network:wiki", facts), MONDAY_9).reason is reason


def test_a_forbid_of_either_organization_beats_both_permits():
    forbid = (
        "  - {id: no, forbid: [network:wiki], who: [group:hangang/engineering],"
        " organization: %s, reason: R}\n"
    )

    for organization in ("hangang", "seorak"):
        decision = decide(
            office(ABROAD + CONSENT + forbid % organization),
            MINJUN,
            Request("network:wiki", ON_VPN),
            MONDAY_9,
        )
        assert (decision.reason, decision.forbids) == (Reason.FORBIDDEN, ("no",))


def login_that_gives(gives: str) -> Decision:
    policy = office(f"  - {{id: more, permit: [login:vpn], who: [organization:hangang], gives: {gives}}}\n")
    return decide(policy, MINJUN, Request("login:vpn", ON_VPN), MONDAY_9)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("{vlan: staff}", Gives("staff", 28800)),
        ("{vlan: guest}", Gives("guest", 28800)),
        ("{session_timeout: 1h}", Gives("staff", 3600)),
        ("{session_timeout: 9h}", Gives("staff", 28800)),
    ],
)
def test_what_permits_give_is_combined_by_preference_and_minimum(more: str, expected: Gives):
    assert login_that_gives(more).gives == expected


def test_vlans_between_which_nothing_chooses_refuse_the_login():
    decision = login_that_gives("{vlan: lab}")

    assert (decision.effect, decision.reason) == (Effect.DENY, Reason.POLICY_CONFLICT)
    assert decision.permits == ("more", "staff-vpn")
    assert decision.gives == Gives()


PHONES = """\
  - id: staff
    permit: [login:wired]
    who: [organization:hangang]
    gives: {vlan: staff}
  - id: old-phones
    permit: [login:wired]
    who: [group:hangang/phones]
    when: {method: eap-md5}
    gives: {vlan: quarantine}
"""


def test_a_rule_that_does_not_name_eap_md5_permits_nobody_by_it():
    policy = office(PHONES)
    by_md5 = Request("login:wired", Facts(via=Via.WIRED, method=Method.EAP_MD5))

    phone = decide(policy, person("hangang/phones"), by_md5, MONDAY_9)
    someone = decide(policy, person(), by_md5, MONDAY_9)

    assert (phone.permits, phone.gives.vlan) == (("old-phones",), "quarantine")
    assert someone.reason is Reason.CONDITION_FAILED
    (failed,) = someone.failed
    assert (failed.rule, failed.condition, failed.seen) == ("staff", "method", "eap-md5")
    by_tls = replace(by_md5, facts=Facts(via=Via.WIRED, method=Method.EAP_TLS))
    assert decide(policy, person(), by_tls, MONDAY_9).permits == ("staff",)


def test_a_forbid_means_eap_md5_without_naming_it():
    forbid = "  - {id: never, forbid: [login:wired], who: [organization:hangang], reason: closed}\n"
    by_md5 = Request("login:wired", Facts(via=Via.WIRED, method=Method.EAP_MD5))

    assert decide(office(PHONES + forbid), person("hangang/phones"), by_md5, MONDAY_9).forbids == ("never",)
