import hmac
from dataclasses import replace

import pytest

from otp.errors import BadToken, OtpError
from otp.kinds import Algorithm
from otp.throttle import MAX_FAILURES
from otp.token import Outcome, State, Token, dummy_verify, forgive, prove, revoke, verify
from otp.totp import code_at

TOKEN = Token(secret=b"12345678901234567890", state=State.ACTIVE)
NOW = 1_700_000_010.0
STEP = int(NOW // 30)


def code(offset: int = 0, token: Token = TOKEN) -> str:
    return code_at(token, STEP + offset)


def wrong_code(token: Token = TOKEN) -> str:
    near = {code(offset, token) for offset in range(-25, 26)}
    return next(text for text in ("0" * token.digits, "1" * token.digits) if text not in near)


def watch_comparisons(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    compared = []
    compare_digest = hmac.compare_digest

    def watched(left: str, right: str) -> bool:
        compared.append((left, right))
        return compare_digest(left, right)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    return compared


def fail(token: Token, times: int, now: float) -> Token:
    for _ in range(times):
        outcome, token = verify(token, wrong_code(), now)
        assert outcome is Outcome.WRONG
    return token


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_code_within_one_step_is_accepted_and_its_step_is_spent(offset):
    outcome, token = verify(TOKEN, code(offset), NOW)

    assert outcome is Outcome.ACCEPTED
    assert replace(token, drift_steps=0) == replace(TOKEN, last_step=STEP + offset)


@pytest.mark.parametrize("offset", [-20, -10, -2, 2, 10, 20])
def test_a_code_some_steps_away_is_wrong_and_counted_and_remembered_as_missed(offset):
    outcome, token = verify(TOKEN, code(offset), NOW)

    assert outcome is Outcome.WRONG
    assert token == replace(TOKEN, failures=1, missed_step=STEP + offset, missed_at=NOW)


@pytest.mark.parametrize("offset", [-21, 21])
def test_a_code_far_away_is_wrong_and_counted_and_nothing_else(offset):
    outcome, token = verify(TOKEN, code(offset), NOW)

    assert outcome is Outcome.WRONG
    assert token == replace(TOKEN, failures=1)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("digits", [6, 7, 8])
@pytest.mark.parametrize("period_s", [30, 60])
def test_every_allowed_shape_of_token_knows_its_own_code(algorithm, digits, period_s):
    token = replace(TOKEN, algorithm=algorithm, digits=digits, period_s=period_s)
    step = int(NOW // period_s)

    assert verify(token, code_at(token, step), NOW)[0] is Outcome.ACCEPTED
    assert verify(token, code_at(token, step + 5), NOW)[0] is Outcome.WRONG


def test_the_code_of_another_token_is_wrong():
    other = replace(TOKEN, secret=b"another secret of 20")

    assert verify(TOKEN, code(0, other), NOW)[0] is Outcome.WRONG


def test_a_used_code_is_refused_within_its_step():
    _, token = verify(TOKEN, code(), NOW)

    outcome, _ = verify(token, code(), NOW + 1)

    assert outcome is Outcome.REPLAYED


def test_a_code_older_than_the_spent_one_is_refused_though_nobody_used_it():
    _, token = verify(TOKEN, code(1), NOW)

    assert verify(token, code(0), NOW)[0] is Outcome.REPLAYED


def test_the_next_code_is_accepted_after_the_one_before():
    _, token = verify(TOKEN, code(), NOW)

    assert verify(token, code(1), NOW)[0] is Outcome.ACCEPTED


def test_a_replay_is_neither_counted_nor_does_it_clear_the_count():
    _, used = verify(TOKEN, code(), NOW)
    used = replace(used, failures=3)

    outcome, token = verify(used, code(), NOW)

    assert outcome is Outcome.REPLAYED
    assert token == used


def test_a_clock_that_goes_back_does_not_open_old_steps_again():
    _, token = verify(TOKEN, code(), NOW)

    for steps_back in range(1, 6):
        earlier = NOW - 30 * steps_back
        outcome, _ = verify(token, code(-steps_back), earlier)
        assert outcome is Outcome.REPLAYED


def test_one_code_that_stands_for_two_steps_is_spent_for_both():
    step = 910737  # the first step of this secret that shares its code with the next
    shared = code_at(TOKEN, step)
    assert shared == code_at(TOKEN, step + 1) == "911617"

    outcome, spent = verify(TOKEN, shared, (step + 0.5) * 30)

    assert outcome is Outcome.ACCEPTED
    assert spent.last_step == step + 1
    assert verify(spent, shared, (step + 1.5) * 30)[0] is Outcome.REPLAYED


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "日本語日本語", "x" * 1000])
def test_what_is_no_code_is_malformed_and_counted_like_a_wrong_one(typed):
    outcome, token = verify(TOKEN, typed, NOW)

    assert outcome is Outcome.MALFORMED
    assert token == replace(TOKEN, failures=1)


def test_full_width_digits_with_spaces_are_understood():
    full_width = code().translate({ord("0") + digit: ord("０") + digit for digit in range(10)})

    assert verify(TOKEN, f" {full_width[:3]}　{full_width[3:]} ", NOW)[0] is Outcome.ACCEPTED


def test_the_sixth_try_within_a_minute_is_not_even_looked_at():
    token = fail(TOKEN, 5, NOW)

    outcome, after = verify(token, code(), NOW + 1)

    assert outcome is Outcome.THROTTLED
    assert after == token


def test_after_the_wait_the_right_code_is_accepted_and_clears_the_count():
    token = fail(TOKEN, 5, NOW - 60)

    outcome, token = verify(token, code(), NOW)

    assert outcome is Outcome.ACCEPTED
    assert (token.failures, token.not_before) == (0, 0.0)


def test_a_sixth_failure_after_the_wait_doubles_it():
    token = fail(fail(TOKEN, 5, NOW - 60), 1, NOW)

    assert token.not_before == NOW + 120


def test_throttled_tries_do_not_make_the_owner_wait_longer():
    token = fail(TOKEN, 5, NOW - 60)
    for second in range(60):
        _, token = verify(token, wrong_code(), NOW - 60 + second)

    assert verify(token, code(), NOW)[0] is Outcome.ACCEPTED


def test_a_token_with_a_hundred_failures_stays_locked_however_long_one_waits():
    locked = replace(TOKEN, failures=MAX_FAILURES)

    outcome, token = verify(locked, code(), NOW)

    assert outcome is Outcome.LOCKED
    assert token == locked


def test_one_failure_less_is_not_locked():
    assert verify(replace(TOKEN, failures=MAX_FAILURES - 1), code(), NOW)[0] is Outcome.ACCEPTED


def test_a_forgiven_token_works_again_but_its_spent_code_stays_spent():
    _, used = verify(TOKEN, code(), NOW)
    locked = replace(used, failures=MAX_FAILURES, not_before=NOW + 3600)

    forgiven = forgive(locked)

    assert verify(forgiven, code(), NOW)[0] is Outcome.REPLAYED
    assert verify(forgiven, code(1), NOW)[0] is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("state", "expected"), [(State.PENDING, Outcome.PENDING), (State.REVOKED, Outcome.REVOKED)]
)
def test_only_an_active_token_can_be_verified(state, expected):
    token = replace(TOKEN, state=state)

    assert verify(token, code(), NOW) == (expected, token)


