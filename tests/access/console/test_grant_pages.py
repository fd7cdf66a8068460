"""Temporary access as administrators see it: what runs and what ended of their company, and ending it."""

import pytest

from access.policy.standing import State
from tests.access.console.test_access_pages import OPEN_TO_ASK, WISH, may, told

TWO_WEEKS = 14 * 86400


@pytest.fixture
def granted(town, visit):
    """Somebody of hangang was granted something of hangang's."""
    town.publish(OPEN_TO_ASK)
    minjun, owner = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    minjun.get("/access")
    minjun.post("/access", **WISH)
    owner.get("/access")
    owner.post("/access/1/approve")
    assert may(town).permitted
    return town


def open_page(visit, name: str, **more):
    browser = visit(name, **more)
    browser.get("/console/grants")
    return browser


def test_an_administrator_who_owns_nothing_ends_a_grant_and_the_person_is_told(granted, visit):
    boss = open_page(visit, "boss@hangang")
    for shown in ("minjun.kim@hangang", "network:payroll", "The audit", "November", "seoyeon.lee@hangang"):
        assert shown in boss.page
    assert "ended by hand" not in boss.page

    boss.post("/console/grants/1/revoke")

    assert "It is over; the person is told." in boss.page
    assert not may(granted).permitted
    assert told(granted)[-1] == ("minjun.kim", "access-ended")
    assert granted.standing.grant(1).ended_by == "boss@hangang"
    assert "ended by hand" in boss.page
    boss.post("/console/grants/1/revoke")
    assert "That is over, or not yours to end." in boss.page


def test_what_waits_for_an_owner_is_taken_back_and_granted_by_nobody_here(granted, visit):
    seoyeon = visit("seoyeon.lee@hangang")
    seoyeon.get("/access")
    seoyeon.post("/access", **WISH)
    boss = open_page(visit, "boss@hangang")
    assert "waits for seoyeon.lee@hangang, minjun.kim@hangang" in boss.page
    boss.post("/access/2/approve")
    assert granted.standing.grant(2).state is State.ASKED

    boss.post("/console/grants/2/revoke")

    assert granted.standing.grant(2).state is State.ENDED


def test_an_administrator_of_another_company_sees_and_ends_nothing(granted, visit):
    anna = open_page(visit, "anna.schmidt@namsan")
    for hidden in ("minjun", "payroll", "The audit", "November", "grant-1"):
        assert hidden not in anna.page

    anna.post("/console/grants/1/revoke")
    refused = anna.page
    anna.post("/console/grants/999/revoke")

    assert may(granted).permitted
    assert "There is no such grant here." in refused
    assert "There is no such grant here." in anna.page
    granted.standing.close_over(granted.now + 7200)
    anna.get("/console/grants")
    assert "minjun" not in anna.page


def test_what_is_granted_to_somebody_of_another_company_is_its_owners_administrators_to_end(town, visit):
    both = OPEN_TO_ASK.replace("longest: 4h,", "longest: 4h, who: [organization:namsan],")
    town.publish(both)
    rival, owner = visit("rival@namsan"), visit("seoyeon.lee@hangang")
    rival.get("/access")
    rival.post("/access", **WISH)
    owner.get("/access")
    owner.post("/access/1/approve")
    assert town.standing.grant(1).state is State.STANDING
    anna, boss = open_page(visit, "anna.schmidt@namsan"), open_page(visit, "boss@hangang")
    assert "rival@namsan" not in anna.page
    assert "rival@namsan" in boss.page

    anna.post("/console/grants/1/revoke")
    assert town.standing.grant(1).state is State.STANDING
    boss.post("/console/grants/1/revoke")

    assert town.standing.grant(1).state is State.ENDED


def test_an_auditor_looks_and_ends_nothing(granted, visit):
    watcher = open_page(visit, "watcher@hangang")

    assert "network:payroll" in watcher.page
    assert "/console/grants/1/revoke" not in watcher.page
    assert watcher.post("/console/grants/1/revoke").status_code == 403
    assert may(granted).permitted


@pytest.mark.parametrize(("language", "words"), [("en", "ran out"), ("ko", "기한 만료")])
def test_what_ran_out_is_shown_for_two_weeks(granted, visit, language, words):
    granted.now += 7200
    assert words in open_page(visit, "boss@hangang", language=language).page
    granted.standing.close_over(granted.now)

    granted.now += TWO_WEEKS - 600
    boss = open_page(visit, "boss@hangang", language=language)
    assert words in boss.page
    granted.now += 1200
    boss = open_page(visit, "boss@hangang", language=language)

    assert "payroll" not in boss.page


def test_a_refusal_and_a_request_that_lapsed_are_told_apart(granted, visit):
    seoyeon, minjun = visit("seoyeon.lee@hangang"), visit("minjun.kim@hangang")
    seoyeon.get("/access")
    seoyeon.post("/access", **WISH)
    minjun.get("/access")
    minjun.post("/access/2/refuse", why="No")
    boss = open_page(visit, "boss@hangang")
    assert ">refused<" in boss.page
    seoyeon.post("/access", **WISH)

    granted.now += 24 * 3600
    granted.standing.close_over(granted.now)
    boss = open_page(visit, "boss@hangang")

    assert "nobody decided" in boss.page
