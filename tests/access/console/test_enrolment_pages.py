"""Registering a phone over the pages, and what becomes of it."""

import html
import re

import pyotp
import pytest

from access.proof.enrolment import invite
from otp.token import Token
from otp.totp import code_at, step_at
from tests.access.residents import shown

LINK = re.compile(r'href="(otpauth://[^"]+)"')
CODES = re.compile(r'class="recovery-code">([^<]+)<')


@pytest.fixture
def newcomer(visit, town):
    """Somebody who has given password and registration code."""
    browser = visit()
    browser.give_password("newcomer@hangang")
    invited = invite(town.identity, town.user("newcomer"), "helpdesk", town.now)
    browser.post("/sign-in/registration", registration_code=invited.code)
    assert browser.path == "/enrol"
    return browser


def secret_of(browser):
    link = html.unescape(LINK.search(browser.page)[1])
    return pyotp.parse_uri(link).byte_secret()


def code_of(secret, now):
    return code_at(Token(secret), step_at(now, 30))


def test_the_whole_way_from_the_registration_code_to_the_first_page(newcomer, town):
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), town.now))
    assert newcomer.path == "/enrol/recovery"
    codes = CODES.findall(newcomer.page)
    assert len(set(codes)) == 10

    newcomer.post("/enrol/recovery", saved="yes")

    assert newcomer.path == "/"
    assert "Hello, 새내기" in newcomer.page


def test_a_recovery_code_signs_in_once(newcomer, visit, town):
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), town.now))
    code = CODES.findall(newcomer.page)[3]

    paths = []
    for _ in range(2):
        browser = visit()
        browser.give_password("newcomer@hangang")
        browser.post("/sign-in/code", code=code)
        paths.append(browser.path)

    assert paths == ["/", "/sign-in/code"]


def test_the_link_names_company_and_person_and_the_key_is_in_groups_of_four(newcomer):
    link = html.unescape(LINK.search(newcomer.page)[1])

    assert pyotp.parse_uri(link).issuer == "한강전자"
    assert pyotp.parse_uri(link).name == "newcomer@hangang.example"
    key = re.search(r'id="key">([^<]+)<', newcomer.page)[1]
    assert all(len(group) == 4 for group in key.split())
    assert key.replace(" ", "") in link


def test_closing_the_page_and_coming_back_shows_the_same_key_for_ten_minutes(newcomer, town):
    before = secret_of(newcomer)
    town.now += 9 * 60
    newcomer.get("/enrol")
    assert secret_of(newcomer) == before

    town.now += 2 * 60
    newcomer.get("/enrol")

    assert secret_of(newcomer) != before


@pytest.mark.parametrize("path", ["/", "/reach", "/console"])
def test_whoever_goes_elsewhere_before_the_phone_is_proven_is_brought_back(newcomer, path):
    newcomer.get(path)

    assert newcomer.path == "/enrol"
    assert LINK.search(newcomer.page)


def test_the_recovery_codes_stay_until_their_owner_says_they_have_them(newcomer, town):
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), town.now))
    codes = CODES.findall(newcomer.page)
    newcomer.get("/enrol/recovery")
    assert CODES.findall(newcomer.page) == codes

    answer = newcomer.post("/enrol/recovery")
    assert answer.status_code == 400
    assert "Save the codes first" in newcomer.page

    newcomer.post("/enrol/recovery", saved="yes")
    newcomer.get("/enrol/recovery")
    assert CODES.findall(newcomer.page) == []
    assert "shown only once" in newcomer.page


def test_the_envelope_with_the_codes_opens_for_no_other_session(newcomer, visit, town):
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), town.now))
    envelope = newcomer.client.get_cookie("codes", domain="127.0.0.1").value
    assert not any(code in envelope for code in CODES.findall(newcomer.page))

    thief = visit("seoyeon.lee@hangang")
    thief.client.set_cookie("codes", envelope, domain="127.0.0.1")
    thief.get("/enrol/recovery")

    assert CODES.findall(thief.page) == []


@pytest.mark.parametrize(("shift_s", "word"), [(-180, "slow"), (240, "fast")])
def test_a_clock_that_is_off_is_named_with_its_seconds(newcomer, town, shift_s, word):
    secret = secret_of(newcomer)

    answer = newcomer.post("/enrol", code=code_of(secret, town.now + shift_s))

    assert answer.status_code == 401
    assert f"{abs(shift_s)} seconds {word}" in newcomer.page
    assert secret_of(newcomer) == secret


def test_a_code_that_nothing_explains_is_told_to_be_of_something_else(newcomer):
    newcomer.post("/enrol", code="12 34")

    assert "It is not a code of this registration" in newcomer.page


def test_pages_with_secrets_are_never_kept(newcomer, town):
    assert newcomer.get("/enrol").headers["Cache-Control"] == "no-store"
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), town.now))

    assert newcomer.get("/enrol/recovery").headers["Cache-Control"] == "no-store"


def test_registering_another_phone_takes_a_fresh_code_and_keeps_the_old_one_if_asked(visit, town):
    visitor = visit("minjun.kim@hangang")
    town.now += 11 * 60
    visitor.get("/enrol")
    assert visitor.path == "/confirm"
    visitor.post("/confirm", next="/enrol", code=shown(now=town.now))
    assert visitor.path == "/enrol"
    visitor.get("/enrol?nickname=업무용")

    visitor.post("/enrol", code=code_of(secret_of(visitor), town.now), keep="yes")
    assert visitor.path == "/enrol/recovery"

    visitor.get("/phones")
    assert visitor.page.count("Its codes stop working at once.") == 2


def test_a_replaced_phone_stops_working(visit, town):
    visitor = visit("minjun.kim@hangang")
    visitor.get("/enrol")
    visitor.post("/enrol", code=code_of(secret_of(visitor), town.now))
    town.now += 60

    other = visit()
    other.give_password("minjun.kim@hangang")

    assert other.post("/sign-in/code", code=shown(now=town.now)).status_code == 401


def test_a_phone_is_removed_at_once_but_only_ones_own(visit, town):
    visitor = visit("minjun.kim@hangang")
    visitor.get("/phones")
    own = re.search(r'action="/phones/(\d+)/remove"', visitor.page)[1]

    other = visit("seoyeon.lee@hangang")
    other.get("/phones")
    other.post(f"/phones/{own}/remove")
    visitor.get("/phones")
    assert f"/phones/{own}/remove" in visitor.page

    visitor.post(f"/phones/{own}/remove")

    assert "The phone is removed" in visitor.page
    assert "No phone is registered." in visitor.page


def test_new_recovery_codes_replace_the_old_ones_after_a_fresh_code(visit, town):
    visitor = visit("minjun.kim@hangang")
    visitor.get("/phones")
    visitor.post("/enrol/recovery/new")
    assert len(CODES.findall(visitor.page)) == 10

    town.now += 11 * 60
    visitor.get("/phones")
    visitor.post("/enrol/recovery/new")

    assert visitor.path == "/confirm"
