"""Coming in: password, code, registration; what a stranger may not learn."""

import pytest

from access.proof.enrolment import Invited, invite
from access.store import web_sessions
from tests.access.console.town import PASSWORD
from tests.access.residents import NOW, shown, wrong


def cookie(browser, name="officegate"):
    found = browser.client.get_cookie(name, domain="127.0.0.1")
    return found.value if found else None


def test_a_stranger_is_sent_to_sign_in_and_back_to_what_they_wanted(visit, town):
    stranger = visit()
    answer = stranger.get("/reach", follow=False)
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Freach"

    stranger.get(answer.location)
    stranger.post(answer.location, name="minjun.kim@hangang", password=PASSWORD)
    stranger.post("/sign-in/code", code=shown(now=town.now))

    assert stranger.path == "/reach"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_a_page_of_somebody_else_is_never_what_was_wanted(visit, town, target):
    stranger = visit()
    stranger.get("/sign-in")
    stranger.post("/sign-in?next=" + target.replace("\n", "%0a"), name="boss@hangang", password=PASSWORD)
    stranger.post("/sign-in/code", code=shown(now=town.now), follow=False)

    answer = stranger.get("/", follow=False)

    assert answer.status_code == 200
    assert stranger.path == "/"


def test_a_realm_and_a_chosen_company_name_the_same_person(visit):
    for fields in ({"name": "minjun.kim@hangang.example"}, {"name": "minjun.kim", "company": "hangang"}):
        stranger = visit()
        stranger.get("/sign-in")
        stranger.post("/sign-in", password=PASSWORD, **fields)
        assert stranger.path == "/sign-in/code"


def test_a_wrong_password_and_an_unknown_name_get_the_same_page(visit):
    told = []
    for name in ("minjun.kim@hangang", "nobody.here@hangang", "minjun.kim@nowhere"):
        stranger = visit()
        answer = stranger.give_password(name, "not it")
        told.append((answer.status_code, stranger.page.replace(name, "NAME")))
        assert answer.status_code == 401
        assert "The name or the password is not right" in stranger.page
    assert len(set(told)) == 1


def test_after_many_wrong_passwords_one_has_to_wait(visit):
    stranger = visit()
    answers = [stranger.give_password("minjun.kim@hangang", f"not {number}") for number in range(8)]

    assert answers[-1].status_code == 429
    assert "You can try again in" in stranger.page


def test_with_the_directory_away_the_page_says_so(visit, town):
    town.directories.up = False

    answer = visit().give_password("minjun.kim@hangang")

    assert answer.status_code == 503
    assert "cannot be checked at the moment" in answer.text


def test_a_right_password_alone_opens_nothing_but_the_next_step(visit):
    half = visit()
    half.give_password("boss@hangang")
    assert half.path == "/sign-in/code"

    for path in ("/", "/phones", "/enrol", "/console", "/enrol/recovery"):
        assert half.get(path, follow=False).location == "/sign-in/code"
    assert half.get("/api/v1/me/reach").status_code == 401


def test_a_wrong_code_is_refused_and_a_used_one_as_well(visit, town):
    first = visit()
    first.give_password("minjun.kim@hangang")
    assert first.post("/sign-in/code", code=wrong(now=town.now)).status_code == 401
    first.post("/sign-in/code", code=shown(now=town.now))
    assert first.path == "/"

    second = visit()
    second.give_password("minjun.kim@hangang")
    answer = second.post("/sign-in/code", code=shown(now=town.now))

    assert answer.status_code == 401
    assert "has been used already" in second.page


def test_each_step_gets_a_new_cookie_and_the_old_one_is_worth_nothing(visit, town):
    visitor = visit()
    visitor.give_password("minjun.kim@hangang")
    before = cookie(visitor)
    visitor.post("/sign-in/code", code=shown(now=town.now))
    assert cookie(visitor) != before

    thief = visit()
    thief.client.set_cookie("officegate", before, domain="127.0.0.1")

    assert thief.get("/", follow=False).location == "/sign-in"


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(visit, town):
    visitor = visit("minjun.kim@hangang")
    copied = cookie(visitor)
    visitor.post("/sign-out")
    assert visitor.path == "/sign-in"
    assert cookie(visitor) in (None, "")

    thief = visit()
    thief.client.set_cookie("officegate", copied, domain="127.0.0.1")

    assert thief.get("/", follow=False).location == "/sign-in"
    with town.database.read() as conn:
        assert web_sessions.of_user(conn, town.ids["minjun.kim"]) == ()


def test_a_session_ends_after_half_an_hour_without_a_request(visit, town):
    visitor = visit("minjun.kim@hangang")
    town.now += 31 * 60

    assert visitor.get("/", follow=False).location == "/sign-in"


def test_somebody_disabled_in_the_directory_is_out_with_the_next_click(visit, town):
    visitor = visit("minjun.kim@hangang")
    town.disable("minjun.kim")

    assert visitor.get("/", follow=False).location == "/sign-in"


def test_a_newcomer_needs_a_registration_code(visit, town):
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")
    assert newcomer.path == "/sign-in/registration"
    assert newcomer.post("/sign-in/registration", registration_code="AAAA-BBBB-CCCC").status_code == 401

    invited = invite(town.identity, town.user("newcomer"), "helpdesk", town.now)
    assert isinstance(invited, Invited)
    assert newcomer.get("/enrol", follow=False).location == "/sign-in/registration"
    newcomer.get("/sign-in/registration")
    newcomer.post("/sign-in/registration", registration_code=invited.code.lower())

    assert newcomer.path == "/enrol"


def test_the_health_page_tells_nothing_but_that_it_works(visit):
    answer = visit().get("/healthz")

    assert answer.json == {"status": "ok"}


def test_the_town_begins_at_the_time_of_its_residents(town):
    assert town.now == NOW
