from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from access.model import Decision, Gives, Request, Subject
from access.policy.beside import Change as StandingChange
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.kept_texts import policy_of
from access.policy.possible import could_reach, loosened
from access.policy.preview import Change, Line, difference
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import Document, Rule
from tests.access.policy import generated
from tests.access.policy.generated import NETWORKS, OBJECTS, POOLS, SUBJECTS
from tests.access.policy.samples import MONDAY_9, OFFICE, office, person

PEOPLE = {f"{number}": subject for number, subject in enumerate(SUBJECTS)}
CREW = {
    "kim": person("hangang/engineering", "hangang/vpn-users", name="kim"),
    "lee": person("hangang/engineering", "hangang/contractors", name="lee"),
    "park": person("hangang/vpn-users", name="park"),
}
SEEDS = st.integers(0, 2**32)


def office_with(old: str, new: str) -> Policy:
    assert old in OFFICE
    return policy_of(OFFICE.replace(old, new))


def changes(new: Policy | None, old: Policy | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    lines = difference(old or office(), new, CREW, MONDAY_9)
    return [(line.object, line.change.value, line.people) for line in lines]


def test_whoever_a_rule_no_longer_names_loses_what_no_other_rule_permits():
    new = office_with("who: [group:hangang/engineering]", "who: [user:lee@hangang]")

    assert changes(new) == [
        ("network:git", "loses", ("kim",)),
        ("vdi:desktops", "loses", ("kim",)),
    ]


def test_a_forbid_without_conditions_takes_what_a_permit_gives():
    forbid = "  - {id: no, forbid: [network:intranet], who: [user:kim@hangang], reason: no}\n"

    assert changes(office(forbid)) == [("network:intranet", "loses", ("kim",))]


def portal(rule: str = "") -> Policy:
    return policy_of(f"version: 1\nrules:\n  - {{id: v, permit: [login:vpn], who: [user:x@y]}}\n{rule}")


PORTAL = "  - {{id: p, permit: [login:portal], who: [{}]{}}}\n"


def test_the_first_rule_about_the_portal_takes_it_from_everybody_whom_it_does_not_name():
    named = portal(PORTAL.format("user:kim@hangang", ""))

    assert changes(named, old=portal()) == [("login:portal", "loses", ("lee", "park"))]
    assert changes(portal(), old=named) == [("login:portal", "gains", ("lee", "park"))]
    assert changes(portal(PORTAL.format("organization:namsan", "")), old=portal()) == []


def test_a_condition_on_the_portal_narrows_what_was_open():
    by_code = portal(PORTAL.format("organization:hangang", ", when: {otp_age: 1h}"))

    assert changes(by_code, old=portal()) == [("login:portal", "narrows", ("kim", "lee", "park"))]


def test_a_forbid_under_a_condition_narrows():
    forbid = (
        "  - {id: no, forbid: [network:intranet], who: [user:kim@hangang], when: {via: wireless}, "
        "reason: no}\n"
    )

    assert changes(office(forbid)) == [("network:intranet", "narrows", ("kim",))]
    assert changes(office(), old=office(forbid)) == [("network:intranet", "differs", ("kim",))]


def test_another_condition_another_gift_and_another_network_are_differences():
    code = office_with("when: {otp_age: 12h, hours: business}", "when: {otp_age: 1h, hours: business}")
    vlan = office_with("gives: {vlan: staff,", "gives: {vlan: guest,")
    net = office_with("to: [10.99.0.128/28]", "to: [10.99.0.128/29]")

    assert changes(code) == [("login:vpn", "narrows", ("kim", "park"))]
    assert changes(office(), old=code) == [("login:vpn", "differs", ("kim", "park"))]
    assert changes(vlan) == [("login:vpn", "differs", ("kim", "park"))]
    assert changes(net) == [("network:git", "narrows", ("kim",))]


def test_a_renamed_rule_another_order_and_a_comment_change_nothing():
    renamed = office_with("- id: engineers", "- id: developers  # who write code")

    assert changes(renamed) == []


def test_a_rule_whose_time_is_over_can_go_without_a_word():
    over = (
        "  - {id: old, permit: [network:intranet], who: [user:kim@hangang], "
        'valid_to: "2026-11-01T00:00:00+09:00"}\n'
    )

    assert changes(office(), old=office(over)) == []


def test_the_moment_is_the_one_that_is_asked_for():
    later = (
        "  - {id: new, permit: [network:payroll], who: [user:kim@hangang], "
        'valid_from: "2026-12-01T00:00:00+09:00"}\n'
    )
    december = MONDAY_9 + 10 * 86400

    assert difference(office(), office(later), CREW, MONDAY_9) == []
    gained = Line("network:payroll", Change.GAINS, "hangang", ("kim",))
    assert difference(office(), office(later), CREW, december) == [gained]


def test_the_first_policy_gives_and_the_end_of_all_takes():
    gained = difference(None, office(), CREW, MONDAY_9)
    lost = difference(office(), None, CREW, MONDAY_9)

    assert {line.change for line in gained} == {Change.GAINS}
    assert {line.change for line in lost} == {Change.LOSES}
    assert [line.people for line in gained] == [line.people for line in lost]


def test_whoever_is_in_a_group_until_a_later_moment_is_not_alike_to_those_who_are_not():
    old = office("  - {id: audit, permit: [network:payroll], who: [group:hangang/audit]}\n")
    new = office(
        "  - {id: all, permit: [network:payroll], who: [group:hangang/audit, group:hangang/staff]}\n"
    )
    staff = person("hangang/staff", name="kim")
    people = {"kim": staff, "park": replace(staff, name="park", ending=(("hangang/audit", MONDAY_9 + 1),))}

    (now,) = difference(old, new, people, MONDAY_9)
    (then,) = difference(old, new, people, MONDAY_9 + 1)

    assert (now.change, now.people) == (Change.GAINS, ("kim",))
    assert (then.change, then.people) == (Change.GAINS, ("kim", "park"))


def test_a_forbid_that_becomes_a_requirement_of_the_same_narrows():
    rule = (
        "  - {id: seoul, %s: [network:intranet], who: [organization:hangang], when: {site: seoul},"
        " tier: guardrail, owner: o@hangang, reason: R}\n"
    )

    assert changes(office(rule % "require"), old=office(rule % "forbid")) == [
        ("network:intranet", "narrows", ("kim", "lee", "park"))
    ]


def test_a_permit_that_speaks_for_the_other_company_from_now_on_is_a_consent_less():
    permit = "  - {id: in, permit: [network:wiki], who: [user:kim@hangang]}\n"
    consent = "  - {id: out, permit: [network:wiki], who: [user:kim@hangang], organization: %s}\n"

    assert changes(office(permit + consent % "seorak"), old=office(permit + consent % "hangang")) == [
        ("network:wiki", "loses", ("kim",))
    ]


def test_a_consent_that_asks_for_more_narrows_whatever_the_owner_permits():
    permit = "  - {id: in, permit: [network:wiki], who: [user:kim@hangang]}\n"
    consent = permit.replace("id: in", "id: out, organization: hangang")
    asking = consent.replace("]}", "], when: {site: seoul}}")

    assert changes(office(permit + asking), old=office(permit + consent)) == [
        ("network:wiki", "narrows", ("kim",))
    ]


def test_people_of_two_companies_in_one_group_are_not_alike():
    rule = "  - {id: in, permit: [network:wiki], who: [group:hangang/engineering]}\n"
    anna = person("hangang/engineering", organization="seorak", name="anna")
    people = {"kim": CREW["kim"], "anna": anna, "lee": CREW["lee"]}

    (line,) = difference(office(), office(rule), people, MONDAY_9)

    # It is of her company; the others would need a word of theirs as well.
    assert (line.change, line.people) == (Change.GAINS, ("anna",))


def test_people_are_counted_by_their_own_organization():
    people = CREW | {"anna": Subject(9, "seorak", "anna", frozenset({"hangang/vpn-users"}))}
    new = office_with("permit: [login:vpn]", "permit: [login:portal]")

    lost = [line for line in difference(office(), new, people, MONDAY_9) if line.change is Change.LOSES]

    assert [(line.organization, line.people) for line in lost] == [
        ("hangang", ("kim", "park")),
        ("seorak", ("anna",)),
    ]


def two_policies(seed: int) -> tuple[Policy, Policy]:
    """Two that have most rules in common, as a policy and its draft."""
    random = Random(seed)
    shared = [generated.rule(random, f"s{number}") for number in range(random.randint(0, 5))]
    own = [
        [generated.rule(random, f"o{number}") for number in range(random.randint(0, 2))]
        + [generated.requirement(random, "g")] * random.choice((0, 0, 1))
        for _ in range(2)
    ]
    first, second = (_policy(random, [*shared, *each]) for each in own)
    beside = _standing_rules(random) if random.random() < 0.5 else []
    return first.with_standing(beside, 1), second.with_standing(beside, 1)


def _standing_rules(random: Random) -> list[StandingChange]:
    """Grants and containments about some of the people and objects, some of them over."""
    found: list[StandingChange] = []
    for number in range(1, random.randint(2, 5)):
        subject = random.choice([each for each in SUBJECTS if each.id])
        kind = random.choice((StandingKind.GRANT, StandingKind.GRANT, StandingKind.CONTAINMENT))
        objects = (random.choice(OBJECTS),)
        until = random.choice((None, MONDAY_9, MONDAY_9 + 3600))
        who = (f"user:{subject.name}@{subject.organization}",)
        found.append((number, Standing(number, kind, who, objects, until=until, user_id=subject.id)))
    return found


def _policy(random: Random, rules: list[Rule]) -> Policy:
    random.shuffle(rules)
    networks = dict(NETWORKS)
    if random.random() < 0.2:
        networks["git"] = replace(networks["git"], organization=random.choice(generated.ORGANIZATIONS))
    prefer = random.choice((("guest", "staff"), ("staff", "guest"), ("lab", "guest", "staff")))
    return compile(Document("r", networks=networks, vdi=POOLS, rules=tuple(rules), prefer={"vlan": prefer}))


@given(SEEDS)
def test_the_difference_is_that_of_asking_about_everybody_and_everything(seed):
    old, new = two_policies(seed)
    now = generated.moment(Random(seed))

    said = {
        (name, line.object): line.change for line in difference(old, new, PEOPLE, now) for name in line.people
    }

    loose = loosened(old), loosened(new)
    for name, subject in PEOPLE.items():
        for object in OBJECTS:
            asked = [decide(each, subject, Request(object), now).permitted for each in loose]
            found = said.get((name, object))
            assert (found is Change.LOSES) == (asked == [True, False])
            assert (found is Change.GAINS) == (asked == [False, True])
            assert found in (None, Change.LOSES, Change.GAINS) or asked == [True, True]


@given(SEEDS)
def test_of_whom_nothing_is_said_every_decision_is_the_same_under_whatever_facts(seed):
    old, new = two_policies(seed)
    asked = generated.case(seed)

    lines = difference(old, new, {"x": asked.subject}, asked.now)

    if asked.object not in {line.object for line in lines}:
        before, after = both(old, new, asked)
        assert (before.effect, before.gives) == (after.effect, after.gives)


@given(SEEDS)
def test_who_neither_loses_nor_has_it_narrowed_keeps_it_under_whatever_facts(seed):
    old, new = (without_gifts(policy) for policy in two_policies(seed))
    asked = generated.case(seed)

    lines = difference(old, new, {"x": asked.subject}, asked.now)

    said = {line.object: line.change for line in lines}
    if said.get(asked.object) not in (Change.LOSES, Change.NARROWS):
        before, after = both(old, new, asked)
        assert after.permitted or not before.permitted


def both(old: Policy, new: Policy, asked: generated.Case) -> list[Decision]:
    request = Request(asked.object, asked.facts)
    return [decide(policy, asked.subject, request, asked.now) for policy in (old, new)]


def without_gifts(policy: Policy) -> Policy:
    """The policy without what can make permits contradict each other."""
    rules = tuple(replace(rule, gives=Gives()) for rule in policy.document.rules)
    return policy.standing_on(compile(replace(policy.document, rules=rules)))


@given(SEEDS)
def test_whoever_is_permitted_under_any_facts_could_reach_it(seed):
    case = generated.case(seed)

    decision = decide(case.policy, case.subject, Request(case.object, case.facts), case.now)

    assert not decision.permitted or could_reach(loosened(case.policy), case.subject, case.object, case.now)


def test_a_group_that_is_computed_otherwise_is_a_change_for_who_comes_and_goes():
    groups = "groups:\n  wanted: {{organization: hangang, any: [group:hangang/{0}]}}\n"
    rule = "  - {id: w, permit: [network:payroll], who: [group:hangang/wanted]}\n"
    whole = OFFICE.replace("prefer:", f"{rule}prefer:")
    old, new = (policy_of(whole + groups.format(each)) for each in ("contractors", "vpn-users"))

    assert changes(new, old) == [
        ("network:payroll", "loses", ("lee",)),
        ("network:payroll", "gains", ("kim", "park")),
    ]


def with_grant(policy: Policy, object: str) -> Policy:
    grant = Standing(7, StandingKind.GRANT, ("user:kim@hangang",), (object,), until=MONDAY_9 + 60)
    return policy.with_standing([(7, grant)], 1)


def test_a_grant_leaves_a_part_of_what_a_rule_took():
    rule = "  - {id: w, permit: [network:payroll], who: [user:kim@hangang, user:lee@hangang]}\n"

    lost = changes(with_grant(office(), "network:payroll"), with_grant(office(rule), "network:payroll"))

    assert lost == [
        ("network:payroll", "loses", ("lee",)),
        ("network:payroll", "narrows", ("kim",)),
    ]


def test_what_only_a_grant_gives_is_lost_and_narrowed_with_its_network():
    """No rule is about it, so only what stands beside the document tells of whom."""
    declared = "  guest: {organization: hangang, to: [10.40.0.0/16]}\n"
    there = with_grant(office_with("networks:\n", f"networks:\n{declared}"), "network:guest")
    smaller = with_grant(
        office_with("networks:\n", f"networks:\n{declared.replace('/16', '/24')}"), "network:guest"
    )
    gone = with_grant(office(), "network:guest")

    assert changes(gone, there) == [("network:guest", "loses", ("kim",))]
    assert changes(smaller, there) == [("network:guest", "narrows", ("kim",))]


def test_whoever_is_contained_has_nothing_that_a_rule_could_take():
    contained = Standing(8, StandingKind.CONTAINMENT, ("user:kim@hangang",), ("*",))
    old, new = (
        each.with_standing([(8, contained)], 1)
        for each in (office(), office_with("who: [group:hangang/engineering]", "who: [group:hangang/nobody]"))
    )

    assert changes(new, old) == [("vdi:desktops", "loses", ("lee",))]


def test_what_enters_a_zone_and_an_exception_that_goes_narrow():
    zones = "zones: {office: {holds: [network:intranet]}, lab: {holds: [network:git]}}\n"
    exception = (
        "  - {id: x, permit: [network:git], who: [user:kim@hangang], crosses: [office], owner: lee@hangang,"
        ' reason: {ko: x, en: x}, valid_to: "2027-01-01T00:00:00Z"}\n'
    )
    plain, zoned = policy_of(OFFICE), policy_of(OFFICE + zones)
    crossing = policy_of(OFFICE.replace("prefer:", exception + "prefer:") + zones)

    assert ("network:git", "narrows", ("kim",)) in changes(zoned, plain)
    assert ("network:git", "differs", ("kim",)) in changes(plain, zoned)
    assert changes(zoned, crossing) == [("network:git", "narrows", ("kim",))]
    assert changes(crossing, zoned) == [("network:git", "differs", ("kim",))]


def test_what_is_told_of_many_is_what_is_told_of_each_of_them_alone():
    told, alike = 0, 0
    for seed in range(20):
        random = Random(seed)
        rules = generated.case(seed).rules
        others = (replace(each, id=f"other-{each.id}") for each in generated.case(seed + 7000).rules[:2])
        old, new = generated.policy_of(rules), generated.policy_of((*rules[1:], *others))
        people = {}
        for number in range(1, 20):
            organization = random.choice(generated.ORGANIZATIONS)
            groups = frozenset(random.sample(("hangang/a", "hangang/b", "seorak/a", "seorak/x"), 2))
            people[f"{number:02}"] = Subject(number, organization, random.choice(("kim", "lee")), groups)

        together = difference(old, new, people, MONDAY_9)

        alone = [
            (line.object, line.change, line.organization, name)
            for name, subject in people.items()
            for line in difference(old, new, {name: subject}, MONDAY_9)
        ]
        listed = [
            (line.object, line.change, line.organization, name) for line in together for name in line.people
        ]
        assert sorted(listed) == sorted(alone), seed
        told += len(together)
        alike += len(listed) - len(together)
    assert min(told, alike) > 40
