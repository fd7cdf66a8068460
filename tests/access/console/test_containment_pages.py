"""Cutting off at once, from the console; and what whoever is cut off sees."""

import pytest
from sqlalchemy import update

from access.model import Facts, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.standing import State
from access.rights.containment import By, NotSure, Order, Target, Whom, contain
from access.store import alarms, audit, feed, standing
from access.store.audit import Selection
from access.store.tables import standing_rules
from tests.access.console.test_api_codes import HOST, URL, key_of
from tests.access.newcomers import PASSWORD
from tests.access.residents import KEYRING, shown

PHISHED = {"whom": "user", "name": "minjun.kim", "reason": "Phishing", "call": "Security, 2200"}


@pytest.fixture
def published(town):
    town.publish()
    return town


@pytest.fixture
def boss(published, visit):
    browser = visit("boss@hangang")
    browser.get("/console/containments")
    return browser


def reason_of(town, name: str, company: str = "hangang") -> Reason:
    user = town.user(name)
    subject = Subject(user.id, company, name, user.groups)
    asked = Request("login:vpn", Facts(via=Via.VPN))
    return decide(town.gate().policy.current(), subject, asked, town.now).reason


def open_alarms(town):
    with town.database.read() as conn:
        return [(each.kind, each.subject) for each in alarms.listed(conn)]


def test_a_person_is_cut_off_and_let_back_in(town, boss):
    boss.post("/console/containments", **PHISHED, hours="4")

    assert "minjun.kim@hangang is contained (containment-1)." in boss.page
    assert "Phishing" in boss.page
    assert reason_of(town, "minjun.kim") is Reason.CONTAINED
    assert reason_of(town, "seoyeon.lee") is not Reason.CONTAINED
    assert open_alarms(town) == [("containment", "containment-1 user:minjun.kim@hangang")]

    boss.post("/console/containments/1/end")

    assert "It is taken back" in boss.page
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED
    assert open_alarms(town) == []


def test_whoever_is_contained_is_signed_out_and_told_whom_to_call(town, boss, visit):
    minjun = visit("minjun.kim@hangang")
    minjun.get("/")
    assert minjun.path == "/"

    boss.post("/console/containments", **PHISHED)

    assert minjun.get("/").status_code == 403
    assert "Call Security, 2200." in minjun.page
    minjun.get("/")
    assert minjun.path == "/sign-in"
    stranger = visit()
    stranger.get("/sign-in")
    answer = stranger.post("/sign-in", name="minjun.kim@hangang", password=PASSWORD)
    assert answer.status_code == 403
    assert "Contained: cut off for security" in stranger.page
    assert "Phishing. Call Security, 2200." in stranger.page
    stranger.get("/")
    assert stranger.path == "/sign-in"


def test_whoever_came_over_from_a_contained_account_acts_for_no_other(town, boss, visit):
    town.link("minjun.kim", "rival")
    minjun = visit("minjun.kim@hangang")
    minjun.post(f"/act-for/{town.ids['rival']}")
    assert "rival@namsan" in minjun.page

    boss.post("/console/containments", **PHISHED)

    minjun.get("/")
    assert minjun.path == "/sign-in"


def test_who_only_guesses_a_password_learns_nothing(town, boss, visit):
    boss.post("/console/containments", **PHISHED)

    stranger = visit()
    stranger.get("/sign-in")
    stranger.post("/sign-in", name="minjun.kim@hangang", password="a wrong one")

    assert "The name or the password is not right" in stranger.page
    assert "Phishing" not in stranger.page


def test_whoever_is_contained_before_their_code_gets_no_further(town, boss, visit):
    half = visit()
    half.give_password("minjun.kim@hangang")
    half.get("/sign-in/code")
    assert half.path == "/sign-in/code"

    boss.post("/console/containments", **PHISHED)

    half.get("/sign-in/code")
    assert half.path == "/sign-in"


def test_a_contained_administrator_does_nothing_more(town, boss, visit):
    town.put_into("seoyeon.lee", "it-admins")
    other = visit("seoyeon.lee@hangang")
    other.get("/console/containments")

    boss.post("/console/containments", **(PHISHED | {"name": "seoyeon.lee"}))

    assert other.post("/console/containments/1/end").status_code == 403
    assert reason_of(town, "seoyeon.lee") is Reason.CONTAINED


def test_oneself_is_asked_back(town, boss):
    answer = boss.post("/console/containments", **(PHISHED | {"name": "boss"}))

    assert answer.status_code == 409
    assert "That is you" in boss.page
    assert reason_of(town, "boss") is not Reason.CONTAINED
    boss.post("/console/containments", **(PHISHED | {"name": "boss"}), sure="yes")
    assert reason_of(town, "boss") is Reason.CONTAINED


def test_the_last_administrator_of_a_company_is_contained_only_by_who_is_sure(town, boss):
    target = Target(Whom.USER, "boss@hangang", "hangang", town.ids["boss"])
    with pytest.raises(NotSure, match="Nobody would be left"):
        contain(town.standing, By("root"), target, Order("Phishing"), town.now)

    assert reason_of(town, "boss") is not Reason.CONTAINED


def test_a_company_takes_another_administrator_who_is_not_the_one_who_asked(town, boss, visit):
    town.put_into("seoyeon.lee", "it-admins")
    boss.post("/console/containments", whom="organization", name="", reason="Their directory", sure="yes")
    assert "Another administrator has to agree" in boss.page
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED

    boss.post("/console/containments/1/agree")
    assert "Another administrator has to agree than the one who asked." in boss.page
    stranger = visit("anna.schmidt@namsan")
    stranger.get("/console/containments")
    stranger.post("/console/containments/1/agree")
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED

    second = visit("seoyeon.lee@hangang")
    second.get("/console/containments")
    second.post("/console/containments/1/agree")

    assert reason_of(town, "minjun.kim") is Reason.CONTAINED
    assert reason_of(town, "anna.schmidt", "namsan") is not Reason.CONTAINED


