"""What the helpdesk does for somebody with codes: a bypass code, a hardware token, a token found again. ▸

Nobody here learns the secret of a token, nor what somebody else signs in with. A bypass code is told to
whoever makes it, once, with its limits; that it was made stands in the audit, and its owner hears of it.
A helpdesk helps people, not those who run the house: for them it takes an administrator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from access.errors import Refused
from access.model import Reason, Role, User
from access.people.privilege import PrivilegePorts, beyond, is_privileged
from access.proof.authentication import REASONS_OF_CODES, CodePorts, Refusal, until_settled
from access.proof.factors import Origin, SettledToken, StoredToken
from access.proof.identity_event import IdentityEvent, What
from access.proof.signin import Visitor
from access.proof.web_session import SessionState
from otp import bypass, token
from otp.issued import IssuedCode
from otp.token import Outcome, State

LONGEST_NICKNAME = 40


@dataclass(frozen=True, slots=True)
class Helper:
    """Who helps: their name for the audit, and what they may do.

    Whoever has the machine is an ADMIN, and nobody of ours: id 0.
    """

    name: str
    roles: frozenset[Role]
    id: int = 0


@dataclass(frozen=True, slots=True)
class Bypass:
    """A bypass code, shown once. valid_until is in seconds since the epoch."""

    code: str = field(repr=False)
    issued: IssuedCode

    @property
    def valid_until(self) -> float:
        """When it ends."""
        return self.issued.expires_at


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes in a row, as a token showed them."""

    first: str = field(repr=False)
    second: str = field(repr=False)


class TokenDeskPorts(CodePorts, PrivilegePorts, Protocol):
    """What the desk needs of the world. Any of it may raise Unavailable or SealBroken."""

    def random(self, octets: int) -> bytes: ...
    def replace_bypass(self, user_id: int, made: IssuedCode, by: str, event: IdentityEvent) -> None: ...
    def settle_recorded(self, settled: SettledToken, event: IdentityEvent) -> bool: ...
    def hardware(self, user: User, serial: str) -> StoredToken | None:
        """Return the hardware token of the user's company with this serial number, whoever has it."""

    def in_stock(self, organization: str | None) -> tuple[tuple[str, StoredToken], ...]:
        """Return the hardware tokens nobody has, with the keys of their companies."""

    def hand_out(self, settled: SettledToken, user_id: int, origin: Origin, event: IdentityEvent) -> bool: ...
    def rename_token(self, user_id: int, token_id: int, nickname: str) -> bool: ...


def may_help(ports: TokenDeskPorts, helper: Helper, user: User) -> bool:
    """Return whether a helper may hand out what stands in for the phone of user."""
    return Role.ADMIN in helper.roles or (Role.HELPDESK in helper.roles and not is_privileged(ports, user))


def issue_bypass(
    ports: TokenDeskPorts, helper: Helper, user: User, limits: bypass.Limits, now: float
) -> Bypass | Refusal:
    """Return a code that stands in for the phone of user within limits; an older one is worth nothing now.

    Raises Refused where the helper may not.
    """
    may_help_or_refuse(ports, helper, user)
    if not user.enabled:
        return Refusal(Reason.USER_DISABLED)
    code, made = bypass.issue(ports.random, ports.code_key(), limits, now)
    doors = " ".join(sorted(limits.doors)) or "everywhere"
    detail = {"hours": f"{limits.hours:g}", "uses": str(limits.uses), "via": doors}
    ports.replace_bypass(
        user.id, made, helper.name, _event(What.BYPASS_ISSUED, user, helper.name, now, detail)
    )
    return Bypass(code, made)


def resync(ports: TokenDeskPorts, by: str, user: User, pair: Pair, now: float) -> StoredToken | Refusal:
    """Return the token of user that was found again by two codes in a row. by has recognised user."""
    return until_settled(lambda: _resync_once(ports, by, user, pair, now))


