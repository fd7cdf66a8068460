"""Ends a session at its NAS by a Disconnect-Request (RFC 5176). ▸

The wish stands in the session: wanted, until the NAS has answered. What the answer means:

    answer                    the wish    the session
    ACK                       acked       ended; a Stop that still comes adds what it counted
    NAK 503, no such session  acked       ended: the NAS does not know it any more
    any other NAK             naked       goes on at the NAS; its rights at the gateway are gone all the same
    none                      silent      goes on, and the NAS is asked again while it does
    it has ended by itself    acked       as it was

Asking twice does no harm, so a wish may be taken up by several workers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

from access.network_session import Disconnect, NetworkSession, State
from access.registry import IPAddress, NasClient
from radius.attributes import Attribute
from radius.dynauth import SESSION_CONTEXT_NOT_FOUND, SessionName, identify
from radius.facts import mac
from radius.vendor.families import FAMILIES
from radius.vendor.family import Identifier
from radius.vendor.generic import GENERIC

# How long until a NAS that said nothing is asked again.
ASK_AGAIN_S = 60.0
OPEN_WISHES = frozenset({Disconnect.WANTED, Disconnect.SILENT})


@dataclass(frozen=True, slots=True)
class Said:
    """What a NAS answered. acknowledged is None where it said nothing; words are for people."""

    acknowledged: bool | None
    cause: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a wish. at: when it was answered, or when to ask again; ended: the session is over."""

    result: Disconnect
    note: str
    at: float
    ended: bool


class DisconnectPorts(Protocol):
    """What disconnecting needs of the world. Any of it may raise Unavailable."""

    def session(self, session_id: int) -> tuple[NetworkSession, NasClient] | None:
        """Return a session and where it is; None where there is no such session."""

    def settle(self, session_id: int, settled: Settled, now: float) -> None:
        """Write down what became of a wish, unless somebody else has."""

    @property
    def ask_nas(self) -> Callable[[NasClient, IPAddress, tuple[Attribute, ...]], Said]:
        """Send a Disconnect-Request to a NAS at an address and wait for the answer."""


def disconnect_session(ports: DisconnectPorts, session_id: int, clock: Callable[[], float]) -> Settled | None:
    """Ask the NAS to end a session whose end is wanted; None where nothing is to be done."""
    found = ports.session(session_id)
    if found is None or found[0].disconnect not in OPEN_WISHES:
        return None
    session, client = found
    settled = _settle(ports, session, client, clock)
    ports.settle(session_id, settled, clock())
    return settled


def _settle(
    ports: DisconnectPorts, session: NetworkSession, client: NasClient, clock: Callable[[], float]
) -> Settled:
    if session.state is State.ENDED:
        return Settled(Disconnect.ACKED, "it had ended already", clock(), ended=False)
    if client.network.num_addresses > 1:
        note = f"{client.network} is no single address: give each NAS an entry of its own to disconnect there"
        return Settled(Disconnect.NAKED, note, clock(), ended=False)
    said = ports.ask_nas(client, client.network.network_address, identification(session, client.vendor))
    if said.acknowledged is None:
        return Settled(Disconnect.SILENT, said.words, clock() + ASK_AGAIN_S, ended=False)
    if said.acknowledged or said.cause == SESSION_CONTEXT_NOT_FOUND:
        return Settled(Disconnect.ACKED, said.words, clock(), ended=True)
    return Settled(Disconnect.NAKED, said.words, clock(), ended=False)


def identification(session: NetworkSession, vendor: str) -> tuple[Attribute, ...]:
    """Return the attributes by which this family of NAS finds a session, as far as we know them."""
    wanted = FAMILIES.get(vendor, GENERIC).identifies
    address = ip_address(session.address4) if session.address4 else None
    name = SessionName(
        user_name=session.user_name if Identifier.USER_NAME in wanted else "",
        acct_session_id=session.acct_session_id if Identifier.ACCT_SESSION_ID in wanted else "",
        calling_station=_station(session) if Identifier.CALLING_STATION_ID in wanted else "",
        framed_ip=address if Identifier.FRAMED_IP_ADDRESS in wanted and address else None,  # type: ignore[arg-type]
    )
    return identify(name) or identify(SessionName(user_name=session.user_name))


def _station(session: NetworkSession) -> str:
    """Return the endpoint as RFC 3580 section 3.21 writes a MAC address, or whatever else the NAS said."""
    known = mac(session.calling_station)
    return known.upper().replace(":", "-") if known else session.calling_station
