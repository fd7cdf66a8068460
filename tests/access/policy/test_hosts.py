"""Logins at a NAS of another organization: it permits them too, and says where they lead."""

from dataclasses import replace

import pytest

from access.model import Absent, Effect, Facts, Gives, Method, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import World, check, load
from access.policy.explain import explain
from access.policy.kept_texts import policy_of
from access.policy.preview import Change, difference
from access.policy.remedies import RemedyKind
from access.policy.standing import Standing, StandingKind
from access.policy.telling import render
from access.policy.vocabulary import PolicyErrors
from tests.access.policy.samples import MONDAY_9

LEE = Subject(7, "namsan", "lee", frozenset({"namsan/staff"}))
AT_HOME = Facts(via=Via.WIRELESS, method=Method.EAP_TTLS_PAP, nas_organization="namsan")
AT_HANGANG = replace(AT_HOME, nas_organization="hangang")
OWN = """\
version: 1
rules:
  - id: namsan-wifi
    permit: [login:wireless]
    who: [group:namsan/staff]
    gives: {vlan: "20", session_timeout: 8h}
"""
BOTH = f"""{OWN}
  - id: guests-from-namsan
    permit: [login:wireless]
    who: [organization:namsan]
    organization: hangang
    gives: {{vlan: "90", session_timeout: 4h}}
"""


WORLD = World(frozenset({"namsan/staff"}), {"lee@namsan": LEE}, frozenset({"namsan", "hangang"}))


def login(text: str, facts: Facts, subject: Subject = LEE, object: str = "login:wireless"):
    return decide(policy_of(text), subject, Request(object, facts), MONDAY_9)


def test_at_a_nas_of_their_own_company_its_permit_is_enough():
    decision = login(BOTH, AT_HOME)

    assert decision.permits == ("namsan-wifi",)
    assert decision.gives == Gives(vlan="20", session_timeout_s=8 * 3600)


def test_no_company_lets_its_people_into_the_network_of_another():
    decision = login(OWN, AT_HANGANG)

    assert (decision.effect, decision.reason) == (Effect.DENY, Reason.NO_PERMIT)


def test_the_host_says_where_it_leads_and_both_how_long():
    decision = login(BOTH, AT_HANGANG)

    assert decision.permits == ("guests-from-namsan", "namsan-wifi")
    assert decision.gives == Gives(vlan="90", session_timeout_s=4 * 3600)


def test_a_host_alone_lets_nobody_out_of_their_company():
    only_host = BOTH.replace("group:namsan/staff", "group:namsan/others")

    assert login(only_host, AT_HANGANG).reason is Reason.NO_PERMIT


def test_a_host_that_gives_no_vlan_leaves_them_in_the_one_of_the_port():
    silent = BOTH.replace('vlan: "90", ', "")

    assert login(silent, AT_HANGANG).gives == Gives(session_timeout_s=4 * 3600)


def test_a_company_makes_nobody_an_administrator_of_the_devices_of_another():
    own = """\
version: 1
rules:
  - id: namsan-devices
    permit: [login:device]
    who: [group:namsan/staff]
    gives: {privilege: full}
"""
    facts = replace(AT_HANGANG, via=Via.DEVICE, method=Method.PAP)
    host = """
  - id: namsan-may-look
    permit: [login:device]
    who: [group:namsan/staff]
    organization: hangang
    gives: {privilege: read-only}
"""

    assert login(own, facts, object="login:device").reason is Reason.NO_PERMIT
    assert login(own + host, facts, object="login:device").gives == Gives(privilege="read-only")


def test_whose_the_nas_is_has_to_be_known():
    decision = login(BOTH, replace(AT_HOME, nas_organization=Absent.UNKNOWN))

    assert (decision.effect, decision.reason) == (Effect.DENY, Reason.FACT_UNKNOWN)


def test_a_visitor_of_another_realm_is_let_in_by_the_document_alone():
    rules = """\
version: 1
rules:
  - {id: campus, permit: [login:wireless], who: [realm:campus], gives: {vlan: "90"}}
"""
    visitor = Subject(0, "", "kim@campus.example", realm="campus")

    assert login(rules, AT_HANGANG, visitor).gives == Gives(vlan="90")


def test_the_portal_is_no_nas_of_anybody():
    assert login(OWN, replace(AT_HANGANG, via=Via.PORTAL, method=Method.WEB), object="login:portal").permitted


@pytest.mark.parametrize(("language", "said"), [("en", "hangang has to permit it"), ("ko", "hangang")])
def test_the_explanation_says_whose_permit_is_missing(language: str, said: str):
    told = explain(policy_of(OWN), LEE, Request("login:wireless", AT_HANGANG), MONDAY_9)

    assert [each.kind for each in told.remedies] == [RemedyKind.ASK_FOR_CONSENT]
    assert said in " ".join(render(told, language))


def test_what_a_host_and_the_own_company_give_never_contradict():
    assert check(load(BOTH), WORLD) == []
    assert check(load(BOTH.replace("organization: hangang\n", "organization: namsan\n")), WORLD)


def test_a_forbid_never_speaks_for_a_host():
    """A company could otherwise stop people of others everywhere."""
    forbid = "forbid: [login:wireless], who: [organization:namsan], organization: hangang, reason: x"

    with pytest.raises(PolicyErrors) as wrong:
        load(f"{BOTH}  - {{id: out, {forbid}}}\n")

    assert "neither login:wireless nor organization:namsan is theirs" in str(wrong.value)


def test_an_opening_lets_nobody_in_at_a_nas_of_another_company():
    opened = (
        BOTH
        + """
openings:
  night:
    organization: namsan
    site: seoul
    permit: [login:wireless]
"""
    )
    policy = policy_of(opened)
    standing = Standing(
        3, StandingKind.OPENING, (), (), until=MONDAY_9 + 60, opening="night", organization="namsan"
    )
    policy = policy.with_standing([(3, standing)], 1)
    at_home = replace(AT_HOME, site="seoul", method=Method.OFFICE_OPEN)

    def let(facts: Facts) -> bool:
        return decide(policy, LEE, Request("login:wireless", facts), MONDAY_9).permitted

    assert let(at_home)
    assert not let(replace(at_home, nas_organization="hangang"))


def test_a_preview_names_whom_a_host_lets_in_no_more():
    lines = difference(policy_of(BOTH), policy_of(OWN), {"lee@namsan": LEE}, MONDAY_9)

    assert [(each.object, each.change, each.people) for each in lines] == [
        ("login:wireless", Change.NARROWS, ("lee@namsan",))
    ]
