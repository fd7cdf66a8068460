"""What the pages stand on: the ports they are given, and what they know of themselves. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from access.alarms import AlarmLine
from access.api_key import ApiKey, Shown
from access.approving import Approval
from access.certificates.values import Rules
from access.containment import ContainmentPorts, StandingLine
from access.countries import Countries
from access.drafts import StoredDraft, Told
from access.enrolment import EnrolmentPorts
from access.helping import Pass, PassPorts
from access.letters import Notice
from access.local_group import LocalGroup, LocalMember
from access.looking import Look
from access.mailed_codes import MailedCodePorts
from access.model import Organization, User
from access.nas_certificate import NasCertificate
from access.network_passwords import NetworkPasswordPorts
from access.network_session import Wish
from access.own_certificates import OwnCertificatePorts
from access.passkeys import PasskeyDeskPorts
from access.person_link import Link
from access.policy.compiled import Policy
from access.publishing import Draft, Publication
from access.radius_status import RadiusStatus
from access.registry import Endpoint, IPAddress, NasClient
from access.relink import Returned
from access.shown import (
    Asked,
    Checked,
    DesktopLine,
    DeviceLine,
    DirectoryLine,
    Found,
    HolderLine,
    NasLine,
    PersonLine,
    Published,
    Record,
    SessionLine,
    Took,
)
from access.temporary_access import AccessPorts
from access.two_administrators import ActPorts, AskedAct
from access.vouching import VouchPorts


class Identity(
    ActPorts,
    VouchPorts,
    PasskeyDeskPorts,
    EnrolmentPorts,
    NetworkPasswordPorts,
    MailedCodePorts,
    PassPorts,
    Protocol,
):
    """Signing in, enrolling, passkeys, network passwords, and what the helpdesk does about codes."""

    def open_passes_of(self, user_id: int, now: float) -> Sequence[Pass]: ...
    def open_acts_of(self, user_id: int, now: float) -> Sequence[AskedAct]: ...


class Pages(Protocol):
    """What the pages read. Every query names the organization it may see."""

    def organizations(self) -> Sequence[Organization]: ...
    def sessions(self, asked: Asked, state: str = "") -> Sequence[SessionLine]: ...
    def sessions_of(self, user_id: int) -> Sequence[SessionLine]: ...
    def people(self, asked: Asked) -> Sequence[PersonLine]: ...
    def person(self, organization_id: int, user_id: int) -> User | None: ...
    def records_of(self, user_id: int, limit: int) -> Sequence[Record]: ...
    def wrong_code(self, user_id: int, since: float) -> Notice | None: ...
    def saw_wrong_codes(self, user_id: int) -> None: ...
    def note_look(self, look: Look, now: float) -> None: ...
    def records(self, asked: Asked) -> Found: ...
    def case(self, organization_id: int, code: str) -> Record | None: ...
    def case_of(self, user_id: int, code: str) -> Record | None: ...
    def devices(self, organization_id: int) -> Sequence[DeviceLine]: ...
    def nas(self, organization_id: int) -> Sequence[NasLine]: ...
    def alarms(self, organization_id: int, installation_too: bool, cleared: int) -> Sequence[AlarmLine]: ...
    def clear_alarm(self, alarm_id: int, organization_id: int, installation_too: bool, by: str) -> bool: ...
    def verify_audit(self) -> Sequence[str]: ...
    def ask_of_session(self, organization_id: int, session_id: int, wish: Wish, by: str) -> bool: ...
    def holders(self, organization_id: int, address: IPAddress, at: float) -> Sequence[HolderLine]: ...
    def end_session(self, session_id: int, user_id: int, by: str) -> bool: ...


class ChangeDesk(Protocol):
    """Changes of the policy: drafts and what they would do; by is who asks. May raise Refused."""

    def drafts(self) -> Sequence[StoredDraft]: ...
    def draft(self, draft_id: int) -> StoredDraft: ...
    def approvals(self, draft: StoredDraft) -> Sequence[Approval]: ...
    def rehearse(self, draft: Draft) -> Publication: ...
    def save(self, draft_id: int | None, draft: Draft) -> StoredDraft: ...
    def submit(self, draft_id: int, by: User) -> StoredDraft: ...
    def drop(self, draft_id: int, by: User) -> StoredDraft: ...
    def approve(self, draft_id: int, by: User) -> StoredDraft: ...
    def publish(self, draft_id: int, by: User) -> Publication: ...
    def history(self) -> Sequence[Told]: ...
    def text_of(self, revision: str) -> str: ...
    def take_back(self, revision: str, note: str, by: User) -> StoredDraft | None: ...


class PolicyDesk(Protocol):
    """The policy document: read, checked, published."""

    @property
    def changes(self) -> ChangeDesk: ...

    def current(self) -> Policy | None: ...
    def published(self) -> Published | None: ...
    def check(self, text: str) -> Checked: ...
    def publish(self, text: str, replaces: str, author: User, note: str) -> Checked: ...


class NasDesk(Protocol):
    """The devices that ask RADIUS, of one organization; by is who changes them. May raise BadNas."""

    def client(self, organization_id: int, nas_id: int) -> NasClient | None: ...
    def gateways(self, organization_id: int) -> Sequence[tuple[int, str]]: ...
    def sharers(self, client: NasClient) -> Sequence[str]: ...
    def add(self, client: NasClient, by: str, everywhere: bool) -> tuple[NasClient, str]: ...
    def change(self, before: NasClient, after: NasClient, by: str, everywhere: bool) -> None: ...
    def rotate(self, client: NasClient, by: str) -> str: ...
    def finish(self, client: NasClient, by: str) -> None: ...
    def abandon(self, client: NasClient, by: str) -> None: ...
    def remove(self, client: NasClient, by: str) -> None: ...
    def certificates(self, client: NasClient) -> Sequence[NasCertificate]: ...
    def certify(self, client: NasClient, certificate: NasCertificate, by: str) -> None: ...
    def decertify(self, client: NasClient, certificate: NasCertificate, by: str) -> None: ...


class DesktopDesk(Protocol):
    """The desktops of a person."""

    def held(self, user: User) -> Sequence[DesktopLine]: ...
    def take(self, user: User, pool: str) -> Took: ...
    def give_back(self, user: User, pool: str) -> bool: ...


class LinkDesk(Protocol):
    """Accounts of two companies that are one person's; by: the administrator who asks. May raise BadLink."""

    def listed(self, organization_id: int | None = None) -> Sequence[Link]: ...
    def of_user(self, user_id: int) -> Sequence[Link]: ...
    def propose(self, by: User, user: User, other: User, now: float) -> Link: ...
    def approve(self, by: User, link_id: int, now: float) -> Link: ...
    def end(self, by: User, link_id: int, now: float) -> Link: ...


