"""Asks a NAS to end a session or to have it log in anew (RFC 5176), and sees to it that it was done. ▸

The wish stands in the session: wanted, until it is known what became of it. A family of NAS has several ways
to be asked (radius/vendor); the next one is tried where the one before did not help:

    answer                        the wish    the session
    ACK, end                      acked       ended; a Stop that still comes adds what it counted
    ACK, reauthenticate           acked       goes on until the endpoint has logged in again
    NAK 507 to Authorize Only     acked       the NAS comes back with an Access-Request of its own
    NAK 503, no such session      proven      ended: the NAS does not know it any more
    NAK 506, no resources now     the next way, and after the last: silent, as it may do it later
    any other NAK                 the next way, and after the last: naked; it goes on at the NAS
    none                          the next way, and after the last: silent; all is tried again in a while
    none, for another session     silent, without being asked in vain about this one too
    it has ended by itself        proven      as it was

A yes is only a word. access.logins.accounting settles it as proven by the Stop or by the endpoint's next
login, and asks again where the NAS goes on reporting a session that it said to have ended. Where neither
comes, the next way is tried, and after the last the wish is unproven, and says so.

A port is bounced as the last way only, only on a wire, and never where anybody else has a session at it or
a telephone may be: who is in a call would be cut off.

Asking twice does no harm, so a wish may be taken up by several workers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address
from typing import Protocol

from access.logins.network_session import Disconnect, End, NetworkSession, State, Wish
from access.model import Via
from access.nas.registry import IPAddress, NasClient
from radius.attributes import Attribute, AttributeType
from radius.dynauth import (
    REQUEST_INITIATED,
    RESOURCES_UNAVAILABLE,
    SESSION_CONTEXT_NOT_FOUND,
    Action,
    SessionName,
    identify,
)
from radius.facts import mac
from radius.vendor.families import FAMILIES
from radius.vendor.family import Change, Identifier, Recipe
from radius.vendor.generic import AUTHORIZE_ONLY, GENERIC

# How long until a NAS that said nothing is asked again.
ASK_AGAIN_S = 60.0
# For so long a wish is left to the machine that a NAS is connected with; then whoever finds it asks by UDP.
ELSEWHERE_S = 15.0
# How long a Stop or a login may take to prove that a NAS has done what it said.
PROOF_S = 60.0
# What is wished goes on as it was: somebody has to look at the NAS.
UNHEEDED = frozenset({Disconnect.SILENT, Disconnect.NAKED, Disconnect.UNPROVEN})
OPEN_WISHES = frozenset({Disconnect.WANTED, Disconnect.SILENT, Disconnect.ACKED})
CHANGES = {Wish.END: Change.DISCONNECT, Wish.REAUTHENTICATE: Change.REAUTHENTICATE}


@dataclass(frozen=True, slots=True)
class Said:
    """What a NAS answered. acknowledged is None where it said nothing; words are for people.

    spared: it was not asked, because it had just said nothing to others.
    """

    acknowledged: bool | None
    cause: int | None = None
    words: str = ""
    spared: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """A request to a NAS. secret: which of its secrets it used last; the others are tried after it.

    insists: it is to be asked also where it has just said nothing, which was to another way of asking.
    """

    address: IPAddress
    secret: int
    action: Action
    attributes: tuple[Attribute, ...]
    insists: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a wish. at: when it was answered, or when to ask again; ended: the session is over.

    recipe: which way of asking was the last, or comes next. spared: the NAS was not asked, for the sake of
    others; what they met with says more.
    """

    result: Disconnect
    note: str
    at: float
    ended: bool = False
    recipe: int = 0
    spared: bool = False


class DisconnectPorts(Protocol):
    """What disconnecting needs of the world. Any of it may raise Unavailable."""

    def session(self, session_id: int) -> tuple[NetworkSession, NasClient] | None:
        """Return a session and where it is; None where there is no such session."""

    def is_elsewhere(self, client: NasClient) -> bool:
        """Return whether a NAS has its connection with another machine, which finds the wish by itself."""

    def neighbours(self, session: NetworkSession) -> int:
        """Return how many others have an open session at the same port of the same NAS."""

    def authorize_state(self, session_id: int, now: float) -> bytes:
        """Return a State with which the NAS may have the session authorized anew, once and soon."""

    def settle(self, session: NetworkSession, settled: Settled, now: float) -> None:
        """Write down what became of a wish, unless somebody else has."""

    @property
    def ask_nas(self) -> Callable[[NasClient, Asking], Said]:
        """Send a request to a NAS and wait for the answer."""


def disconnect_session(ports: DisconnectPorts, session_id: int, clock: Callable[[], float]) -> Settled | None:
    """Carry on with the wish about a session; None where nothing is to be done."""
    found = ports.session(session_id)
    if found is None or found[0].disconnect not in OPEN_WISHES:
        return None
    session, client = found
    if session.disconnect is Disconnect.ACKED and clock() < (session.disconnect_at or 0.0) + PROOF_S:
        return None
    if _is_fresh(session, clock()) and ports.is_elsewhere(client):
        return None
    settled = _settle(ports, session, client, clock)
    ports.settle(session, settled, clock())
    return settled


