"""Passkeys of people: registering one, signing in with one, giving one up. ▸

A passkey comes after the password, in the place of a code. It is the proof that cannot be phished: browsers
sign the address of the page with it. Registering one takes what registering another phone takes: a code
proven in the last ten minutes, or a registration code where there is nothing yet. Who has a role that opens
with passkeys alone, and a passkey already, shows that one: a code that was phished must not bring a passkey
of the phisher's.

    begin_registration, begin_proof   keep a challenge for this session and say what the browser is asked
    register, prove                   take the challenge away first, then judge: a second answer finds none
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from access.errors import Refused
from access.model import Organization, Reason, Role, User
from access.proof.authentication import Refusal, Spent, until_settled
from access.proof.ceremonies import (
    BadPasskey,
    check_assertion,
    check_registration,
    creation_options,
    request_options,
)
from access.proof.enrolment import may_change, origin_of
from access.proof.identity_event import IdentityEvent, What
from access.proof.passkey import (
    CHALLENGE_OCTETS,
    CHALLENGE_S,
    KIND,
    Ceremony,
    Challenge,
    NewPasskey,
    RelyingParty,
    SettledPasskey,
    StoredPasskey,
    went_back,
)
from access.proof.signin import Due, Opened, SignInPorts, Visitor, new_cookie, step_up
from access.proof.token_desk import Helper, TokenDeskPorts, may_help_or_refuse, plain_nickname
from access.proof.web_session import SessionState, WebSession, promoted
from access.records.alarms import Alarm, AlarmKind
from otp import recovery
from otp.recovery import RecoveryCodes

MOST = 20


@dataclass(frozen=True, slots=True)
class FirstFactor:
    """What comes with a passkey that is its owner's first factor: the session goes up, and recovery codes."""

    old_session: str
    session: WebSession
    recovery: RecoveryCodes


@dataclass(frozen=True, slots=True)
class Added:
    """A passkey is registered. For a first factor there is a new session, and codes to be shown this once."""

    opened: Opened | None = None
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


class PasskeyPorts(SignInPorts, Protocol):
    """What passkeys need of the world. Any of it may raise Unavailable or SealBroken."""

    @property
    def relying_party(self) -> RelyingParty | None: ...

    def organization_of(self, user: User) -> Organization: ...
    def put_challenge(self, challenge: Challenge) -> None: ...
    def take_challenge(self, session_id: str, ceremony: Ceremony, now: float) -> bytes | None: ...
    def passkeys(self, user_id: int) -> tuple[StoredPasskey, ...]: ...
    def add_passkey(self, new: NewPasskey, first: FirstFactor | None, event: IdentityEvent) -> bool: ...
    def settle_passkey(self, settled: SettledPasskey, at: float) -> bool: ...
    def rename_passkey(self, user_id: int, passkey_id: int, nickname: str) -> bool: ...
    def revoke_passkeys(self, user_id: int, passkey_id: int | None, event: IdentityEvent) -> int: ...


class PasskeyDeskPorts(PasskeyPorts, TokenDeskPorts, Protocol):
    """What the helpdesk needs as well."""


def restricted_roles(ports: PasskeyPorts, user: User) -> frozenset[Role]:
    """Return the roles that open with a passkey of user alone, at any company they are linked to."""
    groups: Mapping[Role, frozenset[str]] = ports.role_groups
    own = frozenset[str]().union(*(each.groups for each in ports.same_person(user.id)))
    return frozenset(role for role in ports.phishing_resistant if groups.get(role, frozenset()) & own)


def begin_registration(ports: PasskeyPorts, visitor: Visitor, now: float) -> str | Refusal:
    """Return what the visitor's browser is asked to make, as JSON. Raises Refused: too many."""
    held = ports.passkeys(visitor.user.id)
    refusal = _may_register(ports, visitor, held, now)
    if refusal is not None:
        return refusal
    if len(held) >= MOST:
        raise Refused(
            f"You have {MOST} passkeys. Remove one first.",
            f"패스키가 {MOST}개 있습니다. 먼저 하나를 삭제해 주세요.",
        )
    party = ports.relying_party
    if party is None:
        return Refusal(Reason.PASSKEY_ELSEWHERE)
    challenge = _challenge(ports, visitor, Ceremony.REGISTRATION, now)
    company = ports.organization_of(visitor.user).name
    return creation_options(party, challenge, visitor.user, company, held)


def register(
    ports: PasskeyPorts, visitor: Visitor, answer: str, nickname: str, now: float
) -> Added | Refusal:
    """Return what registering the passkey changed that a browser's answer brings."""
    user, party = visitor.user, ports.relying_party
    refusal = _may_register(ports, visitor, ports.passkeys(user.id), now)
    if refusal is not None or party is None:
        return refusal or Refusal(Reason.PASSKEY_ELSEWHERE)
    challenge = ports.take_challenge(visitor.session.id, Ceremony.REGISTRATION, now)
    if challenge is None:
        return _refuse(ports, visitor, Reason.PASSKEY_LATE, now)
    try:
        made = check_registration(party, challenge, answer)
    except BadPasskey:
        return _refuse(ports, visitor, Reason.PASSKEY_REFUSED, now)
    new = NewPasskey(user.id, made, plain_nickname(nickname), now, origin_of(visitor.session))
    first, added = _first_factor(ports, visitor, new, now)
    detail = {"name": new.nickname} if new.nickname else {}
    event = _event(What.PASSKEY_REGISTERED, user, user.name, now, detail)
    return (
        added if ports.add_passkey(new, first, event) else _refuse(ports, visitor, Reason.PASSKEY_KNOWN, now)
    )


