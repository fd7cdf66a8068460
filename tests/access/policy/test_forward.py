from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from access.policy.compiled import Policy
from access.policy.forward import EndKind, breaking, ends, moved
from access.policy.kept_texts import policy_of
from access.policy.standing import Standing, StandingKind
from access.policy.vocabulary import World
from access.policy.waves import Wave
from tests.access.policy.samples import HOUR, MONDAY_9, OFFICE, person

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
DAY = 24 * HOUR
AUDIT = """\
  - {id: audit, permit: [network:payroll], who: [user:kim@hangang, user:lee@hangang], valid_to: %s}
"""
DEC_1 = '"2026-12-01T00:00:00+09:00"'
TEST = """\
tests:
  - name: the audit
    who: {user: kim@hangang}
    facts: {now: "2026-11-23T09:00:00+09:00"}
    accept: [network:payroll]
"""
KIM, LEE = person(name="kim"), person("hangang/engineering", name="lee")
WORLD = World(users={"kim@hangang": KIM, "lee@hangang": LEE})


def at(text: str, zone: ZoneInfo = SEOUL) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def office(rules: str = "", tests: str = "") -> Policy:
    return policy_of(OFFICE.replace("prefer:", rules + "prefer:") + tests)


def names(policy: Policy, moment: float, now: float = MONDAY_9) -> list[str]:
    return [failure.name for failure in breaking(policy, WORLD, now, moment, SEOUL)]


def test_a_test_moves_to_the_same_weekday_and_time_of_the_day_and_its_code_with_it():
    policy = office(tests=TEST.replace("facts: {", "facts: {otp_age: 5m, ").replace("payroll", "intranet"))
    (test,) = policy.document.tests

    later = moved(test, MONDAY_9 + 10 * DAY, SEOUL)

    assert later.now == MONDAY_9 + 14 * DAY
    assert later.facts.otp_at == later.now - 300
    assert moved(test, MONDAY_9 - DAY, SEOUL) is test


def test_a_test_keeps_the_time_of_the_day_over_the_end_of_summer_time():
    (test,) = office(tests=TEST).document.tests
    summer = replace(test, now=at("2026-10-19T09:00", BERLIN))

    assert moved(summer, at("2026-10-26T00:00", BERLIN), BERLIN).now == at("2026-10-26T09:00", BERLIN)


def test_a_test_breaks_once_the_rule_it_stands_on_has_ended():
    policy = office(AUDIT % DEC_1, TEST)

    assert names(policy, at("2026-11-23T12:00")) == []
    assert names(policy, at("2026-12-01T00:00")) == ["the audit"]
    assert names(office(AUDIT % '"2027-12-01T00:00:00+09:00"', TEST), at("2026-12-01T00:00")) == []


def test_a_test_about_a_day_of_its_own_does_not_break_with_time():
    ended = TEST.replace("accept", "deny").replace("the audit", "its end").replace("11-23", "12-01")
    starts = 'valid_from: "2026-11-01T00:00:00Z"'
    began = f"  - {{id: audit, permit: [network:payroll], who: [user:kim@hangang], {starts}}}\n"
    before = TEST.replace("accept", "deny").replace("2026-11-23", "2026-10-26")

    assert names(office(AUDIT % DEC_1, ended), at("2026-11-24T00:00")) == []
    assert names(office(began, before), at("2026-12-24T00:00")) == []


def test_a_holiday_breaks_no_test():
    text = OFFICE.replace(
        'to: "20:00", zone: Asia/Seoul', 'to: "20:00", zone: Asia/Seoul, except: korean-holidays'
    )
    friday = """\
tests:
  - name: fridays
    who: {groups: [hangang/vpn-users], organization: hangang}
    facts: {otp_age: 5m, now: "2026-11-20T09:00:00+09:00"}
    accept: [login:vpn]
"""

    assert names(policy_of(text + friday), at("2026-12-20T00:00")) == []


def told(
    policy: Policy, until: str, world: World = WORLD
) -> list[tuple[EndKind, str, dict[str, tuple[str, ...]]]]:
    found = ends(policy, world, MONDAY_9, at(until), SEOUL)
    return [(end.kind, end.subject, dict(end.loses)) for end in found]


def test_a_rule_that_ends_names_whom_no_other_rule_permits_the_same():
    other = "  - {id: always, permit: [network:payroll], who: [group:hangang/engineering]}\n"

    assert told(office(AUDIT % DEC_1), "2026-12-31") == [
        (EndKind.RULE, "audit", {"network:payroll": ("kim@hangang", "lee@hangang")})
    ]
    assert told(office(AUDIT % DEC_1 + other), "2026-12-31") == [
        (EndKind.RULE, "audit", {"network:payroll": ("kim@hangang",)})
    ]
    assert told(office(AUDIT % DEC_1), "2026-11-30") == []