def _is_fresh(session: NetworkSession, now: float) -> bool:
    wanted = session.disconnect is Disconnect.WANTED
    return wanted and now < (session.disconnect_at or 0.0) + ELSEWHERE_S


def _settle(
    ports: DisconnectPorts, session: NetworkSession, client: NasClient, clock: Callable[[], float]
) -> Settled:
    if session.state is State.ENDED and session.end_reason != End.DISCONNECTED:
        return Settled(Disconnect.PROVEN, "it had ended already", clock())
    ways = ways_of(ports, session, client)
    if session.disconnect is Disconnect.ACKED:
        # Nothing will prove it where the NAS does no accounting: that is no reason to ask for more.
        if session.recipe + 1 >= len(ways) or session.seen_at is None:
            note = "the NAS said yes; neither accounting nor a new login has proven it"
            return Settled(Disconnect.UNPROVEN, note, clock())
        session = replace(session, recipe=session.recipe + 1)
    return _ask(ports, session, client, ways, clock)


def _ask(
    ports: DisconnectPorts,
    session: NetworkSession,
    client: NasClient,
    ways: Sequence[Recipe],
    clock: Callable[[], float],
) -> Settled:
    """Ask in one way after the other until one helps."""
    address = nas_address(session, client)
    if address is None:
        note = f"{client.network} is no single address, and nothing has come from the NAS of this session yet"
        return Settled(Disconnect.NAKED, note, clock())
    if not ways:
        return Settled(Disconnect.NAKED, "a NAS of its kind takes no such request", clock())
    name = identification(session, client.vendor, address)
    said = Said(False, words="it has been asked in every way it may know")
    secret = session.nas_secret if client.network.num_addresses > 1 else client.preferred
    silent = later = False
    for number in range(session.recipe, len(ways)):
        way = ways[number]
        attributes = (*name, *way.attributes)
        initiates = AUTHORIZE_ONLY in way.attributes
        if initiates:
            state = ports.authorize_state(session.id, clock())
            attributes += (Attribute(AttributeType.STATE, state),)
        said = ports.ask_nas(client, Asking(address, secret, way.action, attributes, silent))
        if said.cause == SESSION_CONTEXT_NOT_FOUND:
            return Settled(Disconnect.PROVEN, said.words, clock(), ended=True)
        if said.acknowledged or (initiates and said.cause == REQUEST_INITIATED):
            ended = way.action is Action.DISCONNECT or session.wish is Wish.END
            return Settled(Disconnect.ACKED, said.words, clock(), ended, number)
        silent = silent or said.acknowledged is None
        later = later or said.acknowledged is None or said.cause == RESOURCES_UNAVAILABLE
        if said.spared:
            break
    if later:
        return Settled(Disconnect.SILENT, said.words, clock() + ASK_AGAIN_S, spared=said.spared)
    return Settled(Disconnect.NAKED, said.words, clock())


def ways_of(ports: DisconnectPorts, session: NetworkSession, client: NasClient) -> tuple[Recipe, ...]:
    """Return how to ask for what is wished, the best way first."""
    changes = FAMILIES.get(client.vendor, GENERIC).changes
    ends = changes.get(Change.DISCONNECT, ())
    ways = changes.get(CHANGES[session.wish], ends)
    bounces = changes.get(Change.BOUNCE_PORT, ())
    return (*ways, *bounces) if bounces and _may_bounce(ports, session) else ways


def _may_bounce(ports: DisconnectPorts, session: NetworkSession) -> bool:
    if session.via != Via.WIRED or session.voice or not session.nas_port:
        return False
    return ports.neighbours(session) == 0


def nas_address(session: NetworkSession, client: NasClient) -> IPAddress | None:
    """Return where the NAS of a session is; None where it is one of many and has not been heard."""
    if session.nas_address:
        known = ip_address(session.nas_address)
        if known in client.network:
            return known
    return client.network.network_address if client.network.num_addresses == 1 else None


def identification(
    session: NetworkSession, vendor: str, nas: IPAddress | None = None
) -> tuple[Attribute, ...]:
    """Return the attributes by which this family of NAS finds a session, as far as we know them."""
    wanted = FAMILIES.get(vendor, GENERIC).identifies
    address = ip_address(session.address4) if session.address4 else None
    name = SessionName(
        user_name=session.user_name if Identifier.USER_NAME in wanted else "",
        acct_session_id=session.acct_session_id if Identifier.ACCT_SESSION_ID in wanted else "",
        calling_station=_station(session) if Identifier.CALLING_STATION_ID in wanted else "",
        framed_ip=address if Identifier.FRAMED_IP_ADDRESS in wanted and address else None,  # type: ignore[arg-type]
    )
    told = identify(name) or identify(SessionName(user_name=session.user_name))
    if Identifier.NAS_IP_ADDRESS not in wanted or not isinstance(nas, IPv4Address):
        return told
    return (*told, *identify(SessionName(nas_ip=nas)))


def _station(session: NetworkSession) -> str:
    """Return the endpoint as RFC 3580 section 3.21 writes a MAC address, or whatever else the NAS said."""
    known = mac(session.calling_station)
    return known.upper().replace(":", "-") if known else session.calling_station
