"""The portal is open to the people of a company until a rule says which of them may use it."""

import pytest

from access.model import Facts, Method, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.kept_texts import policy_of

KIM = Subject(1, "hangang", "minjun.kim", frozenset({"hangang/staff"}))
ANNA = Subject(2, "namsan", "anna.schmidt", frozenset({"namsan/staff"}))
HERE = Facts(via=Via.PORTAL, method=Method.WEB)
STAFF = "  - {id: staff, permit: [login:portal], who: [group:hangang/staff]}\n"
PASSKEY = "  - {id: keys, permit: [login:portal], who: [group:hangang/staff], when: {factor: [passkey]}}\n"
VPN = "  - {id: vpn, permit: [login:vpn], who: [organization:hangang]}\n"
NOT_KIM = "  - {id: not-kim, forbid: [login:portal], who: [user:minjun.kim@hangang], reason: gone}\n"
GUARD = (
    "  - {id: guard, tier: guardrail, owner: security, require: [login:portal], who: [organization:hangang],"
    " when: {factor: [passkey]}, reason: a code can be talked out of people}\n"
)


def asked(rules, subject, facts=HERE):
    policy = policy_of(f"version: 1\nrules:\n{rules}")
    return decide(policy, subject, Request("login:portal", facts), 1_800_000_000.0)


@pytest.mark.parametrize("subject", [KIM, ANNA])
def test_without_a_rule_about_it_the_portal_is_open(subject):
    assert asked(VPN, subject).reason is Reason.PERMITTED


def test_a_forbid_alone_closes_it_to_whom_it_names_and_to_nobody_else():
    other = Subject(3, "hangang", "seoyeon.lee", frozenset())

    assert asked(VPN + NOT_KIM, KIM).reason is Reason.FORBIDDEN
    assert asked(VPN + NOT_KIM, other).permitted


def test_a_permit_closes_it_to_the_others_of_that_company_and_to_no_other_company():
    guest = Subject(3, "hangang", "guest", frozenset({"hangang/guests"}))

    assert asked(STAFF, KIM).permitted
    assert asked(STAFF, guest).reason is Reason.NO_PERMIT
    assert asked(STAFF, ANNA).permitted


def test_a_permit_that_could_be_about_anybody_speaks_for_every_company():
    realm = "  - {id: guests, permit: [login:portal], who: [realm:partner]}\n"

    assert asked(realm, ANNA).reason is Reason.NO_PERMIT


def test_conditions_count_and_what_is_unknown_fails_closed():
    assert asked(PASSKEY, KIM).reason is Reason.FACT_UNKNOWN
    assert asked(GUARD, KIM).reason is Reason.FACT_UNKNOWN
    assert asked(GUARD, ANNA).permitted


def test_nothing_else_is_open_by_itself():
    policy = policy_of(f"version: 1\nrules:\n{STAFF}")

    for door in ("login:vpn", "login:wired", "login:wireless", "login:device", "network:x"):
        assert decide(policy, ANNA, Request(door, HERE), 1_800_000_000.0).reason is Reason.NO_PERMIT
