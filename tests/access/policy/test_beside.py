from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Effect, Facts, Method, Reason, Request, Subject, Via
from access.policy import compiled
from access.policy.beside import Beside, rule_of
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.edges import reach
from access.policy.kept_texts import policy_of
from access.policy.standing import ANYBODY, EVERYTHING, Standing, StandingKind
from access.policy.vocabulary import Document, Rule
from tests.access.policy.generated import NETWORKS, OBJECTS, ORGANIZATIONS, POOLS, WHO, case, moment
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, OFFICE, ON_VPN, office, person

LAPTOP = "02:00:5e:00:53:01"
GRANT = Standing(12, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:payroll",))
CONTAINED = Standing(3, StandingKind.CONTAINMENT, ("user:minjun.kim@hangang",), (EVERYTHING,))


def beside(*standing: Standing, policy: Policy | None = None) -> Policy:
    return (policy or office()).with_standing([(each.id, each) for each in standing], 7)


def asked(
    policy: Policy, object: str, subject: Subject = MINJUN, facts: Facts = ON_VPN, now: float = MONDAY_9
):
    return decide(policy, subject, Request(object, facts), now)


def test_a_grant_permits_what_no_rule_of_the_document_does():
    assert asked(office(), "network:payroll").reason is Reason.NO_PERMIT

    decision = asked(beside(GRANT), "network:payroll")

    assert decision.permitted
    assert (decision.permits, decision.standing) == (("grant-12",), 7)
    assert decision.revision == office().revision


def test_a_grant_is_for_nobody_else():
    assert not asked(beside(GRANT), "network:payroll", person(name="sua.lee")).permitted


def test_a_containment_stays_with_an_account_that_gets_another_name():
    policy = beside(replace(CONTAINED, user_id=7))

    renamed = person(name="minjun.park")

    assert asked(policy, "network:intranet", renamed).reason is Reason.CONTAINED
    assert asked(policy, "network:intranet", replace(MINJUN, id=8)).reason is Reason.CONTAINED
    assert (
        asked(policy, "network:intranet", replace(person(name="sua.lee"), id=8)).reason
        is not Reason.CONTAINED
    )
    assert not beside(policy=policy.with_standing([(3, None)], 8)).beside.by_key


def test_a_grant_stays_with_its_account_and_passes_to_nobody_who_gets_the_name():
    policy = beside(replace(GRANT, user_id=7))

    assert asked(policy, "network:payroll", person(name="minjun.park")).permitted
    assert not asked(policy, "network:payroll", replace(MINJUN, id=8)).permitted


def test_a_grant_ends_by_itself_and_says_when():
    policy = beside(replace(GRANT, until=MONDAY_9 + HOUR))

    assert asked(policy, "network:payroll").valid_until == MONDAY_9 + HOUR
    assert asked(policy, "network:payroll", now=MONDAY_9 + HOUR - 0.001).permitted
    assert not asked(policy, "network:payroll", now=MONDAY_9 + HOUR).permitted
    assert reach(policy, MINJUN, ON_VPN, MONDAY_9).valid_until == MONDAY_9 + HOUR


def test_a_grant_for_an_endpoint_counts_at_no_other():
    policy = beside(replace(GRANT, endpoint=LAPTOP))

    assert asked(policy, "network:payroll", facts=replace(ON_VPN, station=LAPTOP)).permitted
    elsewhere = asked(policy, "network:payroll", facts=replace(ON_VPN, station="02:00:5e:00:53:02"))
    assert elsewhere.reason is Reason.CONDITION_FAILED
    assert asked(policy, "network:payroll").reason is Reason.FACT_UNKNOWN


def test_a_grant_overcomes_no_forbid():
    contractor = person("hangang/contractors")
    granted = replace(GRANT, objects=("network:git",))

    assert asked(beside(granted), "network:git", contractor).reason is Reason.FORBIDDEN


def test_a_grant_overcomes_no_guardrail():
    guardrail = """\
  - id: payroll-over-the-wire
    tier: guardrail
    require: [network:payroll]
    who: [organization:hangang]
    when: {via: wired}
    owner: security
    reason: Payroll stays in the house
"""
    assert asked(beside(GRANT, policy=office(guardrail)), "network:payroll").reason is Reason.CONDITION_FAILED


def test_a_grant_of_another_company_does_not_stand_in_for_ones_own():
    granted = replace(GRANT, objects=("network:wiki",))

    decision = asked(beside(granted), "network:wiki")

    assert (decision.reason, decision.permits) == (Reason.NO_PERMIT, ("grant-12",))


@pytest.mark.parametrize("object", ["login:vpn", "network:git", "vdi:desktops", "login:portal"])
def test_whoever_is_contained_has_nothing_for_a_reason_of_its_own(object: str):
    decision = asked(beside(CONTAINED, replace(GRANT, objects=(object,))), object)

    assert (decision.reason, decision.forbids) == (Reason.CONTAINED, ("containment-3",))
    assert asked(beside(CONTAINED), object, person(name="sua.lee")).reason is not Reason.CONTAINED


def test_a_contained_endpoint_is_contained_whoever_sits_at_it():
    policy = beside(replace(CONTAINED, who=(f"endpoint:{LAPTOP.upper().replace(':', '-')}",)))

    assert asked(policy, "login:vpn", facts=replace(ON_VPN, station=LAPTOP)).reason is Reason.CONTAINED
    assert asked(policy, "login:vpn", Subject(0, "hangang", LAPTOP)).reason is Reason.CONTAINED
    assert asked(policy, "login:vpn").permitted


def test_a_contained_application_is_closed_to_everybody_and_nothing_else_is():
    policy = beside(replace(CONTAINED, who=(ANYBODY,), objects=("network:git",)))

    assert asked(policy, "network:git").reason is Reason.CONTAINED
    assert asked(policy, "network:git", Subject(0, "", "guest", realm="eduroam")).reason is Reason.CONTAINED
    assert asked(policy, "login:vpn").permitted
    assert reach(policy, MINJUN, ON_VPN, MONDAY_9).forbidden == {"network:git"}


def test_a_contained_company_is_its_people_and_its_endpoints():
    policy = beside(replace(CONTAINED, who=("all:hangang",)))

    assert asked(policy, "login:vpn").reason is Reason.CONTAINED
    assert asked(policy, "login:wired", Subject(0, "hangang", LAPTOP)).reason is Reason.CONTAINED
    assert asked(policy, "login:vpn", person(organization="seorak")).reason is not Reason.CONTAINED


OPENED = Standing(9, StandingKind.OPENING, (), opening="seoul", organization="hangang")
PREPARED = OFFICE.replace(
    "prefer:",
    "openings:\n  seoul: {organization: hangang, site: seoul, permit: [login:wired, network:git]}\nprefer:",
)
UNPROVEN = Facts(via=Via.WIRED, method=Method.OFFICE_OPEN, site="seoul")


def test_no_rule_but_an_opening_lets_in_whom_nobody_has_proven():
    opened = beside(OPENED, policy=policy_of(PREPARED))

    assert asked(opened, "network:intranet").permitted
    assert not asked(opened, "network:intranet", facts=UNPROVEN).permitted
    assert asked(opened, "network:git", facts=UNPROVEN).permits == ("opening-9",)
    assert reach(opened, MINJUN, UNPROVEN, MONDAY_9).objects == {"network:git"}
    elsewhere = replace(UNPROVEN, site="busan")
    assert reach(opened, MINJUN, elsewhere, MONDAY_9).objects == frozenset()
    assert not asked(opened, "network:git", facts=replace(ON_VPN, site="seoul"), subject=person()).permitted


def test_a_forbid_stops_whom_nobody_has_proven_also_where_it_asks_what_a_silent_permit_asks():
    forbid = "  - {id: zz, forbid: [network:git], who: [organization:hangang], reason: R}\n"
    opened = beside(OPENED, policy=policy_of(PREPARED.replace("openings:", f"{forbid}openings:")))

    assert asked(opened, "network:git", facts=UNPROVEN).reason is Reason.FORBIDDEN
    found = reach(opened, MINJUN, UNPROVEN, MONDAY_9)
    assert (found.objects, found.forbidden) == (frozenset(), {"network:git"})


def test_an_opening_of_another_company_than_the_one_that_prepared_it_opens_nothing():
    opened = beside(replace(OPENED, organization="seorak"), policy=policy_of(PREPARED))

    assert not asked(opened, "network:git", facts=UNPROVEN).permitted


def test_what_is_taken_back_is_as_if_it_had_never_been():
    policy = beside(CONTAINED).with_standing([(CONTAINED.id, None)], 8)

    assert asked(policy, "login:vpn").permitted
    assert (policy.beside.rules, policy.beside.by_key) == ({}, {})


def test_a_change_compiles_nothing_of_the_document_anew():
    policy = office()

    changed = policy.with_standing([(GRANT.id, GRANT)], 1)

    assert changed.by_object is policy.by_object
    assert changed.by_subject is policy.by_subject


def test_another_document_keeps_what_stands_beside_it():
    policy = beside(GRANT).standing_on(office())

    assert asked(policy, "network:payroll").permitted


def drawn(random: Random, number: int) -> Standing:
    contains = random.random() < 0.5
    return Standing(
        number,
        StandingKind.CONTAINMENT if contains else StandingKind.GRANT,
        tuple(random.sample(WHO, random.randint(1, 3))),
        (EVERYTHING,) if contains and random.random() < 0.5 else tuple(random.sample(OBJECTS, 2)),
        since=random.choice((0.0, moment(random))),
        until=random.choice((None, moment(random))),
        organization=random.choice(ORGANIZATIONS),
    )


def in_the_document(standing: Standing) -> Rule:
    """The rule as somebody would have written it."""
    rule = rule_of(standing, Document("r"))
    assert rule is not None
    return replace(rule, objects=OBJECTS) if EVERYTHING in rule.objects else rule


@given(st.integers(0, 2**32))
def test_a_rule_beside_the_document_does_what_it_would_do_inside(seed: int):
    drawn_case, random = case(seed, gives=False), Random(seed)
    standing = [drawn(random, number) for number in range(random.randint(1, 4))]
    inside = tuple(in_the_document(each) for each in standing)
    document = Document("r", NETWORKS, POOLS, rules=(*drawn_case.rules, *inside))
    request = Request(drawn_case.object, drawn_case.facts)

    beside_it = beside(*standing, policy=drawn_case.policy)

    told = decide(beside_it, drawn_case.subject, request, drawn_case.now)
    expected = decide(compiled.compile(document), drawn_case.subject, request, drawn_case.now)
    assert (told.effect, told.reason, told.permits, told.forbids, told.failed, told.valid_until) == (
        expected.effect,
        expected.reason,
        expected.permits,
        expected.forbids,
        expected.failed,
        expected.valid_until,
    )
    reached = reach(beside_it, drawn_case.subject, drawn_case.facts, drawn_case.now)
    for object in ("network:git", "network:wiki", "vdi:desktops"):
        asked_for = Request(object, drawn_case.facts)
        permitted = decide(beside_it, drawn_case.subject, asked_for, drawn_case.now).permitted
        assert (object in reached.objects) == permitted


@given(st.integers(0, 2**32))
def test_changes_one_by_one_lead_where_all_at_once_do(seed: int):
    random, known = Random(seed), dict[int, Standing]()
    walked = Beside()
    for step in range(12):
        number = random.randint(1, 4)
        changed = None if random.random() < 0.4 else drawn(random, number)
        walked = walked.with_changes([(number, changed)], step, Document("r"))
        known.pop(number, None)
        if changed is not None:
            known[number] = changed

    once = Beside().with_changes([*known.items()], 11, Document("r"))

    assert walked.rules == once.rules
    assert {key: {rule.id for rule in rules} for key, rules in walked.by_key.items()} == {
        key: {rule.id for rule in rules} for key, rules in once.by_key.items()
    }


def test_containments_are_forbids_of_the_highest_tier():
    rule = rule_of(CONTAINED, Document("r"))

    assert rule is not None
    assert (rule.effect, rule.tier) == (Effect.DENY, "guardrail")


def test_a_standing_rule_is_about_a_group_that_the_document_computes_too():
    groups = "groups:\n  crew: {organization: hangang, any: [group:hangang/engineering]}\n"
    against = Standing(4, StandingKind.CONTAINMENT, ("group:hangang/crew",), (EVERYTHING,))
    policy = policy_of(OFFICE + groups).with_standing([(4, against)], 1)

    decision = decide(policy, MINJUN, Request("network:intranet", ON_VPN), MONDAY_9)

    assert decision.reason is Reason.CONTAINED
    assert reach(policy, MINJUN, ON_VPN, MONDAY_9).objects == frozenset()
