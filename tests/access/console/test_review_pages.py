"""Owners sign in the portal, whoever keeps the policy in the console, and nobody for another company."""

import re

import pytest

from access.changes.review_closing import announce, close
from access.changes.reviewing import By, Desk, Fate, State, Wish, start
from access.store.policy_shelf import StoredPolicies
from tests.access.console.town import POLICY

ADMINS = "    who: [group:hangang/it-admins]\n"
OWNED = POLICY.replace(ADMINS, f"{ADMINS}    owner: minjun.kim@hangang\n").replace(
    "tests:",
    """  - id: namsan-builders
    permit: [network:namsan-lab]
    who: [organization:namsan]
    owner: user:rival@namsan
tests:""",
    1,
)


@pytest.fixture
def ready(town):
    town.publish(OWNED)
    start(desk(town), By("root"), Wish(town.now + 86400, None))
    return town


def desk(town):
    policy = town.gate().policy
    return Desk(policy.reviews, policy.current(), town.now)


def republish(town, text):
    policy = town.gate().policy
    assert policy.publish(text, policy.published().revision, town.user("boss"), "again").passed


def row(town, rule):
    return next(each for each in town.gate().policy.reviews.open_reviews() if each.rule == rule)


def state(town, rule):
    return desk(town).state(row(town, rule))


def sign(town, browser, page, rule, answer="keep", note=""):
    """Sign with what the page of the browser says, or as if it did; the status."""
    browser.get(page)
    action = f"{page}/{row(town, rule).id}/sign".replace("/access/", "/access/reviews/")
    form = re.search(f'action="{action}".*?name="seen" value="([0-9a-f]+)"', browser.page, re.DOTALL)
    seen = form[1] if form else row(town, rule).meaning
    return browser.post(action, seen=seen, answer=answer, note=note, follow=False).status_code


def test_an_owner_signs_in_the_portal_and_sees_no_other_rule_there(ready, visit):
    kim = visit("minjun.kim@hangang")
    kim.get("/access")
    assert "payroll-people" in kim.page
    assert "staff-vpn" not in kim.page
    assert "namsan-builders" not in kim.page

    assert sign(ready, kim, "/access", "payroll-people", "end") == 303

    assert state(ready, "payroll-people") is State.TO_END
    assert (row(ready, "payroll-people").role, row(ready, "payroll-people").answered_by) == (
        "owner",
        "minjun.kim@hangang",
    )


@pytest.mark.parametrize("name", ["seoyeon.lee@hangang", "rival@namsan", "boss@hangang"])
def test_nobody_signs_in_the_portal_for_what_does_not_name_them(ready, visit, name):
    somebody = visit(name)

    assert sign(ready, somebody, "/access", "payroll-people") == 404

    assert state(ready, "payroll-people") is State.WAITS


def test_nobody_signs_who_came_over_from_another_company(ready, visit):
    ready.link("minjun.kim", "rival")
    rival = visit("rival@namsan")
    rival.post(f"/act-for/{ready.ids['minjun.kim']}")

    sign(ready, rival, "/access", "payroll-people", "end")

    assert state(ready, "payroll-people") is State.WAITS


def test_the_head_office_signs_for_an_owner_with_a_note_and_the_page_says_so(ready, visit):
    boss = visit("boss@hangang", language="en")

    sign(ready, boss, "/console/reviews", "namsan-builders")
    assert state(ready, "namsan-builders") is State.WAITS
    sign(ready, boss, "/console/reviews", "namsan-builders", note="rival is away")

    assert state(ready, "namsan-builders") is State.KEPT
    boss.get("/console/reviews")
    assert "boss@hangang (for its owner), rival is away" in boss.page


def test_another_company_sees_and_signs_its_own_part_alone(ready, visit):
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/reviews")
    for theirs in ("payroll-people", "staff-vpn", "engineers-desktops", "minjun.kim"):
        assert theirs not in anna.page
    assert "namsan-builders" in anna.page

    assert sign(ready, anna, "/console/reviews", "payroll-people", note="x") == 404
    assert sign(ready, anna, "/console/reviews", "namsan-builders", "end", "closed") == 303

    assert state(ready, "payroll-people") is State.WAITS
    assert (state(ready, "namsan-builders"), row(ready, "namsan-builders").role) == (State.TO_END, "policy")


def test_whoever_is_an_administrator_of_zones_alone_keeps_no_rule(ready, visit, monkeypatch):
    monkeypatch.setattr(StoredPolicies, "zones_of", lambda _shelf, _user: frozenset({"research"}))
    boss = visit("boss@hangang")

    sign(ready, boss, "/console/reviews", "namsan-builders", note="x")

    assert 'name="seen"' not in boss.page
    assert state(ready, "namsan-builders") is State.WAITS


def test_an_auditor_reads_and_signs_nothing(ready, visit):
    watcher = visit("watcher@hangang")
    watcher.get("/console/reviews")

    assert "payroll-people" in watcher.page
    assert 'name="seen"' not in watcher.page


def test_what_changed_since_the_page_was_opened_is_not_signed(ready, visit):
    boss = visit("boss@hangang", language="en")
    boss.get("/console/reviews")
    seen = row(ready, "namsan-builders").meaning
    republish(ready, OWNED.replace("who: [organization:namsan]", "who: [group:namsan/it-admins]"))

    boss.post(f"/console/reviews/{row(ready, 'namsan-builders').id}/sign", seen=seen, answer="keep", note="x")

    assert "The rule has changed" in boss.page
    assert state(ready, "namsan-builders") is State.WAITS


def test_the_page_is_there_in_korean(ready, visit):
    page = visit("boss@hangang", language="ko").get("/console/reviews").text

    assert "소유자가 규칙이 아직 필요한지 서명합니다" in page
    assert "서명을 기다림" in page


def test_a_silenced_rule_is_shown_to_its_owner_who_lets_it_speak_again(ready, visit):
    policy = ready.gate().policy
    announce(desk(ready), policy.reviews, By("root"), 1, Fate.SILENCE)
    kim = visit("minjun.kim@hangang")
    kim.get("/access")
    assert "What nobody signs is silenced" in kim.page or "서명이 없으면 규칙이 멈춥니다" in kim.page
    close(desk(ready), policy.reviews, By("root"), 1)
    assert policy.current().beside.stops

    kim.get("/access")
    assert "silenced until it is signed" in kim.page or "서명할 때까지 멈춤" in kim.page
    assert sign(ready, kim, "/access", "payroll-people") == 303

    stopped = {rule for each in policy.current().beside.stops.values() for rule in each.objects}
    assert "payroll-people" not in stopped
    assert "namsan-builders" in stopped


def test_who_does_not_own_a_silenced_rule_does_not_let_it_speak(ready, visit):
    policy = ready.gate().policy
    announce(desk(ready), policy.reviews, By("root"), 1, Fate.SILENCE)
    close(desk(ready), policy.reviews, By("root"), 1)
    stops = policy.current().beside.stops

    assert sign(ready, visit("minjun.kim@hangang"), "/access", "namsan-builders") == 404

    assert policy.current().beside.stops == stops
