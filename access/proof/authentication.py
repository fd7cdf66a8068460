"""Whether a password is right and whether a code is: the one way RADIUS, portal and console ask. ▸

A code counts only after the statement that spends it, or counts it as a failure, has been committed with the
row as it was read. Where another process was faster the row is read and judged again; where that
goes on too long, or the database is away, the answer is CODE_UNPROVABLE and nothing has been told. Every kind
of factor is counted apart: wrong codes never shut out recovery codes, nor the other way round.
"""

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Protocol, TypeVar

import structlog

from access.directory.mschap import MschapAnswer
from access.directory.verdict import PasswordOutcome
from access.errors import Unavailable
from access.keys.sealing import SealBroken
from access.model import Reason, User, Via
from access.proof.factors import (
    Origin,
    Purpose,
    SettledIssued,
    SettledToken,
    StoredInvitation,
    StoredIssued,
    StoredRecovery,
    StoredToken,
)
from access.proof.identity_event import IdentityEvent
from access.proof.password_memory import PasswordMemory
from access.proof.throttle import WRONG_S, WRONG_WITH_STAMP_S
from otp import bypass, issued, mailed, recovery, registration, token
from otp.issued import IssuedCode
from otp.recovery import RecoveryCodes
from otp.registration import Invitation, Redemption
from otp.token import Outcome, Token
from otp.typed_digits import read_digits
from radius.frozen import value
from radius.questions import MschapExchange

LOG = structlog.get_logger()

Settled = TypeVar("Settled")

# As many as writers that may meet at one row; each round one of them gets through.
ROUNDS = 8


@value
class Claim:
    """Somebody says who they are. user is None where nobody has that name.

    name is name@organization as it was resolved, organization None where that is none of ours; source is an
    address or a RADIUS calling station. unanswered: their directory is known to say nothing.
    """

    name: str
    user: User | None
    organization: str | None
    source: str
    unanswered: bool = False


@value
class PasswordAnswer:
    """What became of a password. reason is None exactly if it was right; wait_s is set when throttled.

    remembered_at: when the directory called it right, where that had to do because it does not answer now.
    """

    reason: Reason | None
    wait_s: float = 0.0
    remembered_at: float | None = None

    @property
    def right(self) -> bool:
        """Whether the password was right and its owner may use it."""
        return self.reason is None


@value
class Spent:
    """A code was right and is used up. at is when, seconds since the epoch.

    kind is that of the token, or the purpose of a written code; origin is how its owner came by it.
    """

    at: float
    kind: str = ""
    origin: Origin = Origin.UNKNOWN


@value
class Refusal:
    """What was asked for is refused. wait_s is how long to wait, where that is what would help."""

    reason: Reason
    wait_s: float = 0.0


# What is to be recorded about an answer, in the transaction that makes it certain; None: nothing.
Tell = Callable[[Spent | Refusal], IdentityEvent | None]


def _tell_nothing(_answer: Spent | Refusal, /) -> None:
    """Leave the record to whoever asked."""


@value
class Where:
    """Where a code was typed: the door, and the place in words for its owner.

    door: None where it is none of ours; a code that was made for certain doors counts nothing there.
    mailed: whether one by e-mail counts there, for the little that it proves. tell is asked about each answer
    that has to be written, before it is; one that is lost to another process is followed by another.
    """

    door: Via | None
    place: str = ""
    mailed: bool = True
    tell: Tell = field(default=_tell_nothing, repr=False, compare=False)


@value
class _Typed:
    """A code that is tried, where and when."""

    code: str = field(repr=False)
    where: Where
    now: float


ON_THE_PAGES = Where(Via.PORTAL)


class Throttle(Protocol):
    """Counts of wrong passwords (access.proof.throttle)."""

    def admit(self, name: str, source: str, now: float) -> float: ...
    def waiting_s(self, name: str, source: str, now: float) -> float: ...
    def succeed(self, name: str, source: str, now: float) -> None: ...
    def take_back(self, name: str, source: str, now: float) -> None: ...
    def is_wrong(self, name: str, source: str, password: str, now: float) -> bool: ...
    def remember_wrong(self, name: str, source: str, password: str, lasts_s: float, now: float) -> None: ...
    def spread(self, place: str, name: str, now: float) -> int: ...
    def wrong_try(self, name: str, now: float) -> None: ...
    def wrong_tries(self, name: str, now: float) -> int: ...


