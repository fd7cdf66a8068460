"""Who gets to which page: declared by every route, closed where it is not."""

import re

import pytest
from flask import Flask

from access.console import create_app
from access.console.roles import STEPS, guard, needs_of, public
from access.model import Role
from tests.access.console.browser import HOST, Browser

CONSOLE = {
    "/console": {"boss", "desk", "watcher"},
    "/console/sessions": {"boss", "desk", "watcher"},
    "/console/users": {"boss", "desk", "watcher"},
    "/console/users/1": {"boss", "desk", "watcher"},
    "/console/users/1/explain": {"boss", "desk", "watcher"},
    "/console/groups": {"boss"},
    "/console/links": {"boss"},
    "/console/relinks": {"boss"},
    "/console/cases": {"boss", "desk", "watcher"},
    "/console/addresses": {"boss", "desk", "watcher"},
    "/console/alarms": {"boss", "watcher"},
    "/console/containments": {"boss", "watcher"},
    "/console/grants": {"boss", "watcher"},
    "/console/openings": {"boss", "watcher"},
    "/console/directory": {"boss", "watcher"},
    "/console/endpoints": {"boss", "desk", "watcher"},
    "/console/devices": {"boss", "watcher"},
    "/console/nas": {"boss", "watcher"},
    "/console/nas/add": {"boss"},
    "/console/nas/1": {"boss", "watcher"},
    "/console/nas/1/change": {"boss"},
    "/console/policy": {"boss", "watcher"},
    "/console/policy/proof": {"boss", "watcher"},
    "/console/reviews": {"boss", "watcher"},
    "/console/reviews/campaigns/1/close": {"boss"},
    "/console/audit": {"boss", "watcher"},
    "/console/policy/edit": {"boss"},
    "/console/policy/changes": {"boss", "watcher"},
    "/console/policy/changes/1": {"boss", "watcher"},
    "/console/policy/changes/1/replay": {"boss", "watcher"},
    "/console/policy/changes/1/ahead": {"boss", "watcher"},
    "/console/policy/wave": {"boss", "watcher"},
    "/console/policy/zones": {"boss", "watcher"},
    "/console/policy/history": {"boss", "watcher"},
    "/console/policy/history/1": {"boss", "watcher"},
}
EVERYONE = ("minjun.kim", "boss", "desk", "watcher")


def test_every_route_declares_who_may_use_it(pages):
    silent = {rule.endpoint for rule in pages.url_map.iter_rules() if needs_of(pages, rule.endpoint) is None}

    assert silent == set()


def test_every_step_of_signing_in_is_a_page(pages):
    assert set(STEPS.values()) <= set(pages.view_functions)


def test_a_route_that_declares_nothing_is_refused():
    app = Flask(__name__)
    app.add_url_rule("/forgotten", view_func=lambda: "open", endpoint="forgotten")
    app.add_url_rule("/declared", view_func=public(lambda: "open"), endpoint="declared")
    guard(app)

    assert app.test_client().get("/forgotten").status_code == 403
    assert app.test_client().get("/declared").text == "open"
    assert needs_of(app, "forgotten") is None


def test_the_table_of_the_console_is_whole(pages):
    paths = {
        re.sub("<int:[a-z_]+>", "1", rule.rule)
        for rule in pages.url_map.iter_rules()
        if rule.rule.startswith("/console") and "GET" in rule.methods
    }

    assert paths == set(CONSOLE)


@pytest.mark.parametrize("name", EVERYONE)
def test_each_role_opens_its_pages_and_no_other(town, visit, name):
    town.publish()
    town.begin_review()
    town.keep_draft()
    town.equip()
    visitor = visit(f"{name}@hangang")

    answers = {path: visitor.get(path).status_code for path in CONSOLE}

    assert answers == {path: 200 if name in may else 403 for path, may in CONSOLE.items()}


@pytest.mark.parametrize("path", CONSOLE)
def test_a_stranger_reaches_no_page_of_the_console(visit, path):
    answer = visit().get(path, follow=False)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_only_an_administrator_publishes(town, visit):
    town.publish()
    auditor = visit("watcher@hangang")
    auditor.get("/")

    assert auditor.post("/console/policy/edit", document="version: 1", publish="yes").status_code == 403