def begin_proof(ports: PasskeyPorts, visitor: Visitor, now: float) -> str | Refusal:
    """Return what the visitor's browser is asked to sign, as JSON."""
    party = ports.relying_party
    if party is None:
        return Refusal(Reason.PASSKEY_ELSEWHERE)
    held = ports.passkeys(visitor.user.id)
    if not held or visitor.session.state is SessionState.ENROLLING:
        return Refusal(Reason.NO_TOKEN)
    return request_options(party, _challenge(ports, visitor, Ceremony.ASSERTION, now), held)


def prove(ports: PasskeyPorts, visitor: Visitor, answer: str, now: float) -> Opened | Refusal:
    """Return the signed-in session once a passkey of the visitor's has signed: the second step, or anew."""
    party = ports.relying_party
    if party is None or visitor.session.state is SessionState.ENROLLING:
        return Refusal(Reason.PASSKEY_ELSEWHERE if party is None else Reason.NO_TOKEN)
    challenge = ports.take_challenge(visitor.session.id, Ceremony.ASSERTION, now)
    spent: Spent | Refusal = Refusal(Reason.PASSKEY_LATE)
    if challenge is not None:
        asked = _Asked(party, challenge, answer)
        spent = until_settled(lambda: _spend_once(ports, visitor, asked, now))
    return step_up(ports, visitor, spent, SessionState.SIGNED_IN, now)


def rename_own(ports: PasskeyPorts, visitor: Visitor, passkey_id: int, nickname: str) -> bool:
    """Return whether the visitor has such a passkey, which has this name now."""
    if visitor.session.state is not SessionState.SIGNED_IN:
        return False
    return ports.rename_passkey(visitor.user.id, passkey_id, plain_nickname(nickname))


def revoke_own(ports: PasskeyPorts, visitor: Visitor, passkey_id: int, now: float) -> bool | Refusal:
    """Return whether there was such a passkey of the visitor's own to give up. It takes no fresh code.

    But where it guards a role it takes a passkey: without any, a code that was phished could register one.
    """
    if visitor.session.state is not SessionState.SIGNED_IN:
        return False
    if visitor.session.code_kind != KIND and restricted_roles(ports, visitor.user):
        return Refusal(Reason.PASSKEY_REQUIRED)
    return revoke(ports, visitor.user, passkey_id, visitor.user.name, now) > 0


def may_revoke_or_refuse(ports: PasskeyDeskPorts, helper: Helper, user: User) -> None:
    """Raise Refused unless a helper may take the passkeys of user away: they may guard a role."""
    if restricted_roles(ports, user):
        may_help_or_refuse(ports, helper, user)


def revoke(ports: PasskeyPorts, user: User, passkey_id: int | None, by: str, now: float) -> int:
    """Return how many passkeys were taken from user: one, or with None all."""
    return ports.revoke_passkeys(user.id, passkey_id, _event(What.PASSKEY_REVOKED, user, by, now, {}))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, and what came back."""

    party: RelyingParty
    challenge: bytes = field(repr=False)
    answer: str = field(repr=False)


def _may_register(
    ports: PasskeyPorts, visitor: Visitor, held: tuple[StoredPasskey, ...], now: float
) -> Refusal | None:
    refusal = may_change(visitor, now)
    if refusal is not None:
        return refusal
    if held and visitor.session.code_kind != KIND and restricted_roles(ports, visitor.user):
        return Refusal(Reason.PASSKEY_REQUIRED)
    return None


def _challenge(ports: PasskeyPorts, visitor: Visitor, ceremony: Ceremony, now: float) -> bytes:
    octets = ports.random(CHALLENGE_OCTETS)
    ports.put_challenge(Challenge(octets, visitor.session.id, ceremony, now + CHALLENGE_S))
    return octets


def _first_factor(
    ports: PasskeyPorts, visitor: Visitor, new: NewPasskey, now: float
) -> tuple[FirstFactor | None, Added]:
    if visitor.session.state is not SessionState.ENROLLING:
        return None, Added()
    codes, kept = recovery.issue(ports.random, ports.code_key())
    cookie = new_cookie(ports)
    session = replace(
        promoted(visitor.session, cookie, SessionState.SIGNED_IN, now),
        code_kind=KIND,
        code_origin=new.origin.value,
    )
    return FirstFactor(visitor.session.id, session, kept), Added(
        Opened(cookie, session, Due.NOTHING), tuple(codes)
    )


def _spend_once(ports: PasskeyPorts, visitor: Visitor, asked: _Asked, now: float) -> Spent | Refusal | None:
    user = visitor.user
    try:
        held = ports.passkeys(user.id)
        read, count = check_assertion(asked.party, asked.challenge, asked.answer, held)
    except BadPasskey:
        return Refusal(Reason.PASSKEY_REFUSED)
    if went_back(read.sign_count, count):
        whose = f"{user.name}@{user.organization}"
        note = f"passkey {read.id} {read.nickname}: {count} after {read.sign_count}"
        ports.raise_alarm(Alarm(AlarmKind.PASSKEY_CLONED, whose, note), user, now)
        return Refusal(Reason.PASSKEY_CLONED)
    settled = SettledPasskey(read, count, visitor.session.address)
    return Spent(now, KIND, read.origin) if ports.settle_passkey(settled, now) else None


def _refuse(ports: PasskeyPorts, visitor: Visitor, reason: Reason, now: float) -> Refusal:
    user = visitor.user
    event = _event(What.PASSKEY_REFUSED, user, user.name, now, {"address": visitor.session.address})
    ports.record(replace(event, reason=reason))
    return Refusal(reason)


def _event(what: What, user: User, by: str, now: float, more: Mapping[str, str]) -> IdentityEvent:
    return IdentityEvent(what, now, user.id, None, user.organization, {"by": by, **more})
