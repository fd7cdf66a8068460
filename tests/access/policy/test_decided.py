from dataclasses import replace
from math import nan

import pytest

from access.model import Absent, Facts, Method, Reason, Request, Subject, Via
from access.policy.decide import decide_alone
from access.policy.decided import Decided
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from tests.access.policy.generated import OBJECTS, SUBJECTS, case
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, ON_VPN, office


def test_what_is_decided_of_many_is_what_is_decided_of_each_of_them():
    known, permitted = 0, 0
    for seed in range(40):
        drawn = case(seed)
        policy, decided, seen = drawn.policy, Decided(drawn.policy, drawn.now), set()
        if seed % 4 == 0:
            contained = Standing(7, StandingKind.CONTAINMENT, ("user:kim@hangang",), ("network:git",))
            policy = policy.with_standing([(7, contained)], 1)
            decided = Decided(policy, drawn.now)
        for number in range(14):
            facts = case(seed + 1000 * (number + 1)).facts
            subject, request = SUBJECTS[number % len(SUBJECTS)], Request(OBJECTS[number % 5], facts)

            found = decided.decide(subject, request)

            alone = decide_alone(policy, subject, request, drawn.now)
            plain = {"valid_until": None, "failed": ()}
            assert replace(found, **plain) == replace(alone, **plain), (seed, number)
            known += id(found) in seen
            seen.add(id(found))
            permitted += found.permitted
    assert min(known, permitted) > 20


def test_a_decision_that_is_of_all_alike_has_no_end():
    assert decide_alone(office(), MINJUN, Request("login:vpn", ON_VPN), MONDAY_9).valid_until is not None

    assert Decided(office(), MONDAY_9).login(MINJUN, ON_VPN).valid_until is None


def test_a_session_whose_code_has_grown_old_is_not_alike():
    decided = Decided(office(), MONDAY_9)

    assert decided.login(MINJUN, ON_VPN).permitted
    assert not decided.login(MINJUN, replace(ON_VPN, otp_at=MONDAY_9 - 99 * HOUR)).permitted


def test_without_a_policy_a_clock_or_a_door_nothing_is_permitted():
    assert not Decided(None, MONDAY_9).login(MINJUN, ON_VPN).permitted
    assert not Decided(office(), nan).login(MINJUN, ON_VPN).permitted
    assert not Decided(office(), MONDAY_9).login(MINJUN, replace(ON_VPN, via=Absent.UNKNOWN)).permitted


KIM = Subject(1, "hangang", "kim", frozenset({"hangang/guests"}))
ON_AIR = Facts(via=Via.WIRELESS, method=Method.EAP_TTLS_PAP)
CONCLUDED = policy_of(
    "version: 1\n"
    "networks:\n"
    "  wiki: {organization: seorak, to: [10.98.0.0/24]}\n"
    "rules:\n"
    "  - {id: air, permit: [login:wireless], who: [group:hangang/guests]}\n"
    "  - {id: in, permit: [network:wiki], who: [group:hangang/guests]}\n"
    "  - {id: lent, permit: [network:wiki], who: [group:hangang/lent], organization: hangang}\n"
)
AT_SEORAK = replace(ON_AIR, nas_organization="seorak")


@pytest.mark.parametrize(
    ("object", "one", "other"),
    [
        # Of the company that owns it, and of one that would have to let its people out.
        ("network:wiki", (replace(KIM, organization="seorak"), ON_AIR), (KIM, ON_AIR)),
        # Nobody here has to let out whoever a home server vouches for.
        ("network:wiki", (replace(KIM, realm="campus.example"), ON_AIR), (KIM, ON_AIR)),
        # A NAS of another company takes a permit of that company as well.
        ("login:wireless", (KIM, ON_AIR), (KIM, AT_SEORAK)),
        # One rule stands for each of them, and it is another one.
        (
            "network:wiki",
            (replace(KIM, organization="seorak"), ON_AIR),
            (replace(KIM, organization="seorak", groups=frozenset({"hangang/lent"})), ON_AIR),
        ),
    ],
    ids=["company", "realm", "nas", "rules"],
)
@pytest.mark.parametrize("refused_first", [False, True])
def test_whoever_is_not_alike_is_not_decided_about_by_what_another_got(object, one, other, refused_first):
    decided, asked = Decided(CONCLUDED, MONDAY_9), [one, other]
    if refused_first:
        asked.reverse()

    found = {who: decided.decide(who[0], Request(object, who[1])) for who in asked}

    assert found[one].permitted
    assert found[other].reason is Reason.NO_PERMIT