def test_what_nobody_agrees_to_lapses(town, boss):
    boss.post("/console/containments", whom="organization", name="", reason="Their directory", sure="yes")
    town.now += 3601

    assert town.standing.close_over(town.now) == 1

    with town.database.read() as conn:
        (row,) = standing.rows(conn)
    assert row.state is State.LAPSED
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED


def test_one_that_came_to_its_end_clears_its_alarm_and_is_told_in_the_feed(town, boss):
    boss.post("/console/containments", **PHISHED, hours="1")
    with town.database.read() as conn:
        before = feed.head(conn)
    town.now += 3600
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED

    town.standing.close_over(town.now)

    assert open_alarms(town) == []
    with town.database.read() as conn:
        assert [each.topic for each in feed.since(conn, before)] == ["standing"]
        told = [each.detail["what"] for each in audit.records(conn, Selection(kind="standing"), KEYRING)]
    assert sorted(told) == ["containment.begun", "containment.ended"]
    assert town.standing.close_over(town.now) == 0


def test_another_company_cuts_off_nobody_here(town, boss, visit):
    anna = visit("anna.schmidt@namsan")
    anna.get("/console/containments")

    for named in (
        PHISHED | {"name": "minjun.kim@hangang"},
        PHISHED | {"whom": "object", "name": "network:payroll"},
        PHISHED | {"whom": "organization", "name": "hangang"},
        PHISHED | {"whom": "nonsense"},
    ):
        assert anna.post("/console/containments", **named, sure="yes").status_code == 400
    boss.post("/console/containments", **PHISHED)
    assert "Phishing" not in anna.get("/console/containments").text
    anna.post("/console/containments/1/end")
    assert "is over, or never was" in anna.page
    assert reason_of(town, "minjun.kim") is Reason.CONTAINED


def test_an_endpoint_is_cut_off_for_the_company_that_says_so_alone(town, boss):
    boss.post("/console/containments", whom="endpoint", name="02-00-5E-00-53-01", reason="It scans")

    facts = Facts(via=Via.VPN, station="02:00:5e:00:53:01")
    policy = town.gate().policy.current()
    ours, theirs = Subject(1, "hangang", "minjun.kim"), Subject(9, "namsan", "rival")
    assert decide(policy, ours, Request("login:vpn", facts), town.now).reason is Reason.CONTAINED
    assert decide(policy, theirs, Request("login:vpn", facts), town.now).reason is not Reason.CONTAINED


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nobody_is_contained(town, boss, reason):
    assert boss.post("/console/containments", **(PHISHED | {"reason": reason})).status_code == 400
    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED


def test_the_same_is_not_contained_twice(town, boss):
    boss.post("/console/containments", **PHISHED)

    assert boss.post("/console/containments", **PHISHED).status_code == 400
    assert "is contained already: containment-1" in boss.page


@pytest.mark.parametrize("name", ["watcher@hangang", "desk@hangang", "minjun.kim@hangang"])
def test_only_administrators_contain(published, visit, name):
    other = visit(name)
    other.get("/")

    assert other.post("/console/containments", **(PHISHED | {"name": "seoyeon.lee"})).status_code == 403


def test_an_application_takes_no_code_of_whoever_is_contained(town, boss, pages):
    boss.post("/console/containments", **PHISHED)

    answer = pages.test_client().post(
        URL,
        json={"user": "minjun.kim", "code": shown(now=town.now)},
        headers={"Authorization": f"Bearer {key_of(town)}"},
        base_url=HOST,
    )

    assert (answer.status_code, answer.json["accepted"]) == (200, False)


def test_an_application_of_another_company_does_not_learn_who_is_contained(town, boss, pages):
    boss.post("/console/containments", **PHISHED)

    pages.test_client().post(
        URL,
        json={"user": "minjun.kim@hangang", "code": shown(now=town.now)},
        headers={"Authorization": f"Bearer {key_of(town, 'namsan', name='theirs')}"},
        base_url=HOST,
    )

    with town.database.read() as conn:
        reasons = [each.reason for each in audit.records(conn, Selection(kind="application"), KEYRING)]
    assert reasons == ["UNKNOWN_USER"]


def test_a_request_of_whom_nobody_knows_is_agreed_to_by_nobody(town, boss, visit):
    boss.post("/console/containments", whom="organization", reason="r", sure="y")
    with town.database.write() as conn:
        conn.execute(update(standing_rules).values(asked_by_id=None))

    boss.post("/console/containments/1/agree")

    assert reason_of(town, "minjun.kim") is not Reason.CONTAINED


def test_the_page_is_there_in_korean(town, boss, visit):
    boss.post("/console/containments", **PHISHED)
    korean = visit("boss@hangang", language="ko")

    shown = korean.get("/console/containments").text

    assert "지금 차단 중" in shown
    assert "minjun.kim@hangang" in shown


def test_the_policy_is_read_once_for_the_door_and_for_whoever_is_contained(town, visit, monkeypatch):
    kim = visit("minjun.kim@hangang")
    pages = type(town.gate().policy)
    read, current = [], pages.current
    monkeypatch.setattr(pages, "current", lambda self: read.append(1) or current(self))

    assert kim.get("/certificates").status_code == 200

    assert len(read) == 1
