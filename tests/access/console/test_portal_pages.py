"""The first page and its neighbours: sessions, desktops, reach, records."""

import pytest

from access.model import Reason
from access.words.reasons import MEANINGS
from tests.access.console.town import CASE


def test_an_open_session_shows_its_place_its_address_and_since_when(town, visit):
    town.equip()
    town.connect("minjun.kim")

    page = visit("minjun.kim@hangang").page

    for shown in ("VPN · 서울 hangang", "10.77.0.21", "End it", "Fri 15 Jan 2027, 16:59 KST"):
        assert shown in page


def test_without_anything_the_page_says_what_will_be_there(visit):
    page = visit("watcher@hangang").page

    assert "You are not connected at the moment." in page
    assert "No desktops for you." in page
    assert "Nothing was refused." in page


def test_a_refusal_is_explained_where_its_owner_looks_first(town, visit):
    town.refuse("minjun.kim")

    page = visit("minjun.kim@hangang").page

    assert "The code has been used already" in page
    assert "Wait for the next code of the authenticator app" in page
    assert f"{CASE[:4]}-{CASE[4:]}" in page


def test_a_desktop_is_taken_and_given_back(visit):
    visitor = visit("minjun.kim@hangang")
    visitor.post("/desktops/dev-desktops/take")
    assert "dev-1 is yours." in visitor.page
    assert "10.99.0.201:3389" in visitor.page

    visitor.post("/desktops/dev-desktops/give-back")

    assert "The desktop is given back." in visitor.page
    assert "10.99.0.201" not in visitor.page


def test_whoever_may_not_have_a_desktop_is_told_why(visit):
    visitor = visit("seoyeon.lee@hangang")
    visitor.post("/desktops/dev-desktops/take")

    assert "이 데스크톱을 쓸 권한이 없습니다." in visitor.page


def test_reach_says_what_is_open_and_what_would_open_the_rest(town, visit):
    town.publish()
    visitor = visit("minjun.kim@hangang")
    visitor.get("/reach")

    assert "You are not connected" in visitor.page
    assert visitor.page.index("intranet") < visitor.page.index("payroll")
    assert "Ask an administrator for membership of the group hangang/it-admins." in visitor.page
    assert "namsan-lab" not in visitor.page


def test_reach_is_told_from_inside_the_session_one_has(town, visit):
    town.publish()
    town.equip()
    town.connect("minjun.kim")
    visitor = visit("minjun.kim@hangang")
    town.now += 13 * 3600 - 62
    visitor.sign_in("minjun.kim@hangang")
    visitor.get("/reach")

    assert "In your session by VPN" in visitor.page
    assert "Enter a new code from the authenticator app." in visitor.page


def test_without_a_policy_reach_says_that_nothing_is_published(visit):
    visitor = visit("minjun.kim@hangang")
    visitor.get("/reach")

    assert "There is nothing to show yet." in visitor.page


def test_a_page_that_is_not_there_is_a_page_of_ours(visit):
    visitor = visit("minjun.kim@hangang")
    answer = visitor.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing here" in visitor.page
    assert visitor.post("/").status_code == 405


def test_with_the_database_away_a_page_still_says_so(town, visit):
    visitor = visit("minjun.kim@hangang")
    (town.directory / "gate.sqlite").rename(town.directory / "moved.sqlite")
    town.database.close()
    (town.directory / "gate.sqlite").mkdir()

    answer = visitor.get("/")

    assert answer.status_code == 503
    assert "cannot answer at the moment" in visitor.page


def test_a_right_password_with_a_wrong_code_is_told_until_its_owner_has_seen_it(visit):
    stranger = visit()
    stranger.give_password("minjun.kim@hangang")
    stranger.post("/sign-in/code", code="000000")
    minjun, other = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")
    warning = "A login had your right password and a wrong code"
    assert warning in minjun.page
    assert "127.0.0.1" in minjun.page
    assert warning not in other.page

    other.post("/wrong-codes/seen")
    minjun.get("/")
    assert warning in minjun.page

    minjun.post("/wrong-codes/seen")
    assert warning not in minjun.page


def test_after_a_week_it_is_told_no_more(town, visit):
    stranger = visit()
    stranger.give_password("minjun.kim@hangang")
    stranger.post("/sign-in/code", code="000000")
    town.now += 7 * 86400

    assert "wrong code" not in visit("minjun.kim@hangang").page


@pytest.mark.parametrize("reason", ["PASSWORD_EXPIRED", "PASSWORD_MUST_CHANGE", "ACCOUNT_LOCKED"])
def test_the_case_page_tells_its_owner_which_of_three_it_was(town, visit, reason):
    town.refuse("minjun.kim", reason=reason)
    mine, others = visit("minjun.kim@hangang"), visit("seoyeon.lee@hangang")

    mine.get(f"/case?code={CASE}")

    meaning = MEANINGS[Reason(reason)]
    assert meaning.title.en in mine.page
    assert others.get(f"/case?code={CASE}").status_code == 404
