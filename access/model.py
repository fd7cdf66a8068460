"""The values the application speaks in: frozen, without behaviour, without I/O."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from access.logins.risk import Risk
from access.nas.endpoint_standing import EndpointFacts
from access.proof.factors import Factor, Origin
from radius.frozen import value


class Via(StrEnum):
    """The door a request comes through. DEVICE is an administrator's login to a NAS itself."""

    VPN = "vpn"
    WIRED = "wired"
    WIRELESS = "wireless"
    PORTAL = "portal"
    DEVICE = "device"


class Method(StrEnum):
    """How someone proved who they are."""

    PAP = "pap"
    CHAP = "chap"
    MSCHAPV2 = "mschapv2"
    EAP_TLS = "eap-tls"
    EAP_TTLS_PAP = "eap-ttls-pap"
    EAP_TTLS_CHAP = "eap-ttls-chap"
    EAP_TTLS_MSCHAPV2 = "eap-ttls-mschapv2"
    EAP_TTLS_EAP_MSCHAPV2 = "eap-ttls-eap-mschapv2"
    EAP_TTLS_EAP_GTC = "eap-ttls-eap-gtc"
    PEAP_MSCHAPV2 = "peap-mschapv2"
    PEAP_GTC = "peap-gtc"
    PEAP_EAP_TLS = "peap-eap-tls"
    EAP_MSCHAPV2 = "eap-mschapv2"
    EAP_GTC = "eap-gtc"
    EAP_MD5 = "eap-md5"
    HOME_SERVER = "home-server"
    MAB = "mab"
    WEB = "web"
    OFFICE_OPEN = "office-open"


class Certified(StrEnum):
    """What a certificate is of: a registered endpoint, or a person on whatever they use."""

    MANAGED = "managed"
    PERSONAL = "personal"


# What the names of methods of 802.1X begin with.
BEGINNINGS_OF_8021X = ("eap", "peap")


def is_8021x(method: str) -> bool:
    """Whether a method is one of 802.1X, by which an endpoint or its owner proves more than a MAC address."""
    return method.startswith(BEGINNINGS_OF_8021X)


class Medium(StrEnum):
    """What leads to an endpoint, as the NAS says (NAS-Port-Type); the door is what we say of the NAS."""

    WIRED = "wired"
    WIRELESS = "wireless"


class Role(StrEnum):
    """What someone may do on the pages. EMPLOYEE is everyone who has signed in."""

    EMPLOYEE = "employee"
    HELPDESK = "helpdesk"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Effect(StrEnum):
    """The two ends of every decision."""

    PERMIT = "permit"
    DENY = "deny"


class Absent(Enum):
    """Why a fact has no value: nobody knows it, or it has no meaning for this request."""

    # There is one of each, and every login hashes some.
    __hash__ = object.__hash__

    UNKNOWN = "unknown"
    DOES_NOT_APPLY = "does not apply"


