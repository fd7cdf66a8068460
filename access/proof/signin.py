"""Signing in to the pages: the password, then a code, or a registration code where there is nothing yet. ▸

Unknown names, disabled people and wrong passwords get one answer after one amount of work; what it really was
stands in the audit. That a password is too old, or has to be changed first, is told to its owner: a directory
says so behind the right password alone. Roles are worked out at each request from the groups the person is in
at that moment, so a right taken away in the directory is gone with the next click.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from access.errors import Refused
from access.logins.login_alarms import WrongCode, guessing_codes
from access.logins.risk import Coming, Sign, risk_kept, risk_of
from access.model import Reason, Role, User, Via
from access.people.person_link import Membership
from access.people.privilege import PrivilegePorts, beyond, is_privileged
from access.proof.authentication import (
    Claim,
    CodePorts,
    PasswordPorts,
    Refusal,
    Spent,
    Where,
    check_password,
    spend_code,
    spend_registration,
)
from access.proof.factors import FactorSummary, Origin, Purpose
from access.proof.identity_event import UNRECORDED, IdentityEvent, What
from access.proof.passkey import KIND as PASSKEY
from access.proof.password_memory import REMEMBERED, PasswordMemory
from access.proof.web_session import (
    COOKIE_OCTETS,
    TOUCH_EVERY_S,
    SessionState,
    WebSession,
    opened,
    promoted,
    session_id,
)
from access.records.alarms import Alarm

# What an outsider may not tell apart.
ALIKE = frozenset(
    {
        Reason.UNKNOWN_USER,
        Reason.USER_DISABLED,
        Reason.WRONG_PASSWORD,
        Reason.EMPTY_PASSWORD,
        Reason.PASSWORD_EXPIRED,
        Reason.PASSWORD_MUST_CHANGE,
        Reason.ACCOUNT_LOCKED,
        Reason.PASSWORD_REPEATED,
    }
)
# What a directory says behind the right password alone, so that a guesser never hears it. Locked is not among
# them: it is said to whoever guesses.
OWNERS = frozenset({Reason.PASSWORD_EXPIRED, Reason.PASSWORD_MUST_CHANGE})
# Codes that a helpdesk or a mailbox of one company stands for.
OF_ONE_MEMBERSHIP = frozenset({Purpose.BYPASS, Purpose.E_MAIL})
STEPS = {SessionState.SIGNED_IN: What.CODE_RIGHT, SessionState.ENROLLING: What.REGISTRATION_RIGHT}


# Enrolments that began without a registration code.
BEGINNINGS = {Origin.ON_SITE: What.ON_SITE, Origin.VOUCHED: What.VOUCHES_SPENT}


class Due(Enum):
    """What the next page has to ask for."""

    CODE = "code"
    REGISTRATION = "registration"
    ENROLMENT = "enrolment"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed on the first page, and where from."""

    login: str
    password: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session one step further. cookie is the only copy of its value; an older one is worth nothing now."""

    cookie: str = field(repr=False)
    session: WebSession
    due: Due


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request. roles is empty until a code was proven.

    held_back: the roles that a passkey would open, and nothing else does.
    """

    user: User
    session: WebSession
    roles: frozenset[Role]
    due: Due
    held_back: frozenset[Role] = frozenset()


class ActsAcross(Refused):
    """The session acts for an account whose password was not typed, and nothing that lasts is made so."""


def by_own_password(visitor: Visitor) -> None:
    """Raise ActsAcross where a session that came over from another company would make something that lasts.

    What outlives the session - a phone, a passkey, a network password, a certificate, recovery codes, a word
    for a colleague - would stay with this company when the link is cut, on the strength of a password that
    the other one checked.
    """
    if visitor.session.signed_in_as is not None:
        raise ActsAcross(
            f"For this sign in with the password of your account at {visitor.user.organization}.",
            f"이 작업은 {visitor.user.organization} 계정의 비밀번호로 로그인한 뒤에 할 수 있습니다.",
        )


