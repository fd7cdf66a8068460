"""One login, from the credentials to the application's decision.

A login asks one thing at a time, and nothing before what comes before it has been answered well:

    asked          answered by      then, by the NAS's code mode
    CheckPassword  PasswordRight    NONE: Authorize. APPENDED: SpendCode. CHALLENGE: ends in a Prompt,
                                    and goes on with SpendCode when the person has answered it
    CheckChap      PasswordRight    as for CheckPassword, but APPENDED is refused before anything is asked:
    CheckMschap    MschapRight      nothing can be cut off from what was hashed
    CheckCertificate  CertificateRight  Authorize
    CheckResumption   PasswordRight     Authorize, with the time of the earlier code
    SpendCode      CodeRight        Authorize
    CheckSession   SessionRight     Authorize, with all that its login had proven
    Authorize      Granted          ends
    Report         Refused          ends
    any            Refused          ends

So the directory sees one bind a request, and a code is spent only together with a right password. MAB and
methods that prove an identity themselves begin at Authorize.
"""

from collections.abc import Callable
from dataclasses import field

from radius.errors import RadiusError
from radius.facts import Facts
from radius.frozen import value
from radius.nas import CodeMode, Nas
from radius.questions import (
    Authorize,
    CertificateRight,
    ChapExchange,
    CheckCertificate,
    CheckChap,
    CheckMschap,
    CheckPassword,
    CheckResumption,
    CheckSession,
    CodeRight,
    Failure,
    Granted,
    Method,
    MschapExchange,
    MschapRight,
    Outcome,
    PasswordRight,
    Question,
    Refused,
    Report,
    SessionRight,
    SpendCode,
    Step,
)


class UnexpectedOutcome(RadiusError):
    """The application answered a question with another question's outcome: a bug in the application."""


@value
class Prompt:
    """The password is right; ask the person for the code with this text."""

    text: str


@value
class Proven:
    """Who has proven to be whom, for a login that resumes this one: the application's user and ticket."""

    user: str
    user_name: str
    method: Method
    code_at: float | None
    ticket: str = field(default="", repr=False)
    code: str = ""


@value
class Relayed:
    """What a home server has said: who of its realm it is; user is the application's own key, if any."""

    realm: str
    user: str | None
    user_name: str
    step: Step


Next = Question | Prompt | Granted | Refused


