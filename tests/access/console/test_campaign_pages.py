"""Campaigns of reviews on the pages: started, reminded of, announced, closed, and by nobody who may not."""

import re

import pytest
from sqlalchemy import select

from access.changes.outlook import Budget
from access.changes.reviewing import Fate, Told
from access.store import taken_lately
from access.store.policy_shelf import StoredPolicies
from access.store.tables import notices
from access.store.taken_lately import Act
from tests.access.console.town import POLICY

ADMINS = "    who: [group:hangang/it-admins]\n"
OWNED = POLICY.replace(ADMINS, f"{ADMINS}    owner: minjun.kim@hangang\n    review: 2027-01-01\n")
PAGE = "/console/reviews"
FORM = {"until": "2027-01-31", "which": "due", "organization": "", "unsigned": "silence"}


@pytest.fixture
def ready(town):
    town.publish(OWNED)
    return town


@pytest.fixture
def strict(town):
    """One person is too many."""
    town.publish(OWNED)
    town.budget = Budget(percent=0, people=1)
    return town


@pytest.fixture
def two(town):
    """Two people are too many."""
    town.publish(OWNED)
    town.budget = Budget(percent=0, people=2)
    return town


def start(browser, **other):
    browser.get(PAGE)
    return browser.post(f"{PAGE}/campaigns", **{**FORM, **other})


def rows(town):
    return town.gate().policy.reviews.open_reviews()


def close(browser, unsigned="silence"):
    """Look what closing would do, and do it."""
    page = f"{PAGE}/campaigns/1/close"
    browser.get(f"{page}?unsigned={unsigned}")
    seen = re.search(r'name="seen" value="([^"]*)"', browser.page)
    return browser.post(page, unsigned=unsigned, seen=seen[1] if seen else "?")


def letters(town):
    with town.database.read() as conn:
        return sorted(conn.execute(select(notices.c.kind)).scalars())


def test_a_campaign_is_started_and_its_progress_is_shown(ready, visit):
    boss = visit("boss@hangang")

    start(boss)

    assert "Review 1 has begun: 1 permits." in boss.page
    (row,) = rows(ready)
    assert (row.rule, row.started_by, row.fate) == ("payroll-people", "boss@hangang", Fate.SILENCE)
    assert "0 of 1 signed" in boss.page
    assert "minjun.kim@hangang: " in boss.page

    boss.post(f"{PAGE}/{row.id}/sign", seen=row.meaning, answer="keep", note="away")
    assert "1 of 1 signed" in boss.page
    assert "Who has not signed" not in boss.page


def test_all_permits_of_one_company_can_be_asked_about(ready, visit):
    boss = visit("boss@hangang")

    start(boss, which="all", organization="hangang")

    assert {each.rule for each in rows(ready)} == {"staff-vpn", "engineers-desktops", "payroll-people"}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"until": ""}, "Choose the last day"),
        ({"until": "soon"}, "Choose the last day"),
        ({"until": "2020-01-01"}, "The last day is over already."),
        ({"organization": "namsan"}, "No permit is due for review"),
    ],
)
def test_what_cannot_be_started_says_why(ready, visit, other, told):
    boss = visit("boss@hangang")

    assert start(boss, **other).status_code == 409

    assert told in boss.page
    assert rows(ready) == []


def test_owners_are_reminded_once_and_the_letter_of_three_days_before_is_then_sent_no_more(ready, visit):
    boss = visit("boss@hangang")
    start(boss)
    before = letters(ready)

    boss.post(f"{PAGE}/campaigns/1/remind")

    assert "1 owners are reminded." in boss.page
    assert len(letters(ready)) == len(before) + 1
    assert rows(ready)[0].told is Told.SOON
    assert boss.post(f"{PAGE}/campaigns/1/remind").status_code == 409
    assert "There is nobody to remind" in boss.page
    assert len(letters(ready)) == len(before) + 1


def test_closing_shows_who_loses_what_and_stops_it_and_it_can_speak_again(ready, visit):
    boss = visit("boss@hangang")
    start(boss)

    boss.get(f"{PAGE}/campaigns/1/close")
    assert "network:payroll" in boss.page
    assert "boss@hangang" in boss.page
    assert rows(ready)[0].closed_at is None
    close(boss)

    assert "Review 1 is closed. Unsigned: 1." in boss.page
    (row,) = rows(ready)
    assert row.stopped is not None
    boss.post(f"{PAGE}/{row.id}/resume")
    assert "payroll-people speaks again." in boss.page
    assert rows(ready) == []


def test_closing_harder_than_owners_were_told_takes_telling_them_first(ready, visit):
    boss = visit("boss@hangang")
    start(boss, unsigned="keep")

    assert boss.get(f"{PAGE}/campaigns/1/close?unsigned=end").status_code == 409
    assert "Their owners were not told that." in boss.page
    boss.post(f"{PAGE}/campaigns/1/announce", unsigned="end")
    assert "The owners of what is unsigned are told." in boss.page
    assert boss.get(f"{PAGE}/campaigns/1/close?unsigned=end").status_code == 200


