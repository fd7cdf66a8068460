"""What the server asks the application, and what the application may answer.

    CheckPassword, CheckChap, CheckResumption   PasswordRight
    CheckMschap                                 MschapRight
    CheckCertificate                            CertificateRight
    SpendCode                                   CodeRight
    CheckSession                                SessionRight
    Authorize                                   Granted
    Account, Noticed                            Recorded
    any but those two                           Refused

An application that cannot answer (the directory is down) answers Refused, with a message and a record that
say so.
"""

from dataclasses import field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from radius.attributes import Attribute
from radius.facts import NO_FACTS, Facts, Usage
from radius.frozen import value


class Method(Enum):
    """How somebody proved who they are, by the name people know it."""

    # There is one of each, and they are looked up at every login.
    __hash__ = object.__hash__

    PAP = "PAP"
    MAB = "MAB"
    CHAP = "CHAP"
    MSCHAPV2 = "MSCHAPv2"
    EAP = "EAP"
    EAP_TLS = "EAP-TLS"
    EAP_TTLS = "EAP-TTLS"
    EAP_TTLS_PAP = "EAP-TTLS/PAP"
    EAP_TTLS_CHAP = "EAP-TTLS/CHAP"
    EAP_TTLS_MSCHAPV2 = "EAP-TTLS/MSCHAPv2"
    EAP_TTLS_EAP_MSCHAPV2 = "EAP-TTLS/EAP-MSCHAPv2"
    EAP_TTLS_EAP_GTC = "EAP-TTLS/EAP-GTC"
    PEAP = "PEAP"
    PEAP_MSCHAPV2 = "PEAP/MSCHAPv2"
    PEAP_GTC = "PEAP/GTC"
    PEAP_TLS = "PEAP/EAP-TLS"
    EAP_MSCHAPV2 = "EAP-MSCHAPv2"
    EAP_GTC = "EAP-GTC"
    EAP_MD5 = "EAP-MD5"
    HOME_SERVER = "home server"
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
    BAD_CERTIFICATE = "the peer's certificate does not do"
    INNER_METHOD = "inner method not offered"
    NOT_GRANTED = "refused by the application"
    IDENTITY_MISMATCH = "User-Name is not the EAP identity"
    REALM_MISMATCH = "inner realm differs from the outer one"
    UNKNOWN_REALM = "unknown realm"
    HOME_UNAVAILABLE = "no home server answers"
    HOME_REFUSED = "refused by the home server"
    FORWARDING_LOOP = "forwarding loop"
    REPLY_TOO_LARGE = "the reply does not fit a packet"


class Notice(Enum):
    """What the gate learns about a NAS that should outlive this worker."""

    SIGNS = "signs requests that need not be signed"
    UNSIGNED = "sent a request without a Message-Authenticator, though it signs"
    SECRET = "uses this one of its secrets"  # noqa: S105 - an observation


class AccountKind(Enum):
    """Acct-Status-Type (RFC 2866 section 5.1), as far as it is about sessions."""

    START = 1
    STOP = 2
    INTERIM = 3
    ON = 7
    OFF = 8


@value
class Step:
    """One part of a login and how long it took."""

    name: str
    duration_s: float
    note: str = ""


@value
class CheckPassword:
    """Is this the user's password? endpoint is the Calling-Station-Id, a MAC in lower case with colons.

    facts and steps, here and in the other questions about a proof, are for the record of a refusal.
    """

    nas: str
    user_name: str
    password: str = field(repr=False)
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class ChapExchange:
    """A challenge and what was made of it with the password (RFC 1994 section 4.1, RFC 3748 section 5.4).

    identifier is one octet; response is MD5(identifier, password, challenge), 16 octets.
    """

    identifier: int
    challenge: bytes
    response: bytes = field(repr=False)


@value
class MschapExchange:
    """Two challenges and what was made of them with the NT hash (RFC 2759 section 8.1).

    name is what the peer hashed: its name without a domain. challenge (ours) and peer_challenge are 16
    octets, response (NT-Response) 24. identifier is one octet that goes back to the peer as it came.
    """

    name: bytes
    challenge: bytes
    peer_challenge: bytes
    response: bytes = field(repr=False)
    identifier: int = 0


