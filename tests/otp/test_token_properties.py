"""What must hold of a token whatever happens to it, in whatever order, with a clock that jumps."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from otp.throttle import LONGEST_WAIT_S, MAX_FAILURES
from otp.token import NEVER, Outcome, State, Token, prove, verify
from otp.totp import DRIFT_LIMIT, code_at

SECRET = b"12345678901234567890"
START = 1_700_000_000.0
ACTIVE = Token(secret=SECRET, state=State.ACTIVE)
COUNTED = {Outcome.WRONG, Outcome.MALFORMED}


@dataclass(frozen=True)
class Try:
    """The clock moves, then somebody types the code of a step near the clock's, or something else."""

    seconds: float
    offset: int | None
    text: str = ""

    def typed(self, token: Token, now: float) -> str:
        return self.text if self.offset is None else code_at(token, int(now // 30) + self.offset)


seconds = st.one_of(st.floats(-120, 120), st.floats(-7200, 7200), st.just(3600.0))
tries = st.one_of(
    st.builds(Try, seconds, st.integers(-3, 3)),
    st.builds(Try, seconds, st.none(), st.text("0123456789 -０a", max_size=9)),
)
walks = st.lists(tries, max_size=40)
tokens = st.builds(
    replace,
    st.just(ACTIVE),
    failures=st.one_of(st.integers(0, 12), st.integers(MAX_FAILURES - 3, MAX_FAILURES)),
    last_step=st.one_of(st.just(NEVER), st.integers(int(START // 30) - 5, int(START // 30) + 5)),
    not_before=st.one_of(st.just(0.0), st.floats(START - 100, START + 4000)),
)


@given(walks, tokens)
def test_a_random_walk_keeps_every_promise(walk, token):
    now = START
    for attempt in walk:
        now += attempt.seconds
        outcome, after = verify(token, attempt.typed(token, now), now)
        check_spending(outcome, token, after)
        check_counting(outcome, token, after, now)
        token = after


def check_spending(outcome, token, after):
    """An accepted step is later than every one before it: none twice, and none again when time goes back."""
    assert (after.last_step > token.last_step) == (outcome is Outcome.ACCEPTED)
    assert after.last_step >= token.last_step
    changeable = {"last_step": 0, "failures": 0, "not_before": 0.0, "drift_steps": 0}
    changeable |= {"missed_step": NEVER, "missed_at": 0.0}
    assert replace(after, **changeable) == replace(token, **changeable)
    assert abs(after.drift_steps) <= DRIFT_LIMIT


def check_counting(outcome, token, after, now):
    """Failures fall by acceptance alone; nothing is accepted before its time or after the last failure."""
    if outcome is Outcome.ACCEPTED:
        assert (after.failures, after.not_before) == (0, 0.0)
        assert token.failures < MAX_FAILURES
        assert now >= token.not_before
    else:
        assert after.failures == token.failures + (outcome in COUNTED)
    assert after.not_before <= max(token.not_before, now + LONGEST_WAIT_S)


@given(st.floats(0, 4e9), st.integers(-1, 1), st.floats(-4e9, 4e9))
def test_an_accepted_code_is_never_accepted_for_its_step_again_wherever_the_clock_goes(now, offset, jump):
    step = max(0, int(now // 30) + offset)
    code = code_at(ACTIVE, step)
    outcome, token = verify(ACTIVE, code, now)
    assert outcome is Outcome.ACCEPTED

    later = max(0.0, now + jump)
    outcome, again = verify(token, code, later)

    assert again.last_step >= token.last_step
    assert outcome is not Outcome.ACCEPTED or again.last_step > token.last_step >= step


@given(walks)
def test_a_guesser_gets_no_more_tries_than_the_waits_allow(walk):
    token = replace(ACTIVE, failures=5, not_before=START + 60)
    now, looked_at = START, 0
    for attempt in walk:
        now += abs(attempt.seconds) / 60
        outcome, token = verify(token, "abcdef", now)
        looked_at += outcome is Outcome.MALFORMED

    elapsed_minutes = (now - START) / 60
    assert 2**looked_at - 1 <= elapsed_minutes + 1e-6


@given(walks)
def test_only_its_own_code_makes_a_pending_token_active(walk):
    token, now = replace(ACTIVE, state=State.PENDING), START
    for attempt in walk:
        now += attempt.seconds
        outcome, after = prove(token, attempt.typed(token, now), now)
        if token.state is State.PENDING:
            assert (after.state is State.ACTIVE) == (outcome is Outcome.ACCEPTED)
        else:
            assert (outcome, after) == (Outcome.ALREADY_ACTIVE, token)
        token = after