class PasswordPorts(Protocol):
    """What check_password needs of the world."""

    @property
    def throttle(self) -> Throttle: ...

    def check_directory(self, organization: str | None, user: User | None, password: str) -> PasswordOutcome:
        """Bind as user; where there is none, do the same amount of work and fail."""


@value
class MschapProof:
    """What became of a response of MSCHAPv2. reason is None, and key there, exactly if it was right."""

    reason: Reason | None
    key: bytes = field(default=b"", repr=False)


class MschapPorts(Protocol):
    """What check_mschap needs of the world."""

    @property
    def throttle(self) -> Throttle: ...

    def check_mschap(
        self, organization: str | None, user: User | None, exchange: MschapExchange
    ) -> MschapAnswer:
        """Ask whoever knows the NT hash of user; where there is none, fail."""


class CodePorts(Protocol):
    """What spending a code needs of the world. Any of it may raise Unavailable or SealBroken.

    event: what is recorded in the transaction of what it tells about, if that is written.
    """

    def code_key(self, key_id: str | None = None) -> bytes:
        """Return the key written codes were fingerprinted with, or the current one."""

    def active_tokens(self, user_id: int) -> tuple[StoredToken, ...]: ...
    def settle_tokens(
        self, settled: Sequence[SettledToken], at: float, event: IdentityEvent | None = None
    ) -> bool: ...
    def issued_codes(self, user_id: int) -> tuple[StoredIssued, ...]: ...
    def settle_tries(
        self,
        tokens: Sequence[SettledToken],
        codes: Sequence[SettledIssued],
        at: float,
        event: IdentityEvent | None = None,
    ) -> bool: ...
    def recovery_codes(self, user_id: int) -> StoredRecovery | None: ...
    def settle_recovery(
        self, read: StoredRecovery, judged: RecoveryCodes, at: float, event: IdentityEvent | None = None
    ) -> bool: ...
    def invitation(self, user_id: int) -> StoredInvitation | None: ...
    def settle_invitation(self, read: StoredInvitation, judged: Invitation, at: float) -> bool: ...


REASONS_OF_CODES = {
    Outcome.WRONG: Reason.WRONG_CODE,
    Outcome.MALFORMED: Reason.WRONG_CODE,
    Outcome.REPLAYED: Reason.CODE_REPLAYED,
    Outcome.THROTTLED: Reason.CODE_THROTTLED,
    Outcome.LOCKED: Reason.CODE_THROTTLED,
    Outcome.PENDING: Reason.NO_TOKEN,
    Outcome.ALREADY_ACTIVE: Reason.NO_TOKEN,
    Outcome.REVOKED: Reason.NO_TOKEN,
    Outcome.EXPIRED: Reason.CODE_EXPIRED,
    Outcome.ELSEWHERE: Reason.CODE_ELSEWHERE,
}
REASONS_OF_INVITATIONS = {
    Redemption.WRONG: Reason.WRONG_CODE,
    Redemption.SPENT: Reason.CODE_REPLAYED,
    Redemption.EXPIRED: Reason.REGISTRATION_REQUIRED,
    Redemption.EXHAUSTED: Reason.CODE_THROTTLED,
}
REASONS_OF_PASSWORDS = {
    PasswordOutcome.WRONG: Reason.WRONG_PASSWORD,
    PasswordOutcome.EMPTY: Reason.EMPTY_PASSWORD,
    PasswordOutcome.EXPIRED: Reason.PASSWORD_EXPIRED,
    PasswordOutcome.MUST_CHANGE: Reason.PASSWORD_MUST_CHANGE,
    PasswordOutcome.LOCKED: Reason.ACCOUNT_LOCKED,
    PasswordOutcome.DISABLED: Reason.USER_DISABLED,
    PasswordOutcome.NO_HASH: Reason.NO_NT_HASH,
}
# With several phones each says something else about a wrong code; the owner is told what helps most.
TELLING = (Outcome.REPLAYED, Outcome.WRONG, Outcome.MALFORMED, Outcome.THROTTLED, Outcome.LOCKED)
# What only the right one of these codes is told: nobody has guessed, and no count of wrong codes grows.
ENDED = frozenset({Outcome.EXPIRED, Outcome.ELSEWHERE, Outcome.REPLAYED})
ISSUED = {Purpose.BYPASS: bypass.CODE, Purpose.E_MAIL: mailed.CODE}
ORIGINS = {Purpose.BYPASS: Origin.HELPDESK, Purpose.E_MAIL: Origin.E_MAIL}