def test_a_membership_that_ends_names_what_is_lost_with_it():
    kim = replace(KIM, ending=(("hangang/engineering", MONDAY_9 + DAY),))
    lasting = replace(kim, groups=frozenset({"hangang/engineering"}))

    assert told(office(), "2026-12-31", World(users={"kim@hangang": kim})) == [
        (
            EndKind.MEMBERSHIP,
            "kim@hangang (hangang/engineering)",
            {"network:git": ("kim@hangang",), "vdi:desktops": ("kim@hangang",)},
        )
    ]
    assert told(office(), "2026-12-31", World(users={"kim@hangang": lasting})) == []


GRANT = Standing(3, StandingKind.GRANT, ("user:kim@hangang",), ("network:payroll",), until=MONDAY_9 + DAY)


def test_a_grant_that_ends_names_what_nothing_else_permits():
    always = "  - {id: always, permit: [network:payroll], who: [user:kim@hangang]}\n"

    granted = told(office().with_standing([(3, GRANT)], 1), "2026-12-31")
    permitted = told(office(always).with_standing([(3, GRANT)], 1), "2026-12-31")

    assert granted == [(EndKind.STANDING, "grant-3", {"network:payroll": ("kim@hangang",)})]
    assert permitted == [(EndKind.STANDING, "grant-3", {})]


def test_a_rule_that_ends_takes_nothing_that_a_grant_still_gives():
    lasting = replace(GRANT, until=None)

    assert told(office(AUDIT % DEC_1).with_standing([(3, lasting)], 1), "2026-12-31") == [
        (EndKind.RULE, "audit", {"network:payroll": ("lee@hangang",)})
    ]


def test_whoever_is_contained_loses_nothing_by_an_end():
    contained = Standing(4, StandingKind.CONTAINMENT, ("user:kim@hangang",), ("*",), until=None)

    assert told(office(AUDIT % DEC_1).with_standing([(4, contained)], 1), "2026-12-31") == [
        (EndKind.RULE, "audit", {"network:payroll": ("lee@hangang",)})
    ]


def test_an_exception_to_the_zones_that_ends_is_told_although_its_object_stays():
    zones = "zones: {office: {holds: [network:intranet]}, vault: {holds: [network:payroll]}}\n"
    always = "  - {id: always, permit: [network:payroll], who: [user:kim@hangang]}\n"
    crossing = (AUDIT % DEC_1).replace(
        "valid_to", "crosses: [office], owner: lee@hangang, reason: {ko: x, en: x}, valid_to"
    )

    found = told(office(crossing + always, zones), "2026-12-31")

    assert found == [
        (EndKind.CROSSING, "audit", {"network:payroll": ("kim@hangang", "lee@hangang")}),
        (EndKind.RULE, "audit", {"network:payroll": ("lee@hangang",)}),
    ]


def test_while_a_newer_policy_speaks_for_some_each_is_told_by_the_one_that_speaks_for_them():
    wave = Wave(organizations=frozenset({"seorak"}))
    there = replace(LEE, organization="seorak")
    world = World(users={"kim@hangang": KIM, "lee@seorak": there})
    rule = AUDIT.replace("lee@hangang", "lee@seorak")
    both = office(rule % DEC_1).in_waves(office(rule % '"2026-12-05T00:00:00+09:00"'), wave)

    assert [(end.at, dict(end.loses)) for end in ends(both, world, MONDAY_9, at("2026-12-31"), SEOUL)] == [
        (at("2026-12-01"), {"network:payroll": ("kim@hangang",)}),
        (at("2026-12-05"), {}),
    ]


def test_a_calendar_that_runs_out_is_told_where_a_rule_asks_for_it():
    rule = (
        "  - {id: h, permit: [network:payroll], who: [user:kim@hangang], when: {holiday: korean-holidays}}\n"
    )

    assert told(office(rule), "2031-01-02") == [(EndKind.HOLIDAYS, "korean-holidays", {})]
    assert told(office(), "2031-01-02") == []


@pytest.mark.parametrize(("until", "broken"), [("2026-12-31", True), ("2026-11-23T10:00", False)])
def test_a_test_that_will_break_is_told_with_the_first_week_in_which_it_does(until, broken):
    found = ends(office(AUDIT % DEC_1, TEST), WORLD, MONDAY_9, at(until), SEOUL)

    tests = [end for end in found if end.kind is EndKind.TEST]
    assert bool(tests) is broken
    if broken:
        assert [(end.subject, end.at) for end in tests] == [("the audit", MONDAY_9 + 14 * DAY)]
        assert tests[0].to("en") == "test 'the audit' will break"
