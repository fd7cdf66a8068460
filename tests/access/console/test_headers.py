"""What goes out with each page, and which names we answer to."""

import re
from types import SimpleNamespace

import pytest

from access.console import create_app
from tests.access.console.browser import CSRF
from tests.access.console.town import PASSWORD

PATHS = ("/sign-in", "/healthz", "/nowhere", "/static/officegate.css", "/api/v1/openapi.json")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(visit, path):
    headers = visit().get(path).headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers


def test_pages_are_not_kept_and_files_are(visit):
    assert visit().get("/sign-in").headers["Cache-Control"] == "no-store"
    assert visit().get("/static/officegate.css").headers.get("Cache-Control") != "no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost:8080", 200),
        ("[::1]:8080", 200),
        ("192.0.2.7", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("[bad", 400),
    ],
)
def test_a_name_that_is_not_ours_is_not_answered(pages, host, status):
    answer = pages.test_client().get("/healthz", headers={"Host": host})

    assert answer.status_code == status


def test_over_tls_cookies_are_secure_and_the_browser_is_told_to_stay(town):
    pages = create_app(town.gate(public_url="https://gate.hangang.example"))
    client, base = pages.test_client(), "https://gate.hangang.example"
    page = client.get("/sign-in", base_url=base)
    token = CSRF.search(page.text)[1]
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")

    answer = client.post(
        "/sign-in",
        data={"name": "boss@hangang", "password": PASSWORD, "csrf_token": token},
        base_url=base,
    )

    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("__Host-officegate=") for cookie in cookies)
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_cookies_are_out_of_reach_of_scripts(visit):
    visitor = visit()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", follow=False, name="boss@hangang", password=PASSWORD)

    for cookie in answer.headers.getlist("Set-Cookie"):
        assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_no_page_runs_or_styles_anything_from_within(visit, town):
    town.publish()
    town.equip()
    town.connect("minjun.kim")
    boss = visit("boss@hangang")
    for path in ("/", "/reach", "/phones", "/enrol", "/console", "/console/devices", "/console/policy/edit"):
        boss.get(path)
        assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", boss.page), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', boss.page), path


def test_one_machine_cannot_use_us_up(town, monkeypatch):
    # However long a busy machine takes over it, it is all within the minute that is counted.
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=lambda: 1e9))
    client = create_app(town.gate()).test_client()
    answers = [client.post("/sign-in/code", base_url="http://127.0.0.1:8080").status_code for _ in range(3)]
    assert answers == [400, 400, 400]

    statuses = {client.get("/sign-in", base_url="http://127.0.0.1:8080").status_code for _ in range(1205)}

    assert statuses == {200, 429}
