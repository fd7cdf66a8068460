"""What an explanation tells somebody, and their administrators, of the rules of another company."""

from dataclasses import replace
from math import inf

import pytest

from access.model import Effect, Facts, Method, Request, Subject, Via
from access.nas.endpoint_standing import EndpointFacts
from access.policy.explain import Explanation, explain
from access.policy.kept_texts import policy_of
from access.policy.remedies import RemedyKind
from access.policy.telling import render
from tests.access.policy.samples import MONDAY_9

LEE = Subject(7, "namsan", "lee", frozenset({"namsan/staff"}))
AT_HANGANG = Facts(via=Via.WIRELESS, method=Method.EAP_TTLS_PAP, nas_organization="hangang")
OWN = """\
version: 1
rules:
  - {id: namsan-wifi, permit: [login:wireless], who: [group:namsan/staff]}
"""
# Permits of the host, and whether whoever runs the installation is told what each is called.
HIDDEN = {
    "one that has ended": ("who: [organization:namsan], valid_to: 2026-01-01T00:00:00Z", True),
    "one for endpoints that nobody registered": (
        "who: [organization:namsan], when: {endpoint: [unregistered]}",
        True,
    ),
    "one for a single person": ("who: [user:park@namsan], when: {site: secret-room}", True),
    "one for a group of the host": ("who: [group:hangang/secret-group], when: {site: secret-room}", False),
}


def why(text: str, subject: Subject = LEE, object: str = "login:wireless", facts: Facts = AT_HANGANG):
    return explain(policy_of(text), subject, Request(object, facts), MONDAY_9)


def told(explanation: Explanation) -> str:
    return "\n".join(line for language in ("ko", "en") for line in render(explanation, language))


@pytest.mark.parametrize(("permit", "shown"), HIDDEN.values(), ids=HIDDEN.keys())
def test_what_a_rule_of_the_host_is_called_and_whom_else_it_is_for_is_not_told(permit: str, shown: bool):
    rule = f"  - {{id: secret-rule, permit: [login:wireless], organization: hangang, {permit}}}\n"

    explanation = why(OWN + rule, facts=replace(AT_HANGANG, endpoint=EndpointFacts(known=inf)))

    assert explanation.decision.effect is Effect.DENY
    assert "secret" not in told(explanation)
    assert RemedyKind.ASK_FOR_CONSENT in {each.kind for each in explanation.remedies}
    assert ("secret-rule" in "\n".join(render(explanation, "en", everything=True))) is shown


def test_what_a_guest_lacks_by_a_rule_about_them_is_told_without_what_it_is_called():
    rule = (
        "  - {id: secret-rule, permit: [login:wireless], organization: hangang,"
        " who: [organization:namsan], when: {ssid: [guests]}}\n"
    )

    explanation = why(OWN + rule, facts=replace(AT_HANGANG, ssid="office"))

    assert "Rule (hangang) wants Wi-Fi (ssid) guests, saw office" in told(explanation)
    assert "Nearest permit: (hangang) (lacks Wi-Fi (ssid))" in told(explanation)
    assert [each.kind for each in explanation.remedies] == [RemedyKind.JOIN]
    assert "secret" not in told(explanation)


def test_what_a_requirement_of_the_host_is_called_is_not_told_where_nobody_can_meet_it():
    text = (
        "version: 1\n"
        "networks:\n  lab: {organization: hangang, to: [10.1.0.0/24]}\n"
        "rules:\n"
        "  - {id: guests, permit: [network:lab], who: [organization:namsan]}\n"
        "  - {id: out, permit: [network:lab], who: [organization:namsan], organization: namsan}\n"
        "  - {id: secret-rule, require: [network:lab], tier: guardrail, who: [organization:namsan], "
        "owner: cho@hangang, reason: {ko: 가, en: a}, ticket: T-1, when: {endpoint: [unregistered]}}\n"
    )

    explanation = why(
        text, object="network:lab", facts=replace(AT_HANGANG, endpoint=EndpointFacts(known=inf))
    )

    assert explanation.decision.forbids == ("secret-rule",)
    assert [each.kind for each in explanation.remedies] == [RemedyKind.ASK_ABOUT_RULE]
    assert explanation.remedies[0].arguments == ("(hangang)",)
    assert "secret" not in told(explanation)


ZONES = """\
version: 1
networks:
  lab: {organization: hangang, to: [10.1.0.0/24]}
  shop: {organization: namsan, to: [10.2.0.0/24]}
zones:
  first: {holds: [network:lab]}
  second: {holds: [network:shop]}
rules:
  - {id: secret-rule, permit: [network:lab], who: [group:namsan/staff]}
  - {id: out, permit: [network:lab], who: [group:namsan/staff], organization: namsan}
  - {id: shop, permit: [network:shop], who: [group:namsan/staff]}
"""


def test_a_rule_that_leads_into_a_second_zone_is_called_by_its_company():
    explanation = why(ZONES, object="network:shop", facts=Facts(via=Via.VPN, method=Method.PAP))

    assert ("first", "secret-rule") in explanation.decision.clash
    assert "Zone first by rule (hangang)" in told(explanation)
    assert "secret" not in told(explanation)
