"""Eight writers in two processes, and a process killed at the worst moment: a code is accepted once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from access.model import Reason, User
from access.proof.authentication import Refusal, Spent, spend_code
from access.store import codes, tokens
from otp import bypass
from otp.throttle import FREE_FAILURES
from tests.access.one_use import DEALERS, Round, deal, die, race, several_writers, spend
from tests.access.residents import KEYRING, NOW, Dice, give_phone, settle_in, stored_codes, wrong

ROUNDS = 10


@pytest.fixture(scope="module")
def writers():
    with several_writers() as started:
        yield started


@pytest.mark.parametrize("kind", DEALERS)
def test_of_eight_writers_in_two_processes_exactly_one_is_told_yes(writers, address, database, kind):
    rounds = deal(database, kind, ROUNDS)

    assert race(writers, address.url, address.lock_file, rounds) == [1] * ROUNDS


@pytest.mark.parametrize("kind", DEALERS)
def test_a_code_whose_spender_was_killed_before_the_commit_is_still_good(writers, address, database, kind):
    (turn,) = deal(database, kind, 1)

    die(writers[0], address.url, address.lock_file, turn, "before")

    assert spend(database, turn)
    assert not spend(database, turn)


@pytest.mark.parametrize("kind", DEALERS)
def test_a_code_whose_spender_was_killed_after_the_commit_is_used_up(writers, address, database, kind):
    (turn,) = deal(database, kind, 1)

    die(writers[0], address.url, address.lock_file, turn, "after")

    assert not spend(database, turn)


def test_a_code_of_three_uses_is_used_three_times_whoever_asks_at_once(writers, address, database):
    user_id = settle_in(database)
    code, made = bypass.issue(Dice(3), stored_codes(database).code_key(), bypass.Limits(uses=3), NOW)
    with database.write() as conn:
        codes.replace_bypass(conn, user_id, made, (KEYRING.current, "desk"), NOW)

    told = race(writers, address.url, address.lock_file, [Round("bypass", user_id, code, NOW)] * 3)

    # A writer that loses race after race is told to try again, and nothing is spent.
    assert sum(told) == 3


def test_eight_who_guess_at_once_get_no_more_guesses_than_one(database):
    user_id = settle_in(database)
    give_phone(database, user_id)
    user = User(user_id, "hangang", "minjun.kim", "")

    with ThreadPoolExecutor(8) as guessers:
        told = list(guessers.map(lambda _: spend_code(stored_codes(database), user, wrong(), NOW), range(24)))

    assert told.count(Refusal(Reason.WRONG_CODE)) <= FREE_FAILURES
    assert not any(isinstance(answer, Spent) for answer in told)
    with database.read() as conn:
        (phone,) = tokens.summaries_of(conn, user_id)
    assert phone.failures == told.count(Refusal(Reason.WRONG_CODE)) == FREE_FAILURES