def test_a_revoked_token_accepts_nothing_and_cannot_be_proved_again():
    token = revoke(TOKEN)

    assert verify(token, code(), NOW)[0] is Outcome.REVOKED
    assert prove(token, code(), NOW) == (Outcome.REVOKED, token)


def test_the_proving_code_makes_a_pending_token_active_and_is_spent():
    outcome, token = prove(replace(TOKEN, state=State.PENDING), code(), NOW)

    assert outcome is Outcome.ACCEPTED
    assert token.state is State.ACTIVE
    assert verify(token, code(), NOW)[0] is Outcome.REPLAYED


@pytest.mark.parametrize(("typed", "expected"), [(wrong_code(), Outcome.WRONG), ("12", Outcome.MALFORMED)])
def test_a_wrong_proof_is_counted_and_leaves_the_token_pending(typed, expected):
    pending = replace(TOKEN, state=State.PENDING)

    outcome, token = prove(pending, typed, NOW)

    assert outcome is expected
    assert token == replace(pending, failures=1)


def test_proofs_are_throttled_like_logins():
    pending = replace(TOKEN, state=State.PENDING, failures=5, not_before=NOW + 60)

    assert prove(pending, code(), NOW) == (Outcome.THROTTLED, pending)


def test_an_active_token_is_not_proved_a_second_time():
    assert prove(TOKEN, code(), NOW) == (Outcome.ALREADY_ACTIVE, TOKEN)


def test_nobody_is_accepted_for_an_unknown_user_not_even_with_the_decoys_code():
    decoys_code = code_at(Token(secret=bytes(20)), STEP)

    assert dummy_verify(decoys_code, NOW) is Outcome.WRONG
    assert dummy_verify("12", NOW) is Outcome.MALFORMED


@pytest.mark.parametrize(
    "token",
    [
        TOKEN,
        replace(TOKEN, last_step=STEP + 1),
        replace(TOKEN, state=State.PENDING),
        replace(TOKEN, state=State.REVOKED),
        replace(TOKEN, failures=MAX_FAILURES),
        replace(TOKEN, failures=5, not_before=NOW + 60),
    ],
    ids=["active", "replayed", "pending", "revoked", "locked", "throttled"],
)
@pytest.mark.parametrize("typed", [code(-1), code(0), code(1), code(5), wrong_code(), "12", ""])
def test_every_path_but_acceptance_compares_as_many_codes_of_the_full_length(monkeypatch, token, typed):
    compared = watch_comparisons(monkeypatch)

    outcomes = [verify(token, typed, NOW)[0], prove(token, typed, NOW)[0], dummy_verify(typed, NOW)]

    expected = sum(3 if outcome is Outcome.ACCEPTED else 44 for outcome in outcomes)
    assert [(len(left), len(right)) for left, right in compared] == [(6, 6)] * expected


def test_a_replayed_code_takes_the_work_of_a_wrong_one(monkeypatch):
    _, used = verify(TOKEN, code(), NOW)
    compared = watch_comparisons(monkeypatch)

    assert verify(used, code(), NOW)[0] is Outcome.REPLAYED
    assert len(compared) == 44


@pytest.mark.parametrize("change", [{"failures": 5, "not_before": NOW + 60}, {"failures": MAX_FAILURES}])
def test_a_throttled_or_locked_try_never_meets_the_tokens_own_code(monkeypatch, change):
    own = {code(offset) for offset in range(-20, 21)}
    compared = watch_comparisons(monkeypatch)

    verify(replace(TOKEN, **change), code(), NOW)

    assert len(compared) == 44
    assert not {generated for generated, _ in compared} & own


@pytest.mark.parametrize(
    "change", [{"digits": 5}, {"digits": 9}, {"period_s": 15}, {"secret": b"fifteen octets."}]
)
def test_a_token_outside_the_standards_is_refused(change):
    with pytest.raises(BadToken) as refused:
        replace(TOKEN, **change)

    assert isinstance(refused.value, OtpError)
    assert "fifteen" not in str(refused.value)


def test_a_printed_token_does_not_show_its_secret():
    assert "1234567890" not in repr(TOKEN)
