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
5.  A code of a step up to `last_step` is REPLAYED. That is not a failure and not a success: whoever sends it
    had the token or watched its owner, so it is no guess, and a VPN client that reconnects with the
    code it remembers must not lock its owner out. It gains nothing and it clears nothing.
6.  Everything else is WRONG, and the waits grow (otp.throttle).

Every path generates and compares the same number of codes, whatever the outcome; where the token's own
must not be looked at, those of a decoy are compared. Callers store the returned token by compare-and-set on
the whole token they read, for success and failure alike, and act on the outcome only if that succeeded.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from otp import TYPES
from otp.errors import BadToken
from otp.kinds import Algorithm, Kind
from otp.throttle import Throttle
from otp.typed_digits import read_digits

DIGITS = (6, 7, 8)
PERIODS_S = (30, 60)
SHORTEST_SECRET = 16  # octets: RFC 4226 section 4, requirement R6
NEVER = -1


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
    PENDING = "pending"
    ALREADY_ACTIVE = "already active"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Token:
    """What a person proves possession of, and how its use has gone so far.

    secret is at least 16 octets. last_step is the last step spent, NEVER before the first. not_before is Unix
    time. drift_steps is how far the token's clock is known to be ahead of ours (behind is negative).
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
_DECOY = Token(secret=bytes(20), state=State.ACTIVE)


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


def dummy_verify(code: str, now: float) -> Outcome:
    """Return WRONG or MALFORMED after the work of a verification, for a user without a token or unknown."""
    typed = read_digits(code, _DECOY.digits)
    _matching_step(_DECOY, typed, now)
    return Outcome.MALFORMED if typed is None else Outcome.WRONG


def revoke(token: Token) -> Token:
    """Return the token as it is from now on: no code of it counts again."""
    return replace(token, state=State.REVOKED)


def forgive(token: Token) -> Token:
    """Return the token without its failures, its owner being recognised otherwise; spent steps stay spent."""
    return replace(token, failures=0, not_before=0.0)


def _judge(token: Token, code: str, now: float) -> tuple[Outcome, Token]:
    throttle = Throttle(token.failures, token.not_before)
    if throttle.locked:
        dummy_verify(code, now)
        return Outcome.LOCKED, token
    if throttle.holds(now):
        dummy_verify(code, now)
        return Outcome.THROTTLED, _with(token, throttle.rebased(now))
    typed = read_digits(code, token.digits)
    step = _matching_step(token, typed, now)
    if step is None:
        outcome = Outcome.MALFORMED if typed is None else Outcome.WRONG
        return outcome, _with(token, throttle.after_failure(now))
    if step <= token.last_step:
        return Outcome.REPLAYED, token
    return Outcome.ACCEPTED, replace(forgive(token), last_step=step)


def _matching_step(token: Token, typed: str | None, now: float) -> int | None:
    """Return the latest step whose code was typed; every candidate is compared, also with what is no code."""
    presented = "-" * token.digits if typed is None else typed
    matching = None
    for candidate in TYPES[token.kind].candidates(token, now):
        if hmac.compare_digest(candidate.code, presented):
            matching = candidate.step
    return matching


def _with(token: Token, throttle: Throttle) -> Token:
    return replace(token, failures=throttle.failures, not_before=throttle.not_before)