def assign(
    ports: TokenDeskPorts, helper: Helper, user: User, serial: str, now: float
) -> StoredToken | Refusal:
    """Return the hardware token that is the user's from now on: one in stock, or one that was given back.

    Raises Refused where there is none to give, or the helper may not.
    """
    may_help_or_refuse(ports, helper, user)
    if not user.enabled:
        return Refusal(Reason.USER_DISABLED)
    if helper.id and is_privileged(ports, user):
        raise Refused(
            "Somebody who runs the house registers a hardware token themselves, in the portal; without a "
            "phone it takes a registration code first, and two administrators.",
            "관리 권한이 있는 사람은 포털에서 직접 인증 장치를 등록해야 합니다. 휴대폰이 없으면 먼저 관리자 "
            "두 명이 등록 코드를 보내 주십시오.",
        )
    if helper.id and beyond(ports, user):
        raise Refused(
            "A hardware token of somebody who is linked to an account of another company counts there too: "
            "they register it themselves, in the portal.",
            "다른 회사의 계정과 연결된 사람의 인증 장치는 그 회사에서도 쓰입니다. "
            "본인이 포털에서 직접 등록해야 합니다.",
        )
    found = ports.hardware(user, serial)
    if found is None:
        raise Refused(
            f"There is no hardware token {serial} in {user.organization}.",
            f"{user.organization}에 번호가 {serial}인 인증 장치가 없습니다.",
        )
    if found.token.state not in (State.SPARE, State.REVOKED):
        raise Refused(
            f"The hardware token {serial} is somebody's. Revoke it there first.",
            f"번호가 {serial}인 인증 장치는 이미 다른 사람이 쓰고 있습니다. 먼저 그 사람에게서 해제하십시오.",
        )
    handed = replace(token.forgive(found.token), state=State.ACTIVE)
    event = _event(What.ASSIGNED, user, helper.name, now, {"name": serial})
    if not ports.hand_out(SettledToken(found, handed), user.id, Origin.IMPORTED, event):
        return Refusal(Reason.CODE_UNPROVABLE)
    return found


def identify(
    ports: TokenDeskPorts, organization: str | None, pair: Pair, now: float
) -> tuple[tuple[str, StoredToken], ...]:
    """Return which hardware tokens in stock show these two codes in a row, with their companies' keys."""
    stock = ports.in_stock(organization)
    return tuple(each for each in stock if token.shows(each[1].token, pair.first, pair.second, now))


def rename_own(ports: TokenDeskPorts, visitor: Visitor, token_id: int, nickname: str) -> bool:
    """Return whether the visitor has such a phone, which has this name now."""
    if visitor.session.state is not SessionState.SIGNED_IN:
        return False
    return ports.rename_token(visitor.user.id, token_id, plain_nickname(nickname))


def plain_nickname(typed: str) -> str:
    """Return what somebody calls a phone or a passkey: in one line, of what can be shown, not too long."""
    return " ".join("".join(filter(str.isprintable, typed)).split())[:LONGEST_NICKNAME]


def may_help_or_refuse(ports: TokenDeskPorts, helper: Helper, user: User) -> None:
    """Raise Refused unless a helper may hand out what stands in for the phone of user."""
    if not may_help(ports, helper, user):
        raise Refused(
            "For somebody who runs the house it takes an administrator.",
            "관리 권한이 있는 사람의 인증 수단은 관리자만 바꿀 수 있습니다.",
        )


def _resync_once(
    ports: TokenDeskPorts, by: str, user: User, pair: Pair, now: float
) -> StoredToken | Refusal | None:
    held = ports.active_tokens(user.id)
    if not held:
        return Refusal(Reason.NO_TOKEN)
    judged = [(each, *token.resync(each.token, pair.first, pair.second, now)) for each in held]
    for read, outcome, after in judged:
        if outcome is Outcome.ACCEPTED:
            event = _event(What.RESYNCED, user, by, now, {"phone": str(read.id)})
            return read if ports.settle_recorded(SettledToken(read, after), event) else None
    changed = [SettledToken(read, after) for read, _, after in judged if after != read.token]
    if changed and not ports.settle_tokens(changed, now):
        return None
    return Refusal(REASONS_OF_CODES[judged[0][1]])


def _event(what: What, user: User, by: str, now: float, more: Mapping[str, str]) -> IdentityEvent:
    return IdentityEvent(what, now, user.id, None, user.organization, {"by": by, **more})
