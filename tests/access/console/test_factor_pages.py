"""What the helpdesk does about codes on the pages, and what people do about their own."""

import re

import pytest

from access.proof.factors import NewToken, Origin
from access.store import tokens
from otp import hotp
from otp.kinds import Kind
from otp.token import State, Token
from tests.access.residents import DICE, KEYRING, NOW, SECRET, shown

BUTTON = b"a key of twenty octe"
CODE = re.compile(r"\b\d{3}-\d{3}\b")


def stock(town, serial="FT-0007"):
    spare = Token(BUTTON, kind=Kind.HOTP, state=State.SPARE)
    new = NewToken(None, spare, serial=serial, origin=Origin.IMPORTED, created_at=NOW)
    with town.database.write() as conn:
        tokens.add(conn, KEYRING, new, town.organization_id("hangang"), DICE)


def presses(*counters):
    return [hotp.code_at(Token(BUTTON, kind=Kind.HOTP), counter) for counter in counters]


def page_of(town, name):
    return f"/console/users/{town.ids[name]}"


def what_was_done(town, name):
    return [record.detail["what"] for record in town.gate().pages.records_of(town.ids[name], 20)]


@pytest.mark.parametrize("action", ["pass", "unlock", "resync", "assign"])
def test_nobody_hands_anything_out_long_after_their_own_code(town, visit, action):
    desk = visit("desk@hangang")
    desk.get(page_of(town, "minjun.kim"))
    town.now += 11 * 60

    desk.post(f"{page_of(town, 'minjun.kim')}/{action}", hours="2", uses="1", serial="FT-0007")

    assert desk.path == "/confirm"
    assert not CODE.search(desk.page)


@pytest.mark.parametrize("action", ["pass", "unlock", "resync", "assign", "phones/revoke"])
@pytest.mark.parametrize("name", ["watcher", "minjun.kim"])
def test_whoever_is_not_of_the_helpdesk_does_none_of_it(town, visit, name, action):
    stranger = visit(f"{name}@hangang")

    stranger.post(f"{page_of(town, 'seoyeon.lee')}/{action}", hours="2", uses="1", serial="FT-0007")

    assert what_was_done(town, "seoyeon.lee") == []


@pytest.mark.parametrize(("hours", "uses"), [("73", "1"), ("nan", "1"), ("2", "0"), ("two", "1"), ("", "")])
def test_a_bypass_code_without_an_end_is_not_made(town, visit, hours, uses):
    desk = visit("desk@hangang")
    desk.get(page_of(town, "minjun.kim"))

    desk.post(f"{page_of(town, 'minjun.kim')}/pass", hours=hours, uses=uses)

    assert "lasts up to 72 hours" in desk.page
    assert what_was_done(town, "minjun.kim")[0] != "enrolment.bypass-issued"


def test_a_person_of_another_company_is_nobody_here(town, visit):
    desk = visit("desk@hangang")
    desk.get(page_of(town, "minjun.kim"))

    answer = desk.post(f"{page_of(town, 'rival')}/pass", hours="2", uses="1")

    assert answer.status_code == 404


def test_the_helpdesk_gives_a_hardware_token_finds_it_again_and_revokes_it(town, visit):
    stock(town)
    desk, page = visit("desk@hangang"), page_of(town, "minjun.kim")
    desk.get(page)

    desk.post(f"{page}/assign", serial="FT-0007")
    assert "FT-0007 is theirs now" in desk.page
    first, second = presses(200, 201)
    desk.post(f"{page}/resync", first=first, second=second)
    assert "It is found again" in desk.page
    number = re.search(rf"{page}/phones/(\d+)/revoke", desk.page[desk.page.index("FT-0007") :])[1]
    desk.post(f"{page}/phones/{number}/revoke")

    assert "It is revoked" in desk.page
    assert what_was_done(town, "minjun.kim")[:3] == [
        "enrolment.revoked",
        "enrolment.resynced",
        "enrolment.assigned",
    ]


def test_one_administrator_alone_gives_no_hardware_token_to_another(town, visit):
    stock(town)
    boss = visit("boss@hangang")
    boss.get(page_of(town, "watcher"))

    boss.post(f"{page_of(town, 'watcher')}/assign", serial="FT-0007")

    assert "registers a hardware token themselves" in boss.page
    assert not any(each.serial for each in town.identity.factors(town.ids["watcher"]).tokens)


