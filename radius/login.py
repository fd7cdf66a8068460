"""One login, from the credentials to the application's decision.

A login asks one thing at a time, and nothing before what comes before it has been answered well:

    asked          answered by      then, by the NAS's code mode
    CheckPassword  PasswordRight    NONE: Authorize. APPENDED: SpendCode. CHALLENGE: ends in a Prompt,
                                    and goes on with SpendCode when the person has answered it
    SpendCode      CodeRight        Authorize
    Authorize      Granted          ends
    Report         Refused          ends
    any            Refused          ends

So the directory sees one bind a request, and a code is spent only together with a right password. MAB and
methods that prove an identity themselves begin at Authorize.
"""

from collections.abc import Callable
from dataclasses import dataclass

from radius.errors import RadiusError
from radius.facts import Facts
from radius.nas import CodeMode, Nas
from radius.questions import (
    Authorize,
    CheckPassword,
    CodeRight,
    Failure,
    Granted,
    Method,
    Outcome,
    PasswordRight,
    Question,
    Refused,
    Report,
    SpendCode,
    Step,
)


class UnexpectedOutcome(RadiusError):
    """The application answered a question with another question's outcome: a bug in the application."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The password is right; ask the person for the code with this text."""

    text: str


Next = Question | Prompt | Granted | Refused


class Login:
    """The state of one login. Each method returns what is to be asked or done next."""

    __slots__ = (
        "_asked",
        "_asked_at",
        "_code",
        "_code_at",
        "_user",
        "facts",
        "method",
        "nas",
        "steps",
        "user_name",
    )

    def __init__(self, nas: Nas, user_name: str, method: Method, facts: Facts) -> None:
        self.nas = nas
        self.user_name = user_name
        self.method = method
        self.facts = facts
        self.steps: tuple[Step, ...] = ()
        self._user: str | None = None
        self._code: str | None = None
        self._code_at: float | None = None
        self._asked: type[Question] = Report
        self._asked_at = 0.0

    @property
    def asks(self) -> str:
        """Return the name of the question asked last."""
        return self._asked.__name__

    def with_password(self, password: str, now: float) -> Question:
        """Return the first question of a login with a password, or with password and code in one."""
        if self.nas.code is CodeMode.APPENDED:
            digits = self.nas.code_digits
            if len(password) <= digits:
                return self.failed(Failure.PASSWORD_TOO_SHORT, f"not longer than the {digits} digits", now)
            password, self._code = password[:-digits], password[-digits:]
        question = CheckPassword(self.nas.key, self.user_name, password, self.facts.calling_station)
        return self._ask(question, now)

    def with_code(self, code: str, now: float) -> Question:
        """Return the question that follows a Prompt which the person has answered."""
        self.steps += (Step("prompt", now - self._asked_at),)
        return self._spend(code, now)

    def with_mac(self, mac: str, now: float) -> Question:
        """Return the question of a MAB login."""
        return self._authorize(mac, now)

    def proven(self, now: float) -> Question:
        """Return the question of a login whose method has proven user_name without the application."""
        return self._authorize(None, now)

    def failed(self, reason: Failure, detail: str, now: float) -> Question:
        """Return the report of a login that the server itself refuses."""
        report = Report(self.nas.key, self.user_name, self.method, reason, detail, self.facts, self.steps)
        return self._ask(report, now)

    def answer(self, outcome: Outcome, now: float) -> Next:
        """Return what follows the outcome of the question asked last. Raises UnexpectedOutcome."""
        self.steps += (Step(STEP_NAMES[self._asked], now - self._asked_at),)
        self._asked_at = now
        if isinstance(outcome, Refused) or (isinstance(outcome, Granted) and self._asked is Authorize):
            return outcome
        follow = FOLLOWERS.get((self._asked, type(outcome)))
        if follow is None:
            raise UnexpectedOutcome(f"{type(outcome).__name__} to {self._asked.__name__}")
        return follow(self, outcome, now)

    def _ask(self, question: Question, now: float) -> Question:
        self._asked, self._asked_at = type(question), now
        return question

    def _spend(self, code: str, now: float) -> Question:
        assert self._user is not None, "a code is only spent after a right password"
        return self._ask(SpendCode(self.nas.key, self._user, code, self.facts.calling_station), now)

    def _authorize(self, mac: str | None, now: float) -> Question:
        question = Authorize(
            nas=self.nas.key,
            user=self._user,
            user_name=self.user_name,
            mac=mac,
            method=self.method,
            code_at=self._code_at,
            facts=self.facts,
            steps=self.steps,
        )
        return self._ask(question, now)

    def _password_right(self, outcome: PasswordRight, now: float) -> Next:
        self._user = outcome.user
        if self.nas.code is CodeMode.CHALLENGE:
            return Prompt(outcome.prompt)
        if self._code is not None:
            return self._spend(self._code, now)
        return self._authorize(None, now)

    def _code_right(self, outcome: CodeRight, now: float) -> Next:
        self._code_at = outcome.at
        return self._authorize(None, now)


STEP_NAMES: dict[type[Question], str] = {
    CheckPassword: "password",
    SpendCode: "code",
    Authorize: "decision",
    Report: "report",
}

FOLLOWERS: dict[tuple[type[Question], type[Outcome]], Callable[..., Next]] = {
    (CheckPassword, PasswordRight): Login._password_right,
    (SpendCode, CodeRight): Login._code_right,
}
