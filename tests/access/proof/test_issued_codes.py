"""Bypass codes and codes by e-mail beside the phones of a person: which count, and what a wrong one costs."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from access.model import Reason, User, Via
from access.proof.authentication import Refusal, Spent, Where, spend_code
from access.proof.factors import NewToken, Origin, SettledIssued
from access.store import codes, tokens
from access.store.database import Database
from access.store.tables import attempts
from access.store.tables import tokens as tokens_table
from otp import bypass, hotp, mailed
from otp.kinds import Kind
from otp.throttle import NO_FAILURES
from otp.token import State, Token
from tests.access.residents import (
    DICE,
    KEYRING,
    NOW,
    SECRET,
    Dice,
    give_phone,
    settle_in,
    shown,
    stored_codes,
    wrong,
)

VPN = Where(Via.VPN, "vpn-1")
PORTAL = Where(Via.PORTAL, "10.1.2.3")
HOUR_S = 3600.0
USUAL = bypass.Limits()


def spend(database: Database, user_id: int, code: str, now: float = NOW, where: Where = VPN):
    return spend_code(stored_codes(database), User(user_id, "hangang", "kim", ""), code, now, where)


def give_bypass(database: Database, user_id: int, limits: bypass.Limits = USUAL) -> str:
    code, made = bypass.issue(Dice(4), stored_codes(database).code_key(), limits, NOW)
    with database.write() as conn:
        codes.replace_bypass(conn, user_id, made, (KEYRING.current, "desk"), NOW)
    return code


def give_mail(database: Database, user_id: int, now: float = NOW, seed: int = 5) -> str:
    with database.write() as conn:
        held = {each.purpose: each for each in codes.issued_of(conn, user_id)}
        throttle = held["e-mail"].issued.throttle if "e-mail" in held else NO_FAILURES
        key = stored_codes(database).code_key()
        code, made = mailed.issue(Dice(seed), key, frozenset({"portal"}), throttle, now)
        codes.add_mailed(conn, user_id, made, KEYRING.current, now)
    return code


def failures_of(database: Database, user_id: int) -> dict[str, int]:
    """Wrong codes in a row of each phone (by number) and of each written code (by purpose)."""
    with database.read() as conn:
        phones = conn.execute(
            select(tokens_table.c.id, tokens_table.c.failures).where(tokens_table.c.user_id == user_id)
        )
        written = conn.execute(
            select(attempts.c.purpose, attempts.c.failures).where(attempts.c.user_id == user_id)
        )
        return {str(name): count for name, count in (*phones, *written) if count}


def test_a_bypass_code_stands_in_for_the_phone_for_its_uses(database):
    user_id = settle_in(database)
    code = give_bypass(database, user_id, bypass.Limits(uses=2))

    answers = [spend(database, user_id, code) for _ in range(3)]

    right = Spent(NOW, "bypass", Origin.HELPDESK)
    assert answers == [right, right, Refusal(Reason.CODE_REPLAYED)]


def test_a_bypass_code_is_no_wrong_code_of_the_phone(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    code = give_bypass(database, user_id)

    for _ in range(3):
        assert isinstance(spend(database, user_id, code), Spent)

    assert failures_of(database, user_id) == {}
    assert spend(database, user_id, shown()) == Spent(NOW, "totp")


@pytest.mark.parametrize(
    ("limits", "now", "where", "reason"),
    [
        (bypass.Limits(hours=1), NOW + HOUR_S, VPN, Reason.CODE_EXPIRED),
        (bypass.Limits(doors=frozenset({"vpn"})), NOW, PORTAL, Reason.CODE_ELSEWHERE),
    ],
)
def test_a_bypass_code_out_of_its_time_or_place_is_refused_and_counts_for_nothing(
    database, limits, now, where, reason
):
    user_id = settle_in(database)
    phone = give_phone(database, user_id)
    code = give_bypass(database, user_id, limits)

    assert spend(database, user_id, code, now, where) == Refusal(reason)
    assert failures_of(database, user_id) == {}
    spend(database, user_id, wrong(), now, where)
    assert str(phone) in failures_of(database, user_id)


def test_a_bypass_code_of_somebody_else_is_wrong(database):
    mine, theirs = settle_in(database), settle_in(database, "seoyeon.lee")
    give_phone(database, mine)
    code = give_bypass(database, theirs)

    assert spend(database, mine, code) == Refusal(Reason.WRONG_CODE)


def test_a_newer_bypass_code_ends_the_older_and_its_wrong_codes(database):
    user_id = settle_in(database)
    older = give_bypass(database, user_id)
    for _ in range(5):
        spend(database, user_id, "000000")
    assert spend(database, user_id, older) == Refusal(Reason.CODE_THROTTLED)

    limits = bypass.Limits(uses=1)
    code, made = bypass.issue(Dice(9), stored_codes(database).code_key(), limits, NOW)
    with database.write() as conn:
        codes.replace_bypass(conn, user_id, made, (KEYRING.current, "desk"), NOW)

    assert spend(database, user_id, older) == Refusal(Reason.WRONG_CODE)
    assert isinstance(spend(database, user_id, code), Spent)


def test_guessing_at_a_bypass_code_that_has_ended_locks_nothing(database):
    user_id = settle_in(database)
    give_bypass(database, user_id, bypass.Limits(hours=1))

    for _ in range(9):
        assert spend(database, user_id, "000000", NOW + 2 * HOUR_S) == Refusal(Reason.NO_TOKEN)

    assert failures_of(database, user_id) == {}


def test_a_code_by_e_mail_is_good_once_and_at_the_portal_alone(database):
    user_id = settle_in(database)
    code = give_mail(database, user_id)

    assert spend(database, user_id, code, where=VPN) == Refusal(Reason.CODE_ELSEWHERE)
    assert spend(database, user_id, code, where=PORTAL) == Spent(NOW, "e-mail", Origin.E_MAIL)
    assert spend(database, user_id, code, where=PORTAL) == Refusal(Reason.CODE_REPLAYED)


def test_a_newer_code_by_e_mail_ends_the_older_one(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    older, newer = give_mail(database, user_id), give_mail(database, user_id, NOW + 61, seed=6)

    assert spend(database, user_id, older, NOW + 62, PORTAL) == Refusal(Reason.WRONG_CODE)
    assert isinstance(spend(database, user_id, newer, NOW + 62, PORTAL), Spent)


def test_asking_for_another_mail_buys_no_more_guesses(database):
    user_id = settle_in(database)
    give_mail(database, user_id)
    for _ in range(5):
        assert spend(database, user_id, "00000000", where=PORTAL) == Refusal(Reason.WRONG_CODE)

    newer = give_mail(database, user_id, NOW + 1, seed=6)

    assert spend(database, user_id, newer, NOW + 1, PORTAL) == Refusal(Reason.CODE_THROTTLED)


def test_when_mails_were_sent_is_known_for_an_hour(database):
    user_id = settle_in(database)
    for minutes in (0, 10, 65):
        give_mail(database, user_id, NOW + minutes * 60.0)

    with database.read() as conn:
        assert codes.mailed_at(conn, user_id) == (NOW + 600.0, NOW + 3900.0)


def test_a_wrong_code_counts_for_what_it_could_have_been_and_for_nothing_else(database):
    user_id = settle_in(database)
    six = give_phone(database, user_id)
    eight = Token(b"a key of twenty octe", digits=8, state=State.ACTIVE)
    with database.write() as conn:
        longer = tokens.add(conn, KEYRING, NewToken(user_id, eight), 1, DICE)
    give_bypass(database, user_id)
    give_mail(database, user_id)

    spend(database, user_id, wrong(), where=PORTAL)
    assert failures_of(database, user_id) == {str(six): 1, "bypass": 1}

    spend(database, user_id, "00000000", where=PORTAL)
    assert failures_of(database, user_id) == {str(six): 1, "bypass": 1, str(longer): 1, "e-mail": 1}


def test_a_hardware_token_with_a_counter_is_spent_code_by_code(database):
    user_id = settle_in(database)
    token = Token(SECRET, kind=Kind.HOTP, state=State.ACTIVE)
    new = NewToken(user_id, token, serial="FT-7", origin=Origin.IMPORTED, created_at=NOW)
    with database.write() as conn:
        tokens.add(conn, KEYRING, new, 1, DICE)
    first, far, next_to_it = (hotp.code_at(token, counter) for counter in (0, 20, 21))

    assert spend(database, user_id, first) == Spent(NOW, "hotp", Origin.IMPORTED)
    assert spend(database, user_id, first) == Refusal(Reason.CODE_REPLAYED)
    assert spend(database, user_id, far) == Refusal(Reason.WRONG_CODE)
    assert isinstance(spend(database, user_id, next_to_it, NOW + 30), Spent)


def test_a_hardware_token_in_stock_proves_nothing_for_anybody(database):
    user_id = settle_in(database)
    spare = Token(SECRET, kind=Kind.HOTP, state=State.SPARE)
    with database.write() as conn:
        tokens.add(conn, KEYRING, NewToken(None, spare, serial="FT-7", created_at=NOW), 1, DICE)

    assert spend(database, user_id, hotp.code_at(spare, 0)) == Refusal(Reason.NO_TOKEN)


def test_a_changed_count_of_uses_in_the_database_is_read_again(database):
    user_id = settle_in(database)
    code = give_bypass(database, user_id, bypass.Limits(uses=1))
    ports = stored_codes(database)
    (read,) = ports.issued_codes(user_id)
    assert isinstance(spend(database, user_id, code), Spent)

    late = replace(read.issued, uses_left=0)

    assert not ports.settle_tries([], [SettledIssued(read, late)], NOW)
