"""Enrolling a phone: invite, begin, prove, and taking it back. ▸

Whoever knows only a password can change nothing here: beginning takes a code proven in the last ten minutes,
or a registration code spent together with the password. A new token stays pending until its first code is
right; until then the old one keeps working and closing the page does no harm, because the same pending token
is shown again for ten minutes. Proving it makes it active, revokes the one it replaces and gives ten new
recovery codes, all in one transaction. Secrets are returned once, to be shown to their owner and nobody else.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

from access.model import Organization, Reason, User
from access.proof.authentication import REASONS_OF_CODES, CodePorts, Refusal, until_settled
from access.proof.factors import NewToken, Origin, SettledToken, StoredToken
from access.proof.identity_event import UNRECORDED, IdentityEvent, What
from access.proof.signin import Due, Opened, SessionPorts, Visitor, by_own_password, new_cookie
from access.proof.web_session import SessionState, WebSession, promoted
from otp import recovery, registration, token, totp
from otp.provisioning_uri import key_to_type, provisioning_uri
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.token import Outcome, State, Token

# How long a pending token may be proven, and its secret shown again.
PENDING_S = 10 * 60.0
# How long the helpdesk can give a phone back that was reported lost.
LOST_S = 86400.0


@dataclass(frozen=True, slots=True)
class Invited:
    """A registration code for the owner's eyes, shown once; valid_until is in seconds since the epoch."""

    code: str = field(repr=False)
    valid_until: float


@dataclass(frozen=True, slots=True)
class Begun:
    """A token waiting for its first code: the otpauth link, and the same key to type by hand."""

    token_id: int
    link: str = field(repr=False)
    key: str = field(repr=False)
    valid_until: float


@dataclass(frozen=True, slots=True)
class Proven:
    """A phone is enrolled. The recovery codes are shown this once; the session goes on under a new cookie."""

    opened: Opened
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody typed to prove a new phone, and whether the phones they had before are given up."""

    code: str = field(repr=False)
    replaces: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    """A hardware token somebody holds: the number printed on it, and two codes in a row."""

    serial: str
    first: str = field(repr=False)
    second: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Activation:
    """All that a right first code changes, in one transaction or not at all.

    handed_out: the token was nobody's, and this is how its owner comes by it.
    """

    settled: SettledToken
    recovery: RecoveryCodes
    replaces: bool
    old_session: str
    session: WebSession
    event: IdentityEvent
    handed_out: Origin | None = None


class EnrolmentPorts(CodePorts, SessionPorts, Protocol):
    """What enrolling needs of the world. Any of it may raise Unavailable or SealBroken."""

    def organization_of(self, user: User) -> Organization: ...
    def hardware(self, user: User, serial: str) -> StoredToken | None:
        """Return the hardware token of the user's company with this number, whoever has it."""

    def pending_token(self, user_id: int, since: float) -> StoredToken | None: ...
    def pending_or_new(self, user_id: int, new: NewToken, since: float, event: IdentityEvent) -> StoredToken:
        """Return the pending token made after since; where there is none, revoke older ones and store new."""

    def activate(self, activation: Activation) -> bool: ...
    def replace_invitation(self, user_id: int, invitation: Invitation, event: IdentityEvent) -> None: ...
    def replace_recovery(self, user_id: int, codes: RecoveryCodes, event: IdentityEvent) -> None: ...
    def revoke_tokens(self, user_id: int, token_id: int | None, event: IdentityEvent) -> int:
        """Revoke one token; with None all of them, every written code and every web session as well."""

    def report_lost(self, user_id: int, session_id: str, event: IdentityEvent) -> int: ...
    def give_back(self, user_id: int, token_id: int, since: float, event: IdentityEvent) -> int: ...
    def forgive(self, user_id: int, event: IdentityEvent) -> int: ...


def invite(ports: EnrolmentPorts, user: User, by: str, now: float) -> Invited | Refusal:
    """Return a registration code that lets user enrol; older ones are worth nothing from now on."""
    if not user.enabled:
        return Refusal(Reason.USER_DISABLED)
    code, invitation = registration.invite(ports.random, ports.code_key(), now)
    ports.replace_invitation(user.id, invitation, _event(What.INVITED, user, by, now))
    return Invited(code, invitation.expires_at)


