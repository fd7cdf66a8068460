"""Whom an administrator looked at is recorded, and told to whom it was."""

import pytest

from access.store import audit
from access.store.audit import Selection
from tests.access.console.town import CASE
from tests.access.residents import KEYRING


@pytest.fixture
def busy(town):
    town.publish()
    town.refuse("minjun.kim")
    return town


def looks(town, user_id=None):
    with town.database.read() as conn:
        found = audit.records(conn, Selection(kind="viewed", user_id=user_id), KEYRING)
    return [(each.detail["by"], each.detail["page"], each.detail.get("text", "")) for each in reversed(found)]


def test_looking_at_a_person_is_recorded_under_that_person(busy, visit):
    minjun = busy.ids["minjun.kim"]
    boss = visit("boss@hangang")

    boss.get(f"/console/users/{minjun}")
    boss.get(f"/console/users/{minjun}/explain?via=vpn&object=login:vpn")
    boss.get(f"/console/cases?code={CASE}")
    boss.get(f"/console/users/{minjun}")

    assert looks(busy, minjun) == [
        ("boss@hangang", "user", ""),
        ("boss@hangang", "explain", ""),
        ("boss@hangang", "case", ""),
    ]


def test_lists_are_recorded_with_what_was_typed(busy, visit):
    boss = visit("boss@hangang")

    boss.get("/console/users?q=minj")
    boss.get("/console/users")
    boss.get("/console/audit?q=vpn-1")
    boss.get("/console/addresses?q=10.77.0.22")
    boss.get("/console/sessions")

    assert looks(busy) == [
        ("boss@hangang", "users", "minj"),
        ("boss@hangang", "audit", "vpn-1"),
        ("boss@hangang", "addresses", "10.77.0.22"),
        ("boss@hangang", "sessions", ""),
    ]


def test_ones_own_page_is_nobody_elses_matter(busy, visit):
    boss = visit("boss@hangang")

    boss.get(f"/console/users/{busy.ids['boss']}")

    assert looks(busy) == []


def test_somebody_of_another_company_is_not_there_and_nothing_is_recorded_about_them(busy, visit):
    anna = visit("anna.schmidt@namsan")

    assert anna.get(f"/console/users/{busy.ids['minjun.kim']}").status_code == 404

    assert looks(busy, busy.ids["minjun.kim"]) == []


def test_the_person_sees_who_looked(busy, visit):
    visit("boss@hangang").get(f"/console/users/{busy.ids['minjun.kim']}")
    minjun = visit("minjun.kim@hangang", "ko")

    minjun.get("/records")

    assert "관리자가 조회했습니다" in minjun.page
    assert "boss@hangang" in minjun.page
