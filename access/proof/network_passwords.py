"""Network passwords made and revoked: by their owner in the portal, by the helpdesk for them. ▸

Making one takes a code proven in the last ten minutes, as registering a phone does: who sits down at an open
computer must not take a way into the network away with them. Revoking takes none.
"""

from dataclasses import dataclass, field
from typing import Protocol

from access.model import Reason, User
from access.proof.authentication import Refusal
from access.proof.identity_event import IdentityEvent, What
from access.proof.network_password import MOST_NAME, PasswordSummary, bindable
from access.proof.signin import Visitor, by_own_password
from access.proof.web_session import SessionState

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a company lets its people have: how many each, and for how many days at the longest."""

    most: int = 5
    days: int = 365


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for. endpoint: a MAC address to bind it to, as typed, or empty; days: how long."""

    nickname: str
    days: int
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new network password, shown to its owner once. valid_until is in seconds since the epoch."""

    password: str = field(repr=False)
    nickname: str
    valid_until: float


class NetworkPasswordPorts(Protocol):
    """What making and revoking needs of the world. Any of it may raise Unavailable."""

    def allowance(self, user: User) -> Allowance: ...
    def network_passwords(self, user_id: int) -> tuple[PasswordSummary, ...]: ...
    def add_network_password(
        self, user_id: int, new: PasswordSummary, most: int, event: IdentityEvent
    ) -> str | None:
        """Make one, unless as many stand already; all in one transaction."""

    def revoke_network_passwords(self, user_id: int, password_id: int | None, event: IdentityEvent) -> int:
        """Revoke one, with None all; return how many stood."""


def make(ports: NetworkPasswordPorts, visitor: Visitor, wanted: Wanted, now: float) -> Made | Refusal:
    """Return a new network password of the visitor's own."""
    if visitor.session.state is not SessionState.SIGNED_IN or not visitor.session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    by_own_password(visitor)
    if wanted.endpoint and not bindable(wanted.endpoint):
        return Refusal(Reason.RANDOMISED_ENDPOINT)
    allowed = ports.allowance(visitor.user)
    valid_until = now + min(max(wanted.days, 1), allowed.days) * DAY_S
    nickname = " ".join(wanted.nickname.split())[:MOST_NAME]
    new = PasswordSummary(0, nickname, now, bindable(wanted.endpoint), valid_until)
    event = _event(What.NETWORK_PASSWORD_MADE, visitor.user, visitor.user.name, now, nickname)
    password = ports.add_network_password(visitor.user.id, new, allowed.most, event)
    if password is None:
        return Refusal(Reason.NETWORK_PASSWORD_LIMIT)
    return Made(password, nickname, valid_until)


def revoke_own(ports: NetworkPasswordPorts, visitor: Visitor, password_id: int, now: float) -> bool | Refusal:
    """Return whether there was such a network password of the visitor's own to give up."""
    if visitor.session.state is not SessionState.SIGNED_IN:
        return Refusal(Reason.CODE_MISSING)
    return revoke(ports, visitor.user, password_id, visitor.user.name, now) > 0


def revoke(ports: NetworkPasswordPorts, user: User, password_id: int | None, by: str, now: float) -> int:
    """Return how many network passwords were taken from user: one, or with None all."""
    held = {each.id: each.nickname for each in ports.network_passwords(user.id)}
    nickname = held.get(password_id, "") if password_id is not None else ""
    event = _event(What.NETWORK_PASSWORD_REVOKED, user, by, now, nickname)
    return ports.revoke_network_passwords(user.id, password_id, event)


def _event(what: What, user: User, by: str, now: float, nickname: str) -> IdentityEvent:
    detail = {"by": by, "nickname": nickname} if nickname else {"by": by}
    return IdentityEvent(what, now, user.id, None, user.organization, detail)
