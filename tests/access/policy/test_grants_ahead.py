"""What a document would do to grants that run, beside what it is to do to rules."""

import pytest

from access.model import Facts, Reason, Request, Subject, Via
from access.policy.compiled import Policy
from access.policy.decide import decide
from access.policy.grants_ahead import Fate, GrantAhead, grants_ahead
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from tests.access.policy.samples import HOUR, MONDAY_9
from tests.access.policy.test_grant_zones import END, KIM, OFF_THE_AIR, TEXT, exception, permit

UNTIL = MONDAY_9 + 2 * HOUR
LEE = Subject(2, "hangang", "lee", frozenset({"hangang/b"}))
CHOI = Subject(3, "seorak", "choi", frozenset())
PEOPLE = {each.id: each for each in (KIM, LEE)}
INTO_ANOTHER = permit("one", "network:intranet")


def granted(object: str = "network:git", number: int = 7, **more: object) -> Standing:
    said: dict[str, object] = {"user_id": 1, "who": ("user:kim@hangang",), "organization": "hangang"}
    said |= {"since": MONDAY_9 - HOUR, "until": UNTIL} | more
    return Standing(number, StandingKind.GRANT, objects=(object,), **said)  # type: ignore[arg-type]


def beside(text: str, *grants: Standing) -> Policy:
    return policy_of(text).with_standing([(each.id, each) for each in grants], 1)


def ahead(
    new: str, *grants: Standing, old: str = TEXT, people: dict[int, Subject] = PEOPLE
) -> tuple[GrantAhead, ...]:
    grants = grants or (granted(),)
    return grants_ahead(beside(old, *grants), beside(new, *grants), people, MONDAY_9)


def test_a_permit_that_would_have_whoever_has_a_grant_in_a_second_zone_names_the_grant():
    (found,) = ahead(TEXT + INTO_ANOTHER)

    assert (found.rule, found.whom, found.object, found.until) == (
        "grant-7",
        "kim@hangang",
        "network:git",
        UNTIL,
    )
    assert found.fate is Fate.TWO_ZONES
    assert found.organizations == {"hangang"}
    assert found.doors == {Via.VPN, Via.WIRED}
    assert found.zones_in("ko") == "development, 업무망"
    assert found.zones_in("en") == "development, Business"
    assert found.doors_in("ko") == "VPN, 유선"


def test_what_is_named_is_what_happens():
    grant = granted()
    asked = Request("network:git", Facts(via=Via.VPN))
    old, new = (beside(text, grant) for text in (TEXT, TEXT + INTO_ANOTHER))

    assert decide(old, KIM, asked, MONDAY_9).permitted
    assert decide(new, KIM, asked, MONDAY_9).reason is Reason.POLICY_CONFLICT


@pytest.mark.parametrize(
    ("rules", "doors"),
    [
        ("", set()),
        (permit("one", "network:builds"), set()),
        (permit("one", "network:intranet", "user:lee@hangang"), set()),
        (permit("one", "network:intranet", more="when: {via: wired}"), {"wired"}),
        (permit("late", "network:intranet", more=f'valid_from: "{END}"'), set()),
        (permit("over", "network:intranet", more='valid_to: "2026-11-23T08:30:00+09:00"'), set()),
        (permit("desk", "login:wired", more="gives: {vlan: staff}"), {"wired"}),
        (permit("air", "login:wireless"), set()),
        (INTO_ANOTHER + exception("network:intranet", "development").replace("one", "other"), set()),
    ],
)
def test_nothing_is_said_of_doors_at_which_the_grant_goes_on(rules: str, doors: set[str]):
    assert {door for each in ahead(TEXT + rules) for door in each.doors} == doors


def test_a_grant_that_was_had_by_some_doors_is_compared_at_those():
    wire = permit("one", "network:intranet", more="when: {via: wired}")

    assert ahead(TEXT + wire, granted(doors=("vpn",))) == ()
    assert [each.doors for each in ahead(TEXT + INTO_ANOTHER, granted(doors=("vpn",)))] == [{Via.VPN}]


