"""The zones and the exceptions to them, and what ends in how many days, on the pages."""

import pytest

from tests.access.console.town import POLICY

RULES = POLICY[: POLICY.index("tests:")]
ZONED = RULES.replace(
    "rules:\n",
    """zones:
  work: {holds: [network:intranet], title: {ko: 업무망, en: Work}}
  money: {holds: [network:payroll]}
rules:
""",
    1,
)
CROSSING = """  - {{id: {0}, permit: [network:payroll], who: [group:hangang/it-admins], crosses: [work],
     owner: {1},
     reason: {{ko: 이전, en: Moving house}}, valid_to: "{2}T00:00:00+09:00"}}
"""
EXCEPTED = (
    ZONED
    + CROSSING.format("far", "boss@hangang", "2027-12-01")
    + CROSSING.format("near", "seoyeon.lee@hangang", "2027-01-20")
    + CROSSING.format("past", "boss@hangang", "2027-01-10")
)


def test_the_exceptions_are_listed_with_owner_and_end_the_next_first(town, visit):
    town.publish(EXCEPTED)
    boss = visit("boss@hangang")

    boss.get("/console/policy/zones")

    order = [boss.page.index(f">{rule}</a>") for rule in ("near", "far", "past")]
    assert order == sorted(order)
    near, far, past = (boss.page[at:end] for at, end in zip(order, [*order[1:], None], strict=True))
    assert "seoyeon.lee@hangang" in near
    assert "Moving house" in near
    assert "ends in" in near
    assert "in force" in far
    assert ">over<" in past
    assert all("network:payroll" in each and "group:hangang/it-admins" in each for each in (near, far, past))
    assert "money beside Work" in near


def test_the_policy_leads_there_and_without_exceptions_it_says_so(town, visit):
    town.publish(ZONED)
    watcher = visit("watcher@hangang")

    watcher.get("/console/policy")
    assert 'href="/console/policy/zones"' in watcher.page
    watcher.get("/console/policy/zones")
    assert "No rule is an exception to the zones." in watcher.page
    assert "Work" in watcher.page


def test_without_zones_or_a_policy_it_says_so(town, visit):
    boss = visit("boss@hangang")
    boss.get("/console/policy/zones")
    assert "The policy in force has no zones." in boss.page

    town.publish()
    boss.get("/console/policy/zones")
    assert "The policy in force has no zones." in boss.page


def test_zones_are_shown_to_the_head_office_alone(town, visit):
    town.publish(EXCEPTED)
    for name in ("anna.schmidt@namsan", "desk@hangang"):
        somebody = visit(name)
        assert somebody.get("/console/policy/zones").status_code == 403
        assert "payroll" not in somebody.page


def test_they_are_there_in_korean(town, visit):
    town.publish(EXCEPTED)
    boss = visit("boss@hangang", language="ko")

    boss.get("/console/policy/zones")

    assert "업무망" in boss.page
    assert "업무망에 있으면서 money도 이용: 이전" in boss.page


def test_what_ends_is_shown_as_many_days_ahead_as_are_asked_for(town, visit):
    town.publish(EXCEPTED)
    boss = visit("boss@hangang")

    boss.get("/console/policy/proof")
    assert "near" in ends(boss)
    assert "far" not in ends(boss)
    boss.get("/console/policy/proof?days=366")
    assert "Ends within 366 days" in boss.page
    assert "far" in ends(boss)


@pytest.mark.parametrize("typed", ["0", "367", "-1", "soon", "99999"])
def test_what_is_no_number_of_days_is_said(town, visit, typed):
    town.publish()
    boss = visit("boss@hangang")

    assert boss.get(f"/console/policy/proof?days={typed}").status_code == 400

    assert "Write a number of days up to 366." in boss.page
    assert "Ends within 30 days" in boss.page


def ends(browser):
    return browser.page.partition('id="ends"')[2]