class Reason(StrEnum):
    """Stable reason codes. What they mean to a person stands in access/words/reasons.py."""

    PERMITTED = "PERMITTED"
    NO_PERMIT = "NO_PERMIT"
    FORBIDDEN = "FORBIDDEN"
    CONTAINED = "CONTAINED"
    CONDITION_FAILED = "CONDITION_FAILED"
    FACT_UNKNOWN = "FACT_UNKNOWN"
    POLICY_CONFLICT = "POLICY_CONFLICT"
    OTHER_ZONE = "OTHER_ZONE"
    NO_POLICY = "NO_POLICY"
    UNKNOWN_USER = "UNKNOWN_USER"
    UNKNOWN_REALM = "UNKNOWN_REALM"
    HOME_SERVER_UNAVAILABLE = "HOME_SERVER_UNAVAILABLE"
    HOME_SERVER_REFUSED = "HOME_SERVER_REFUSED"
    FORWARDING_LOOP = "FORWARDING_LOOP"
    USER_DISABLED = "USER_DISABLED"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a reason, not a password
    EMPTY_PASSWORD = "EMPTY_PASSWORD"  # noqa: S105
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"  # noqa: S105
    PASSWORD_THROTTLED = "PASSWORD_THROTTLED"  # noqa: S105
    PASSWORD_MUST_CHANGE = "PASSWORD_MUST_CHANGE"  # noqa: S105
    PASSWORD_REPEATED = "PASSWORD_REPEATED"  # noqa: S105
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    NETWORK_PASSWORD_ENDED = "NETWORK_PASSWORD_ENDED"  # noqa: S105
    NETWORK_PASSWORD_ELSEWHERE = "NETWORK_PASSWORD_ELSEWHERE"  # noqa: S105
    NETWORK_PASSWORD_LIMIT = "NETWORK_PASSWORD_LIMIT"  # noqa: S105
    METHOD_NEEDS_NETWORK_PASSWORD = "METHOD_NEEDS_NETWORK_PASSWORD"  # noqa: S105
    NO_NT_HASH = "NO_NT_HASH"
    PROOF_OUTDATED = "PROOF_OUTDATED"
    DIRECTORY_UNAVAILABLE = "DIRECTORY_UNAVAILABLE"
    DIRECTORY_BUSY = "DIRECTORY_BUSY"
    NO_TOKEN = "NO_TOKEN"  # noqa: S105
    WRONG_CODE = "WRONG_CODE"
    CODE_REPLAYED = "CODE_REPLAYED"
    CODE_THROTTLED = "CODE_THROTTLED"
    CODE_UNPROVABLE = "CODE_UNPROVABLE"
    CODE_MISSING = "CODE_MISSING"
    CODE_EXPIRED = "CODE_EXPIRED"
    CODE_ELSEWHERE = "CODE_ELSEWHERE"
    PASSKEY_LATE = "PASSKEY_LATE"
    PASSKEY_REFUSED = "PASSKEY_REFUSED"
    PASSKEY_CLONED = "PASSKEY_CLONED"
    PASSKEY_KNOWN = "PASSKEY_KNOWN"
    PASSKEY_REQUIRED = "PASSKEY_REQUIRED"
    PASSKEY_ELSEWHERE = "PASSKEY_ELSEWHERE"
    MAIL_UNAVAILABLE = "MAIL_UNAVAILABLE"
    REGISTRATION_REQUIRED = "REGISTRATION_REQUIRED"
    UNKNOWN_ENDPOINT = "UNKNOWN_ENDPOINT"
    RANDOMISED_ENDPOINT = "RANDOMISED_ENDPOINT"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    EAP_FAILED = "EAP_FAILED"
    CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT = "CERTIFICATE_NOT_TRUSTED_BY_ENDPOINT"
    CERTIFICATE_MISSING = "CERTIFICATE_MISSING"
    CERTIFICATE_UNKNOWN = "CERTIFICATE_UNKNOWN"
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
    CERTIFICATE_NAME_MISMATCH = "CERTIFICATE_NAME_MISMATCH"
    REVOCATION_UNKNOWN = "REVOCATION_UNKNOWN"
    CONVERSATION_EXPIRED = "CONVERSATION_EXPIRED"
    STALE_DECISION = "STALE_DECISION"
    SESSION_NOT_OURS = "SESSION_NOT_OURS"
    ADDRESS_OUTSIDE_POOL = "ADDRESS_OUTSIDE_POOL"
    ADDRESS_TAKEN_OVER = "ADDRESS_TAKEN_OVER"
    RIGHT_LOST = "RIGHT_LOST"
    TOO_MANY_SESSIONS = "TOO_MANY_SESSIONS"
    ORGANIZATION_FULL = "ORGANIZATION_FULL"


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence for people, in Korean and in English."""

    ko: str
    en: str

    def to(self, language: str) -> str:
        """The sentence in a language: "ko", or English for every other."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Organization:
    """A company. key is its short name in configuration, policy and user@realm."""

    id: int
    key: str
    name: str
    realm: str
    language: str = "ko"


# The directory that an organization has first; others have the names that the configuration gives them.
MAIN = "main"


def directory_key(organization: str, directory: str = MAIN) -> str:
    """Return what a directory is called everywhere: ORGANIZATION, or ORGANIZATION/NAME of another one."""
    return organization if directory == MAIN else f"{organization}/{directory}"


# What stands for the DN of somebody who is in no directory; it is none.
LOCAL_DN = "local:"


