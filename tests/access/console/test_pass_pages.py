"""A code for somebody who calls the helpdesk: who may ask, who agrees, who sees it, and who never does."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest
from sqlalchemy import select

from access.errors import Unavailable
from access.proof.enrolment import invite
from access.proof.factors import Origin
from access.store.tables import notices
from tests.access.residents import settle_in

CODE = re.compile(r"\b\d{3}-\d{3}\b|\b\d{4}-\d{4}-\d{4}\b")
LIMITS = {"hours": "2", "uses": "1", "via": "", "scope": "bypass"}
PROOFS = {"hangang": ("사번", "인사 번호로 다시 전화")}


@dataclass
class Boxes:
    """Mail boxes that keep what comes, or a server that is away."""

    ready: bool = True
    away: bool = False
    kept: list[tuple[str, str]] = field(default_factory=list)

    def send(self, to: str, _subject: str, body: str) -> None:
        if self.away:
            raise Unavailable("away")
        self.kept.append((to, body))


@pytest.fixture
def boxes(town):
    boxes = Boxes()
    object.__setattr__(town.identity, "notices", boxes)
    return boxes


def page_of(town, name):
    return f"/console/users/{town.ids[name]}"


def asked(town, helper, name, **more):
    helper.get(page_of(town, name))
    helper.post(f"{page_of(town, name)}/pass", **{**LIMITS, **more})
    return helper


def what_was_done(town, name):
    return [record.detail.get("what") for record in town.gate().pages.records_of(town.ids[name], 20)]


def signs_in(visit, name, code):
    owner = visit()
    owner.give_password(name)
    owner.post("/sign-in/code", code=code)
    return owner.path == "/"


def test_a_code_goes_to_the_mail_of_its_owner_and_the_helper_never_sees_it(town, visit, boxes):
    desk = asked(town, visit("desk@hangang"), "minjun.kim")
    seen = desk.page
    desk.get(page_of(town, "minjun.kim"))
    desk.get("/console/cases")

    ((to, body),) = boxes.kept
    code = CODE.search(body)[0]
    assert to == "minjun.kim@hangang.example"
    assert code not in seen + desk.page
    assert not CODE.search(seen)
    assert what_was_done(town, "minjun.kim")[:2] == ["enrolment.bypass-issued", "enrolment.pass-asked"]
    records = town.gate().pages.records_of(town.ids["minjun.kim"], 9)
    assert all(code not in str(record.detail) for record in records)
    assert signs_in(visit, "minjun.kim@hangang", code)
    assert not signs_in(visit, "minjun.kim@hangang", code)


def test_a_colleague_hands_it_over_once_with_a_code_of_their_own(town, visit):
    desk = asked(town, visit("desk@hangang"), "newcomer", colleague="seoyeon.lee", scope="registration")
    assert not CODE.search(desk.page)
    seoyeon = visit("seoyeon.lee@hangang")
    assert "hand a code to a colleague" in seoyeon.page
    seoyeon.get("/passes")
    found = re.search(r'action="(/passes/\d+)"', seoyeon.page)[1]

    seoyeon.post(found)

    code = CODE.search(seoyeon.page)[0]
    assert seoyeon.post(found).status_code == 409
    assert not CODE.search(seoyeon.page)
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")
    newcomer.post("/sign-in/registration", registration_code=code)
    assert newcomer.path == "/enrol"
    (phone,) = town.identity.factors(town.ids["newcomer"]).tokens
    assert phone.origin is Origin.HELPDESK


def test_a_code_of_onboarding_is_not_one_of_the_helpdesk(town, visit):
    invited = invite(town.identity, town.user("newcomer"), "root at the command line", town.now)
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")

    newcomer.post("/sign-in/registration", registration_code=invited.code)

    (phone,) = town.identity.factors(town.ids["newcomer"]).tokens
    assert phone.origin is Origin.REGISTRATION


def test_a_pass_is_collected_by_nobody_else_and_not_after_an_hour_nor_long_after_a_code(town, visit):
    asked(town, visit("desk@hangang"), "newcomer", colleague="seoyeon.lee")
    for name in ("minjun.kim@hangang", "desk@hangang", "rival@namsan"):
        stranger = visit(name)
        stranger.get("/passes")
        assert stranger.post("/passes/1").status_code == 409
        assert not CODE.search(stranger.page)
    seoyeon = visit("seoyeon.lee@hangang")
    town.now += 11 * 60
    seoyeon.get("/passes")
    seoyeon.post("/passes/1")
    assert seoyeon.path == "/confirm"

    town.now += 3600
    late = visit("seoyeon.lee@hangang")
    late.get("/passes")
    assert late.post("/passes/1").status_code == 409


@pytest.mark.parametrize("colleague", ["desk", "minjun.kim", "newcomer", "rival", "rival@namsan", "nobody"])
def test_who_cannot_hand_it_over_is_refused(town, visit, colleague):
    """The helper, the person, somebody without a phone, of another company, and nobody at all."""
    desk = asked(town, visit("desk@hangang"), "minjun.kim", colleague=colleague)

    assert "cannot hand it over" in desk.page
    assert "enrolment.pass-asked" not in what_was_done(town, "minjun.kim")


def test_who_administers_another_company_is_helped_as_an_administrator(town, visit, boxes):
    town.link("minjun.kim", "rival")
    town.join("rival", "namsan", "it-admins")

    desk = asked(town, visit("desk@hangang"), "minjun.kim", scope="registration")
    desk.post(f"{page_of(town, 'minjun.kim')}/assign", serial="FT-0007")

    assert "it takes an administrator" in desk.page
    assert "enrolment.pass-asked" not in what_was_done(town, "minjun.kim")
    boss = asked(town, visit("boss@hangang"), "minjun.kim")
    assert "A second administrator has to agree" in boss.page
    assert what_was_done(town, "minjun.kim")[0] == "enrolment.pass-asked" and boxes.kept == []


def test_without_mail_and_without_a_colleague_nothing_is_made(town, visit):
    desk = asked(town, visit("desk@hangang"), "minjun.kim")

    assert "There is no way to their mail" in desk.page
    assert "enrolment.bypass-issued" not in what_was_done(town, "minjun.kim")


def test_a_mail_server_that_is_away_is_told_to_the_helper(town, visit, boxes):
    boxes.away = True

    desk = asked(town, visit("desk@hangang"), "minjun.kim")

    assert not CODE.search(desk.page)
    assert "on its way" not in desk.page


def test_every_step_of_proof_has_to_be_ticked_and_is_recorded(town, visit, boxes):
    object.__setattr__(town.identity, "proofs", PROOFS)

    desk = asked(town, visit("desk@hangang"), "minjun.kim", proof="0")
    assert "First make sure who it is: 인사 번호로 다시 전화." in desk.page
    assert boxes.kept == []

    desk.get(page_of(town, "minjun.kim"))
    desk.post(f"{page_of(town, 'minjun.kim')}/pass", **LIMITS, proof=["0", "1"])
    assert len(boxes.kept) == 1
    told = next(
        record.detail
        for record in town.gate().pages.records_of(town.ids["minjun.kim"], 9)
        if record.detail["what"] == "enrolment.pass-asked"
    )
    assert told["proofs"] == "사번; 인사 번호로 다시 전화"
    assert told["by"] == "desk@hangang"


def test_nobody_asks_for_themselves_and_a_helpdesk_not_for_who_runs_the_house(town, visit, boxes):
    for helper, name in (("desk", "desk"), ("boss", "boss"), ("desk", "boss"), ("desk", "watcher")):
        page = asked(town, visit(f"{helper}@hangang"), name)
        assert "somebody else has to ask" in page.page
    assert boxes.kept == []


@pytest.fixture
def second(town):
    """Another administrator."""
    town.ids["chief"] = settle_in(town.database, "chief", "hangang")
    town.put_into("chief", "it-admins")
    town.give_phone("chief")
    return "chief@hangang"


def test_for_somebody_with_rights_two_administrators_agree_within_an_hour(town, visit, boxes, second):
    boss = asked(town, visit("boss@hangang"), "desk")
    assert "A second administrator has to agree" in boss.page
    assert boxes.kept == []
    agree = f"{page_of(town, 'desk')}/passes/1/agree"

    boss.post(agree)
    assert "Somebody else has to agree." in boss.page
    desk = visit("desk@hangang")
    desk.get("/console")
    desk.post(agree)
    assert boxes.kept == []

    chief = visit(second)
    chief.get(page_of(town, "desk"))
    chief.post(agree)
    assert [to for to, _ in boxes.kept] == ["desk@hangang.example"]
    assert not CODE.search(chief.page)
    assert "enrolment.pass-agreed" in what_was_done(town, "desk")
    chief.post(agree)
    assert len(boxes.kept) == 1


def test_an_hour_later_nobody_can_agree_any_more(town, visit, boxes, second):
    asked(town, visit("boss@hangang"), "desk")
    town.now += 3600
    chief = visit(second)
    chief.get(page_of(town, "desk"))

    assert chief.post(f"{page_of(town, 'desk')}/passes/1/agree").status_code == 404
    assert boxes.kept == []


def test_the_owner_is_told_that_somebody_asked_in_their_name(town, visit, boxes):
    asked(town, visit("desk@hangang"), "minjun.kim")

    assert told(town, "minjun.kim") == ["pass-asked", "bypass-issued"]


def told(town, name):
    with town.database.read() as conn:
        query = select(notices.c.kind).where(notices.c.user_id == town.ids[name]).order_by(notices.c.id)
        return list(conn.execute(query).scalars())


@pytest.fixture
def linked(town):
    """minjun.kim of hangang is rival of namsan, where there is a helpdesk too."""
    town.link("minjun.kim", "rival")
    town.ids["helper"] = settle_in(town.database, "helper", "namsan")
    town.join("helper", "namsan", "helpdesk")
    town.give_phone("helper")
    return town


def agreed(town, browser, name, number=1):
    browser.get(page_of(town, name))
    return browser.post(f"{page_of(town, name)}/passes/{number}/agree")


def test_a_phone_for_two_companies_takes_the_word_of_both(linked, visit, boxes):
    desk = asked(linked, visit("desk@hangang"), "minjun.kim", scope="registration")
    assert "The helpdesk of their other company has to agree" in desk.page
    assert boxes.kept == []
    agreed(linked, desk, "minjun.kim")
    agreed(linked, visit("boss@hangang"), "minjun.kim")
    assert boxes.kept == []

    anna = visit("anna.schmidt@namsan")
    anna.get(page_of(linked, "rival"))
    assert "The helpdesk of hangang asks for a registration code" in anna.page
    assert "desk@hangang" not in anna.page and "minjun" not in anna.page
    agreed(linked, anna, "rival")

    ((to, body),) = boxes.kept
    assert to == "minjun.kim@hangang.example"
    assert CODE.search(body)[0] not in anna.page
    (theirs, *_) = [
        each
        for each in linked.gate().pages.records_of(linked.ids["rival"], 9)
        if each.detail.get("what") == "enrolment.pass-agreed"
    ]
    (ours, *_) = [
        each
        for each in linked.gate().pages.records_of(linked.ids["minjun.kim"], 9)
        if each.detail.get("what") == "enrolment.pass-agreed"
    ]
    assert (theirs.detail["by"], ours.detail["by"]) == ("anna.schmidt@namsan", "the helpdesk of namsan")


def test_a_bypass_code_stays_with_its_company_and_takes_nobody_elses_word(linked, visit, boxes):
    asked(linked, visit("desk@hangang"), "minjun.kim", scope="bypass")

    assert len(boxes.kept) == 1


def test_a_company_that_is_not_linked_agrees_to_nothing(town, visit, boxes):
    """Two administrators of hangang for the helper there; namsan has no say, and finds no such pass."""
    asked(town, visit("boss@hangang"), "desk", scope="registration")

    assert agreed(town, visit("anna.schmidt@namsan"), "rival").status_code == 404
    assert boxes.kept == []


def test_what_one_company_asked_for_before_the_link_stood_is_over(town, visit, boxes):
    asked(town, visit("desk@hangang"), "minjun.kim", scope="registration", colleague="seoyeon.lee")
    invited = invite(town.identity, town.user("minjun.kim"), "root at the command line", town.now)

    town.link("minjun.kim", "rival")

    seoyeon = visit("seoyeon.lee@hangang")
    seoyeon.get("/passes")
    assert seoyeon.post("/passes/1").status_code == 409
    owner = visit()
    owner.give_password("minjun.kim@hangang")
    owner.post("/sign-in/registration", registration_code=invited.code)
    assert owner.path == "/sign-in/registration"


def test_neither_a_trusted_place_nor_a_hardware_token_registers_a_phone_for_two_companies(town, visit):
    town.link("newcomer", "rival")
    object.__setattr__(town.identity, "enrolment_networks", {"hangang": (ip_network("127.0.0.0/8"),)})
    with town.database.write() as conn:
        conn.exec_driver_sql("DELETE FROM tokens")
    newcomer = visit()
    newcomer.give_password("newcomer@hangang")
    newcomer.post("/sign-in/on-site")
    newcomer.get("/enrol")
    assert newcomer.path == "/sign-in/registration"

    town.give_phone("desk")
    desk = visit("desk@hangang")
    desk.get(page_of(town, "newcomer"))
    desk.post(f"{page_of(town, 'newcomer')}/assign", serial="FT-0007")

    assert "counts there too" in desk.page


def test_what_somebody_asked_for_who_helps_no_more_is_sent_to_nobody(town, visit, boxes, second):
    asked(town, visit("boss@hangang"), "desk")
    town.leave_all_groups("boss")

    agreed(town, visit(second), "desk")

    assert boxes.kept == []