class Login:
    """The state of one login. Each method returns what is to be asked or done next.

    latest is the question that the application's decision answered.
    """

    __slots__ = (
        "_asked",
        "_asked_at",
        "_certificate",
        "_code",
        "_code_at",
        "_code_word",
        "_realm",
        "_resumed",
        "_session",
        "_ticket",
        "_user",
        "facts",
        "key",
        "latest",
        "method",
        "mschap",
        "nas",
        "prompted",
        "steps",
        "user_name",
    )

    def __init__(self, nas: Nas, user_name: str, method: Method, facts: Facts) -> None:
        self.nas = nas
        self.user_name = user_name
        self.method = method
        self.facts = facts
        self.steps: tuple[Step, ...] = ()
        self.prompted = False
        self.key = b""
        self.mschap: MschapExchange | None = None
        self._user: str | None = None
        self._realm = ""
        self._ticket = ""
        self._certificate = ""
        self._resumed = False
        self._session = b""
        self._code: str | None = None
        self._code_at: float | None = None
        self._code_word = ""
        self.latest: Authorize | None = None
        self._asked: type[Question] = Report
        self._asked_at = 0.0

    @property
    def asks(self) -> str:
        """Return the name of the question asked last."""
        return self._asked.__name__

    @property
    def proven(self) -> Proven | None:
        """Return what a login that resumes this one can refer to; None where nobody has proven anything."""
        if self._user is None:
            return None
        return Proven(self._user, self.user_name, self.method, self._code_at, self._ticket, self._code_word)

    def with_password(self, password: str, now: float) -> Question:
        """Return the first question of a login with a password, or with password and code in one."""
        if self.nas.code is CodeMode.APPENDED:
            digits = self.nas.code_digits
            if len(password) <= digits:
                return self.failed(Failure.PASSWORD_TOO_SHORT, f"not longer than the {digits} digits", now)
            password, self._code = password[:-digits], password[-digits:]
        return self._ask(CheckPassword(self.nas.key, self.user_name, password, *self._where), now)

    def with_chap(self, exchange: ChapExchange, now: float) -> Question:
        """Return the question of a login by CHAP or EAP-MD5."""
        if self.nas.code is CodeMode.APPENDED:
            return self._without_code(now)
        return self._ask(CheckChap(self.nas.key, self.user_name, exchange, *self._where), now)

    def with_mschap(self, exchange: MschapExchange, now: float) -> Question:
        """Return the question of a login by MSCHAPv2, inside of EAP or not."""
        self.mschap = exchange
        if self.nas.code is CodeMode.APPENDED:
            return self._without_code(now)
        return self._ask(CheckMschap(self.nas.key, self.user_name, exchange, *self._where), now)

    def with_certificate(self, chain: tuple[bytes, ...], resumed: bool, now: float) -> Question:
        """Return the question of a login by certificate; user_name is what the peer called itself."""
        self._resumed = resumed
        return self._ask(CheckCertificate(self.nas.key, self.user_name, chain, *self._where), now)

    def resuming(self, proven: Proven, now: float) -> Question:
        """Return the question of a login that resumes an earlier one."""
        self._resumed, self._code_at, self._code_word = True, proven.code_at, proven.code
        about = (self.nas.key, proven.user, self.user_name, proven.ticket)
        return self._ask(CheckResumption(*about, *self._where), now)

    def with_state(self, state: bytes, now: float) -> Question:
        """Return the question of a NAS that has a session authorized anew."""
        source = str(self.facts.source or "")
        return self._ask(CheckSession(self.nas.key, source, self.user_name, state, *self._where), now)

    def with_code(self, code: str, now: float) -> Question:
        """Return the question that follows a Prompt which the person has answered."""
        self.prompted = False
        self.steps += (Step("prompt", now - self._asked_at),)
        return self._spend(code, now)

    def with_mac(self, mac: str, now: float) -> Question:
        """Return the question of a MAB login."""
        return self._authorize(mac, now)

    def decide(self, now: float) -> Question:
        """Return the question of a login whose method has proven user_name without the application."""
        return self._authorize(None, now)

    def vouched(self, relayed: Relayed, now: float) -> Question:
        """Return the question of a login whose home server says yes."""
        self.steps += (relayed.step,)
        self.user_name, self._user, self._realm = relayed.user_name, relayed.user, relayed.realm
        return self._authorize(None, now)

    def failed(self, reason: Failure, detail: str, now: float) -> Question:
        """Return the report of a login that the server itself refuses."""
        report = Report(self.nas.key, self.user_name, self.method, reason, detail, self.facts, self.steps)
        return self._ask(report, now)

    def answer(self, outcome: Outcome, now: float) -> Next:
        """Return what follows the outcome of the question asked last. Raises UnexpectedOutcome."""
        note = outcome.note if isinstance(outcome, PasswordRight) else ""
        self.steps += (Step(STEP_NAMES[self._asked], now - self._asked_at, note),)
        self._asked_at = now
        if isinstance(outcome, Refused) or (isinstance(outcome, Granted) and self._asked is Authorize):
            return outcome
        follow = FOLLOWERS.get((self._asked, type(outcome)))
        if follow is None:
            raise UnexpectedOutcome(f"{type(outcome).__name__} to {self._asked.__name__}")
        return follow(self, outcome, now)

    @property
    def _where(self) -> tuple[str, Method, Facts, tuple[Step, ...]]:
        """Return what every question about a proof has: the endpoint, the method, and how it came so far."""
        return self.facts.calling_station, self.method, self.facts, self.steps

    def _ask(self, question: Question, now: float) -> Question:
        self._asked, self._asked_at = type(question), now
        return question

    def _without_code(self, now: float) -> Question:
        detail = f"a code cannot be appended to a password that {self.method.value} hashes"
        return self.failed(Failure.METHOD_NOT_ALLOWED, detail, now)

    def _spend(self, code: str, now: float) -> Question:
        assert self._user is not None, "a code is only spent after a right password"
        return self._ask(SpendCode(self.nas.key, self._user, code, *self._where), now)

    def _authorize(self, mac: str | None, now: float) -> Question:
        question = Authorize(
            nas=self.nas.key,
            user=self._user,
            user_name=self.user_name,
            mac=mac,
            method=self.method,
            code_at=self._code_at,
            code=self._code_word,
            facts=self.facts,
            steps=self.steps,
            certificate=self._certificate,
            resumed=self._resumed,
            session=self._session,
            realm=self._realm,
        )
        self.latest = question
        return self._ask(question, now)

    def _password_right(self, outcome: PasswordRight | MschapRight, now: float) -> Next:
        self._user, self._ticket = outcome.user, outcome.ticket
        if self.nas.code is CodeMode.CHALLENGE:
            self.prompted = True
            return Prompt(outcome.prompt)
        if self._code is not None:
            return self._spend(self._code, now)
        return self._authorize(None, now)

    def _mschap_right(self, outcome: MschapRight, now: float) -> Next:
        self.key = outcome.key
        return self._password_right(outcome, now)

    def _certificate_right(self, outcome: CertificateRight, now: float) -> Next:
        self._user, self.user_name = outcome.user, outcome.user_name
        self._certificate = outcome.certificate
        return self._authorize(None, now)

    def _resumption_right(self, outcome: PasswordRight, now: float) -> Next:
        self._user, self._ticket = outcome.user, outcome.ticket
        return self._authorize(None, now)

    def _session_right(self, outcome: SessionRight, now: float) -> Next:
        self._user, self.user_name, self.method = outcome.user, outcome.user_name, outcome.method
        self._code_at, self._certificate = outcome.code_at, outcome.certificate
        self._session, self._code_word = outcome.session, outcome.code
        return self._authorize(outcome.mac, now)

    def _code_right(self, outcome: CodeRight, now: float) -> Next:
        self._code_at, self._code_word = outcome.at, outcome.code
        return self._authorize(None, now)


STEP_NAMES: dict[type[Question], str] = {
    CheckPassword: "password",
    CheckChap: "password",
    CheckMschap: "password",
    CheckCertificate: "certificate",
    CheckResumption: "resumption",
    SpendCode: "code",
    CheckSession: "session",
    Authorize: "decision",
    Report: "report",
}

FOLLOWERS: dict[tuple[type[Question], type[Outcome]], Callable[..., Next]] = {
    (CheckPassword, PasswordRight): Login._password_right,
    (CheckChap, PasswordRight): Login._password_right,
    (CheckMschap, MschapRight): Login._mschap_right,
    (CheckCertificate, CertificateRight): Login._certificate_right,
    (CheckResumption, PasswordRight): Login._resumption_right,
    (SpendCode, CodeRight): Login._code_right,
    (CheckSession, SessionRight): Login._session_right,
}
