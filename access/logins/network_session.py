"""Sessions on the network, as the application keeps them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from operator import attrgetter
from typing import Any

Network = IPv4Network | IPv6Network


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
    WENT_SILENT = "WENT_SILENT"
    NEVER_REPORTED = "NEVER_REPORTED"
    DISCONNECTED = "DISCONNECTED"


class Wish(StrEnum):
    """What a NAS is asked to do with a session."""

    END = "end"
    REAUTHENTICATE = "reauthenticate"


class Disconnect(StrEnum):
    """What became of a wish; NOT_WANTED is none.

    A NAS that has said yes (ACKED) is believed when accounting or the next login proves it (PROVEN), and
    after a while without either it is said that nothing has (UNPROVEN).
    """

    NOT_WANTED = ""
    WANTED = "wanted"
    ACKED = "acked"
    PROVEN = "proven"
    UNPROVEN = "unproven"
    NAKED = "naked"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class NetworkSession:
    """A session of a person or an endpoint at a NAS, named by the Class of its Accept.

    id is 0 before it is stored. user_id and endpoint_id are None while only accounting has been heard of it,
    which gives no rights. generation rises with every change of its addresses. valid_until is when the NAS
    was told to end it. certificate is the key of the one that opened it, client_address where that came from
    and country what that is in, both empty where not known. realm
    vouches for user_name where that is nobody of ours. Times are seconds since the epoch:
    seen_at is the moment of the newest report by the clock of the NAS, heard_at when it came by ours;
    interim_s the longest it has been between two reports.

    nas_address is where the NAS last spoke of it from, with which of its secrets: 0 is the current one.
    octets are the sum, raw_octets what the NAS counted last. prefixes are of IPv6, delegated ones too.
    code is what the code of otp_at was, as access.proof.code_facts has it.
    risk is that of its login, as access.logins.risk spells it. gifts is all that its NAS was told, VLAN and
    role and so on. zone: the one it is in by the policy. voice: a telephone has it. recipe counts the ways
    its NAS has been asked.
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
    multi_session_id: str = ""
    calling_station: str = ""
    called_station: str = ""
    nas_port: str = ""
    nas_address: str = ""
    nas_secret: int = 0
    address4: str | None = None
    address6: str | None = None
    prefixes: tuple[str, ...] = ()
    gateway_id: int | None = None
    generation: int = 0
    vlan: str = ""
    gifts: str = ""
    voice: bool = False
    otp_at: float | None = None
    code: str = ""
    started_at: float | None = None
    seen_at: float | None = None
    heard_at: float | None = None
    interim_s: float | None = None
    ended_at: float | None = None
    end_reason: str = ""
    octets_in: int = 0
    octets_out: int = 0
    raw_octets_in: int = 0
    raw_octets_out: int = 0
    valid_until: float | None = None
    policy_revision: str = ""
    certificate: str = ""
    realm: str = ""
    medium: str = ""
    client_address: str = ""
    country: str = ""
    risk: str = ""
    zone: str = ""
    disconnect: Disconnect = Disconnect.NOT_WANTED
    disconnect_at: float | None = None
    disconnect_note: str = ""
    wish: Wish = Wish.END
    recipe: int = 0

    @property
    def addresses(self) -> frozenset[str]:
        """Its addresses of both families."""
        return frozenset(address for address in (self.address4, self.address6) if address)

    @property
    def networks(self) -> frozenset[str]:
        """Its addresses and prefixes, each as a network."""
        return frozenset(str(network_of(each)) for each in (*self.addresses, *self.prefixes))


_NAMES = tuple(NetworkSession.__slots__)
_values_of = attrgetter(*_NAMES)


def changed(session: NetworkSession, **values: Any) -> NetworkSession:
    """Return the session with other values, as dataclasses.replace does at twice the price."""
    return NetworkSession(*(dict(zip(_NAMES, _values_of(session), strict=True)) | values).values())


@lru_cache(maxsize=4096)
def network_of(text: str) -> Network:
    """Return the network that an address or a prefix is. Raises ValueError."""
    return ip_network(text)
