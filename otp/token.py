"""A token, and what becomes of it when somebody types a code.

The rules, in the order in which they are applied:

1.  Only an active token can be verified and only a pending one proved; else the outcome names its state.
2.  After MAX_FAILURES failures in a row it is LOCKED until `forgive`, which is for whoever has recognised
    the owner by other means. Before `not_before` it is THROTTLED. Neither looks at the code, and neither
    counts as a failure: somebody who keeps hammering a token does not make its owner wait longer.
3.  What is not a code (letters, too few digits) is MALFORMED and a failure like any other: were it free,
    it would tell a guesser which accounts exist without cost.
4.  A code of a step later than `last_step` is ACCEPTED. Its step becomes `last_step`, so neither it nor
    anything before it is accepted again, also not after the clock went back. If one code stands
    for two steps of the window, the later one is spent: the earlier would leave it good a second time.
    How far its clock is off is remembered (otp.totp).
5.  A code of a step up to `last_step` is REPLAYED. That is not a failure and not a success: whoever sends it
    had the token or watched its owner, so it is no guess, and a VPN client that reconnects with the
    code it remembers must not lock its owner out. It gains nothing and it clears nothing.
6.  Everything else is WRONG, and the waits grow (otp.throttle). A wrong code that the token would have shown
    some minutes ago, or some presses from now, is remembered as missed. If within MISSED_S the one that
    comes after it is typed, the token has run away and is found again: ACCEPTED. Two codes that follow
    each other are no guess; one alone gains nothing, and counts as the failure it was.

`resync` and `bind` take two codes in a row at once: from whoever asks for it, and of a hardware token that
nobody has yet.

Every path generates and compares the same number of codes, whatever the outcome; where the token's own
must not be looked at, those of a decoy are compared. Only a code that is ACCEPTED takes less. Callers store
the returned token by compare-and-set on the whole token they read, for success and failure alike, and act on
the outcome only if that succeeded.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from otp import TYPES
from otp.errors import BadToken
from otp.hotp import codes_of
from otp.kinds import Algorithm, Candidate, Kind
from otp.throttle import Throttle
from otp.typed_digits import read_digits

DIGITS = (6, 7, 8)
PERIODS_S = (30, 60)
SHORTEST_SECRET = 16  # octets: RFC 4226 section 4, requirement R6
NEVER = -1
# Time enough to wait for the next code, come back and type the password once more.
MISSED_S = 600.0


class State(Enum):
    """Where a token is in its life; it only ever moves down this list, but for one that is given back.

    SPARE is a hardware token in stock, which nobody has yet.
    """

    SPARE = "spare"
    PENDING = "pending"
    ACTIVE = "active"
    REVOKED = "revoked"


class Outcome(Enum):
    """What became of a code. To the outside all but ACCEPTED must look alike."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    MALFORMED = "malformed"
    REPLAYED = "replayed"
    THROTTLED = "throttled"
    LOCKED = "locked"
    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    PENDING = "pending"
    ALREADY_ACTIVE = "already active"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Token:
    """What a person proves possession of, and how its use has gone so far.

    secret is at least 16 octets. last_step is the last step spent, NEVER before the first. not_before is Unix
    time. drift_steps is how far the token's clock is known to be ahead of ours (behind is negative).
    missed_step is that of a right code too far away, NEVER if there was none, missed_at when it was typed.
    Raises BadToken.
    """

    secret: bytes = field(repr=False)
    kind: Kind = Kind.TOTP
    digits: int = 6
    period_s: int = 30
    algorithm: Algorithm = Algorithm.SHA1
    state: State = State.PENDING
    last_step: int = NEVER
    failures: int = 0
    not_before: float = 0.0
    drift_steps: int = 0
    missed_step: int = NEVER
    missed_at: float = 0.0

    def __post_init__(self) -> None:
        if self.digits not in DIGITS:
            raise BadToken(f"a code has 6, 7 or 8 digits, not {self.digits}")
        if self.period_s not in PERIODS_S:
            raise BadToken(f"a code lasts 30 or 60 seconds, not {self.period_s}")
        if len(self.secret) < SHORTEST_SECRET:
            raise BadToken(f"a secret has at least {SHORTEST_SECRET} octets, this one {len(self.secret)}")


_NOT_VERIFIABLE: Mapping[State, Outcome] = MappingProxyType(
    {State.SPARE: Outcome.PENDING, State.PENDING: Outcome.PENDING, State.REVOKED: Outcome.REVOKED}
)
_NOT_PROVABLE: Mapping[State, Outcome] = MappingProxyType(
    {State.SPARE: Outcome.PENDING, State.ACTIVE: Outcome.ALREADY_ACTIVE, State.REVOKED: Outcome.REVOKED}
)
_NOT_BINDABLE: Mapping[State, Outcome] = MappingProxyType(
    {State.PENDING: Outcome.PENDING, State.ACTIVE: Outcome.ALREADY_ACTIVE, State.REVOKED: Outcome.REVOKED}
)
_DECOY = Token(secret=bytes(20), state=State.ACTIVE)
_DECOY_BUTTON = replace(_DECOY, kind=Kind.HOTP)


def verify(token: Token, code: str, now: float) -> tuple[Outcome, Token]:
    """Return what becomes of a code typed at Unix time now, and the token to store."""
    if token.state is not State.ACTIVE:
        dummy_verify(code, now)
        return _NOT_VERIFIABLE[token.state], token
    return _judge(token, code, now)


