"""To let the codes of somebody who runs the house count again takes two administrators."""

import pytest
from sqlalchemy import select, update

from access.proof.factors import NewToken
from access.store import tokens
from access.store.tables import tokens as token_rows
from otp.kinds import Kind
from otp.token import State, Token
from tests.access.console.test_factor_pages import BUTTON, page_of, presses, what_was_done
from tests.access.residents import DICE, KEYRING, NOW, settle_in


@pytest.fixture
def chief(town):
    """Another administrator."""
    town.ids["chief"] = settle_in(town.database, "chief", "hangang")
    town.put_into("chief", "it-admins")
    town.give_phone("chief")
    return "chief@hangang"


def miscounted(town, name, failures=7):
    with town.database.write() as conn:
        mine = token_rows.c.user_id == town.ids[name]
        conn.execute(update(token_rows).where(mine).values(failures=failures))


def failures(town, name):
    with town.database.read() as conn:
        mine = select(token_rows.c.failures).where(token_rows.c.user_id == town.ids[name])
        return max(conn.execute(mine).scalars())


def act(town, browser, name, what="unlock", **form):
    browser.get(page_of(town, name))
    return browser.post(f"{page_of(town, name)}/{what}", **form)


def test_one_administrator_alone_sets_no_wrong_codes_of_another_back(town, visit):
    miscounted(town, "watcher")
    boss = visit("boss@hangang")

    act(town, boss, "watcher")

    assert "Another administrator has to do it within an hour" in boss.page
    assert failures(town, "watcher") == 7
    assert what_was_done(town, "watcher")[0] == "enrolment.act-asked"
    act(town, boss, "watcher", "acts/1/do")
    assert "both other people" in boss.page
    assert failures(town, "watcher") == 7


def test_another_administrator_does_it_once_and_both_are_named(town, visit, chief):
    miscounted(town, "watcher")
    act(town, visit("boss@hangang"), "watcher")
    second = visit(chief)

    act(town, second, "watcher", "acts/1/do")

    assert "The wrong codes are set back." in second.page
    assert failures(town, "watcher") == 0
    (record, *_) = town.gate().pages.records_of(town.ids["watcher"], 1)
    assert (record.detail["what"], record.detail["by"]) == (
        "enrolment.unlocked",
        "boss@hangang, chief@hangang",
    )
    miscounted(town, "watcher")
    assert act(town, second, "watcher", "acts/1/do").status_code == 404
    assert failures(town, "watcher") == 7


def test_nobody_does_it_after_an_hour(town, visit, chief):
    miscounted(town, "watcher")
    act(town, visit("boss@hangang"), "watcher")
    town.now += 3600

    assert act(town, visit(chief), "watcher", "acts/1/do").status_code == 404
    assert failures(town, "watcher") == 7


@pytest.mark.parametrize("name", ["desk@hangang", "watcher@hangang", "minjun.kim@hangang", "rival@namsan"])
def test_nobody_but_an_administrator_is_the_second(town, visit, name):
    miscounted(town, "boss")
    town.ids["chief"] = settle_in(town.database, "chief", "hangang")
    town.put_into("chief", "it-admins")
    town.give_phone("chief")
    act(town, visit("chief@hangang"), "boss")

    act(town, visit(name), "boss", "acts/1/do")

    assert failures(town, "boss") == 7


def test_nobody_asks_for_themselves_nor_does_what_was_asked_for_them(town, visit, chief):
    boss = visit("boss@hangang")
    miscounted(town, "boss")
    act(town, boss, "boss")
    assert "both other people" in boss.page
    act(town, visit(chief), "boss")

    act(town, boss, "boss", "acts/1/do")

    assert "both other people" in boss.page
    assert failures(town, "boss") == 7


def test_one_person_with_two_accounts_is_not_two_administrators(town, visit, chief):
    """The accounts of two companies here are both administrators; two of one company cannot be linked."""
    town.link("boss", "rival")
    boss, rival = town.ids["boss"], town.ids["rival"]
    miscounted(town, "watcher")
    act(town, visit("boss@hangang"), "watcher")
    with town.database.write() as conn:
        conn.exec_driver_sql(f"UPDATE desk_acts SET asked_by_id = {rival} WHERE asked_by_id = {boss}")

    again = visit("boss@hangang")
    act(town, again, "watcher", "acts/1/do")

    assert "both other people" in again.page
    assert failures(town, "watcher") == 7


def test_a_phone_of_somebody_with_rights_that_was_lost_counts_again_by_two(town, visit, chief):
    owner = visit()
    owner.give_password("watcher@hangang")
    owner.post("/lost")
    (phone,) = town.identity.factors(town.ids["watcher"]).tokens
    act(town, visit("boss@hangang"), "watcher", f"phones/{phone.id}/give-back")
    assert not town.identity.factors(town.ids["watcher"]).has_phone()

    act(town, visit(chief), "watcher", "acts/1/do")

    assert town.identity.factors(town.ids["watcher"]).has_phone()


def test_a_token_is_found_again_by_the_second_who_types_the_codes(town, visit, chief):
    spare = NewToken(town.ids["watcher"], Token(BUTTON, kind=Kind.HOTP, state=State.ACTIVE), created_at=NOW)
    with town.database.write() as conn:
        tokens.add(conn, KEYRING, spare, town.organization_id("hangang"), DICE)
    first, after = presses(300, 301)
    boss, second = visit("boss@hangang"), visit(chief)
    act(town, boss, "watcher", "resync", first=first, second=after)
    assert "enrolment.resynced" not in what_was_done(town, "watcher")

    act(town, second, "watcher", "acts/1/do", first=first, second="000000")
    assert "enrolment.resynced" not in what_was_done(town, "watcher")
    act(town, second, "watcher", "acts/1/do", first=first, second=after)

    assert "It is found again" in second.page
    assert what_was_done(town, "watcher")[0] == "enrolment.resynced"
    assert act(town, second, "watcher", "acts/1/do", first=first, second=after).status_code == 404


def test_for_an_employee_one_helper_is_enough(town, visit):
    miscounted(town, "minjun.kim")

    act(town, visit("desk@hangang"), "minjun.kim")

    assert failures(town, "minjun.kim") == 0


def test_what_an_administrator_asked_for_is_over_when_they_are_none_any_more(town, visit, chief):
    miscounted(town, "watcher")
    act(town, visit("boss@hangang"), "watcher")
    town.leave_all_groups("boss")

    act(town, visit(chief), "watcher", "acts/1/do")

    assert failures(town, "watcher") == 7