@value
class CheckChap:
    """Was this response made with a password of the user's that we know in clear?"""

    nas: str
    user_name: str
    exchange: ChapExchange
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class CheckMschap:
    """Was this response made with the user's NT hash? user_name is whose, domain and all."""

    nas: str
    user_name: str
    exchange: MschapExchange
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class CheckCertificate:
    """Whose is this certificate, and may it still be used? Asked at every login, resumed ones too.

    chain is in DER, the peer's own certificate first; TLS has found it signed by an authority we trust and
    within its dates. identity is what the peer called itself before.
    """

    nas: str
    identity: str
    chain: tuple[bytes, ...]
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class CheckResumption:
    """Does an earlier proof still stand? ticket is the application's own, out of that proof's outcome."""

    nas: str
    user: str
    user_name: str
    ticket: str
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class CheckSession:
    """For which session did this NAS get this State in a CoA-Request? It must not be good a second time.

    source is where the NAS asks from.
    """

    nas: str
    source: str
    user_name: str
    state: bytes = field(repr=False)
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class SpendCode:
    """Is this the user's one-time code? It must not be right a second time."""

    nas: str
    user: str
    code: str = field(repr=False)
    endpoint: str
    method: Method = Method.NONE
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()


@value
class Authorize:
    """May this user, or this MAC without one, come in?

    user and certificate are the application's own keys out of PasswordRight, MschapRight and
    CertificateRight; no user for MAB, for somebody of another realm, and for a certificate that is nobody's.
    code_at is the time out of CodeRight, also that of an earlier login which this one resumes, and code what
    it was if that was now. session is the one that goes on, out of SessionRight: no new one begins.
    """

    nas: str
    user: str | None
    user_name: str
    mac: str | None
    method: Method
    code_at: float | None
    facts: Facts
    steps: tuple[Step, ...]
    certificate: str = ""
    resumed: bool = False
    session: bytes = b""
    realm: str = ""
    code: str = ""


@value
class Report:
    """The server refuses by itself; what should the user be told, and what recorded?"""

    nas: str
    user_name: str
    method: Method
    reason: Failure
    detail: str
    facts: Facts
    steps: tuple[Step, ...]


@value
class Account:
    """A session began, goes on or ended: record it, then the NAS gets its Accounting-Response.

    event_time is the NAS's Event-Timestamp, seconds since 1970; delay_s how long it has been trying to send.
    networks are the session's addresses and prefixes, delegated ones too.
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
    multi_session_id: str = ""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@value
class Noticed:
    """Something about a NAS to be kept. source is where it asked from, secret the place of the secret."""

    nas: str
    notice: Notice
    source: str
    secret: int = 0


Question = (
    CheckPassword
    | CheckChap
    | CheckMschap
    | CheckCertificate
    | CheckResumption
    | SpendCode
    | CheckSession
    | Authorize
    | Report
    | Account
    | Noticed
)


@value
class PasswordRight:
    """user is the application's own key; prompt is shown where the code is asked for.

    ticket comes back in CheckResumption when the same session of TLS is resumed. note stands in its step.
    """

    user: str
    prompt: str = ""
    ticket: str = ""
    note: str = ""


@value
class MschapRight:
    """key is MD4 of the NT hash, 16 octets: what proves us to the peer, and what keys are made of.

    user, prompt and ticket are those of PasswordRight.
    """

    user: str
    key: bytes = field(repr=False)
    prompt: str = ""
    ticket: str = ""


@value
class CertificateRight:
    """Whose certificate it is: user is the application's own key, None where it is an endpoint's only.

    user_name is the name in the certificate; certificate the application's own key for it.
    """

    user: str | None
    user_name: str
    certificate: str


@value
class CodeRight:
    """The code was right and is spent. at is the application's time of it, code its word for what it was."""

    at: float
    code: str = ""


@value
class SessionRight:
    """Who has the session and how that was proven; session comes back in Authorize, the rest as in logins."""

    user: str | None
    user_name: str
    mac: str | None
    method: Method
    code_at: float | None
    certificate: str
    session: bytes
    code: str = ""


@value
class Granted:
    """Come in: these attributes, this Class, this name for accounting.

    alone: nothing that a home server gives goes beside them, but for what its method needs. world is the
    application's number of the state of the world that it was decided from.
    """

    attributes: tuple[Attribute, ...]
    class_: bytes
    user_name: str
    record: object
    alone: bool = False
    world: int = 0


@value
class Refused:
    """Stay out. message is for the person, and is not sent with EAP (RFC 3579 section 2.6.5)."""

    message: str
    record: object


@value
class Recorded:
    """The record of an account, to be on disk before the Accounting-Response leaves, or of a notice."""

    record: object


Outcome = (
    PasswordRight | MschapRight | CertificateRight | CodeRight | SessionRight | Granted | Refused | Recorded
)
