"""Recorded logins decided again by a draft, on its page."""

import html
import re

import pytest

from access.model import Facts, Method, Via
from access.policy.document import load
from access.policy.facts_text import spell
from access.proof.factors import Factor
from access.records.audit import AuditEntry
from access.store import audit
from tests.access.console.town import POLICY
from tests.access.residents import KEYRING

RULES = POLICY[: POLICY.index("tests:")]
CLOSED = RULES.replace("who: [group:hangang/vpn-users]", "who: [user:boss@hangang]")
SAME = POLICY + "# a word\n"
ALL_TIME = "from=2020-01-01T00:00&to=2020-01-31T00:00"


@pytest.fixture
def ready(town):
    """minjun.kim has come twice by VPN, an hour and half an hour ago."""
    town.publish()
    for ago in (3600, 1800):
        log_in(town, town.now - ago)
    return town


def log_in(town, at, text=POLICY):
    detail = {
        "name": "minjun.kim@hangang",
        "nas": "vpn-1",
        "policy": load(text).revision,
        "facts": spell(Facts(Via.VPN, Method.PAP, at - 5, factor=Factor.TOTP)),
    }
    company = town.organization_id("hangang")
    entry = AuditEntry("login", at, "PERMITTED", company, town.ids["minjun.kim"], None, None, detail)
    with town.database.write() as conn:
        audit.record(conn, "gate/radius-0", entry, KEYRING, town.dice)


def path(town, text=CLOSED):
    return f"/console/policy/changes/{town.keep_draft(text)}/replay"


def lately(browser, page):
    """The window that the form offers: the last week."""
    browser.get(page)
    return browser.get(f"{page}?from=2027-01-14T00:00&to=2027-01-16T00:00")


def test_who_would_have_been_refused_is_named_with_the_cause(ready, visit):
    boss, page = visit("boss@hangang"), path(ready)

    assert lately(boss, page).status_code == 200

    assert "minjun.kim@hangang" in boss.page
    assert "would be refused" in boss.page
    assert re.search("NO_PERMIT</span><div [^>]+>No rule permits this<", boss.page)
    assert "2 times" in boss.page
    assert "Logins: 2. 2 would have come out otherwise, 0 the same." in boss.page


def test_a_draft_that_changes_nothing_says_so(ready, visit):
    boss = visit("boss@hangang")

    lately(boss, path(ready, SAME))

    assert "Every login that can be told would have come out the same." in boss.page


def test_a_time_without_logins_says_so(ready, visit):
    boss = visit("boss@hangang")

    boss.get(f"{path(ready)}?{ALL_TIME}")

    assert "No login that a policy has answered is recorded of that time." in boss.page


def test_where_of_none_it_can_be_told_the_page_does_not_say_that_all_are_the_same(town, visit):
    town.publish()
    log_in(town, town.now - 1800, CLOSED)
    boss = visit("boss@hangang")

    lately(boss, path(town))

    assert "Of no login it can be told." in boss.page
    assert "would have come out the same." not in boss.page


def test_nothing_is_tried_before_it_is_asked_for_and_the_page_of_the_draft_leads_there(ready, visit):
    boss, page = visit("boss@hangang"), path(ready)

    boss.get(page.removesuffix("/replay"))
    assert f'href="{page}"' in boss.page
    boss.get(page)
    assert "minjun.kim" not in boss.page


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("from=whenever", "That is no time"),
        ("from=2027-01-02T00:00&to=2027-01-01T00:00", "The end has to be later"),
        ("from=2026-01-02T00:00&to=2027-01-01T00:00", "At most 31 days at once"),
    ],
)
def test_what_is_no_window_is_refused_with_what_to_do(ready, visit, asked, told):
    boss = visit("boss@hangang")

    assert boss.get(f"{path(ready)}?{asked}").status_code == 400

    assert told in boss.page


def test_a_draft_with_mistakes_is_not_tried(ready, visit):
    boss = visit("boss@hangang")

    assert lately(boss, path(ready, "rules: [")).status_code == 400

    assert "The draft has mistakes" in boss.page


def test_the_first_logins_alone_are_tried_where_there_are_very_many(ready, visit, monkeypatch):
    monkeypatch.setattr("access.console.admin.replaying.MOST_LOGINS", 1)
    boss = visit("boss@hangang")

    lately(boss, path(ready))

    assert "Only the first 1 logins were tried" in boss.page


def test_no_other_company_and_no_helpdesk_tries_logins(ready, visit):
    page = path(ready)

    for name in ("anna.schmidt@namsan", "desk@hangang"):
        somebody = visit(name)
        assert lately(somebody, page).status_code == 403
        assert "minjun.kim" not in somebody.page
    assert lately(visit("watcher@hangang"), page).status_code == 200


def test_looking_at_the_logins_of_others_is_recorded(ready, visit):
    boss = visit("boss@hangang")
    lately(boss, path(ready))

    found = html.unescape(boss.get("/console/audit?kind=viewed").text)

    assert "A list was searched" in found


def test_the_page_is_there_in_korean(ready, visit):
    boss = visit("boss@hangang", language="ko")

    lately(boss, path(ready))

    assert "거부됩니다" in boss.page