def check_password(
    ports: PasswordPorts, claim: Claim, password: str, now: float, memory: PasswordMemory | None = None
) -> PasswordAnswer:
    """Return whether the password is right, with the same work for names that nobody has.

    memory: what answers where the directory does not; None where nothing else may.
    """
    if not password:
        return PasswordAnswer(Reason.EMPTY_PASSWORD)
    if known_wrong(ports, claim, password, now):
        return PasswordAnswer(Reason.PASSWORD_REPEATED)
    wait_s = ports.throttle.admit(claim.name, claim.source, now)
    if wait_s > 0:
        return PasswordAnswer(Reason.PASSWORD_THROTTLED, wait_s)
    if claim.unanswered:
        outcome = PasswordOutcome.UNAVAILABLE
    else:
        outcome = ports.check_directory(claim.organization, claim.user, password)
    if outcome is PasswordOutcome.UNAVAILABLE:
        ports.throttle.take_back(claim.name, claim.source, now)
        return _remembered(memory, claim.user, password, now)
    if memory is not None and claim.user is not None:
        memory.told(claim.user, password, outcome, now)
    if outcome is PasswordOutcome.WRONG:
        dated = claim.user is not None and claim.user.password_changed_at is not None
        lasts_s = WRONG_WITH_STAMP_S if dated else WRONG_S
        ports.throttle.remember_wrong(claim.name, claim.source, _dated(claim, password), lasts_s, now)
    if claim.user is None:
        return PasswordAnswer(Reason.UNKNOWN_USER)
    if outcome is not PasswordOutcome.RIGHT:
        return PasswordAnswer(REASONS_OF_PASSWORDS[outcome])
    ports.throttle.succeed(claim.name, claim.source, now)
    return PasswordAnswer(None if claim.user.enabled else Reason.USER_DISABLED)


def _remembered(
    memory: PasswordMemory | None, user: User | None, password: str, now: float
) -> PasswordAnswer:
    """Return what becomes of a password while the directory is away."""
    proven_at = memory.proven_at(user, password, now) if memory is not None and user is not None else None
    reason = Reason.DIRECTORY_UNAVAILABLE if proven_at is None else None
    return PasswordAnswer(reason, remembered_at=proven_at)


def known_wrong(ports: PasswordPorts, claim: Claim, password: str, now: float) -> bool:
    """Return whether this very password from this source was wrong a short while ago, and still has to be."""
    return ports.throttle.is_wrong(claim.name, claim.source, _dated(claim, password), now)


def _dated(claim: Claim, password: str) -> str:
    """Return the password with when it was last changed: after a change nothing is known to be wrong."""
    return f"{password}\0{claim.user.password_changed_at if claim.user else None}"


