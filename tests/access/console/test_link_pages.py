"""People of two companies: the administrators' page, and the switch in the portal."""

import pytest
from sqlalchemy import select, update

from access.model import Role
from access.proof.token_desk import Bypass, Helper, issue_bypass
from access.store.tables import audit, users
from otp import bypass
from tests.access.console.test_leaks import OTHERS, busy

__all__ = ["busy"]
OURS, THEIRS = "minjun.kim@hangang", "rival@namsan"
SWITCH = "The company you work for now"


@pytest.fixture
def linked(town):
    """minjun.kim of hangang is rival of namsan."""
    town.link("minjun.kim", "rival")
    return town


def test_a_proposal_is_approved_on_the_page_of_the_other_company(town, visit):
    boss = visit("boss@hangang")
    boss.get("/console/links")
    boss.post("/console/links", user="minjun.kim", other=THEIRS)
    assert "An administrator of 남산소프트 has to approve it." in boss.page
    assert "/approve" not in boss.page

    anna = visit("anna.schmidt@namsan")
    anna.get("/console/links")
    assert OURS in anna.page
    anna.post("/console/links/1/approve")

    assert "rival@namsan is linked." in anna.page
    anna.post("/console/links/1/end")
    assert "The link of rival@namsan is cut." in anna.page
    assert "Nobody is linked." in anna.page


def test_whoever_proposed_it_cannot_approve_it(town, visit):
    boss = visit("boss@hangang")
    boss.get("/console/links")
    boss.post("/console/links", user="minjun.kim", other=THEIRS)

    assert boss.post("/console/links/1/approve").status_code == 400
    assert "Only an administrator of the other company approves a link." in boss.page


@pytest.mark.parametrize("other", ["nobody@namsan", "nobody@nowhere", "rival", "newcomer", "gone@namsan"])
def test_of_another_company_one_learns_nothing_by_proposing(town, visit, other):
    with town.database.write() as conn:
        gone = update(users).where(users.c.name == "rival").values(name="gone", enabled=False)
        conn.execute(gone)
    boss = visit("boss@hangang")
    boss.get("/console/links")

    assert boss.post("/console/links", user="minjun.kim", other=other).status_code == 400
    assert "Nobody of that name can be linked." in boss.page


def test_proposing_and_approving_take_a_fresh_code(town, visit):
    boss = visit("boss@hangang")
    town.now += 700
    boss.get("/console/links")

    assert boss.post("/console/links", follow=False, user="minjun.kim", other=THEIRS).location == (
        "/confirm?next=/console/links"
    )
    assert town.gate().links.listed() == ()


def test_an_administrator_sees_that_a_link_exists_and_nothing_behind_it(busy, visit):
    busy.link("minjun.kim", "rival")
    anna = visit("anna.schmidt@namsan")

    for path in ("/console/links", f"/console/users/{busy.ids['rival']}", "/console/audit"):
        anna.get(path)
        assert not {word for word in OTHERS if word in anna.page}, path
    anna.get(f"/console/users/{busy.ids['rival']}")
    assert "한강전자" in anna.page
    assert "last used" not in anna.page.split('id="codes"')[1].split("</section>")[0]


def test_the_portal_acts_for_one_company_and_changes_by_one_click(linked, visit):
    visitor = visit(OURS)
    assert SWITCH in visitor.page
    before = visitor.client.get_cookie("officegate", domain="127.0.0.1")

    visitor.post(f"/act-for/{linked.ids['rival']}")

    assert "rival@namsan" in visitor.page
    assert "남산소프트" in visitor.page
    assert visitor.client.get_cookie("officegate", domain="127.0.0.1") != before
    with linked.database.read() as conn:
        rows = conn.execute(
            select(audit.c.user_id, audit.c.kind).where(audit.c.kind == "sign-in").order_by(audit.c.id)
        ).all()
    assert [row.user_id for row in rows[-2:]] == [linked.ids["rival"], linked.ids["minjun.kim"]]
    visitor.post(f"/act-for/{linked.ids['minjun.kim']}")
    assert "minjun.kim@hangang</p>" in visitor.page


@pytest.mark.parametrize("name", ["boss", "rival", "anna.schmidt"])
def test_nobody_acts_for_a_membership_they_do_not_have(town, visit, name):
    visitor = visit(OURS)
    assert SWITCH not in visitor.page

    assert visitor.post(f"/act-for/{town.ids[name]}").status_code == 404


