from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Facts, Request, Subject, Via
from access.policy import remembered
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.kept_texts import policy_of
from access.policy.remembered import Remembered
from access.proof.factors import Factor
from tests.access.policy.generated import case
from tests.access.policy.samples import HOUR, MONDAY_9

OFFICE = """\
version: 1
hours:
  business: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "20:00", zone: Asia/Seoul}
rules:
  - id: staff
    permit: [login:wired]
    who: [organization:hangang]
    when: {hours: business}
    gives: {vlan: "%d"}
"""
KIM = Subject(7, "hangang", "kim", frozenset({"hangang/staff"}))
WIRED = Request("login:wired", Facts(via=Via.WIRED, otp_at=Absent.DOES_NOT_APPLY))
EVENING = MONDAY_9 + 11 * HOUR


def office(vlan: int = 10) -> Policy:
    return policy_of(OFFICE % vlan)


@pytest.fixture
def decided(monkeypatch):
    """When something was truly decided."""
    moments = []

    def decide_and_tell(policy, subject, request, now):
        moments.append(now)
        return decide(policy, subject, request, now)

    monkeypatch.setattr(remembered, "decide", decide_and_tell)
    return moments


def test_what_was_permitted_is_not_decided_again(decided):
    policy, known = office(), Remembered()

    first = known.decide(policy, KIM, WIRED, MONDAY_9)

    assert first.permitted
    assert known.decide(policy, replace(KIM), replace(WIRED), EVENING - 1) is first
    assert decided == [MONDAY_9]


def test_at_the_end_of_a_decision_it_is_made_again(decided):
    policy, known = office(), Remembered()
    assert known.decide(policy, KIM, WIRED, EVENING - 1).permitted

    assert not known.decide(policy, KIM, WIRED, EVENING).permitted
    assert decided == [EVENING - 1, EVENING]


def test_a_clock_that_was_set_back_proves_nothing():
    policy, known = office(), Remembered()
    assert known.decide(policy, KIM, WIRED, MONDAY_9).permitted

    assert not known.decide(policy, KIM, WIRED, MONDAY_9 - 2 * HOUR).permitted


def test_another_policy_knows_nothing_of_the_one_before():
    known = Remembered()
    assert known.decide(office(10), KIM, WIRED, MONDAY_9).gives.vlan == "10"

    assert known.decide(office(20), KIM, WIRED, MONDAY_9).gives.vlan == "20"
    assert not known.decide(None, KIM, WIRED, MONDAY_9).permitted


@pytest.mark.parametrize(
    "other",
    [
        replace(KIM, groups=frozenset()),
        replace(KIM, id=8),
        replace(KIM, organization="seorak"),
        replace(KIM, realm="seorak.example"),
    ],
    ids=lambda subject: repr(subject)[8:40],
)
def test_nobody_is_taken_for_somebody_else(other, decided):
    policy, known = office(), Remembered()
    known.decide(policy, KIM, WIRED, MONDAY_9)

    assert known.decide(policy, other, WIRED, MONDAY_9) == decide(policy, other, WIRED, MONDAY_9)
    assert len(decided) == 2


@pytest.mark.parametrize("name", [field for field in Facts.__dataclass_fields__ if field != "otp_at"])
def test_other_facts_are_another_question(name, decided):
    policy, known = office(), Remembered()
    known.decide(policy, KIM, WIRED, MONDAY_9)

    known.decide(policy, KIM, Request("login:wired", replace(WIRED.facts, **{name: "other"})), MONDAY_9)

    assert len(decided) == 2


def test_what_a_code_helped_to_is_decided_each_time(decided):
    policy, known = office(), Remembered()
    coded = Request("login:wired", replace(WIRED.facts, otp_at=MONDAY_9, factor=Factor.TOTP))

    known.decide(policy, KIM, coded, MONDAY_9)
    known.decide(policy, KIM, coded, MONDAY_9)

    assert len(decided) == 2


def test_what_was_denied_is_decided_each_time(decided):
    policy, known = office(), Remembered()
    stranger = replace(KIM, organization="seorak")

    known.decide(policy, stranger, WIRED, MONDAY_9)
    known.decide(policy, stranger, WIRED, MONDAY_9)

    assert len(decided) == 2


def test_more_than_can_be_remembered_is_forgotten(monkeypatch, decided):
    monkeypatch.setattr(remembered, "MOST", 2)
    policy, known = office(), Remembered()

    for number in (1, 2, 3, 3, 1):
        known.decide(policy, replace(KIM, id=number), WIRED, MONDAY_9)

    assert len(decided) == 4


@given(st.integers(0, 2**32), st.lists(st.floats(-5, 5), min_size=1, max_size=6))
def test_whatever_is_remembered_is_what_would_be_decided(seed, days):
    drawn, known = case(seed), Remembered()
    policy, request = drawn.policy, Request(drawn.object, drawn.facts)

    for shift in (0.0, *days):
        now = drawn.now + shift * 24 * HOUR
        ours, fresh = (each(policy, drawn.subject, request, now) for each in (known.decide, decide))
        assert replace(ours, valid_until=None) == replace(fresh, valid_until=None)
        # It may be looked at again sooner, never later.
        assert ours.valid_until == fresh.valid_until or now < ours.valid_until <= fresh.valid_until


def test_a_question_is_all_that_a_request_says():
    assert [each.name for each in fields(Request)] == ["object", "facts"]
