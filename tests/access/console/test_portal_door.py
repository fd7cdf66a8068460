"""The portal as a door of the policy: who is turned away is told why, and the case is kept."""

import re

import pytest

from tests.access.console.test_pass_pages import what_was_done
from tests.access.residents import shown

OPEN = "version: 1\nrules:\n  - {id: vpn, permit: [login:vpn], who: [organization:hangang]}\n"
PASSKEY = OPEN + (
    "  - id: portal\n    permit: [login:portal]\n    who: [group:hangang/staff, group:hangang/it-admins]\n"
    "    when: {factor: [passkey]}\n"
)
ELSEWHERE = OPEN + (
    "  - id: portal\n    permit: [login:portal]\n    who: [organization:hangang]\n"
    "    when: {source: [10.20.0.0/16]}\n"
)
CASE = re.compile(r"\b[0-9A-Y]{4}-[0-9A-Y]{4}\b")


def put(town, text):
    checked = town.gate().policy.publish(text, town.gate().policy.current().revision, town.user("boss"), "x")
    assert checked.passed, checked


@pytest.fixture
def policy(town):
    town.put_into("minjun.kim", "staff")
    town.publish(OPEN)
    return lambda text: put(town, text)


def given_code(town, visit, name, language="en"):
    town.now += 30
    visitor = visit(language=language)
    visitor.give_password(name)
    return visitor, visitor.post("/sign-in/code", code=shown(now=town.now))


def test_without_a_rule_about_the_portal_nobody_notices(town, visit, policy):
    for name in ("minjun.kim@hangang", "boss@hangang", "rival@namsan"):
        assert visit(name).path == "/"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The portal is not open to you at the moment"), ("ko", "지금은 포털을 이용할 수 없습니다")],
)
def test_a_code_is_not_enough_where_the_policy_wants_a_passkey(town, visit, policy, language, words):
    policy(PASSKEY)

    visitor, answer = given_code(town, visit, "minjun.kim@hangang", language)

    assert answer.status_code == 403
    assert words in visitor.page
    case = CASE.search(visitor.page)[0]
    (record,) = [each for each in town.gate().pages.records_of(town.ids["minjun.kim"], 9) if each.case_code]
    assert record.case_code == case.replace("-", "")
    assert record.reason == "CONDITION_FAILED"
    assert "factor" in record.detail["failed"]
    visitor.get("/phones")
    assert visitor.path.startswith("/sign-in")


def test_the_console_is_behind_the_same_door(town, visit, policy):
    boss = visit("boss@hangang")
    boss.get("/console")
    assert boss.path == "/console"

    policy(PASSKEY)

    assert boss.get("/console").status_code == 403
    boss.get("/console")
    assert boss.path.startswith("/sign-in")


def test_who_is_signed_in_already_goes_when_the_policy_changes_and_programs_are_told(town, visit, policy):
    visitor = visit("minjun.kim@hangang")
    policy(ELSEWHERE)

    answer = visitor.client.get("/api/v1/me/reach", base_url="http://127.0.0.1:8080")

    assert answer.status_code == 403
    assert answer.json["title"] and CASE.fullmatch(answer.json["case"])
    assert what_was_done(town, "minjun.kim")[0] == "sign-in.refused"


def test_a_place_is_that_of_the_request_and_not_of_the_sign_in(town, visit, policy):
    visitor = visit("minjun.kim@hangang")
    policy(ELSEWHERE.replace("10.20.0.0/16", "127.0.0.0/8"))
    visitor.get("/phones")
    assert visitor.path == "/phones"

    there = {"REMOTE_ADDR": "192.0.2.7"}
    answer = visitor.client.get("/phones", base_url="http://127.0.0.1:8080", environ_overrides=there)

    assert answer.status_code == 403


def test_another_company_is_not_shut_out_by_a_rule_of_ours(town, visit, policy):
    policy(PASSKEY)

    assert visit("rival@namsan").path == "/"


def test_a_first_phone_is_registered_before_the_policy_asks(town, visit, policy):
    policy(PASSKEY)
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")

    newcomer.get("/sign-in/registration")

    assert newcomer.path == "/sign-in/registration"


def test_nobody_publishes_in_the_console_what_would_shut_themselves_out(town, visit, policy):
    boss = visit("boss@hangang")
    boss.get("/console/policy/edit")
    before = town.gate().policy.current().revision

    answer = boss.post("/console/policy/edit", document=PASSKEY, replaces=before, note="", publish="yes")

    assert answer.status_code == 422
    assert "you could not sign in here any more" in boss.page
    assert town.gate().policy.current().revision == before
    assert boss.get("/console").status_code == 200


def test_the_risk_of_the_sign_in_is_known_at_the_door(town, visit, policy):
    """A forbid about risk would stop everybody of whom it were unknown."""
    whom = "forbid: [login:portal], who: [group:hangang/staff]"
    risky = f"  - {{id: risky, {whom}, when: {{risk: high}}, reason: no}}\n"
    policy(OPEN + risky)

    assert visit("minjun.kim@hangang").path == "/"

    policy(OPEN + risky.replace("high", "low"))
    _, answer = given_code(town, visit, "minjun.kim@hangang")
    assert answer.status_code == 403