class RelinkDesk(Protocol):
    """Accounts whose entry was made again; by: the administrator who decides. May raise BadRelink."""

    def candidates(self, organization: str | None = None) -> Sequence[Returned]: ...
    def relink(self, by: User, old_id: int, new_id: int, now: float) -> Returned: ...
    def refuse(self, by: User, old_id: int, new_id: int, now: float) -> Returned: ...


class ApiKeys(Protocol):
    """The keys of other applications."""

    def known(self, shown: Shown, now: float) -> ApiKey | None: ...


class LocalDesk(Protocol):
    """The passwords of people who are in no directory. change() raises BadLocalUser."""

    def is_current(self, user: User, password: str) -> bool: ...
    def change(self, user: User, fresh: str, session_id: str, now: float) -> None: ...


class EndpointDesk(Protocol):
    """What logs in by its MAC address. register() raises access.errors.Refused."""

    def listed(self, organization_id: int) -> Sequence[Endpoint]: ...
    def owned_by(self, user: User) -> Sequence[Endpoint]: ...
    def register(self, new: Endpoint, by: str, now: float) -> Endpoint: ...
    def extend(self, mac: str, organization_id: int, until: float, by: str, now: float) -> bool: ...
    def manage(self, mac: str, organization_id: int, managed: bool, by: str, now: float) -> bool: ...
    def remove(self, mac: str, organization_id: int, by: str, now: float) -> bool: ...


class LocalGroupDesk(Protocol):
    """Groups that are kept here. What cannot be done raises access.errors.Refused."""

    def listed(self, organization_id: int) -> Sequence[tuple[LocalGroup, Sequence[LocalMember]]]: ...
    def add(self, by: User, name: str, owner: str, purpose: str, now: float) -> LocalGroup: ...
    def join(self, by: User, group_id: int, who: str, until: float, now: float) -> LocalGroup: ...
    def leave(self, by: User, group_id: int, member_id: int, now: float) -> LocalGroup: ...
    def remove(self, by: User, group_id: int, now: float) -> LocalGroup: ...


class StandingDesk(ContainmentPorts, AccessPorts, Protocol):
    """What is decided beside the policy document."""

    def containments(self, now: float, organization: str = "") -> Sequence[StandingLine]: ...


class DirectoryDesk(Protocol):
    """What was read from the directory of an organization, and what is decided about it."""

    def shown(self, organization: Organization, most_runs: int, name: str = ...) -> DirectoryLine: ...
    def approve(self, organization: Organization, by: str, name: str = ...) -> object | None: ...
    def reject(self, organization: Organization, by: str, name: str = ...) -> int: ...


@dataclass(frozen=True, slots=True)
class Face:
    """What an operator has set about the pages.

    public_url is where people find them, without a slash at its end. host is the address they listen on, by
    which they may be asked for as well. head_office is the key of an organization, or empty.
    security_contact: whom somebody may call who is contained.
    """

    public_url: str
    host: str
    time_zone: ZoneInfo
    language: str = "ko"
    head_office: str = ""
    security_contact: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers speak TLS to us, so that cookies may be marked for it."""
        return self.public_url.startswith("https://")

    def cookie_name(self, name: str) -> str:
        """The name of a cookie: browsers take __Host- only with Secure, and from this very host."""
        return f"__Host-{name}" if self.secure else name


@dataclass(frozen=True)
class Gate:
    """Everything the pages stand on.

    secret_key signs the cookie that carries the CSRF token; envelope_key (32 octets) seals what a browser
    keeps for us.
    """

    face: Face
    secret_key: bytes = field(repr=False)
    envelope_key: bytes = field(repr=False)
    clock: Callable[[], float]
    identity: Identity
    pages: Pages
    policy: PolicyDesk
    desktops: DesktopDesk
    endpoints: EndpointDesk
    nas: NasDesk
    certificates: OwnCertificatePorts
    certificate_rules: Rules
    api_keys: ApiKeys
    local_users: LocalDesk
    local_groups: LocalGroupDesk
    links: LinkDesk
    relinks: RelinkDesk
    directory: DirectoryDesk
    standing: StandingDesk
    status: Callable[[], RadiusStatus] = RadiusStatus
    metrics_token: str = field(default="", repr=False)
    countries: Countries = field(default_factory=Countries, repr=False)