CHANGING = (
    *(f"/console/policy/changes/1/{action}" for action in ("submit", "approve", "publish", "drop", "waves")),
    *(f"/console/policy/wave/{action}" for action in ("next", "hold", "back")),
    "/console/policy/history/1/back",
    "/console/alarms/1/clear",
    "/console/containments",
    "/console/containments/1/agree",
    "/console/containments/1/end",
    "/console/grants/1/revoke",
    "/console/openings",
    "/console/openings/1/agree",
    "/console/openings/1/close",
    *(f"/console/reviews/1/{action}" for action in ("sign", "resume")),
    "/console/reviews/campaigns",
    *(f"/console/reviews/campaigns/1/{action}" for action in ("remind", "announce", "close")),
    "/console/directory/approve",
    "/console/directory/reject",
    "/console/nas/add",
    *(f"/console/nas/1/{action}" for action in ("change", "rotate", "finish", "abandon", "remove")),
    *(f"/console/nas/1/certificates/{action}" for action in ("add", "remove")),
)


def test_only_an_administrator_changes_anything_in_the_console(visit, pages):
    posting = [rule.rule for rule in pages.url_map.iter_rules() if "POST" in rule.methods]
    posts = {re.sub("<int:[a-z_]+>", "1", rule) for rule in posting if rule.startswith("/console")}
    assert set(CHANGING) <= posts
    for name in ("watcher", "desk", "minjun.kim"):
        somebody = visit(f"{name}@hangang")
        for path in CHANGING:
            somebody.get("/")
            assert somebody.post(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/console/endpoints",
        "/console/endpoints/00-00-5e-00-53-99/extend",
        "/console/endpoints/00-00-5e-00-53-99/owner",
        "/console/endpoints/00-00-5e-00-53-99/remove",
        "/console/users/1/network-passwords/1/revoke",
        "/console/users/1/certificates/1/revoke",
    ],
)
def test_who_only_reads_changes_nothing_at_the_desk(visit, path):
    for name in ("watcher", "minjun.kim"):
        somebody = visit(f"{name}@hangang")
        somebody.get("/")
        assert somebody.post(path).status_code == 403


def test_a_role_is_gone_with_the_next_click_after_the_group_was_left(town, visit):
    boss = visit("boss@hangang")
    assert boss.get("/console").status_code == 200

    town.leave_all_groups("boss")

    assert boss.get("/console").status_code == 403


def test_the_menu_shows_what_a_role_may_open(visit):
    seen = {}
    for name in EVERYONE:
        visitor = visit(f"{name}@hangang")
        assert ('href="/console"' in visitor.page) is (name != "minjun.kim")
        visitor.get("/console")
        seen[name] = {path for path in CONSOLE if f'href="{path}"' in visitor.page}

    desk = {f"/console/{room}" for room in ("sessions", "users", "addresses", "cases", "endpoints")}
    everything = desk | {
        "/console/alarms",
        "/console/containments",
        "/console/directory",
        "/console/devices",
        "/console/nas",
        "/console/policy",
        "/console/policy/changes",
        "/console/audit",
    }
    assert seen == {"minjun.kim": set(), "desk": desk, "watcher": everything, "boss": everything}


def test_a_password_alone_gives_no_role(town):
    half = Browser(create_app(town.gate()), town)
    half.give_password("boss@hangang")

    assert Role.ADMIN not in town.identity.role_groups.get(Role.EMPLOYEE, frozenset())
    assert half.get("/console", follow=False).location == "/sign-in/code"


@pytest.mark.parametrize(
    "path",
    [
        "/sign-out",
        "/language",
        "/sign-in",
        "/sign-in/code",
        "/enrol",
        "/phones/1/remove",
        "/network-passwords",
    ],
)
def test_a_form_without_its_token_changes_nothing(visit, path):
    visitor = visit("minjun.kim@hangang")

    answer = visitor.post_bare(path, code="123456", name="x", password="y", language="ko")

    assert answer.status_code == 400
    assert "open too long" in visitor.page
    assert visitor.get("/", follow=False).status_code == 200


def test_a_token_of_another_visitor_is_worth_nothing(visit, town):
    town.equip()
    session_id = town.connect("minjun.kim")
    visitor, thief = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    visitor.token = thief.token

    assert visitor.post(f"/sessions/{session_id}/end").status_code == 400


def test_what_another_site_sends_is_refused(visit):
    visitor = visit("minjun.kim@hangang")

    answer = visitor.client.post(
        "/sign-out", headers={"Sec-Fetch-Site": "cross-site"}, base_url=f"http://{HOST}"
    )

    assert answer.status_code == 403