def test_groups_of_one_company_never_count_while_acting_for_the_other(linked, visit):
    linked.publish()
    visitor = visit(OURS)
    visitor.get("/reach")
    assert "intranet" in visitor.page
    visitor.get("/")

    visitor.post(f"/act-for/{linked.ids['rival']}")
    visitor.get("/reach")

    assert "intranet" not in visitor.page


def test_whoever_came_over_by_a_click_has_no_role_there(town, visit):
    links = town.gate().links
    made = links.propose(town.user("anna.schmidt"), town.user("anna.schmidt"), town.user("boss"), town.now)
    town.join("seoyeon.lee", "hangang", "it-admins")
    links.approve(town.user("seoyeon.lee"), made.id, town.now)
    visitor = visit("anna.schmidt@namsan")
    assert visitor.get("/console").status_code == 200
    visitor.get("/")

    visitor.post(f"/act-for/{town.ids['boss']}")

    assert "sign in with that account" in visitor.page
    assert visitor.get("/console").status_code == 403


def test_a_cut_link_and_a_disabled_account_end_what_came_over(town, visit):
    for end in (lambda link: town.gate().links.end(town.user("boss"), link, town.now), lambda _: None):
        link = town.link("minjun.kim", "rival")
        visitor = visit(OURS)
        visitor.post(f"/act-for/{town.ids['rival']}")
        assert visitor.get("/").status_code == 200

        if end(link) is None:
            town.disable("minjun.kim")

        assert visitor.get("/", follow=False).location.startswith("/sign-in")


def test_a_bypass_code_stays_where_it_was_given(linked, visit):
    ask = Helper("boss@hangang", frozenset({Role.ADMIN}))
    made = issue_bypass(linked.identity, ask, linked.user("minjun.kim"), bypass.Limits(), linked.now)
    assert isinstance(made, Bypass)
    visitor = visit()
    visitor.give_password(OURS)
    visitor.post("/sign-in/code", code=made.code)
    assert SWITCH in visitor.page

    visitor.post(f"/act-for/{linked.ids['rival']}")

    assert "sign in with a code of your phone" in visitor.page
    assert "minjun.kim@hangang</p>" in visitor.page


def test_a_phone_that_is_removed_is_removed_for_both(linked, visit):
    visitor = visit(OURS)
    visitor.get("/phones")

    visitor.post("/phones/1/remove")

    held = linked.identity.factors(linked.ids["rival"])
    assert [each.state.value for each in held.tokens if each.id == 1] == ["revoked"]


def came_over(visit, language="en"):
    """minjun.kim of hangang at work, who goes on as rival of namsan."""
    browser = visit(OURS, language=language)
    browser.get("/")
    return browser


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/network-passwords", {"nickname": "laptop"}),
        ("/certificates", {"device": "laptop"}),
        ("/enrol", {"code": "123456"}),
        ("/enrol/device", {"serial": "FT-1", "first": "1", "second": "2"}),
        ("/enrol/recovery/new", {}),
    ],
)
def test_who_came_over_by_a_click_makes_nothing_that_lasts_there(linked, visit, path, form):
    browser = came_over(visit)
    browser.post(f"/act-for/{linked.ids['rival']}")
    before = len(linked.identity.network_passwords(linked.ids["rival"]))
    browser.get("/phones")

    answer = browser.post(path, **form)

    assert answer.status_code == 403
    assert "sign in with the password of your account at namsan" in browser.page
    assert len(linked.identity.network_passwords(linked.ids["rival"])) == before
    assert len(linked.identity.factors(linked.ids["rival"]).tokens) == 2


def test_the_same_is_made_with_the_password_of_that_account_and_told_in_korean_where_not(linked, visit):
    own = visit(THEIRS)
    own.get("/network-passwords")
    own.post("/network-passwords", nickname="laptop")
    assert len(linked.identity.network_passwords(linked.ids["rival"])) == 1
    linked.now += 60

    browser = came_over(visit, "ko")
    browser.post(f"/act-for/{linked.ids['rival']}")
    browser.get("/enrol")

    assert "namsan 계정의 비밀번호로 로그인한 뒤에" in browser.page