@dataclass(frozen=True, slots=True)
class User:
    """A person of one organization, as the directory last told us.

    groups are the names of every group the person is in, nested ones included, each as "organization/group".
    password_changed_at is the directory's own word, None where it has none. From expires_at on the account is
    disabled. directory: the name of the one that shows the person, among those of the organization.
    attributes: what that keeps of them for rules, each as "department=sales". ending: groups that they are in
    until a moment, none of them among groups.
    """

    id: int
    organization: str
    name: str
    dn: str
    display_name: str = ""
    mail: str = ""
    language: str = "ko"
    enabled: bool = True
    groups: frozenset[str] = frozenset()
    password_changed_at: float | None = None
    expires_at: float | None = None
    directory: str = MAIN
    attributes: frozenset[str] = frozenset()
    ending: tuple[tuple[str, float], ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the person is in no directory."""
        return self.dn == LOCAL_DN

    def is_over(self, now: float) -> bool:
        """Return whether the account is disabled, or has ended."""
        return not self.enabled or (self.expires_at is not None and self.expires_at <= now)


@value
class Subject:
    """Who asks: a user, an endpoint (MAB) that has no user, or somebody of another realm.

    id is 0 but for a user. realm is set where a home server of that realm vouches for name. attributes and
    ending as of a User.
    """

    id: int
    organization: str
    name: str
    groups: frozenset[str] = frozenset()
    realm: str = ""
    attributes: frozenset[str] = frozenset()
    ending: tuple[tuple[str, float], ...] = ()


@value
class Others:
    """On how many other endpoints somebody has sessions, by door; without one: by each that is asked for."""

    by_door: tuple[tuple[Via | None, int], ...] = ()

    def by(self, doors: frozenset[Via]) -> int:
        """Return the number by some doors."""
        return sum(count for door, count in self.by_door if door is None or door in doors)


# What a NAS has sessions of; the portal has browsers, and a NAS itself has administrators.
NETWORK_DOORS = frozenset({Via.VPN, Via.WIRED, Via.WIRELESS})


@value
class Facts:
    """What is known about a request. Every field is a value or says why it has none.

    otp_at: when the newest code was proven, seconds since the epoch. now is an argument of decide.
    certificate: what the certificate is of that proved it; without one it does not apply. factor: what made
    that code (access.proof.factors.Factor), and assurance how its owner had come by it (Origin).
    certificate: what the certificate is of that proved it; without one it does not apply. source: the address
    somebody comes from, and country what that is in; on a wire or a Wi-Fi of ours neither applies.
    endpoint: what they use; at the portal it does not apply. sessions: those they have elsewhere; of an
    endpoint's own and of a visitor's it does not apply. station: the MAC address of what they use, in colons.
    risk: that of the login. nas_organization: whose the NAS is; away from every NAS it does not apply.
    """

    via: Via | Absent = Absent.UNKNOWN
    method: Method | Absent = Absent.UNKNOWN
    otp_at: float | Absent = Absent.UNKNOWN
    site: str | Absent = Absent.UNKNOWN
    nas_group: str | Absent = Absent.UNKNOWN
    ssid: str | Absent = Absent.UNKNOWN
    medium: Medium | Absent = Absent.UNKNOWN
    certificate: Certified | Absent = Absent.UNKNOWN
    factor: Factor | Absent = Absent.UNKNOWN
    assurance: Origin | Absent = Absent.UNKNOWN
    source: IPv4Address | IPv6Address | Absent = Absent.UNKNOWN
    country: str | Absent = Absent.UNKNOWN
    endpoint: EndpointFacts | Absent = Absent.UNKNOWN
    sessions: Others | Absent = Absent.UNKNOWN
    station: str | Absent = Absent.UNKNOWN
    risk: Risk | Absent = Absent.UNKNOWN
    nas_organization: str | Absent = Absent.DOES_NOT_APPLY


@value
class Request:
    """One thing somebody wants. object is "login:vpn", "network:NAME" or "vdi:POOL"."""

    object: str
    facts: Facts = field(default_factory=Facts)


@value
class FailedCondition:
    """A condition that kept a rule from speaking: what it wanted, and what it saw."""

    rule: str
    condition: str
    wanted: str
    seen: str
    unknown: bool = False


class DesktopDuty(StrEnum):
    """What is owed where somebody has a desktop. Once a rule says so it stays so, whatever others say."""

    RECORDED = "recorded"
    WATERMARK = "watermark"
    NO_CLIPBOARD = "no-clipboard"
    NO_FILE_TRANSFER = "no-file-transfer"


@value
class Gives:
    """What a permitted login carries. None: the policy says nothing.

    privilege is what an administrator may do on a NAS, and given by login:device alone; that in turn gives
    nothing else but its timeouts. idle_timeout_s: how long nothing may happen. sessions: on how many
    endpoints somebody may have some at once. up_kbps and down_kbps are the most that goes each way. address,
    routes, dns and dns_suffixes are for the client of a VPN. desktop: what is owed where somebody has one,
    given by permits of vdi:NAME alone.
    """

    vlan: str | None = None
    session_timeout_s: int | None = None
    voice_vlan: str | None = None
    role: str | None = None
    acl: str | None = None
    privilege: str | None = None
    sessions: int | None = None
    idle_timeout_s: int | None = None
    up_kbps: int | None = None
    down_kbps: int | None = None
    address: IPv4Address | IPv6Address | None = None
    routes: tuple[IPv4Network | IPv6Network, ...] = ()
    dns: tuple[IPv4Address | IPv6Address, ...] = ()
    dns_suffixes: tuple[str, ...] = ()
    desktop: tuple[DesktopDuty, ...] = ()


@value
class Decision:
    """The answer of decide(): total, with its reason and its own end.

    permits and forbids are ids of rules that spoke. valid_until (seconds since the epoch) is the earliest
    moment at which any matching rule, holding or not, could flip; None: never by the clock alone. revision is
    that of the document, standing counts the changes of the rules beside it.
    zone: the one that a session with this is in, empty where it is in none. clash: the rules that would have
    it in several at once, each behind its zone.
    """

    effect: Effect
    reason: Reason
    permits: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    failed: tuple[FailedCondition, ...] = ()
    gives: Gives = Gives()
    valid_until: float | None = None
    revision: str = ""
    standing: int = 0
    zone: str = ""
    clash: tuple[tuple[str, str], ...] = ()

    @property
    def permitted(self) -> bool:
        """Whether the request is granted."""
        return self.effect is Effect.PERMIT
