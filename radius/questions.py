"""What the server asks the application, and what the application may answer.

Each question has its outcomes: CheckPassword is answered by PasswordRight, SpendCode by CodeRight,
Authorize by Granted, Account by Recorded; any of the first three and Report by Refused. An application that
cannot answer (the directory is down) answers Refused as well, with a message and a record that say so.
"""

from dataclasses import dataclass, field
from enum import Enum

from radius.attributes import Attribute
from radius.facts import Facts, Usage


class Method(Enum):
    """How somebody proved who they are, by the name people know it."""

    PAP = "PAP"
    MAB = "MAB"
    CHAP = "CHAP"
    EAP = "EAP"
    EAP_TTLS = "EAP-TTLS"
    EAP_TTLS_PAP = "EAP-TTLS/PAP"
    NONE = "none"


class Failure(Enum):
    """Why the server itself refuses, or gave up waiting."""

    PASSWORD_TOO_SHORT = "password too short to hold a code"  # noqa: S105
    NOT_TEXT = "not text"
    NO_CREDENTIALS = "no credentials"
    METHOD_NOT_ALLOWED = "method not allowed"
    MAB_NOT_ALLOWED = "MAB not allowed"
    MAB_NAME_MISMATCH = "MAB name is not the endpoint's address"
    BAD_STATE = "unknown, used or expired State"
    TIMED_OUT = "conversation timed out"
    GIVEN_UP = "not answered before the NAS gave up"
    SUPERSEDED = "superseded by a newer conversation of the same endpoint"
    BUSY = "too many conversations"
    TOO_MANY_ROUND_TRIPS = "too many round trips"
    TOO_LONG = "message too long"
    BAD_EAP = "malformed EAP"
    NO_COMMON_METHOD = "no EAP method in common"
    TLS_ALERT = "the peer ended TLS"
    TLS_FAILED = "TLS failed"
    INNER_METHOD = "inner method not offered"
    NOT_GRANTED = "refused by the application"
    IDENTITY_MISMATCH = "User-Name is not the EAP identity"
    REALM_MISMATCH = "inner realm differs from the outer one"
    REPLY_TOO_LARGE = "the reply does not fit a packet"


class AccountKind(Enum):
    """Acct-Status-Type (RFC 2866 section 5.1), as far as it is about sessions."""

    START = 1
    STOP = 2
    INTERIM = 3
    ON = 7
    OFF = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a login and how long it took."""

    name: str
    duration_s: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckPassword:
    """Is this the user's password? endpoint is the Calling-Station-Id, a MAC in lower case with colons."""

    nas: str
    user_name: str
    password: str = field(repr=False)
    endpoint: str


@dataclass(frozen=True, slots=True)
class SpendCode:
    """Is this the user's one-time code? It must not be right a second time."""

    nas: str
    user: str
    code: str = field(repr=False)
    endpoint: str


@dataclass(frozen=True, slots=True)
class Authorize:
    """May this user, or this MAC without one, come in?

    user is the application's own key out of PasswordRight; None for MAB and for methods that prove an
    identity without a password. code_at is the time out of CodeRight.
    """

    nas: str
    user: str | None
    user_name: str
    mac: str | None
    method: Method
    code_at: float | None
    facts: Facts
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The server refuses by itself; what should the user be told, and what recorded?"""

    nas: str
    user_name: str
    method: Method
    reason: Failure
    detail: str
    facts: Facts
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A session began, goes on or ended: record it, then the NAS gets its Accounting-Response.

    event_time is the NAS's Event-Timestamp, seconds since 1970; delay_s how long it has been trying to send.
    """

    nas: str
    kind: AccountKind
    acct_session_id: str
    user_name: str
    class_: tuple[bytes, ...]
    facts: Facts
    usage: Usage
    event_time: float | None
    delay_s: int


Question = CheckPassword | SpendCode | Authorize | Report | Account


@dataclass(frozen=True, slots=True)
class PasswordRight:
    """user is the application's own key; prompt is shown where the code is asked for."""

    user: str
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class CodeRight:
    """The code was right and is spent. at is the application's time of it."""

    at: float


@dataclass(frozen=True, slots=True)
class Granted:
    """Come in: these attributes, this Class, this name for accounting."""

    attributes: tuple[Attribute, ...]
    class_: bytes
    user_name: str
    record: object


@dataclass(frozen=True, slots=True)
class Refused:
    """Stay out. message is for the person, and is not sent with EAP (RFC 3579 section 2.6.5)."""

    message: str
    record: object


@dataclass(frozen=True, slots=True)
class Recorded:
    """The accounting record, to be on disk before the Accounting-Response leaves."""

    record: object


Outcome = PasswordRight | CodeRight | Granted | Refused | Recorded