def by_own_code(visitor: Visitor) -> None:
    """Raise Refused where a session has proven too little to give somebody else a right.

    As for every role above an employee's, it takes the password of that very account, and a code that did
    not come by e-mail.
    """
    by_own_password(visitor)
    session = visitor.session
    if session.code_at is None or session.code_kind == Purpose.E_MAIL:
        raise Refused(
            "For this sign in with a code of your phone: one by e-mail does not do.",
            "이 작업은 휴대폰의 인증 번호로 로그인한 뒤에 할 수 있습니다. "
            "이메일 인증 번호로는 할 수 없습니다.",
        )


class SessionPorts(Protocol):
    """Where sessions are kept and events written down. Any of it may raise Unavailable."""

    def random(self, octets: int) -> bytes: ...
    def web_session(self, session_id: str) -> WebSession | None: ...
    def open_session(self, session: WebSession, event: IdentityEvent) -> None: ...
    def renew_session(self, old_id: str, new: WebSession, event: IdentityEvent) -> bool: ...
    def touch_session(self, session_id: str, now: float) -> None: ...
    def close_session(self, session_id: str, event: IdentityEvent | None) -> None: ...
    def record(self, event: IdentityEvent) -> None: ...


class SignInPorts(PasswordPorts, CodePorts, SessionPorts, PrivilegePorts, Protocol):
    """What signing in needs of the world."""

    @property
    def phishing_resistant(self) -> frozenset[Role]:
        """The roles that open with a passkey alone."""

    @property
    def right_passwords(self) -> PasswordMemory | None:
        """What is remembered for the time a directory is away; None where nothing is."""

    def claim(self, login: str, source: str) -> Claim: ...
    def person(self, user_id: int) -> User | None: ...
    def may_enrol_at(self, user: User, address: str) -> bool: ...
    def factors(self, user_id: int) -> FactorSummary: ...
    def memberships(self, user_id: int) -> Sequence[Membership]:
        """Return a membership, and those that are linked to it."""

    def raise_alarm(self, alarm: Alarm, user: User, at: float) -> None:
        """Raise an alarm of the company of user."""


def start(ports: SignInPorts, attempt: Attempt, now: float) -> Opened | Refusal:
    """Return a session in which the password was right, or a refusal that tells an outsider nothing."""
    claim = ports.claim(attempt.login, attempt.address)
    answer = check_password(ports, claim, attempt.password, now, _memory_for(ports, claim.user))
    if answer.reason is not None or claim.user is None:
        return _refuse_password(ports, claim, answer.reason or Reason.UNKNOWN_USER, answer.wait_s, now)
    cookie = new_cookie(ports)
    session = opened(claim.user.id, cookie, now, attempt.address)
    session = replace(session, risk=_risk(ports, claim.user, answer.remembered_at is not None, now))
    event = _event(What.PASSWORD_RIGHT, session, now)
    if answer.remembered_at is not None:
        event = replace(event, detail={**event.detail, REMEMBERED: "true"})
    ports.open_session(session, event)
    return Opened(cookie, session, _due(ports, session, now))


def give_code(ports: SignInPorts, visitor: Visitor, code: str, now: float) -> Opened | Refusal:
    """Return the signed-in session after a right code: the second step, or a fresh code before a change."""
    if visitor.session.state is SessionState.ENROLLING:
        return Refusal(Reason.NO_TOKEN)
    where = Where(Via.PORTAL, visitor.session.address)
    answer = spend_code(ports, visitor.user, code, now, where)
    return step_up(ports, visitor, answer, SessionState.SIGNED_IN, now)


def give_registration(ports: SignInPorts, visitor: Visitor, code: str, now: float) -> Opened | Refusal:
    """Return the session in which a phone may be enrolled, after a right registration code."""
    if visitor.session.state is not SessionState.PASSWORD:
        return Refusal(Reason.CONVERSATION_EXPIRED)
    answer = spend_registration(ports, visitor.user, code, now)
    return step_up(ports, visitor, answer, SessionState.ENROLLING, now)


