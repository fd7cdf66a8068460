"""What people prove themselves with, as it is stored: tokens, recovery codes, invitations."""

from dataclasses import dataclass
from enum import StrEnum

from otp.issued import IssuedCode
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.token import State, Token


class Purpose(StrEnum):
    """What a written code is good for."""

    RECOVERY = "recovery"
    REGISTRATION = "registration"
    BYPASS = "bypass"
    E_MAIL = "e-mail"


class Factor(StrEnum):
    """What a code was made by, or what stood in for one."""

    TOTP = "totp"
    HOTP = "hotp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    BYPASS = "bypass"
    E_MAIL = "e-mail"


class Origin(StrEnum):
    """How its owner came by a token or a code: what had to be right before it was theirs."""

    UNKNOWN = ""
    REGISTRATION = "registration"
    ON_SITE = "on-site"
    HANDOVER = "handover"
    RECOVERED = "recovered"
    HELPDESK = "helpdesk"
    VOUCHED = "vouched"
    E_MAIL = "e-mail"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be stored. user_id is None for a hardware token nobody has yet; its state is SPARE then."""

    user_id: int | None
    token: Token
    nickname: str = ""
    created_at: float = 0.0
    serial: str | None = None
    origin: Origin = Origin.UNKNOWN


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token and what only its row knows. version is compared when it is set as a whole.

    user_id is 0 while nobody has it.
    """

    id: int
    user_id: int
    version: int
    token: Token
    nickname: str = ""
    created_at: float = 0.0
    origin: Origin = Origin.UNKNOWN
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class SettledToken:
    """A token as it was read, and what it has to become in the same statement or not at all.

    place: where it was used, in words for its owner.
    """

    read: StoredToken
    judged: Token
    place: str = ""


@dataclass(frozen=True, slots=True)
class StoredIssued:
    """The newest bypass code or code by e-mail of a user, good or not; fingerprinted with the key key_id."""

    id: int
    user_id: int
    version: int
    purpose: Purpose
    key_id: str
    issued: IssuedCode


@dataclass(frozen=True, slots=True)
class SettledIssued:
    """An issued code as it was read, and what it has to become in the same transaction or not at all."""

    read: StoredIssued
    judged: IssuedCode


@dataclass(frozen=True, slots=True)
class StoredRecovery:
    """The recovery codes of a user: ids[n] is the row of codes.fingerprints[n], made with the key key_id."""

    user_id: int
    version: int
    ids: tuple[int, ...]
    key_id: str
    codes: RecoveryCodes


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """The one registration code of a user, good or not; fingerprinted with the key key_id.

    by_pass: somebody has called the helpdesk for it.
    """

    id: int
    user_id: int
    version: int
    key_id: str
    invitation: Invitation
    by_pass: bool = False


@dataclass(frozen=True, slots=True)
class TokenSummary:
    """What may be shown of a token: never its secret. Times are seconds since the epoch."""

    id: int
    nickname: str
    kind: str
    state: State
    failures: int
    throttled_until: float
    created_at: float
    proven_at: float | None = None
    used_at: float | None = None
    used_place: str = ""
    serial: str | None = None
    origin: Origin = Origin.UNKNOWN
    lost_at: float | None = None


@dataclass(frozen=True, slots=True)
class PasskeySummary:
    """What may be shown of a passkey. Times are seconds since the epoch."""

    id: int
    nickname: str
    created_at: float
    used_at: float | None = None
    used_place: str = ""
    aaguid: str = ""
    origin: Origin = Origin.UNKNOWN


@dataclass(frozen=True, slots=True)
class FactorSummary:
    """What may be shown of all that one user has. passkeys: those that stand.

    shared: together with a membership of another company. had: there was something that left no token: a
    passkey that was revoked, recovery codes, whatever a link that was cut shared.
    """

    tokens: tuple[TokenSummary, ...] = ()
    recovery_left: int = 0
    recovery_failures: int = 0
    invited_until: float | None = None
    bypass: IssuedCode | None = None
    bypass_by: str = ""
    passkeys: tuple[PasskeySummary, ...] = ()
    shared: bool = False
    had: bool = False

    def usable(self, now: float) -> bool:
        """Return whether the user has anything to prove themselves with besides the password."""
        bypassed = self.bypass is not None and self.bypass.good(now)
        return self.recovery_left > 0 or bypassed or self.has_phone() or bool(self.passkeys)

    def ever(self) -> bool:
        """Return whether the user has, or ever had, anything beside the password.

        A phone that was begun and never proven was none: whoever closed the page begins again.
        """
        had = any(token.proven_at is not None or token.state is State.ACTIVE for token in self.tokens)
        return had or self.had or self.recovery_left > 0 or bool(self.passkeys)

    def has_phone(self) -> bool:
        """Return whether a code of a phone or a hardware token counts for the user."""
        return any(token.state is State.ACTIVE for token in self.tokens)
