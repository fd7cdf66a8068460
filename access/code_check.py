"""Another application has a code checked: the same rules as for a login, asked by a program. ▸

The application has checked who it is talking to by its own means, or hands us the company password as well;
then a code is spent only together with a right one. It is told yes or no, and a case code with a no: why, the
audit says, and the console to whoever looks the case up.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

from access import casecode
from access.alarms import Alarm
from access.authentication import (
    Claim,
    CodePorts,
    PasswordPorts,
    Refusal,
    Spent,
    Where,
    check_password,
    spend_code,
)
from access.identity_event import UNRECORDED, IdentityEvent, What
from access.login_alarms import WrongCode, guessing_codes
from access.model import Reason, User
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


def check_code(ports: CodeCheckPorts, application: Application, asked: AskedCode, now: float) -> CodeAnswer:
    """Return what becomes of a code; in the audit with its reason. Raises Unavailable."""
    login = asked.login if "@" in asked.login else f"{asked.login}@{application.organization}"
    claim = ports.claim(login, f"{application.name} {application.address}")
    answer = _judge(ports, application, claim, asked, now)
    if isinstance(answer, Spent):
        ports.record(_event(application, claim, now))
        return CodeAnswer(True, claim.name, answer.kind)
    if answer.reason is Reason.WRONG_CODE and claim.user is not None:
        _count_wrong(ports, application, claim.user, now)
    case = casecode.generate(ports.random)
    if answer.reason not in UNRECORDED:
        told = _event(application, claim, now)
        ports.record(replace(told, what=What.CODE_NOT_TAKEN, reason=answer.reason, case_code=case))
    return CodeAnswer(False, case=casecode.show(case), retry_after_s=answer.wait_s)


def _judge(
    ports: CodeCheckPorts, application: Application, claim: Claim, asked: AskedCode, now: float
) -> Spent | Refusal:
    user = claim.user if claim.organization == application.organization else None
    if asked.password is not None:
        own = claim if user is not None else Claim(claim.name, None, claim.organization, claim.source)
        password = check_password(ports, own, asked.password, now)
        if not password.right:
            token.dummy_verify(asked.code, now)
            return Refusal(password.reason or Reason.WRONG_PASSWORD, password.wait_s)
    if user is None or not user.enabled:
        spend_code(ports, None, asked.code, now)
        return Refusal(Reason.USER_DISABLED if user is not None else Reason.UNKNOWN_USER)
    return spend_code(ports, user, asked.code, now, Where(None, application.name, mailed=False))


def _count_wrong(ports: CodeCheckPorts, application: Application, user: User, now: float) -> None:
    """Raise what so many wrong codes mean: guessing counts, at whichever door."""
    place = f"application {application.organization}/{application.name}"
    wrong = WrongCode(place, user.organization, f"{user.name}@{user.organization}")
    for alarm in guessing_codes(ports.throttle, wrong, now):
        ports.raise_alarm(alarm, user, now)


def _event(application: Application, claim: Claim, now: float) -> IdentityEvent:
    detail = {"application": application.name, "address": application.address, "name": claim.name}
    user_id = claim.user.id if claim.user and claim.organization == application.organization else None
    return IdentityEvent(What.CODE_TAKEN, now, user_id, None, application.organization, detail)
