"""What a review has stopped permits nothing, in whatever way the policy is asked."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.model import Effect, Method, Reason, Request, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.edges import reach
from access.policy.explain import explain
from access.policy.kept_texts import policy_of
from access.policy.offered import Place, acceptable, shapes_of
from access.policy.preview import Change, difference
from access.policy.standing import STOPS, Standing, StandingKind
from access.policy.telling import render
from access.policy.touched import concerned
from tests.access.policy.generated import SUBJECTS, case
from tests.access.policy.samples import MINJUN, MONDAY_9, ON_VPN, person

SINCE = 1_800_000_000.0
TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
  wiki: {organization: seorak, to: [10.98.0.0/24]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
  - {id: wlan, permit: [login:wireless], who: [organization:hangang], when: {method: eap-tls}}
  - {id: git, permit: [network:git], who: [organization:hangang], owner: lee@hangang}
  - {id: portal, permit: [login:portal], who: ["user:sua.lee@hangang"], owner: lee@hangang}
  - {id: out, permit: [network:wiki], who: [organization:hangang], organization: hangang}
  - {id: in, permit: [network:wiki], who: [organization:hangang], owner: park@seorak}
"""


def stop(rule: str, kind: StandingKind = StandingKind.SILENCE, number: int = 4) -> Standing:
    return Standing(number, kind, (), (rule,), created_at=SINCE, owner="lee@hangang")


def stopped(*stops: Standing, text: str = TEXT) -> Policy:
    return policy_of(text).with_standing([(each.id, each) for each in stops], 3)


def asked(policy: Policy, object: str = "network:git"):
    return decide(policy, MINJUN, Request(object, ON_VPN), MONDAY_9)


@pytest.mark.parametrize("kind", sorted(STOPS))
def test_a_permit_that_a_review_has_stopped_permits_nothing_until_it_speaks_again(kind):
    policy = stopped(stop("git", kind))

    assert asked(stopped()).permitted
    decision = asked(policy)
    assert (decision.permitted, decision.reason) == (False, Reason.CONDITION_FAILED)
    assert [(each.rule, each.condition) for each in decision.failed] == [("git", "signed")]
    assert "network:git" not in reach(policy, MINJUN, ON_VPN, MONDAY_9).objects
    assert asked(policy.with_standing([(4, None)], 4)).permitted
    assert policy.with_standing([(4, None)], 4).by_subject == stopped().by_subject


def test_a_rule_that_is_ended_stays_so_when_a_silence_of_it_is_lifted():
    policy = stopped(stop("git"), stop("git", StandingKind.ENDING, 5))

    assert asked(policy).failed[0].wanted == "a review that kept it"
    assert not asked(policy.with_standing([(4, None)], 4)).permitted


def test_only_permits_are_stopped():
    text = f"{TEXT}  - {{id: never, forbid: [network:git], who: [organization:hangang], reason: No}}\n"

    assert asked(stopped(stop("never"), text=text)).reason is Reason.FORBIDDEN


def test_the_portal_stays_closed_to_those_who_had_no_permit_when_its_rule_is_stopped():
    assert not asked(stopped(), "login:portal").permitted
    assert not asked(stopped(stop("portal")), "login:portal").permitted
    assert difference(stopped(), stopped(stop("portal")), {"minjun": MINJUN}, MONDAY_9) == []


def test_another_document_has_the_rule_stopped_as_well_whatever_it_says_by_now():
    wider = policy_of(TEXT.replace("git], who: [org", 'git], who: ["user:x@hangang", org'))

    assert not asked(stopped(stop("git")).standing_on(wider)).permitted
    assert asked(stopped().standing_on(wider)).permitted


def test_a_preview_says_who_loses_by_a_stop_and_that_nobody_does_by_taking_the_rule_out_after_it():
    sua = replace(person(name="sua.lee"), id=8)
    people = {"minjun": MINJUN, "sua": sua}
    without = policy_of("".join(each for each in TEXT.splitlines(True) if "id: git" not in each))

    lost = difference(stopped(), stopped(stop("git")), people, MONDAY_9)

    assert [(each.change, each.object, each.people) for each in lost] == [
        (Change.LOSES, "network:git", ("minjun", "sua"))
    ]
    assert difference(stopped(stop("git")), stopped(stop("git")).standing_on(without), people, MONDAY_9) == []
    assert "organization:hangang" in (concerned(stopped(), stopped(stop("git"))) or ())


def test_a_door_whose_rule_is_stopped_offers_its_methods_no_more():
    place = Place(Via.WIRELESS)

    assert acceptable(shapes_of(stopped()), place, Method) == {Method.EAP_TLS}
    assert acceptable(shapes_of(stopped(stop("wlan"))), place, Method) == frozenset()


@pytest.mark.parametrize(
    ("kind", "language", "told"),
    [
        ("silence", "en", "Rule git was silenced on 2027-01-15 08:00 UTC because nobody signed its review"),
        ("silence", "ko", "규칙 git: 검토에 아무도 서명하지 않아 2027-01-15 08:00 UTC부터 멈춤"),
        ("ending", "en", "Rule git was ended by its review on 2027-01-15 08:00 UTC"),
        ("ending", "ko", "규칙 git: 검토에서 2027-01-15 08:00 UTC에 끝냄"),
    ],
)
def test_the_explanation_says_that_a_review_has_stopped_it_and_whom_to_ask(kind, language, told):
    policy = stopped(stop("git", StandingKind(kind)))

    lines = render(explain(policy, MINJUN, Request("network:git", ON_VPN), MONDAY_9), language)

    assert told in lines
    assert any("lee@hangang" in line for line in lines if line.startswith("→"))


def test_who_has_not_signed_at_another_company_is_not_told():
    policy = stopped(replace(stop("in"), owner="park@seorak"))

    lines = render(explain(policy, MINJUN, Request("network:wiki", ON_VPN), MONDAY_9), "en")

    assert "Rule (seorak) was silenced on 2027-01-15 08:00 UTC because nobody signed its review" in lines
    assert not [line for line in lines if "park" in line]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_a_permit_that_is_stopped_is_as_if_it_were_not_there(seed: int):
    drawn, random = case(seed, gives=False), Random(seed)
    permits = [each.id for each in drawn.policy.document.rules if each.effect is Effect.PERMIT]
    named = random.sample(permits, random.randint(0, len(permits)))
    stops = [stop(rule, random.choice(sorted(STOPS)), number) for number, rule in enumerate(named)]
    left = tuple(each for each in drawn.policy.document.rules if each.id not in named)
    without = compile(replace(drawn.policy.document, rules=left))

    policy = drawn.policy.with_standing([(each.id, each) for each in stops], 1)

    for subject in SUBJECTS:
        reached, expected = (reach(each, subject, drawn.facts, drawn.now) for each in (policy, without))
        assert (reached.objects, reached.forbidden) == (expected.objects, expected.forbidden)
        for object in ("login:vpn", "network:git", "network:wiki", "vdi:desktops"):
            request = Request(object, drawn.facts)
            told, plain = (decide(each, subject, request, drawn.now) for each in (policy, without))
            assert (told.effect, told.permits, told.forbids) == (plain.effect, plain.permits, plain.forbids)