def begin(ports: EnrolmentPorts, visitor: Visitor, nickname: str, now: float) -> Begun | Refusal:
    """Return what to put into an authenticator app: a new pending token, or the one begun minutes ago."""
    refusal = may_change(visitor, now)
    if refusal is not None:
        return refusal
    user = visitor.user
    secret = totp.new_secret(ports.random)
    origin = origin_of(visitor.session)
    new = NewToken(user.id, Token(secret), nickname=nickname[:100], created_at=now, origin=origin)
    event = _event(What.BEGUN, user, user.name, now)
    pending = ports.pending_or_new(user.id, new, now - PENDING_S, event)
    organization = ports.organization_of(user)
    link = provisioning_uri(pending.token, organization.name, f"{user.name}@{organization.realm}")
    return Begun(pending.id, link, key_to_type(pending.token), pending.created_at + PENDING_S)


def prove(ports: EnrolmentPorts, visitor: Visitor, proof: Proof, now: float) -> Proven | Refusal:
    """Return the recovery codes and the signed-in session once the pending token's first code is right."""
    refusal = may_change(visitor, now)
    if refusal is not None:
        return refusal
    answer = until_settled(lambda: _prove_once(ports, visitor, proof, now))
    if isinstance(answer, Refusal) and answer.reason not in UNRECORDED:
        ports.record(_event(What.PROOF_REFUSED, visitor.user, visitor.user.name, now, answer.reason))
    return answer


def bind_own(ports: EnrolmentPorts, visitor: Visitor, device: Device, now: float) -> Proven | Refusal:
    """Return the recovery codes and the signed-in session once a hardware token in stock is the visitor's.

    A number nobody knows, one that is somebody's and wrong codes are one answer.
    """
    refusal = may_change(visitor, now)
    if refusal is not None:
        return refusal
    answer = until_settled(lambda: _bind_once(ports, visitor, device, now))
    if isinstance(answer, Refusal) and answer.reason not in UNRECORDED:
        ports.record(_event(What.PROOF_REFUSED, visitor.user, visitor.user.name, now, answer.reason))
    return answer


def renew_recovery(ports: EnrolmentPorts, visitor: Visitor, now: float) -> tuple[str, ...] | Refusal:
    """Return ten new recovery codes, shown this once; older ones are worth nothing from now on."""
    if visitor.session.state is not SessionState.SIGNED_IN or not visitor.session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    by_own_password(visitor)
    codes, kept = recovery.issue(ports.random, ports.code_key())
    event = _event(What.RECOVERY_RENEWED, visitor.user, visitor.user.name, now)
    ports.replace_recovery(visitor.user.id, kept, event)
    return tuple(codes)


def revoke_own(ports: EnrolmentPorts, visitor: Visitor, token_id: int, now: float) -> bool | Refusal:
    """Return whether there was such a phone of the visitor's own to give up.

    It takes no fresh code: a lost phone must be stopped at once, and it only lessens what anyone can do.
    """
    if visitor.session.state is not SessionState.SIGNED_IN:
        return Refusal(Reason.CODE_MISSING)
    event = _event(What.REVOKED, visitor.user, visitor.user.name, now)
    return ports.revoke_tokens(visitor.user.id, token_id, event) > 0


def report_lost(ports: EnrolmentPorts, visitor: Visitor, now: float) -> int | Refusal:
    """Return how many phones of the visitor's own are stopped.

    The password is enough: it only lessens what anyone can do, and the helpdesk can undo it for LOST_S.
    """
    if visitor.session.state is SessionState.ENROLLING:
        return Refusal(Reason.CODE_MISSING)
    event = _event(What.LOST, visitor.user, visitor.user.name, now)
    address = {"address": visitor.session.address}
    event = replace(event, detail={**event.detail, **address})
    return ports.report_lost(visitor.user.id, visitor.session.id, event)


def give_back(ports: EnrolmentPorts, user: User, token_id: int, by: str, now: float) -> bool:
    """Return whether a phone that was reported lost counts again. by has recognised user in another way."""
    return ports.give_back(user.id, token_id, now - LOST_S, _event(What.FOUND, user, by, now)) > 0


