import hashlib
from base64 import b32encode
from dataclasses import replace

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otp import hotp
from otp.kinds import Algorithm, Kind
from otp.token import NEVER, Outcome, State, Token, bind, resync, verify
from otp.totp import _SECRET_OCTETS

SEED = b"12345678901234567890"
TOKEN = Token(SEED, kind=Kind.HOTP, state=State.ACTIVE)
NOW = 1_700_000_010.0

# RFC 4226 appendix D: the codes of the counters 0 to 9.
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922"]
RFC_4226 += ["162583", "399871", "520489"]


def at(last_step: int) -> Token:
    return replace(TOKEN, last_step=last_step)


def test_the_codes_are_those_of_rfc_4226():
    assert [hotp.code_at(TOKEN, counter) for counter in range(10)] == RFC_4226


@given(
    st.binary(min_size=16, max_size=80),
    st.sampled_from(list(Algorithm)),
    st.sampled_from([6, 7, 8]),
    st.integers(0, 2**40),
)
def test_the_codes_are_those_of_another_program_whatever_the_secret(secret, algorithm, digits, counter):
    token = Token(secret, kind=Kind.HOTP, algorithm=algorithm, digits=digits)
    theirs = pyotp.HOTP(
        b32encode(secret).decode(), digits=digits, digest=getattr(hashlib, algorithm.value.lower())
    )

    assert hotp.code_at(token, counter) == theirs.at(counter)


def test_a_token_goes_through_the_codes_of_rfc_4226_one_after_the_other():
    token = TOKEN
    for counter, code in enumerate(RFC_4226):
        outcome, token = verify(token, code, NOW)

        assert (outcome, token.last_step) == (Outcome.ACCEPTED, counter)


@pytest.mark.parametrize(("ahead", "expected"), [(1, True), (2, True), (3, True), (4, False), (44, False)])
def test_only_the_next_three_codes_count(ahead, expected):
    outcome, token = verify(at(5), hotp.code_at(TOKEN, 5 + ahead), NOW)

    assert (outcome is Outcome.ACCEPTED) is expected
    assert token.last_step == (5 + ahead if expected else 5)


def test_a_code_skipped_by_a_later_one_is_worth_nothing():
    _, token = verify(at(5), hotp.code_at(TOKEN, 8), NOW)

    for counter in (6, 7):
        assert verify(token, hotp.code_at(TOKEN, counter), NOW)[0] is not Outcome.ACCEPTED


def test_the_code_that_was_spent_last_is_replayed_and_counts_as_no_failure():
    _, token = verify(TOKEN, RFC_4226[0], NOW)

    assert verify(token, RFC_4226[0], NOW + 86400) == (Outcome.REPLAYED, token)


def test_time_makes_no_code_of_a_counter_good_or_bad():
    for now in (0.0, NOW, NOW * 2):
        assert verify(at(5), hotp.code_at(TOKEN, 6), now)[0] is Outcome.ACCEPTED


def test_a_button_pressed_in_a_pocket_is_found_again_by_two_codes_in_a_row():
    wrong, token = verify(at(5), hotp.code_at(TOKEN, 30), NOW)
    right, token = verify(token, hotp.code_at(TOKEN, 31), NOW + 20)

    assert (wrong, right) == (Outcome.WRONG, Outcome.ACCEPTED)
    assert (token.last_step, token.failures, token.missed_step) == (31, 0, NEVER)


@pytest.mark.parametrize("second", [29, 30, 32, 33])
def test_two_distant_codes_that_are_not_in_a_row_find_nothing(second):
    _, token = verify(at(5), hotp.code_at(TOKEN, 30), NOW)

    outcome, token = verify(token, hotp.code_at(TOKEN, second), NOW + 20)

    assert (outcome, token.last_step, token.failures) == (Outcome.WRONG, 5, 2)


def test_a_missed_code_is_forgotten_after_ten_minutes():
    _, token = verify(at(5), hotp.code_at(TOKEN, 30), NOW)

    assert verify(token, hotp.code_at(TOKEN, 31), NOW + 601)[0] is Outcome.WRONG


@pytest.mark.parametrize(
    ("ahead", "expected"), [(1, Outcome.ACCEPTED), (1000, Outcome.ACCEPTED), (1001, Outcome.WRONG)]
)
def test_two_codes_asked_for_find_a_token_that_is_up_to_a_thousand_presses_ahead(ahead, expected):
    pair = [hotp.code_at(TOKEN, 5 + ahead + behind) for behind in (0, 1)]

    outcome, token = resync(at(5), *pair, NOW)

    assert outcome is expected
    assert token.last_step == (5 + ahead + 1 if expected is Outcome.ACCEPTED else 5)


def test_a_spent_code_and_the_one_after_it_are_not_two_fresh_codes():
    pair = [hotp.code_at(TOKEN, counter) for counter in (5, 6)]

    assert resync(at(5), *pair, NOW) == (Outcome.WRONG, replace(at(5), failures=1))


def test_a_token_in_stock_is_bound_by_two_codes_in_a_row_and_by_nothing_less():
    spare = replace(TOKEN, state=State.SPARE)

    assert verify(spare, RFC_4226[0], NOW)[0] is Outcome.PENDING
    assert bind(spare, RFC_4226[3], RFC_4226[3], NOW)[0] is Outcome.WRONG
    assert bind(spare, RFC_4226[4], RFC_4226[3], NOW)[0] is Outcome.WRONG
    outcome, token = bind(spare, RFC_4226[3], RFC_4226[4], NOW)
    assert (outcome, token.state, token.last_step) == (Outcome.ACCEPTED, State.ACTIVE, 4)


def test_a_secret_of_each_hash_is_as_long_as_its_output():
    assert dict(_SECRET_OCTETS) == {Algorithm.SHA1: 20, Algorithm.SHA256: 32, Algorithm.SHA512: 64}