def check_mschap(ports: MschapPorts, claim: Claim, exchange: MschapExchange, now: float) -> MschapProof:
    """Return whether a response of MSCHAPv2 is right, counting as for passwords."""
    wait_s = ports.throttle.admit(claim.name, claim.source, now)
    if wait_s > 0:
        return MschapProof(Reason.PASSWORD_THROTTLED)
    answer = ports.check_mschap(claim.organization, claim.user, exchange)
    if answer.outcome in (PasswordOutcome.UNAVAILABLE, PasswordOutcome.NO_HASH):
        ports.throttle.take_back(claim.name, claim.source, now)
    if answer.outcome is PasswordOutcome.UNAVAILABLE:
        return MschapProof(Reason.DIRECTORY_UNAVAILABLE)
    if claim.user is None:
        return MschapProof(Reason.UNKNOWN_USER)
    if answer.outcome is not PasswordOutcome.RIGHT:
        return MschapProof(REASONS_OF_PASSWORDS[answer.outcome])
    ports.throttle.succeed(claim.name, claim.source, now)
    return MschapProof(None, answer.key) if claim.user.enabled else MschapProof(Reason.USER_DISABLED)


def spend_code(
    ports: CodePorts, user: User | None, code: str, now: float, where: Where = ON_THE_PAGES
) -> Spent | Refusal:
    """Return when the code was spent, or why not: of any active token, or one that stands in for it.

    To be called only after the password was right: a code is never spent together with a wrong one.
    """
    if not code.strip():
        return Refusal(Reason.CODE_MISSING)
    if user is None:
        token.dummy_verify(code, now)
        return Refusal(Reason.WRONG_CODE)
    typed = _Typed(code, where, now)
    if recovery.CODE.read(code) is not None:
        return until_settled(lambda: _spend_recovery(ports, user.id, typed))
    return until_settled(lambda: _spend_short(ports, user.id, typed))


def spend_registration(ports: CodePorts, user: User, code: str, now: float) -> Spent | Refusal:
    """Return when the user's registration code was spent, or why not. It needs the password as well."""
    if not code.strip():
        return Refusal(Reason.CODE_MISSING)
    return until_settled(lambda: _spend_invitation(ports, user.id, code, now))


def until_settled(step: Callable[[], Settled | Refusal | None]) -> Settled | Refusal:
    """Return the first answer that was committed; None from step is a race lost to another process."""
    try:
        for _ in range(ROUNDS):
            answer = step()
            if answer is not None:
                return answer
    except Unavailable as error:
        LOG.warning("a code could not be proved", why=str(error))
    except SealBroken as error:
        # A seed that does not open here was moved, tampered with or sealed elsewhere: it proves nothing.
        LOG.error("a code could not be proved", why=str(error))
    return Refusal(Reason.CODE_UNPROVABLE)


def _spend_short(ports: CodePorts, user_id: int, typed: _Typed) -> Spent | Refusal | None:
    """Spend a code of a token; where it is none, a bypass code or one by e-mail."""
    code, where, now = typed.code, typed.where, typed.now
    judged = judge_tokens(ports.active_tokens(user_id), code, now)
    accepted = accepted_of(judged, now, where)
    if accepted is not None:
        spent, settled = accepted
        return spent if ports.settle_tokens(settled, now, where.tell(spent)) else None
    tried = _try_issued(ports, user_id, typed)
    for read, outcome, after in tried:
        if outcome is Outcome.ACCEPTED:
            spent = Spent(now, read.purpose.value, ORIGINS[read.purpose])
            written = ports.settle_tries([], [SettledIssued(read, after)], now, where.tell(spent))
            return spent if written else None
        if outcome in ENDED:
            return Refusal(REASONS_OF_CODES[outcome])
    good = [each for each in tried if each[0].issued.good(now)]
    return _count_failures(ports, judged, good, typed)


def judge_tokens(
    tokens: Sequence[StoredToken], code: str, now: float
) -> list[tuple[StoredToken, Outcome, Token]]:
    """Return what a code comes to for each token; as much work where there is none."""
    if not tokens:
        token.dummy_verify(code, now)
    return [(stored, *token.verify(stored.token, code, now)) for stored in tokens]


def accepted_of(
    judged: Sequence[tuple[StoredToken, Outcome, Token]], now: float, where: Where
) -> tuple[Spent, Sequence[SettledToken]] | None:
    """Return what was spent, and the tokens that have to be settled before anybody is told; None: nothing.

    The code of one phone is no failure of the others; one that fits two phones is spent on both.
    """
    settled = [
        SettledToken(stored, after, where.place)
        for stored, outcome, after in judged
        if outcome is Outcome.ACCEPTED
    ]
    if not settled:
        return None
    first = settled[0].read
    return Spent(now, first.token.kind.value, first.origin), settled


