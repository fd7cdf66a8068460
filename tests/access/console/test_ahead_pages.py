"""A draft with the clock moved forward, on its page: what it would do then, whose access ends until then."""

import pytest

from access.gateways.uses import Use
from access.store import last_uses
from tests.access.console.test_zone_pages import EXCEPTED
from tests.access.console.town import POLICY

RULES = POLICY[: POLICY.index("tests:")]
PAYROLL = "    who: [group:hangang/it-admins]\n"
ENDING = POLICY.replace(PAYROLL, f'{PAYROLL}    valid_to: "2027-02-01T00:00:00+09:00"\n')
LATER = POLICY.replace(
    PAYROLL, '    who: [group:hangang/vpn-users]\n    valid_from: "2027-02-01T00:00:00+09:00"\n'
)


def path(town, text):
    town.publish()
    return f"/console/policy/changes/{town.keep_draft(text)}/ahead"


def part(browser, name):
    """What stands under a heading, up to the next one."""
    return browser.page.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_whose_access_ends_by_a_draft_is_said_before_it_is_published(town, visit):
    boss, page = visit("boss@hangang"), path(town, ENDING)

    boss.get(page)
    assert "payroll-people" in part(boss, "ends")
    assert "boss@hangang" in part(boss, "ends")
    boss.get(f"{page}?at=2027-01-31T23:59")
    assert "payroll-people" not in part(boss, "ends")
    boss.get("/console/policy/proof?days=60")
    assert "payroll-people" not in part(boss, "ends")


def test_what_a_draft_would_do_is_told_of_the_moment_that_is_asked_for(town, visit):
    boss, page = visit("boss@hangang"), path(town, LATER)

    boss.get(f"{page}?at=2027-01-31T23:59")
    assert "gain" not in part(boss, "then")
    boss.get(f"{page}?at=2027-02-01T00:00")
    assert "gain" in part(boss, "then")
    assert "minjun.kim@hangang" in part(boss, "then")


def test_the_tests_of_a_draft_that_will_break_are_named(town, visit):
    tested = ENDING + PROMISE
    boss, page = visit("boss@hangang"), path(town, tested)

    boss.get(f"{page}?at=2027-03-01T00:00")

    assert "payroll is read" in part(boss, "ends")
    assert "will break" in part(boss, "ends")


PROMISE = """\
  - name: payroll is read
    who: {groups: [hangang/it-admins], organization: hangang}
    facts: {via: vpn, now: "2027-01-15T09:00:00+09:00"}
    accept: [network:payroll]
"""


def test_the_rules_of_a_draft_that_no_test_guards_are_named(town, visit):
    boss, page = visit("boss@hangang"), path(town, POLICY + PROMISE)

    boss.get(page)

    assert "engineers-desktops" in part(boss, "unguarded")
    assert "payroll-people" not in part(boss, "unguarded").partition("engineers-desktops")[0]


def test_the_page_of_a_draft_leads_there_and_back(town, visit):
    boss, page = visit("boss@hangang"), path(town, ENDING)

    boss.get(page.removesuffix("/ahead"))
    assert f'href="{page}"' in boss.page
    boss.get(page)
    assert f'href="{page.removesuffix("/ahead")}"' in boss.page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("whenever", "That is no time"),
        ("2027-01-01T00:00", "That moment has passed already."),
        ("2029-01-01T00:00", "At most 366 days ahead."),
    ],
)
def test_what_is_no_moment_to_come_is_refused_with_what_to_do(town, visit, typed, told):
    boss, page = visit("boss@hangang"), path(town, ENDING)

    assert boss.get(f"{page}?at={typed}").status_code == 400

    assert told in boss.page
    assert 'id="ends"' not in boss.page


def test_a_draft_that_cannot_be_read_is_not_tried(town, visit):
    boss, page = visit("boss@hangang"), path(town, "rules: [")

    assert boss.get(page).status_code == 400

    assert "The draft has mistakes" in boss.page


def test_no_other_company_and_no_helpdesk_looks_ahead(town, visit):
    page = path(town, ENDING)

    for name in ("anna.schmidt@namsan", "desk@hangang"):
        somebody = visit(name)
        assert somebody.get(page).status_code == 403
        assert "payroll" not in somebody.page
    assert visit("watcher@hangang").get(page).status_code == 200


def test_exceptions_to_zones_of_a_draft_end_there_too(town, visit):
    boss, page = visit("boss@hangang"), path(town, EXCEPTED)

    boss.get(f"{page}?at=2027-12-31T00:00")

    assert "exception near to the zones ends" in part(boss, "ends")


def test_the_page_is_there_in_korean(town, visit):
    boss, page = visit("boss@hangang", language="ko"), path(town, ENDING)

    boss.get(page)

    assert "테스트와 기한" in boss.page
    assert "기간이 끝납니다" in part(boss, "ends")


def test_days_that_are_still_to_come_are_no_days_without_use(town, visit):
    boss, page = visit("boss@hangang"), path(town, POLICY.replace("hangang/vpn-users", "hangang/engineering"))
    with town.database.write() as conn:
        last_uses.note(conn, [Use(town.ids["minjun.kim"], "login:vpn", town.now - 5 * 86400)])

    boss.get(f"{page}?at=2027-04-01T00:00")

    assert "not open to a session of theirs in 5 days" in part(boss, "then")


def test_where_use_is_remembered_since_today_no_days_are_named(town, visit):
    boss, page = visit("boss@hangang"), path(town, POLICY.replace("hangang/vpn-users", "hangang/engineering"))
    with town.database.write() as conn:
        last_uses.note(conn, [Use(town.ids["minjun.kim"], "login:vpn", town.now - 60)])

    boss.get(page.removesuffix("/ahead"))

    assert "Long unused: never yet open to a session of theirs." in boss.page
