"""Every setting of an installation, typed, with its default. What each means: docs/configuration.md. ◆"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from access.certificates.external import Mapping as CertificateMapping
from access.certificates.external import RevocationBy, WhenUnknown
from access.directory.settings import DirectorySettings
from access.model import MAIN, Role
from access.post.mail_security import Security
from radius.worker import MAX_WORKERS

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_LOOPBACK = IPv4Address("127.0.0.1")
_SEOUL = ZoneInfo("Asia/Seoul")


class Language(StrEnum):
    """The languages of pages and messages."""

    KOREAN = "ko"
    ENGLISH = "en"


class TlsVersion(StrEnum):
    """The versions of TLS that a server may speak."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where something listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def number(default: float, least: float, most: float) -> Any:
    """A setting that is a number between two others, both included."""
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """An empty url becomes a SQLite file in state_dir/database when a configuration is read."""

    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class KeySettings:
    """Where the keys to all secrets are: in a file, or else in a variable or a credential of systemd.

    With pkcs11_module the keys in the file are wrapped under a key of that module.
    """

    file: Path = Path("/etc/officegate/keys")
    variable: str = ""
    credential: str = ""
    pkcs11_module: Path | None = None
    pkcs11_token: str = ""
    pkcs11_key: str = "officegate"
    pkcs11_pin_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """For how many days records are kept: what somebody did, and who may do what."""

    access_days: int = number(730, 30, 36500)
    rights_days: int = number(1095, 30, 36500)


@dataclass(frozen=True, slots=True)
class OwnRetentionSettings:
    """The same for one organization; 0 is as everywhere."""

    access_days: int = number(0, 0, 36500)
    rights_days: int = number(0, 0, 36500)


@dataclass(frozen=True, slots=True)
class SyslogSettings:
    """A syslog server that is sent every record, over TLS. details: with what they say about people."""

    server: HostPort | None = None
    ca_file: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    details: bool = True


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where the heads of the audit chains are kept, apart from the database, and how long records are."""

    heads_dir: Path = Path("/var/lib/officegate-audit")
    retention: RetentionSettings = RetentionSettings()
    syslog: SyslogSettings = SyslogSettings()


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that notices are sent through. No server: nobody is told by mail; no user: no login."""

    server: HostPort | None = None
    sender: str = ""
    security: Security = Security.STARTTLS
    ca_file: Path | None = None
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The portal and the console. An empty public_url means http:// or https:// and listen."""

    listen: HostPort = HostPort("127.0.0.1", 8080)
    public_url: str = ""
    certificate: Path | None = None
    private_key: Path | None = None

    @property
    def address(self) -> str:
        """Where people find the pages, without a slash at its end."""
        scheme = "https" if self.certificate else "http"
        return self.public_url.rstrip("/") or f"{scheme}://{self.listen}"


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """An authority of others; its key is its name in RadiusSettings.authorities."""

    organization: str
    certificate: Path
    mapping: CertificateMapping = CertificateMapping.UPN
    revocation: RevocationBy = RevocationBy.CRL
    when_unknown: WhenUnknown = WhenUnknown.REFUSE
    crl: str = ""
    ocsp: str = ""
    longest_age_h: float = number(168.0, 1, 8760)