def prove(token: Token, code: str, now: float) -> tuple[Outcome, Token]:
    """Return the outcome of the first code of an enrolment, and the token, active once it is ACCEPTED.

    The proving code is spent; the first login needs the next one.
    """
    if token.state is not State.PENDING:
        dummy_verify(code, now)
        return _NOT_PROVABLE[token.state], token
    outcome, judged = _judge(token, code, now)
    return outcome, replace(judged, state=State.ACTIVE) if outcome is Outcome.ACCEPTED else judged


def resync(token: Token, first: str, second: str, now: float) -> tuple[Outcome, Token]:
    """Return what becomes of two codes in a row, and the token to store: found again once they are right.

    Both have to be unspent. Two wrong ones are one failure.
    """
    if token.state is not State.ACTIVE:
        return _NOT_VERIFIABLE[token.state], token
    return _judge_pair(token, first, second, now)


def bind(token: Token, first: str, second: str, now: float) -> tuple[Outcome, Token]:
    """Return what becomes of two codes in a row of a hardware token in stock, and the token, now ACTIVE."""
    if token.state is not State.SPARE:
        return _NOT_BINDABLE[token.state], token
    outcome, judged = _judge_pair(token, first, second, now)
    return outcome, replace(judged, state=State.ACTIVE) if outcome is Outcome.ACCEPTED else judged


def shows(token: Token, first: str, second: str, now: float) -> bool:
    """Return whether a token, in whatever state, makes these two codes in a row: which one it is of many."""
    return _second_of_pair(token, first, second, now) is not None


def dummy_bind(first: str, second: str, now: float) -> Outcome:
    """Return WRONG after the work of binding a token with a counter, for a serial number nobody knows."""
    shows(_DECOY_BUTTON, first, second, now)
    return Outcome.WRONG


def dummy_verify(code: str, now: float) -> Outcome:
    """Return WRONG or MALFORMED after the work of a verification, for a user without a token or unknown."""
    typed = read_digits(code, _DECOY.digits)
    _matching_step(_DECOY, typed, TYPES[_DECOY.kind].candidates(_DECOY, now))
    _matching_step(_DECOY, typed, TYPES[_DECOY.kind].distant(_DECOY, now))
    return Outcome.MALFORMED if typed is None else Outcome.WRONG


def revoke(token: Token) -> Token:
    """Return the token as it is from now on: no code of it counts again."""
    return replace(token, state=State.REVOKED)


def forgive(token: Token) -> Token:
    """Return the token without its failures, its owner being recognised otherwise; spent steps stay spent."""
    return replace(token, failures=0, not_before=0.0, missed_step=NEVER, missed_at=0.0)


def _judge(token: Token, code: str, now: float) -> tuple[Outcome, Token]:
    throttle = Throttle(token.failures, token.not_before)
    if throttle.locked:
        dummy_verify(code, now)
        return Outcome.LOCKED, token
    if throttle.holds(now):
        dummy_verify(code, now)
        return Outcome.THROTTLED, _with(token, throttle.rebased(now))
    kind, typed = TYPES[token.kind], read_digits(code, token.digits)
    near = _matching_step(token, typed, kind.candidates(token, now))
    if near is not None and near > token.last_step:
        return _spend(token, near, now)
    far = _matching_step(token, typed, kind.distant(token, now))
    step = far if near is None else near
    if step is not None and (step <= token.last_step or _found_again(token, step, now)):
        return _spend(token, step, now)
    failed = _with(token, throttle.after_failure(now))
    if step is None:
        return Outcome.MALFORMED if typed is None else Outcome.WRONG, failed
    return Outcome.WRONG, replace(failed, missed_step=step, missed_at=now)


def _judge_pair(token: Token, first: str, second: str, now: float) -> tuple[Outcome, Token]:
    throttle = Throttle(token.failures, token.not_before)
    if throttle.locked:
        return Outcome.LOCKED, token
    if throttle.holds(now):
        return Outcome.THROTTLED, _with(token, throttle.rebased(now))
    step = _second_of_pair(token, first, second, now)
    if step is None:
        return Outcome.WRONG, _with(token, throttle.after_failure(now))
    return _spend(token, step, now)


def _spend(token: Token, step: int, now: float) -> tuple[Outcome, Token]:
    if step <= token.last_step:
        return Outcome.REPLAYED, token
    drift = TYPES[token.kind].drift(token, step, now)
    return Outcome.ACCEPTED, replace(forgive(token), last_step=step, drift_steps=drift)


def _found_again(token: Token, step: int, now: float) -> bool:
    """Return whether this distant code and the one missed before it show where the token has got to."""
    recent = token.missed_step > token.last_step and 0 <= now - token.missed_at <= MISSED_S
    return recent and TYPES[token.kind].follows(token, step, now)


def _matching_step(token: Token, typed: str | None, candidates: Iterable[Candidate]) -> int | None:
    """Return the latest step whose code was typed; every candidate is compared, also with what is no code."""
    presented = "-" * token.digits if typed is None else typed
    matching = None
    for candidate in candidates:
        if hmac.compare_digest(candidate.code, presented):
            matching = candidate.step
    return matching


def _second_of_pair(token: Token, first: str, second: str, now: float) -> int | None:
    """Return the step of the second of two codes in a row; every pair is compared."""
    pair = [read_digits(code, token.digits) or "-" * token.digits for code in (first, second)]
    code = codes_of(token)
    steps = TYPES[token.kind].wide(token, now)
    matching, before = None, code(steps.start)
    for step in steps:
        after = code(step + 1)
        if hmac.compare_digest(before + after, "".join(pair)):
            matching = step + 1
        before = after
    return matching


def _with(token: Token, throttle: Throttle) -> Token:
    return replace(token, failures=throttle.failures, not_before=throttle.not_before)