def revoke(ports: EnrolmentPorts, user: User, token_id: int | None, by: str, now: float) -> int:
    """Return how many phones were taken from user: one, or with None all.

    With None the written codes and web sessions go as well.
    """
    return ports.revoke_tokens(user.id, token_id, _event(What.REVOKED, user, by, now))


def unlock(ports: EnrolmentPorts, user: User, by: str, now: float) -> int:
    """Return how many counts of wrong codes were set back. by has recognised user in another way."""
    return ports.forgive(user.id, _event(What.UNLOCKED, user, by, now))


def origin_of(session: WebSession) -> Origin:
    """Return how a phone enrolled in this session is come by.

    One phone vouches for the next, but none for more than it stands for itself: what began with a recovery
    code or at the helpdesk stays that.
    """
    came = Origin(session.code_origin)
    if session.state is SessionState.ENROLLING or came in (Origin.RECOVERED, Origin.HELPDESK, Origin.VOUCHED):
        return came
    return Origin.HANDOVER


def may_change(visitor: Visitor, now: float) -> Refusal | None:
    """Return why the visitor may not change now what they sign in with; None where they may.

    Raises ActsAcross.
    """
    by_own_password(visitor)
    session = visitor.session
    if session.state is SessionState.PASSWORD:
        return Refusal(Reason.REGISTRATION_REQUIRED)
    if session.state is SessionState.SIGNED_IN and not session.fresh(now):
        return Refusal(Reason.CODE_MISSING)
    return None


def _prove_once(ports: EnrolmentPorts, visitor: Visitor, proof: Proof, now: float) -> Proven | Refusal | None:
    pending = ports.pending_token(visitor.user.id, now - PENDING_S)
    if pending is None:
        return Refusal(Reason.CONVERSATION_EXPIRED)
    outcome, judged = token.prove(pending.token, proof.code, now)
    settled = SettledToken(pending, judged, visitor.session.address)
    if outcome is Outcome.ACCEPTED:
        return _activate(ports, visitor, _Right(settled, proof.replaces), now)
    if judged != pending.token and not ports.settle_tokens([settled], now):
        return None
    return Refusal(REASONS_OF_CODES[outcome])


def _bind_once(
    ports: EnrolmentPorts, visitor: Visitor, device: Device, now: float
) -> Proven | Refusal | None:
    found = ports.hardware(visitor.user, device.serial)
    if found is None or found.token.state is not State.SPARE:
        return Refusal(REASONS_OF_CODES[token.dummy_bind(device.first, device.second, now)])
    outcome, judged = token.bind(found.token, device.first, device.second, now)
    origin = origin_of(visitor.session)
    settled = SettledToken(replace(found, origin=origin), judged, visitor.session.address)
    if outcome is Outcome.ACCEPTED:
        return _activate(ports, visitor, _Right(settled, False, origin), now)
    if judged != found.token and not ports.settle_tokens([settled], now):
        return None
    return Refusal(REASONS_OF_CODES[outcome])


@dataclass(frozen=True, slots=True)
class _Right:
    """A token whose first code was right, and what that means for the ones before it."""

    settled: SettledToken
    replaces: bool
    handed_out: Origin | None = None


def _activate(ports: EnrolmentPorts, visitor: Visitor, right: _Right, now: float) -> Proven | None:
    settled = right.settled
    codes, kept = recovery.issue(ports.random, ports.code_key())
    cookie = new_cookie(ports)
    session = replace(
        promoted(visitor.session, cookie, SessionState.SIGNED_IN, now),
        code_kind=settled.judged.kind.value,
        code_origin=settled.read.origin.value,
    )
    event = _event(What.PROVEN, visitor.user, visitor.user.name, now)
    old = visitor.session.id
    activation = Activation(settled, kept, right.replaces, old, session, event, right.handed_out)
    return Proven(Opened(cookie, session, Due.NOTHING), tuple(codes)) if ports.activate(activation) else None


def _event(what: What, user: User, by: str, now: float, reason: Reason | None = None) -> IdentityEvent:
    return IdentityEvent(what, now, user.id, reason, user.organization, {"by": by})