@dataclass(frozen=True, slots=True)
class RadiusSettings:
    """The RADIUS service. workers 0: one a core. radsec_port 0: no RadSec.

    Without a certificate one is made in state_dir/tls.
    """

    listen: tuple[IPAddress, ...] = (_LOOPBACK,)
    auth_port: int = number(1812, 0, 65535)
    acct_port: int = number(1813, 0, 65535)
    workers: int = number(0, 0, MAX_WORKERS)
    radsec_port: int = number(0, 0, 65535)
    radsec_certificate: Path | None = None
    radsec_private_key: Path | None = None
    radsec_authority: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    certificate_authority: Path | None = None
    dictionaries: tuple[str, ...] = ()
    ocsp_response: Path | None = None
    tls_lowest: TlsVersion = TlsVersion.TLS_1_2
    tls_highest: TlsVersion = TlsVersion.TLS_1_3
    resumption_s: float = number(28800.0, 0, 604800)
    require_crypto_binding: bool = False
    reject_delay_s: float = number(1.0, 0, 5)
    drain_s: float = number(10.0, 0, 120)
    silent_intervals: int = number(3, 2, 100)
    interim_interval_s: int = number(0, 0, 86400)
    staleness_privileged_s: float = number(30.0, 1, 86400)
    staleness_s: float = number(60.0, 1, 86400)
    staleness_basic_s: float = number(28800.0, 1, 604800)
    authorities: Mapping[str, AuthoritySettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaSettings:
    """Our own authorities: how long certificates are valid, and how long a list of revocations is."""

    days: int = number(365, 1, 10950)
    longest_days: int = number(825, 1, 10950)
    overlap_days: int = number(14, 0, 365)
    crl_hours: float = number(24.0, 1, 8760)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How work reaches the workers: "filesystem", or the address of Redis or RabbitMQ."""

    broker: str = field(default="filesystem", repr=False)


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Who may read the metrics: whoever knows the token; without one, programs of this machine."""

    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EnforceSettings:
    """How often every gateway is read back as a whole and put right."""

    reconcile_s: float = number(60.0, 1, 86400)


@dataclass(frozen=True, slots=True)
class NetworkPasswordSettings:
    """How many network passwords each person may have (0: none), and for how many days at the longest."""

    most: int = number(5, 0, 100)
    days: int = number(365, 1, 3650)


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """One company; its key is its name in Settings.organizations."""

    name: str
    realm: str
    directory: DirectorySettings
    language: Language = Language.KOREAN
    network_passwords: NetworkPasswordSettings = NetworkPasswordSettings()
    most_sessions: int = number(0, 0, 10_000_000)
    password_memory_hours: float = number(0.0, 0, 168)
    mailed_codes: bool = False
    proofs: tuple[str, ...] = ()
    vouching: bool = False
    vouchers_enrolled_days: float = number(30, 0, 3650)
    enrolment_networks: tuple[IPNetwork, ...] = ()
    retention: OwnRetentionSettings = OwnRetentionSettings()
    more_directories: Mapping[str, DirectorySettings] = field(default_factory=dict)

    @property
    def directories(self) -> dict[str, DirectorySettings]:
        """Every directory by its name, the first one included."""
        return {MAIN: self.directory, **self.more_directories}


class Transport(StrEnum):
    """How a home server is reached."""

    UDP = "udp"
    RADSEC = "radsec"


class Order(StrEnum):
    """Which of several home servers is asked: the first that answers, or each in turn."""

    FAILOVER = "failover"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class HomeServerSettings:
    """A server that answers for a realm. certificate: over RadSec, its fingerprint or its DNS name."""

    address: IPAddress
    port: int = number(1812, 1, 65535)
    accounting_port: int = number(0, 0, 65535)
    transport: Transport = Transport.UDP
    secret: str = field(default="", repr=False)
    certificate: str = ""
    message_authenticator: bool = True
    status_server: bool = True


@dataclass(frozen=True, slots=True)
class RealmSettings:
    """Who is asked elsewhere: by realm (names), or one of ours not moved yet (users, groups)."""

    names: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    order: Order = Order.FAILOVER
    gives: tuple[str, ...] = ()
    response_s: float = number(3.0, 0.1, 30)
    zombie_s: float = number(20.0, 1, 3600)
    probe_s: float = number(5.0, 0.1, 600)
    revive_s: float = number(60.0, 1, 86400)
    servers: Mapping[str, HomeServerSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZoneRoleSettings:
    """Groups whose members are administrators, but change no rule outside of one zone of the policy."""

    admin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """Groups, each as "organization/group", whose members may do more than use the portal.

    phishing_resistant: the roles of these that open with a passkey alone. zones: by zone of the policy.
    """

    admin: tuple[str, ...] = ()
    helpdesk: tuple[str, ...] = ()
    auditor: tuple[str, ...] = ()
    phishing_resistant: tuple[Role, ...] = ()
    zones: Mapping[str, ZoneRoleSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What the policy knows of the world besides directories, and how it may change.

    countries_file: network,country by line. security_contact: whom somebody may call who is contained. Who
    publishes may take something from so many percent of an organization's people, and from fewer than
    budget_people in any case, without another administrator. A wave is taken back that refuses more than
    wave_refused_percent of the logins it decides, of at least wave_refused_people. look_ahead_days: how far
    the clock is moved forward each day to find tests of the policy that will break; 0: not at all.
    review_days: how long owners have to sign in a campaign that begins by itself; 0: none does.
    """

    look_ahead_days: int = number(14, 0, 366)
    review_days: int = number(14, 0, 366)
    countries_file: Path | None = None
    security_contact: str = ""
    budget_percent: float = number(5.0, 0, 100)
    budget_people: int = number(20, 1, 1_000_000)
    wave_refused_percent: float = number(20.0, 0, 100)
    wave_refused_people: int = number(3, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration, checked. time_zone is the one that pages and the command line show.

    head_office is the key of an organization; empty means the one that was set up first.
    """

    organizations: Mapping[str, OrganizationSettings] = field(default_factory=dict)
    language: Language = Language.KOREAN
    state_dir: Path = Path("/var/lib/officegate")
    time_zone: ZoneInfo = _SEOUL
    head_office: str = ""
    database: DatabaseSettings = DatabaseSettings()
    keys: KeySettings = KeySettings()
    audit: AuditSettings = AuditSettings()
    web: WebSettings = WebSettings()
    mail: MailSettings = MailSettings()
    radius: RadiusSettings = RadiusSettings()
    policy: PolicySettings = PolicySettings()
    ca: CaSettings = CaSettings()
    worker: WorkerSettings = WorkerSettings()
    enforce: EnforceSettings = EnforceSettings()
    metrics: MetricsSettings = MetricsSettings()
    realms: Mapping[str, RealmSettings] = field(default_factory=dict)
    roles: RoleSettings = RoleSettings()

    def __post_init__(self) -> None:
        object.__setattr__(self, "organizations", MappingProxyType(dict(self.organizations)))
        object.__setattr__(self, "realms", MappingProxyType(dict(self.realms)))