def test_only_doors_are_named_at_which_its_person_may_log_in_or_by_which_it_is_had():
    doorless = "\n".join(line for line in TEXT.splitlines() if "door," not in line) + "\n"

    assert [each.doors for each in ahead(TEXT + INTO_ANOTHER, granted("network:web"))] == [OFF_THE_AIR]
    by_vpn = ahead(doorless + INTO_ANOTHER, granted(doors=("vpn",)), old=doorless)
    assert [each.doors for each in by_vpn] == [{Via.VPN}]


def test_what_was_in_two_zones_before_is_no_news():
    assert ahead(TEXT + INTO_ANOTHER + permit("more", "network:clock"), old=TEXT + INTO_ANOTHER) == ()


def test_a_zone_that_is_made_or_gets_another_network_is_looked_at_for_everybody():
    had = TEXT + permit("one", "network:clock")

    (found,) = ahead(had.replace("holds: [network:web", "holds: [network:clock, network:web"), old=had)

    assert (found.fate, found.zones_in("en")) == (Fate.TWO_ZONES, "development, internet")


MORE = TEXT.replace("hours:", "  more: {organization: hangang, to: [10.6.0.0/24]}\nhours:")
ZONED = MORE.replace("holds: [network:web", "holds: [network:more, network:web")


def test_two_grants_that_a_zone_comes_between_are_both_named():
    found = ahead(ZONED, granted(), granted("network:more", 8), old=MORE)

    assert [each.rule for each in found] == ["grant-7", "grant-8"]


def test_what_somebody_else_was_granted_is_not_held_against_it():
    theirs = granted("network:more", 8, user_id=2, who=("user:lee@hangang",))

    assert ahead(ZONED, granted(), theirs, old=MORE) == ()


def test_a_group_that_is_computed_otherwise_counts():
    grouped = TEXT.replace("rules:", "groups:\n  c: {organization: hangang, any: ['%s']}\nrules:") + permit(
        "one", "network:intranet", "group:hangang/c"
    )

    found = ahead(grouped % "user:kim@hangang", old=grouped % "user:lee@hangang")

    assert [each.fate for each in found] == [Fate.TWO_ZONES]


def test_a_grant_of_what_is_not_in_the_document_any_more_is_named():
    without = "\n".join(line for line in TEXT.splitlines() if "clock" not in line)

    (found,) = ahead(without, granted("network:clock"))

    assert (found.fate, found.object) == (Fate.GONE, "network:clock")
    assert ahead(TEXT, granted("network:clock"), old=without) == ()


SOLD = TEXT.replace("clock: {organization: hangang", "clock: {organization: seorak")


def test_a_grant_of_what_gets_another_owner_is_named_to_both_companies():
    (found,) = ahead(SOLD, granted("network:clock"))

    assert (found.fate, found.organizations) == (Fate.MOVED, {"hangang", "seorak"})
    theirs = granted("network:clock", user_id=3, who=("user:choi@seorak",))
    assert [each.organizations for each in ahead(SOLD, theirs, people={3: CHOI})] == [{"hangang", "seorak"}]
    assert ahead(TEXT, granted("network:clock"), old=SOLD) == ()


def test_what_gave_nothing_before_is_no_news():
    assert ahead(SOLD, granted("network:clock", organization="namsan")) == ()
    assert ahead(TEXT + INTO_ANOTHER, granted("network:gone", organization="")) == ()


def test_a_grant_speaks_for_the_company_that_has_granted_it_and_for_no_later_owner():
    grant = granted("network:clock", user_id=3, who=("user:choi@seorak",))
    out = "  - {id: out, permit: [network:clock], who: [organization:seorak], organization: seorak}\n"
    asked = Request("network:clock", Facts(via=Via.VPN))

    assert decide(beside(TEXT + out, grant), CHOI, asked, MONDAY_9).permitted
    assert not decide(beside(SOLD, grant), CHOI, asked, MONDAY_9).permitted


def test_nothing_is_said_of_grants_that_are_over_or_whose_account_does_not_count():
    assert ahead(TEXT + INTO_ANOTHER, granted(until=MONDAY_9)) == ()
    assert ahead(TEXT + INTO_ANOTHER, people={2: LEE}) == ()


def test_before_the_first_policy_there_is_nothing_that_goes_on():
    assert grants_ahead(None, beside(TEXT + INTO_ANOTHER, granted()), PEOPLE, MONDAY_9) == ()
