"""Another application has a code checked: the same rules as for a login, asked by a program. ▸

The application has checked who it is talking to by its own means, or hands us the company password as well;
then a code is spent only together with a right one. It is told yes or no, and a case code with a no: why, the
audit says, and the console to whoever looks the case up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from access.logins.login_alarms import WrongCode, guessing_codes
from access.model import Reason, User
from access.proof.authentication import (
    Claim,
    CodePorts,
    PasswordPorts,
    Refusal,
    Spent,
    Where,
    check_password,
    spend_code,
)
from access.proof.identity_event import UNRECORDED, IdentityEvent, What
from access.records.alarms import Alarm
from access.words import casecode
from otp import token


@dataclass(frozen=True, slots=True)
class Application:
    """Who asks: the name of its key, the organization it may ask about, and where it asks from."""

    name: str
    organization: str
    address: str


@dataclass(frozen=True, slots=True)
class AskedCode:
    """What it asks. login is name@organization, or a name of its organization.

    password is None where the application checks it by itself.
    """

    login: str
    code: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """Whether the code was right and is spent. case: to ask the helpdesk about, where it was not."""

    accepted: bool
    user: str = ""
    kind: str = ""
    case: str = ""
    retry_after_s: float = 0.0


class CodeCheckPorts(PasswordPorts, CodePorts, Protocol):
    """What checking a code needs of the world."""

    def random(self, octets: int) -> bytes: ...
    def claim(self, login: str, source: str) -> Claim: ...
    def record(self, event: IdentityEvent) -> None: ...
    def raise_alarm(self, alarm: Alarm, user: User, at: float) -> None:
        """Raise an alarm of the company of user."""


def _nobody(_user: User) -> bool:
    return False


def check_code(
    ports: CodeCheckPorts,
    application: Application,
    asked: AskedCode,
    now: float,
    contained: Callable[[User], bool] = _nobody,
) -> CodeAnswer:
    """Return what becomes of a code; in the audit with its reason, a spent one in the same transaction.

    contained: whether somebody is, whose codes are good for nothing then. Raises Unavailable.
    """
    login = asked.login if "@" in asked.login else f"{asked.login}@{application.organization}"
    claim = ports.claim(login, f"{application.name} {application.address}")
    record = _Record(application, claim, now, casecode.generate(ports.random))
    # Of somebody of another company an application learns nothing, not even in the audit of its own.
    if record.user is not None and contained(record.user):
        token.dummy_verify(asked.code, now)
        answer: Spent | Refusal = Refusal(Reason.CONTAINED)
    else:
        answer = _judge(ports, record, asked, now)
    if not record.is_about(answer) and (event := record.of(answer)) is not None:
        ports.record(event)
    if isinstance(answer, Spent):
        return CodeAnswer(True, claim.name, answer.kind)
    if answer.reason is Reason.WRONG_CODE and claim.user is not None:
        _count_wrong(ports, application, claim.user, now)
    return CodeAnswer(False, case=casecode.show(record.case), retry_after_s=answer.wait_s)


@dataclass(slots=True)
class _Record:
    """What the audit says of an answer, and about which one it does already."""

    application: Application
    claim: Claim
    at: float
    case: str
    _told: Spent | Refusal | None = None

    @property
    def user(self) -> User | None:
        """Whom the claim means, where the application may ask about them."""
        return self.claim.user if self.claim.organization == self.application.organization else None

    def tell(self, answer: Spent | Refusal) -> IdentityEvent | None:
        """Return what is written together with an answer. A race that is lost is told of anew."""
        self._told = answer
        return self.of(answer)

    def is_about(self, answer: Spent | Refusal) -> bool:
        """Return whether this very answer was written together with its record."""
        return self._told is answer

    def of(self, answer: Spent | Refusal) -> IdentityEvent | None:
        """Return what is recorded of an answer; None where nothing is."""
        application, claim = self.application, self.claim
        detail = {"application": application.name, "address": application.address, "name": claim.name}
        user_id = self.user.id if self.user is not None else None
        taken = IdentityEvent(What.CODE_TAKEN, self.at, user_id, None, application.organization, detail)
        if isinstance(answer, Spent):
            return taken
        if answer.reason in UNRECORDED:
            return None
        return replace(taken, what=What.CODE_NOT_TAKEN, reason=answer.reason, case_code=self.case)


def _judge(ports: CodeCheckPorts, record: _Record, asked: AskedCode, now: float) -> Spent | Refusal:
    claim, user = record.claim, record.user
    if asked.password is not None:
        own = claim if user is not None else Claim(claim.name, None, claim.organization, claim.source)
        password = check_password(ports, own, asked.password, now)
        if not password.right:
            token.dummy_verify(asked.code, now)
            return Refusal(password.reason or Reason.WRONG_PASSWORD, password.wait_s)
    if user is None or not user.enabled:
        spend_code(ports, None, asked.code, now)
        return Refusal(Reason.USER_DISABLED if user is not None else Reason.UNKNOWN_USER)
    where = Where(None, record.application.name, mailed=False, tell=record.tell)
    return spend_code(ports, user, asked.code, now, where)


def _count_wrong(ports: CodeCheckPorts, application: Application, user: User, now: float) -> None:
    """Raise what so many wrong codes mean: guessing counts, at whichever door."""
    place = f"application {application.organization}/{application.name}"
    wrong = WrongCode(place, user.organization, f"{user.name}@{user.organization}")
    for alarm in guessing_codes(ports.throttle, wrong, now):
        ports.raise_alarm(alarm, user, now)
