"""The values the pages show. Times are seconds since the epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from access.logins.presence import Present
from access.model import Absent, DesktopDuty
from access.nas.endpoint_standing import EndpointFacts
from access.words.phrase import Sayable


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A network session. place is the site, else the name of the NAS; addresses in both families or none."""

    id: int
    organization_id: int
    user_id: int | None
    who: str
    display_name: str
    via: str
    method: str
    state: str
    place: str
    nas: str
    nas_group: str
    nas_organization: str
    site: str
    addresses: tuple[str, ...]
    station: str
    vlan: str
    since: float
    otp_at: float | None = None
    code: str = ""
    seen_at: float | None = None
    ended_at: float | None = None
    end_reason: str = ""
    valid_until: float | None = None
    disconnect: str = ""
    endpoint_id: int | None = None
    certificate: str = ""
    called: str = ""
    medium: str = ""
    client_address: str = ""
    country: str = ""
    risk: str = ""
    zone: str = ""
    endpoint: EndpointFacts | Absent = Absent.UNKNOWN
    wish: str = "end"
    disconnect_note: str = ""
    present: Present | None = None
    endpoint_mac: str = ""


@dataclass(frozen=True, slots=True)
class HolderLine:
    """A session that had an address. until is None while it has it; network is the prefix it lay in."""

    session_id: int
    user_id: int | None
    user_name: str
    display_name: str
    calling_station: str
    nas: str
    network: str
    since: float
    until: float | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One row of a search for people."""

    id: int
    name: str
    display_name: str
    mail: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the audit, its personal part opened. who is the user's name today, if there is one."""

    id: int
    at: float
    kind: str
    reason: str
    case_code: str
    organization_id: int | None
    user_id: int | None
    who: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaneLine:
    """One lane of work on a device: the generation wanted, the one confirmed, and what stands in the way."""

    lane: str
    wanted: int
    done: int
    failures: int
    failure: str
    done_at: float | None


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device we configure. drift is what the last reconcile put right."""

    id: int
    name: str
    kind: str
    site: str
    pools: str
    seen_at: float | None
    failed_at: float | None
    failure: str
    drift: int
    drift_at: float | None
    lanes: tuple[LaneLine, ...]

    @property
    def behind(self) -> bool:
        """Whether something is wanted that the device has not confirmed."""
        return any(lane.done < lane.wanted for lane in self.lanes)

    @property
    def failed(self) -> bool:
        """Whether the last try failed."""
        return any(lane.failures for lane in self.lanes) or (self.failed_at or 0) > (self.seen_at or 0)


@dataclass(frozen=True, slots=True)
class NasLine:
    """A device that asks RADIUS, without its secrets."""

    id: int
    name: str
    network: str
    via: str
    code: str
    site: str
    vendor: str
    message_authenticator: str
    mab: bool
    eap: bool
    enabled: bool
    gateway: str


@dataclass(frozen=True, slots=True)
class Published:
    """The policy document in force."""

    revision: str
    document: str
    author: str
    published_at: float | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a policy document, one line a finding.

    promises is how many tests it carries. overtaken: another revision came into force after it was begun.
    waits: others have to approve it first. outside: what it changes beyond the zones of its publisher. busy:
    nothing can be published at the moment, another change being on its way in waves.
    """

    problems: tuple[Sayable, ...]
    promises: int = 0
    overtaken: bool = False
    waits: bool = False
    outside: tuple[Sayable, ...] = ()
    busy: bool = False

    @property
    def passed(self) -> bool:
        """Whether nothing stands in the way of publishing it."""
        return not (self.problems or self.overtaken or self.waits or self.outside or self.busy)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page wants: of one organization, and what somebody typed to narrow it.

    installation_too: with records, also those that belong to no organization. kind and reason: of records.
    """

    organization_id: int
    text: str = ""
    via: str = ""
    before_id: int | None = None
    limit: int = 50
    installation_too: bool = False
    kind: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Records that were asked for. older: the id to go on before, None where there are no more."""

    records: Sequence[Record]
    older: int | None


@dataclass(frozen=True, slots=True)
class DesktopLine:
    """A pool of desktops somebody may use. address and port are those of the desktop they have, or "".

    duties: what is owed there, by the rules that permit it.
    """

    pool: str
    desktop: str
    address: str
    port: int
    lease_until: float | None
    duties: tuple[DesktopDuty, ...] = ()


@dataclass(frozen=True, slots=True)
class Took:
    """What became of taking a desktop. why is a sentence for its owner where there is none."""

    desktop: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """What is kept although a directory says otherwise. name: of the person or group.

    more: of a membership the group, of a name the one that the directory gives; rejected_by: who keeps it.
    """

    what: str
    name: str
    display_name: str
    more: str
    since: float
    rejected_by: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """A reading of a directory that changed something. counts: how many people of each kind of change."""

    id: int
    began: float
    kind: str
    by: str
    counts: Mapping[str, int]
    undone_at: float | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class DirectoryLine:
    """How a directory is doing, what is kept against it, and what it changed lately.

    names: those of all the directories of the organization.
    """

    synced_at: float | None
    failed_at: float | None
    failure: str
    held: Sequence[HeldLine]
    runs: Sequence[RunLine]
    names: Sequence[str] = ()
