"""Clocks that are off: what is remembered of them, and how a token that ran away is found again."""

from dataclasses import replace

import pytest

from otp.token import NEVER, Outcome, State, Token, resync, shows, verify
from otp.totp import DRIFT_LIMIT, code_at

TOKEN = Token(secret=b"12345678901234567890", state=State.ACTIVE)
NOW = 1_700_000_010.0
STEP = int(NOW // 30)


def by_clock(now: float, ahead_s: float) -> str:
    """What an app shows whose clock is so many seconds ahead of ours."""
    return code_at(TOKEN, int((now + ahead_s) // 30))


@pytest.mark.parametrize("a_day_s", [3.0, -3.0])
def test_a_clock_that_drifts_three_seconds_a_day_is_followed_up_to_the_limit(a_day_s):
    token, off_s = TOKEN, 0.0
    for day in range(1, 195):
        off_s += a_day_s
        # Logins at all seconds of a step, typed at once.
        now = NOW + 86400.0 * day + (day * 7) % 30
        outcome, token = verify(token, by_clock(now, off_s), now)

        assert outcome is Outcome.ACCEPTED, f"day {day}, {off_s} s off, drift {token.drift_steps}"
    assert abs(token.drift_steps) >= DRIFT_LIMIT - 2


def test_beyond_the_limit_the_window_goes_no_further():
    token = replace(TOKEN, drift_steps=DRIFT_LIMIT)

    outcome, token = verify(token, code_at(TOKEN, STEP + DRIFT_LIMIT + 1), NOW)

    assert (outcome, token.drift_steps) == (Outcome.ACCEPTED, DRIFT_LIMIT)


@pytest.mark.parametrize("drift", [-20, -3, 3, 20])
def test_a_remembered_drift_moves_the_window_and_widens_it_by_nothing(drift):
    token = replace(TOKEN, drift_steps=drift)

    right = [
        offset
        for offset in range(-30, 31)
        if verify(token, code_at(TOKEN, STEP + offset), NOW)[0] is Outcome.ACCEPTED
    ]

    assert right == [drift - 1, drift, drift + 1]


def test_slow_typing_is_not_taken_for_a_slow_clock():
    token = TOKEN
    for day in range(10):
        now = NOW + 86400.0 * day + 15  # fifteen seconds into a step, with the code of the one before
        outcome, token = verify(token, by_clock(now, -30), now)

        assert (outcome, token.drift_steps) == (Outcome.ACCEPTED, 0)


def test_a_clock_put_right_is_followed_back():
    token = replace(TOKEN, drift_steps=-1)

    _, token = verify(token, by_clock(NOW, 0), NOW)

    assert token.drift_steps == 0


@pytest.mark.parametrize("off_s", [-580, -75, 75, 580])
def test_a_clock_minutes_off_is_found_again_by_the_next_code_of_the_same_clock(off_s):
    wrong, token = verify(TOKEN, by_clock(NOW, off_s), NOW)
    right, token = verify(token, by_clock(NOW + 30, off_s), NOW + 30)
    after, _ = verify(token, by_clock(NOW + 90, off_s), NOW + 90)

    assert (wrong, right, after) == (Outcome.WRONG, Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert (token.failures, token.missed_step) == (0, NEVER)


@pytest.mark.parametrize(("first_s", "second_s"), [(-300, 0), (-300, 300), (300, -300), (-300, -180)])
def test_codes_of_two_clocks_find_nothing(first_s, second_s):
    _, token = verify(TOKEN, by_clock(NOW, first_s), NOW)

    outcome, token = verify(replace(token, last_step=STEP + 1), by_clock(NOW + 30, second_s), NOW + 30)

    assert outcome is not Outcome.ACCEPTED


def test_one_distant_code_typed_twice_finds_nothing():
    _, token = verify(TOKEN, by_clock(NOW, 300), NOW)

    outcome, token = verify(token, by_clock(NOW, 300), NOW + 5)

    assert (outcome, token.failures) == (Outcome.WRONG, 2)


def test_codes_older_than_the_spent_one_are_found_by_nobody():
    token = replace(TOKEN, last_step=STEP)

    first, token = verify(token, by_clock(NOW, -300), NOW)
    second, token = verify(token, by_clock(NOW + 30, -300), NOW + 30)

    assert (first, second) == (Outcome.REPLAYED, Outcome.REPLAYED)
    assert token.missed_step == NEVER


def test_a_token_that_waits_is_not_found_again_before_its_time():
    _, token = verify(replace(TOKEN, failures=4), by_clock(NOW, 300), NOW)

    assert verify(token, by_clock(NOW + 30, 300), NOW + 30)[0] is Outcome.THROTTLED
    assert verify(token, by_clock(NOW + 90, 300), NOW + 90)[0] is Outcome.ACCEPTED


def test_a_clock_that_went_back_finds_nothing():
    _, token = verify(TOKEN, by_clock(NOW, 300), NOW)

    assert verify(token, by_clock(NOW, 330), NOW - 60)[0] is not Outcome.ACCEPTED


@pytest.mark.parametrize("offset", [-20, -5, 0, 5, 19])
def test_two_codes_asked_for_set_the_clock(offset):
    pair = [code_at(TOKEN, STEP + offset + behind) for behind in (0, 1)]

    outcome, token = resync(TOKEN, *pair, NOW)

    assert (outcome, token.last_step) == (Outcome.ACCEPTED, STEP + offset + 1)
    assert verify(token, code_at(TOKEN, STEP + offset + 2), NOW + 30)[0] is Outcome.ACCEPTED


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (0, 2), (-22, -21), (25, 26)], ids=str)
def test_two_codes_that_do_not_follow_each_other_are_one_failure(first, second):
    pair = [code_at(TOKEN, STEP + offset) for offset in (first, second)]

    assert resync(TOKEN, *pair, NOW) == (Outcome.WRONG, replace(TOKEN, failures=1))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"failures": 5, "not_before": NOW + 1}, Outcome.THROTTLED),
        ({"failures": 100}, Outcome.LOCKED),
        ({"state": State.REVOKED}, Outcome.REVOKED),
        ({"state": State.SPARE}, Outcome.PENDING),
    ],
)
def test_two_right_codes_help_no_token_that_may_not_be_looked_at(change, expected):
    token = replace(TOKEN, **change)
    pair = [code_at(TOKEN, STEP + behind) for behind in (0, 1)]

    assert resync(token, *pair, NOW) == (expected, token)


def test_which_token_it_is_shows_by_two_codes_and_not_by_one():
    pair = [code_at(TOKEN, STEP + behind) for behind in (7, 8)]
    other = replace(TOKEN, secret=b"another secret of 20", state=State.SPARE)

    assert shows(replace(TOKEN, state=State.SPARE), *pair, NOW)
    assert not shows(other, *pair, NOW)
    assert not shows(TOKEN, pair[0], "000000", NOW)