def may_begin_on_site(ports: SignInPorts, visitor: Visitor) -> bool:
    """Return whether somebody may enrol from where they are without a registration code.

    Only for a first phone, and for nobody with a right above an employee's: whoever knows only a password and
    has come into the office must not take over what stands.
    """
    user = visitor.user
    first = visitor.session.state is SessionState.PASSWORD and not ports.factors(user.id).ever()
    # A phone of somebody who is linked counts at another company, which trusts other places.
    alone = not beyond(ports, user)
    return (
        first
        and alone
        and not is_privileged(ports, user)
        and ports.may_enrol_at(user, visitor.session.address)
    )


def begin_on_site(ports: SignInPorts, visitor: Visitor, now: float) -> Opened | Refusal:
    """Return the session in which a first phone may be enrolled, at a place that is trusted for that."""
    allowed = may_begin_on_site(ports, visitor)
    answer = Spent(now, "on-site", Origin.ON_SITE) if allowed else Refusal(Reason.REGISTRATION_REQUIRED)
    return step_up(ports, visitor, answer, SessionState.ENROLLING, now)


def current(ports: SignInPorts, cookie: str, now: float) -> Visitor | None:
    """Return who sends this cookie; None if it is worth nothing (any more)."""
    session = ports.web_session(session_id(cookie)) if cookie else None
    if session is None:
        return None
    user = ports.person(session.user_id)
    if user is None or not user.enabled or not session.alive(now) or not _may_act(ports, session):
        ports.close_session(session.id, None)
        return None
    if now - session.seen_at >= TOUCH_EVERY_S:
        ports.touch_session(session.id, now)
    roles = roles_of(user, session, ports.role_groups)
    held_back = frozenset() if session.code_kind == PASSKEY else roles & ports.phishing_resistant
    return Visitor(user, session, roles - held_back, _due(ports, session, now), held_back)


def act_for(ports: SignInPorts, visitor: Visitor, user_id: int, now: float) -> Opened | Refusal | None:
    """Return the session as it acts for another membership of the same person; None where it is not one.

    The code must be one that counts for both. Whoever may run the other company's house has to sign in there.
    """
    session = visitor.session
    signed_in_as = session.signed_in_as or session.user_id
    possible = {each.user_id for each in ports.memberships(signed_in_as) if each.present}
    if session.state is not SessionState.SIGNED_IN or user_id not in possible - {session.user_id}:
        return None
    if session.code_kind in OF_ONE_MEMBERSHIP:
        return Refusal(Reason.CODE_ELSEWHERE)
    cookie = new_cookie(ports)
    other = replace(
        session,
        id=session_id(cookie),
        user_id=user_id,
        seen_at=now,
        signed_in_as=None if user_id == signed_in_as else signed_in_as,
    )
    if not ports.renew_session(session.id, other, _event(What.ACTS_FOR, other, now)):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    ports.record(_event(What.ACTS_NO_MORE, session, now))
    return Opened(cookie, other, Due.NOTHING)


def sign_out(ports: SignInPorts, visitor: Visitor, now: float) -> None:
    """End the session: its cookie is worth nothing afterwards, wherever it was copied to."""
    ports.close_session(visitor.session.id, _event(What.SIGNED_OUT, visitor.session, now))


def refuse_contained(ports: SessionPorts, session: WebSession, now: float) -> None:
    """End the session of somebody who is contained: the right password opened it, and nothing else comes."""
    ports.close_session(session.id, _event(What.SIGN_IN_REFUSED, session, now, Reason.CONTAINED))


def roles_of(user: User, session: WebSession, role_groups: Mapping[Role, frozenset[str]]) -> frozenset[Role]:
    """Return the roles of somebody signed in.

    Those above EMPLOYEE take a group, a code not sent by e-mail, and the password of that very account.
    """
    if session.state is not SessionState.SIGNED_IN or not user.enabled:
        return frozenset()
    if session.code_at is None or session.code_kind == Purpose.E_MAIL or session.signed_in_as is not None:
        return frozenset({Role.EMPLOYEE})
    return frozenset({Role.EMPLOYEE} | {role for role, groups in role_groups.items() if groups & user.groups})