def _try_issued(
    ports: CodePorts, user_id: int, typed: _Typed
) -> list[tuple[StoredIssued, Outcome, IssuedCode]]:
    """Return what a code comes to as each code that was issued; as much work where there is none."""
    code, where, now = typed.code, typed.where, typed.now
    known = ports.issued_codes(user_id)
    held = {each.purpose: each for each in known if where.mailed or each.purpose is not Purpose.E_MAIL}
    tried = []
    for purpose, kind in ISSUED.items():
        read = held.get(purpose)
        key = ports.code_key(read.key_id if read else None)
        here = issued.Typed(code, key, where.door.value if where.door is not None else "")
        if read is None:
            issued.dummy_verify(kind, here)
        else:
            tried.append((read, *issued.verify(kind, read.issued, here, now)))
    return tried


def _count_failures(
    ports: CodePorts,
    judged: Sequence[tuple[StoredToken, Outcome, Token]],
    tried: Sequence[tuple[StoredIssued, Outcome, IssuedCode]],
    typed: _Typed,
) -> Refusal | None:
    """Write a wrong code down for each factor that it could have been meant for, and return what it was.

    What fits none of them, in length already, counts for the tokens.
    """
    if not judged and not tried:
        return Refusal(Reason.NO_TOKEN)
    code = typed.code
    fitting = {id(each[0]) for each in judged if read_digits(code, each[0].token.digits) is not None}
    fitting |= {id(each[0]) for each in tried if ISSUED[each[0].purpose].read(code) is not None}
    fitting = fitting or {id(each[0]) for each in (judged or tried)}
    tokens = [SettledToken(read, after) for read, _, after in judged if id(read) in fitting]
    codes = [SettledIssued(read, after) for read, _, after in tried if id(read) in fitting]
    tokens = [each for each in tokens if each.judged != each.read.token]
    codes = [each for each in codes if each.judged != each.read.issued]
    outcomes = {outcome for read, outcome, _ in (*judged, *tried) if id(read) in fitting}
    refusal = Refusal(REASONS_OF_CODES[next(told for told in TELLING if told in outcomes)])
    if not (tokens or codes):
        return refusal
    return refusal if ports.settle_tries(tokens, codes, typed.now, typed.where.tell(refusal)) else None


def _spend_recovery(ports: CodePorts, user_id: int, typed: _Typed) -> Spent | Refusal | None:
    code, now = typed.code, typed.now
    held = ports.recovery_codes(user_id)
    if held is None:
        recovery.dummy_verify(code, ports.code_key())
        return Refusal(Reason.WRONG_CODE)
    outcome, after = recovery.verify(held.codes, code, ports.code_key(held.key_id), now)
    answer: Spent | Refusal = (
        Spent(now, Purpose.RECOVERY.value, Origin.RECOVERED)
        if outcome is Outcome.ACCEPTED
        else Refusal(REASONS_OF_CODES[outcome])
    )
    if after != held.codes and not ports.settle_recovery(held, after, now, typed.where.tell(answer)):
        return None
    return answer


def _spend_invitation(ports: CodePorts, user_id: int, code: str, now: float) -> Spent | Refusal | None:
    held = ports.invitation(user_id)
    if held is None:
        registration.dummy_redeem(code, ports.code_key())
        return Refusal(Reason.WRONG_CODE)
    key = ports.code_key(held.key_id)
    redemption, after = registration.redeem(held.invitation, code, key, now)
    if after != held.invitation and not ports.settle_invitation(held, after, now):
        return None
    if redemption is Redemption.REDEEMED:
        origin = Origin.HELPDESK if held.by_pass else Origin.REGISTRATION
        return Spent(now, Purpose.REGISTRATION.value, origin)
    return Refusal(REASONS_OF_INVITATIONS[redemption])
