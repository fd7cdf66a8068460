"""Two colleagues vouch for somebody: who may, for whom, how often, and that a word counts once."""

import pytest
from sqlalchemy import update

from access.model import Role
from access.proof.token_desk import Helper, issue_bypass
from access.proof.vouching import VouchRules
from access.store.tables import tokens
from otp.bypass import Limits
from tests.access.console.test_enrolment_pages import code_of, secret_of
from tests.access.console.test_pass_pages import told, what_was_done
from tests.access.residents import settle_in

MONTH_S = 31 * 86400.0


@pytest.fixture
def office(town):
    """Vouching is on, and everybody has had their phone for a month; there is one more colleague."""
    object.__setattr__(town.identity, "vouching", {"hangang": VouchRules(True), "namsan": VouchRules(True)})
    town.ids["third"] = settle_in(town.database, "third", "hangang")
    town.give_phone("third")
    with town.database.write() as conn:
        conn.execute(update(tokens).values(proven_at=town.now - MONTH_S))
    return town


def vouches(visit, voucher, name):
    visitor = visit(f"{voucher}@hangang" if "@" not in voucher else voucher)
    visitor.get("/vouch")
    return visitor.post("/vouch", name=name)


def knocks(visit, name="newcomer@hangang"):
    """Somebody with the right password tries to register on the word of colleagues."""
    visitor = visit()
    visitor.give_password(name)
    visitor.get("/sign-in/registration")
    visitor.post("/sign-in/vouched")
    return visitor


def test_two_colleagues_get_somebody_to_a_new_phone_and_all_three_are_told(office, visit):
    for voucher in ("minjun.kim", "seoyeon.lee"):
        assert vouches(visit, voucher, "newcomer").status_code == 200

    newcomer = knocks(visit)

    assert newcomer.path == "/enrol"
    newcomer.post("/enrol", code=code_of(secret_of(newcomer), office.now))
    assert newcomer.path == "/enrol/recovery"
    assert office.identity.factors(office.ids["newcomer"]).tokens[-1].origin.value == "vouched"
    assert told(office, "newcomer") == ["vouched-for", "vouched-for", "phone-registered"]
    assert told(office, "minjun.kim")[-1] == told(office, "seoyeon.lee")[-1] == "vouch-given"
    done = what_was_done(office, "newcomer")
    assert done.count("enrolment.vouched") == 2
    assert "sign-in.vouches-spent" in done


def test_the_way_to_vouch_is_shown_to_those_who_can(office, visit):
    minjun = visit("minjun.kim@hangang")
    minjun.get("/phones")
    assert 'href="/vouch"' in minjun.page

    object.__setattr__(office.identity, "vouching", {})
    minjun.get("/phones")
    assert 'href="/vouch"' not in minjun.page


def test_one_word_is_not_enough_and_the_same_voucher_gives_only_one(office, visit):
    vouches(visit, "minjun.kim", "newcomer")
    assert knocks(visit).path == "/sign-in/vouched"

    assert vouches(visit, "minjun.kim", "newcomer").status_code == 409
    assert vouches(visit, "minjun.kim", "seoyeon.lee").status_code == 409
    assert knocks(visit).path == "/sign-in/vouched"

    office.now += 7 * 86400
    assert vouches(visit, "minjun.kim", "newcomer").status_code == 200


def test_the_words_are_spent_together_and_once(office, visit):
    for voucher in ("minjun.kim", "seoyeon.lee"):
        vouches(visit, voucher, "newcomer")
    assert knocks(visit).path == "/enrol"

    assert knocks(visit).path == "/sign-in/vouched"


def test_an_hour_later_a_word_counts_no_more(office, visit):
    vouches(visit, "minjun.kim", "newcomer")
    office.now += 3600
    vouches(visit, "seoyeon.lee", "newcomer")

    assert knocks(visit).path == "/sign-in/vouched"


@pytest.mark.parametrize(
    ("voucher", "name"),
    [
        ("minjun.kim", "minjun.kim"),
        ("minjun.kim", "MINJUN.KIM@hangang"),
        ("minjun.kim", "boss"),
        ("minjun.kim", "desk"),
        ("minjun.kim", "rival"),
        ("minjun.kim", "nobody"),
        ("rival@namsan", "newcomer"),
    ],
)
def test_nobody_vouches_for_themselves_for_who_has_a_role_nor_across_companies(office, visit, voucher, name):
    assert vouches(visit, voucher, name).status_code == 409

    assert office.identity.vouchers_of(office.ids.get(name, 0), 0) == 0


def test_nobody_vouches_for_who_administers_another_company(office, visit):
    office.link("newcomer", "rival")
    office.join("rival", "namsan", "it-admins")

    assert vouches(visit, "minjun.kim", "newcomer").status_code == 409


def test_a_code_that_is_not_of_the_phone_they_have_had_for_long_is_no_proof(office, visit):
    helper = Helper("desk", frozenset({Role.ADMIN}))
    stand_in = issue_bypass(office.identity, helper, office.user("minjun.kim"), Limits(), office.now)
    voucher = visit()
    voucher.give_password("minjun.kim@hangang")
    voucher.post("/sign-in/code", code=stand_in.code)
    assert voucher.path == "/"
    voucher.get("/vouch")

    voucher.post("/vouch", name="newcomer")

    assert voucher.path == "/confirm"
    assert office.identity.vouchers_of(office.ids["newcomer"], 0) == 0


def test_a_phone_registered_just_now_is_no_proof_beside_the_old_one(office, visit):
    voucher = visit("minjun.kim@hangang")
    voucher.get("/enrol")
    office.now += 60
    voucher.post("/enrol", code=code_of(secret_of(voucher), office.now), keep="1")
    assert voucher.path == "/enrol/recovery"
    voucher.get("/vouch")

    voucher.post("/vouch", name="newcomer")

    assert voucher.path == "/confirm"
    assert office.identity.vouchers_of(office.ids["newcomer"], 0) == 0


def test_whoever_has_had_a_phone_for_a_short_while_cannot_vouch(office, visit):
    with office.database.write() as conn:
        mine = tokens.c.user_id == office.ids["minjun.kim"]
        conn.execute(update(tokens).where(mine).values(proven_at=office.now - 29 * 86400))

    assert vouches(visit, "minjun.kim", "newcomer").status_code == 409


def test_a_word_takes_a_fresh_code_and_a_company_that_wants_it(office, visit):
    minjun = visit("minjun.kim@hangang")
    minjun.get("/vouch")
    office.now += 11 * 60
    minjun.post("/vouch", name="newcomer")
    assert minjun.path == "/confirm"

    object.__setattr__(office.identity, "vouching", {})
    assert vouches(visit, "seoyeon.lee", "newcomer").status_code == 409
    assert office.identity.vouchers_of(office.ids["newcomer"], 0) == 0


def test_words_do_not_help_who_has_come_by_a_role_meanwhile_nor_who_does_not_know_the_password(office, visit):
    for voucher in ("minjun.kim", "seoyeon.lee"):
        vouches(visit, voucher, "newcomer")
    stranger = visit()
    stranger.give_password("newcomer@hangang", "wrong")
    stranger.post("/sign-in/vouched")
    stranger.get("/enrol")
    assert stranger.path == "/sign-in"

    office.put_into("newcomer", "helpdesk")
    assert knocks(visit).path == "/sign-in/vouched"