def test_a_hardware_token_that_was_reported_lost_is_not_given_back_by_who_has_it_next(town, visit):
    stock(town)
    desk = visit("desk@hangang")
    for name in ("newcomer", "seoyeon.lee"):
        desk.get(page_of(town, name))
        desk.post(f"{page_of(town, name)}/assign", serial="FT-0007")
        (held,) = [each for each in town.identity.factors(town.ids[name]).tokens if each.serial]
        if name == "newcomer":
            with town.database.write() as conn:
                tokens.report_lost(conn, town.ids[name], town.now)

    assert held.lost_at is None


def test_an_employee_registers_a_hardware_token_by_its_number_and_two_codes(town, visit):
    stock(town)
    owner = visit("minjun.kim@hangang")
    owner.get("/enrol/device")
    first, second = presses(7, 8)

    owner.post("/enrol/device", serial="FT-0007", first=first, second=second)

    assert owner.path == "/enrol/recovery"
    owner.get("/phones")
    assert "FT-0007" in owner.page
    held = town.identity.factors(town.ids["minjun.kim"]).tokens
    assert [(each.kind, each.origin) for each in held if each.serial] == [("hotp", Origin.HANDOVER)]


@pytest.mark.parametrize(
    ("serial", "counters"), [("FT-0008", (7, 8)), ("FT-0007", (7, 9)), ("FT-0007", (8, 7)), ("", (7, 8))]
)
def test_a_wrong_number_and_wrong_codes_are_one_answer(town, visit, serial, counters):
    stock(town)
    owner = visit("minjun.kim@hangang")
    owner.get("/enrol/device")
    first, second = presses(*counters)

    owner.post("/enrol/device", serial=serial, first=first, second=second)

    assert owner.path == "/enrol/device"
    assert "The code is wrong" in owner.page
    assert not any(each.serial for each in town.identity.factors(town.ids["minjun.kim"]).tokens)


def test_a_hardware_token_of_somebody_cannot_be_taken_over(town, visit):
    stock(town)
    desk = visit("desk@hangang")
    desk.get(page_of(town, "seoyeon.lee"))
    desk.post(f"{page_of(town, 'seoyeon.lee')}/assign", serial="FT-0007")
    owner = visit("minjun.kim@hangang")
    owner.get("/enrol/device")

    owner.post("/enrol/device", serial="FT-0007", first=presses(7)[0], second=presses(8)[0])

    assert "The code is wrong" in owner.page


def test_a_phone_gets_another_name_and_tells_where_it_was_used(town, visit):
    owner = visit("minjun.kim@hangang")
    owner.get("/phones")
    number = re.search(r"/phones/(\d+)/rename", owner.page)[1]

    owner.post(f"/phones/{number}/rename", nickname="  <b>업무폰</b>\u202e ")

    assert "&lt;b&gt;업무폰&lt;/b&gt;" in owner.page
    assert "127.0.0.1" in owner.page


def test_nobody_renames_the_phone_of_somebody_else(town, visit):
    visit("seoyeon.lee@hangang").get("/phones")
    owner = visit("minjun.kim@hangang")
    owner.get("/phones")
    mine = re.search(r"/phones/(\d+)/rename", owner.page)[1]
    other = visit("seoyeon.lee@hangang")
    other.get("/phones")

    other.post(f"/phones/{mine}/rename", nickname="mine")

    owner.get("/phones")
    assert "mine" not in re.findall(r"<strong>([^<]*)</strong>", owner.page)


def test_the_first_page_says_that_somebody_knew_the_password(town, visit):
    owner = visit("minjun.kim@hangang")
    assert "wrong code" not in owner.page
    intruder = visit()
    intruder.give_password("minjun.kim@hangang")
    intruder.post("/sign-in/code", code="000000")

    owner.get("/")

    assert "A login had your right password and a wrong code" in owner.page
    town.now += 8 * 86400
    assert "had your right password" not in visit("minjun.kim@hangang").page


def test_full_width_digits_and_middle_dots_sign_in(town, visit):
    owner = visit()
    owner.give_password("minjun.kim@hangang")
    full_width = shown(SECRET, town.now).translate({ord("0") + n: ord("０") + n for n in range(10)})

    owner.post("/sign-in/code", code=f"{full_width[:3]}·{full_width[3:]}\u3000\u200b")

    assert owner.path == "/"


def test_many_people_with_wrong_codes_at_the_portal_raise_an_alarm(town, visit, monkeypatch):
    monkeypatch.setattr("access.logins.login_alarms.GUESSED_AT_PLACE", 2)
    for name in ("minjun.kim", "seoyeon.lee"):
        intruder = visit()
        intruder.give_password(f"{name}@hangang")
        intruder.post("/sign-in/code", code="000000")

    boss = visit("boss@hangang")
    boss.get("/console/alarms")

    assert "Somebody who knows passwords of many people tries codes" in boss.page
