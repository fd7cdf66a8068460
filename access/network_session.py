"""Sessions on the network, as the application keeps them."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a session is. A NAS admits; accounting makes it live and ends it."""

    ADMITTED = "admitted"
    LIVE = "live"
    ENDED = "ended"


class End(StrEnum):
    """Why a session ended, where it is no reason of a decision."""

    STOPPED = "STOPPED"
    NAS_RESTARTED = "NAS_RESTARTED"
    LOGGED_IN_AGAIN = "LOGGED_IN_AGAIN"
    TIMED_OUT = "TIMED_OUT"
    DISCONNECTED = "DISCONNECTED"


class Disconnect(StrEnum):
    """What became of the wish that the NAS ends a session; NOT_WANTED is none."""

    NOT_WANTED = ""
    WANTED = "wanted"
    ACKED = "acked"
    NAKED = "naked"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class NetworkSession:
    """A session of a person or an endpoint at a NAS, named by the Class of its Accept.

    id is 0 before it is stored. user_id and endpoint_id are None while only accounting has been heard of it,
    which gives no rights. generation rises with every change of its addresses. valid_until is when the NAS
    was told to end it. certificate is the key of the one that opened it. Times are seconds since the epoch;
    seen_at is the moment of the newest report.
    """

    id: int
    organization_id: int
    nas_id: int
    class_: bytes
    via: str
    method: str
    admitted_at: float
    state: State = State.ADMITTED
    user_id: int | None = None
    endpoint_id: int | None = None
    network_password_id: int | None = None
    user_name: str = ""
    acct_session_id: str = ""
    calling_station: str = ""
    called_station: str = ""
    nas_port: str = ""
    address4: str | None = None
    address6: str | None = None
    gateway_id: int | None = None
    generation: int = 0
    vlan: str = ""
    otp_at: float | None = None
    started_at: float | None = None
    seen_at: float | None = None
    ended_at: float | None = None
    end_reason: str = ""
    octets_in: int = 0
    octets_out: int = 0
    valid_until: float | None = None
    policy_revision: str = ""
    certificate: str = ""
    disconnect: Disconnect = Disconnect.NOT_WANTED
    disconnect_at: float | None = None
    disconnect_note: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """Its addresses of both families."""
        return frozenset(address for address in (self.address4, self.address6) if address)