def test_what_takes_more_than_one_person_may_take_is_closed_with_everything_kept_alone(strict, visit):
    boss = visit("boss@hangang")
    start(boss)

    assert close(boss).status_code == 409
    assert "More than one person may take." in boss.page
    assert rows(strict)[0].closed_at is None
    close(boss, unsigned="keep")
    assert rows(strict) == []


def test_what_a_closing_takes_counts_with_what_else_its_author_took_that_day(two, visit):
    """The closing and the publication are each within the budget, and both together are not."""
    boss = visit("boss@hangang")
    start(boss)

    close(boss)

    assert "Review 1 is closed." in boss.page
    lately = two.gate().policy.shelf.taken_lately(two.user("boss").id, two.now)
    assert lately == {"hangang": frozenset({"boss@hangang"})}
    closed = OWNED.replace("who: [group:hangang/engineering]", "who: [user:boss@hangang]")
    desk = two.gate().policy
    told = desk.publish(closed[: closed.index("tests:")], desk.shelf.in_force(), two.user("boss"), "")
    assert told.waits


def test_a_closing_counts_what_its_author_published_that_day(two, visit):
    with two.database.write() as conn:
        taken = {"hangang": frozenset({"minjun.kim@hangang"})}
        taken_lately.add(conn, two.user("boss").id, Act.PUBLISHED, taken, two.now - 60)
    boss = visit("boss@hangang")
    start(boss)

    assert close(boss).status_code == 409
    assert "More than one person may take." in boss.page


def test_what_was_signed_since_the_page_was_opened_is_looked_at_again(ready, visit):
    boss = visit("boss@hangang")
    start(boss)
    (row,) = rows(ready)
    boss.post(f"{PAGE}/{row.id}/sign", seen=row.meaning, answer="keep", note="away")

    answer = boss.post(f"{PAGE}/campaigns/1/close", unsigned="silence", seen="payroll-people")

    assert answer.status_code == 409
    assert "Somebody has signed or changed something meanwhile." in boss.page
    assert rows(ready)[0].closed_at is None


def test_a_review_does_not_shut_out_whoever_closes_it(town, visit):
    door = "  - {id: door, permit: [login:portal], who: [organization:hangang]}\n"
    town.publish(POLICY[: POLICY.index("tests:")] + door)
    boss = visit("boss@hangang")
    start(boss, which="all")

    assert close(boss).status_code == 409

    assert "You could not sign in here any more" in boss.page
    assert all(each.closed_at is None for each in rows(town))


ACTIONS = ("campaigns", "campaigns/1/remind", "campaigns/1/announce", "campaigns/1/close", "{row}/resume")


def refused(town, browser, status):
    for action in ACTIONS:
        path = f"{PAGE}/{action.format(row=rows(town)[0].id)}"
        assert browser.post(path, **FORM, seen="payroll-people").status_code == status, action


@pytest.mark.parametrize("name", ["anna.schmidt@namsan", "watcher@hangang", "desk@hangang"])
def test_nobody_runs_campaigns_but_administrators_of_the_head_office(ready, visit, name):
    start(visit("boss@hangang"))
    before = rows(ready)
    somebody = visit(name)

    somebody.get(PAGE)
    assert "Start a review" not in somebody.page
    assert somebody.get(f"{PAGE}/campaigns/1/close").status_code == 403
    refused(ready, somebody, 403)
    assert rows(ready) == before


def test_another_company_is_not_told_how_far_a_campaign_is(ready, visit):
    start(visit("boss@hangang"))
    anna = visit("anna.schmidt@namsan")

    anna.get(PAGE)

    assert not [word for word in ("of 1 signed", "minjun.kim", "payroll") if word in anna.page]


def test_whoever_is_held_to_zones_runs_none(ready, visit, monkeypatch):
    boss = visit("boss@hangang")
    start(boss)
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset({"research"}))

    refused(ready, boss, 403)


def test_all_of_it_takes_a_fresh_code_and_the_token_of_the_form(ready, visit):
    boss = visit("boss@hangang")
    start(boss)
    before = rows(ready)
    for action in ACTIONS:
        path = f"{PAGE}/{action.format(row=before[0].id)}"
        assert boss.post_bare(path, **FORM).status_code == 400
    ready.now += 700
    boss.get(PAGE)
    for action in ACTIONS:
        boss.get(PAGE)
        boss.post(f"{PAGE}/{action.format(row=before[0].id)}", **FORM, seen="payroll-people")
        assert boss.path == "/confirm"
    assert rows(ready) == before


def test_the_pages_are_there_in_korean(ready, visit):
    boss = visit("boss@hangang", language="ko")

    start(boss)
    assert "1건 중 0건 서명" in boss.page
    boss.get(f"{PAGE}/campaigns/1/close")
    assert "서명할 때까지 멈춥니다" in boss.page
