"""Two colleagues vouch for somebody who has lost what they sign in with. ▸

Off unless a company wants it. Each of the two signs in with a fresh code of a phone they have had for long,
and names the person. For an hour the person, known by their password, may then register a phone without a
registration code; that spends both. Nobody vouches for themselves, nor twice a week, nor for somebody with a
right above an employee's. All three are told.
"""

from dataclasses import dataclass
from typing import Protocol

from access.errors import Refused
from access.model import Reason, User
from access.people.privilege import beyond, is_privileged
from access.proof.authentication import Refusal, Spent
from access.proof.factors import Origin, TokenSummary
from access.proof.identity_event import IdentityEvent, What
from access.proof.signin import Opened, SignInPorts, Visitor, by_own_password, step_up
from access.proof.web_session import SessionState
from otp.token import State

NEEDED = 2
# How long a word counts, and how long until somebody may vouch again.
VOUCH_S = 3600.0
PAUSE_S = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class VouchRules:
    """Whether people of a company may vouch, and for how long they need to have had their phone."""

    allowed: bool = False
    enrolled_days: float = 30.0


class VouchPorts(SignInPorts, Protocol):
    """What vouching needs of the world. Any of it may raise Unavailable."""

    def vouch_rules(self, user: User) -> VouchRules: ...
    def fellow(self, user: User, name: str) -> User | None:
        """Return somebody else of the user's company by name."""

    def add_vouch(self, voucher: User, user: User, since: float, events: tuple[IdentityEvent, ...]) -> bool:
        """Keep a word; return False, nothing written, where the voucher has given one since."""

    def vouchers_of(self, user_id: int, since: float) -> int:
        """Return how many have vouched for a user since, and were not spent."""

    def spend_vouches(self, user_id: int, since: float, needed: int, now: float) -> bool:
        """Spend what was vouched for a user since; return False, nothing spent, for fewer than needed."""


def may_vouch(ports: VouchPorts, visitor: Visitor, now: float) -> bool:
    """Return whether the visitor's word counts: their company wants it, and they have had a phone long."""
    signed_in = visitor.session.state is SessionState.SIGNED_IN
    return signed_in and ports.vouch_rules(visitor.user).allowed and bool(_old_phones(ports, visitor, now))


def _old_phones(ports: VouchPorts, visitor: Visitor, now: float) -> list[TokenSummary]:
    held = ports.factors(visitor.user.id).tokens
    since = _had_since(ports, visitor, now)
    return [each for each in held if each.state is State.ACTIVE and (each.proven_at or now) <= since]


def _had_since(ports: VouchPorts, visitor: Visitor, now: float) -> float:
    return now - ports.vouch_rules(visitor.user).enrolled_days * 86400


def _by_an_old_one(ports: VouchPorts, visitor: Visitor, now: float) -> bool:
    """Return whether the newest code of the session was of a phone, or a passkey, they have had for long.

    A bypass code, a recovery code and a phone that was registered with one say nothing of that.
    """
    since = _had_since(ports, visitor, now)
    used = {each.used_at for each in _old_phones(ports, visitor, now)}
    held = ports.factors(visitor.user.id).passkeys
    used |= {each.used_at for each in held if each.created_at <= since}
    return visitor.session.code_at in used - {None}


def vouch(ports: VouchPorts, visitor: Visitor, name: str, now: float) -> User | Refusal:
    """Return whom the visitor has vouched for. Raises Refused where that cannot be, with one answer for names
    that nobody has and those nobody can vouch for.
    """
    if not visitor.session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    by_own_password(visitor)
    if not may_vouch(ports, visitor, now):
        raise Refused("You cannot vouch for anybody yet.", "아직 동료를 보증할 수 없습니다.")
    if not _by_an_old_one(ports, visitor, now):
        return Refusal(Reason.CODE_MISSING)
    fellow = ports.fellow(visitor.user, name.strip())
    if fellow is None or not fellow.enabled or is_privileged(ports, fellow):
        raise Refused(
            "You cannot vouch for this name. See whether it is written right, or let them call the helpdesk.",
            "이 이름은 보증할 수 없습니다. 이름을 확인하시거나 본인이 헬프데스크에 문의하게 해 주세요.",
        )
    voucher = visitor.user
    given = {"by": voucher.name, "address": visitor.session.address}
    events = (
        IdentityEvent(What.VOUCHED, now, fellow.id, None, fellow.organization, given),
        IdentityEvent(What.VOUCH_GIVEN, now, voucher.id, None, voucher.organization, {"name": fellow.name}),
    )
    if not ports.add_vouch(voucher, fellow, now - PAUSE_S, events):
        raise Refused(
            "You have vouched for somebody within the last week.",
            "지난 일주일 안에 이미 동료를 보증하셨습니다.",
        )
    return fellow


def stands(ports: VouchPorts, visitor: Visitor, now: float) -> bool:
    """Return whether enough colleagues vouch for somebody whose password was right."""
    user = visitor.user
    known = visitor.session.state is SessionState.PASSWORD and ports.vouch_rules(user).allowed
    if not known or is_privileged(ports, user) or beyond(ports, user):
        return False
    return ports.vouchers_of(user.id, now - VOUCH_S) >= NEEDED


def begin_vouched(ports: VouchPorts, visitor: Visitor, now: float) -> Opened | Refusal:
    """Return the session in which somebody may register a phone on the word of colleagues, which is spent."""
    answer: Spent | Refusal = Refusal(Reason.REGISTRATION_REQUIRED)
    if stands(ports, visitor, now) and ports.spend_vouches(visitor.user.id, now - VOUCH_S, NEEDED, now):
        answer = Spent(now, "vouched", Origin.VOUCHED)
    return step_up(ports, visitor, answer, SessionState.ENROLLING, now)