def new_cookie(ports: SessionPorts) -> str:
    """Return a cookie value nobody can guess."""
    return urlsafe_b64encode(ports.random(COOKIE_OCTETS)).decode().rstrip("=")


def _memory_for(ports: SignInPorts, user: User | None) -> PasswordMemory | None:
    """Return what stands in for a directory that is away; nothing does for a right at any company."""
    memory = ports.right_passwords
    if memory is None or user is None or is_privileged(ports, user):
        return None
    return memory


def _may_act(ports: SignInPorts, session: WebSession) -> bool:
    """Whether a session that acts for another membership than its password is of still may."""
    if session.signed_in_as is None:
        return True
    known = {each.user_id for each in ports.memberships(session.signed_in_as) if each.present}
    return known >= {session.signed_in_as, session.user_id}


def _refuse_password(ports: SignInPorts, claim: Claim, reason: Reason, wait_s: float, now: float) -> Refusal:
    if reason is Reason.WRONG_PASSWORD:
        ports.throttle.wrong_try(claim.name, now)
    if reason not in UNRECORDED:
        user_id = claim.user.id if claim.user else None
        detail = {"name": claim.name, "address": claim.source}
        ports.record(IdentityEvent(What.SIGN_IN_REFUSED, now, user_id, reason, claim.organization, detail))
    is_owner = reason in OWNERS and claim.user is not None and claim.user.enabled
    return Refusal(Reason.WRONG_PASSWORD if reason in ALIKE and not is_owner else reason, wait_s)


def step_up(
    ports: SignInPorts, visitor: Visitor, answer: Spent | Refusal, state: SessionState, now: float
) -> Opened | Refusal:
    """Return the session one step up under a new cookie, or write down why not."""
    if isinstance(answer, Refusal):
        if answer.reason not in UNRECORDED:
            ports.record(_event(What.SIGN_IN_REFUSED, visitor.session, now, answer.reason))
        if answer.reason is Reason.WRONG_CODE:
            user = visitor.user
            wrong = WrongCode("portal", user.organization, f"{user.name}@{user.organization}")
            for alarm in guessing_codes(ports.throttle, wrong, now):
                ports.raise_alarm(alarm, user, now)
        return answer
    cookie = new_cookie(ports)
    before = risk_kept(visitor.session.risk)
    remembered = before is not None and Sign.REMEMBERED_PASSWORD in before.signs
    session = replace(
        promoted(visitor.session, cookie, state, now),
        risk=_risk(ports, visitor.user, remembered, now),
        code_kind=answer.kind,
        code_origin=answer.origin.value,
    )
    what = What.PASSKEY_RIGHT if answer.kind == PASSKEY else STEPS[state]
    if state is SessionState.ENROLLING:
        what = BEGINNINGS.get(answer.origin, what)
    if not ports.renew_session(visitor.session.id, session, _event(what, session, now)):
        return Refusal(Reason.CONVERSATION_EXPIRED)
    return Opened(cookie, session, _due(ports, session, now))


def _risk(ports: SignInPorts, user: User, remembered: bool, now: float) -> str:
    """Return the risk of signing in: the pages know neither the country nor the endpoint."""
    tries = ports.throttle.wrong_tries(f"{user.name}@{user.organization}", now)
    return str(risk_of(Coming(wrong_tries=tries, remembered=remembered), (), now))


def _due(ports: SignInPorts, session: WebSession, now: float) -> Due:
    if session.state is SessionState.PASSWORD:
        return Due.CODE if ports.factors(session.user_id).usable(now) else Due.REGISTRATION
    return Due.ENROLMENT if session.state is SessionState.ENROLLING else Due.NOTHING


def _event(what: What, session: WebSession, now: float, reason: Reason | None = None) -> IdentityEvent:
    return IdentityEvent(what, now, session.user_id, reason, detail={"address": session.address})
