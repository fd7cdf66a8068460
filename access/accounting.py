"""Journal records into sessions: logins admit, accounting starts, follows and ends. ▸

A session is found by the Class that the worker has checked already, never by what a NAS calls it. Records
come in any order and more than once; each says what is true:

    state      record          then
    none       login           admitted
    none       Start, Interim  live, with nobody in it: no rights until the login's record is here
    none       Stop            ended, likewise
    admitted   Start, Interim  live
    live       Start, Interim  live; counters only grow, an older report changes no address
    any open   Stop            ended
    any open   On, Off         ended, if it began before
    any        login           as it was, with the person in it
    ended      any             ended: a late report adds what it counts and revives nothing

A Stop may be lost for ever. The NAS was told how long a session lasts: some minutes after that it has ended.

An address has to lie in the pools of the NAS's gateway, or it is not kept. It belongs to one session of a
gateway: whoever claimed it last. The one before is ended and told to the feed before the next one has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Protocol

from access.audit import AuditEntry
from access.model import Reason, is_8021x
from access.network_session import End, NetworkSession, State

# How much longer than it was told a NAS may take to end a session and to say so.
GRACE_S = 300.0

Record = Mapping[str, Any]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is: its NAS, and the gateway that enforces what the session may reach."""

    nas_id: int
    organization_id: int
    via: str
    gateway_id: int | None = None
    pools: tuple[Network, ...] = ()


class Sessions(Protocol):
    """Where sessions are kept."""

    def place(self, nas_id: int) -> Place | None:
        """Return where a NAS stands; None if it is not known any more."""

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""

    def with_address(self, gateway_id: int, address: str) -> list[NetworkSession]:
        """Return the open sessions of a gateway that have an address."""

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the open sessions that a NAS calls by this name."""

    def open_at(self, nas_id: int) -> list[NetworkSession]:
        """Return every open session of a NAS."""

    def overdue(self, before: float) -> list[NetworkSession]:
        """Return open sessions that were to end before a moment."""

    def password_used(self, password_id: int, station: str, place: str, at: float) -> None:
        """Keep when, where and from which endpoint a network password was used."""

    def proven_by_8021x(self, station: str, place: str, at: float) -> None:
        """Keep that an endpoint did 802.1X, if its address is also one that logs in by itself."""

    def save(self, session: NetworkSession, at: float) -> int:
        """Keep a session, tell the feed, and return its id."""

    def note(self, entry: AuditEntry) -> None:
        """Write down what nobody asked for but an auditor wants to know."""


def admit(sessions: Sessions, record: Record) -> int | None:
    """Return the id of the session that a login opened; None where its NAS is not known any more."""
    place = sessions.place(record["nas"])
    if place is None:
        return None
    class_ = bytes.fromhex(record["class"])
    known = sessions.of_class(class_) or _nobody(place, class_, record["t"])
    _remember_proof(sessions, record)
    admitted = replace(
        known,
        organization_id=record["organization"],
        user_id=record["user"],
        endpoint_id=record["endpoint"],
        network_password_id=record.get("network_password"),
        user_name=record["user_name"],
        calling_station=known.calling_station or record["calling"],
        called_station=known.called_station or record["called"],
        nas_port=known.nas_port or record["port"],
        via=record["via"],
        method=record["method"],
        vlan=record["vlan"],
        otp_at=record["otp_at"],
        admitted_at=record["t"],
        valid_until=record["valid_until"],
        policy_revision=record["revision"],
        certificate=record.get("certificate", ""),
    )
    return known.id if admitted == known else sessions.save(admitted, record["t"])


def account(sessions: Sessions, record: Record) -> int | None:
    """Do what an accounting record says; return the id of its session, None where it has none."""
    place = sessions.place(record["nas"])
    if place is None:
        return None
    if record["status"] in ("ON", "OFF"):
        _restarted(sessions, record)
        return None
    if not record["class"]:
        return None
    class_ = bytes.fromhex(record["class"])
    known = sessions.of_class(class_) or _nobody(place, class_, record["t"])
    after = _reported(sessions, place, known, record)
    if after == known:
        return known.id
    _end_others(sessions, place, after, record)
    session_id = sessions.save(after, record["t"])
    if after.state is State.LIVE and known.state is not State.LIVE:
        sessions.note(_entry(replace(after, id=session_id), "session.started", record["t"]))
    elif after.state is State.ENDED and known.state is not State.ENDED:
        sessions.note(_entry(replace(after, id=session_id), "session.ended", record["t"], after.end_reason))
    return session_id


def expire(sessions: Sessions, now: float) -> int:
    """End the sessions whose time ran out unheard, and return how many."""
    overdue = sessions.overdue(now - GRACE_S)
    for session in overdue:
        _end(sessions, session, End.TIMED_OUT, session.valid_until or now, now)
    return len(overdue)


def _remember_proof(sessions: Sessions, record: Record) -> None:
    where, station, at = record.get("where", ""), record["calling"], record["t"]
    if record.get("network_password") is not None:
        sessions.password_used(record["network_password"], station, where, at)
    if is_8021x(record["method"]):
        sessions.proven_by_8021x(station, where, at)


def _nobody(place: Place, class_: bytes, at: float) -> NetworkSession:
    """Return a session that only its Class is known of."""
    return NetworkSession(
        id=0,
        organization_id=place.organization_id,
        nas_id=place.nas_id,
        class_=class_,
        via=place.via,
        method="",
        admitted_at=at,
        gateway_id=place.gateway_id,
    )


def _reported(sessions: Sessions, place: Place, known: NetworkSession, record: Record) -> NetworkSession:
    """Return the session after a Start, Interim-Update or Stop."""
    counted = _counted(known, record)
    if known.state is State.ENDED:
        return counted
    if record["status"] == "STOP":
        stopped = replace(counted, state=State.ENDED, ended_at=record["at"], end_reason=End.STOPPED)
        return _without_addresses(stopped)
    live = replace(
        counted,
        state=State.LIVE,
        started_at=_earliest(known.started_at, record["at"] - record["used_s"]),
    )
    if known.seen_at is not None and record["at"] < known.seen_at:
        return live
    return _addressed(sessions, place, live, record)


def _counted(known: NetworkSession, record: Record) -> NetworkSession:
    octets_in, octets_out = record["octets"]
    return replace(
        known,
        acct_session_id=known.acct_session_id or record["session"],
        user_name=known.user_name or record["user_name"],
        calling_station=known.calling_station or record["calling"],
        called_station=known.called_station or record["called"],
        nas_port=known.nas_port or record["port"],
        octets_in=max(known.octets_in, octets_in),
        octets_out=max(known.octets_out, octets_out),
        seen_at=max(known.seen_at or record["at"], record["at"]),
    )


def _addressed(sessions: Sessions, place: Place, live: NetworkSession, record: Record) -> NetworkSession:
    """Return the session with the addresses of a report, as far as they may be its own."""
    address4 = _kept(sessions, place, live, record["address4"], record) or live.address4
    address6 = _kept(sessions, place, live, record["address6"], record) or live.address6
    if (address4, address6) == (live.address4, live.address6):
        return live
    return replace(live, address4=address4, address6=address6, generation=live.generation + 1)


def _kept(sessions: Sessions, place: Place, live: NetworkSession, address: str, record: Record) -> str | None:
    """Return the address if this session may have it. Without a gateway nobody enforces it: it is shown."""
    if not address or address in live.addresses or place.gateway_id is None:
        return address or None
    if not any(ip_address(address) in pool for pool in place.pools):
        sessions.note(_entry(live, "session.address", record["t"], Reason.ADDRESS_OUTSIDE_POOL, address))
        return None
    later = [
        other
        for other in sessions.with_address(place.gateway_id, address)
        if other.class_ != live.class_ and (other.started_at or 0.0) > record["at"]
    ]
    if later:
        sessions.note(_entry(live, "session.address", record["t"], Reason.ADDRESS_TAKEN_OVER, address))
        return None
    return address


def _end_others(sessions: Sessions, place: Place, claimant: NetworkSession, record: Record) -> None:
    """End who had this session's addresses or its name at the NAS, before it is saved with them."""
    if claimant.state is not State.LIVE:
        return
    for other in sessions.named(place.nas_id, claimant.acct_session_id):
        if other.class_ != claimant.class_ and (other.started_at or other.admitted_at) <= record["at"]:
            _end(sessions, other, End.LOGGED_IN_AGAIN, record["at"], record["t"])
    if place.gateway_id is None:
        return
    for address in sorted(claimant.addresses):
        for other in sessions.with_address(place.gateway_id, address):
            if other.class_ != claimant.class_:
                _end(sessions, other, Reason.ADDRESS_TAKEN_OVER, record["at"], record["t"])


def _restarted(sessions: Sessions, record: Record) -> None:
    """End what began at a NAS before it went off or came on."""
    for session in sessions.open_at(record["nas"]):
        if (session.started_at or session.admitted_at) <= record["at"]:
            _end(sessions, session, End.NAS_RESTARTED, record["at"], record["t"])


def _end(sessions: Sessions, session: NetworkSession, reason: End | Reason, at: float, now: float) -> None:
    ended = replace(session, state=State.ENDED, ended_at=at, end_reason=reason.value)
    sessions.save(_without_addresses(ended), now)
    sessions.note(_entry(session, "session.ended", now, reason.value))


def _without_addresses(session: NetworkSession) -> NetworkSession:
    """Return an ended session without the addresses that are somebody else's from now on."""
    if not session.addresses:
        return session
    return replace(session, address4=None, address6=None, generation=session.generation + 1)


def _earliest(known: float | None, at: float) -> float:
    return at if known is None else min(known, at)


def _entry(session: NetworkSession, what: str, at: float, reason: str = "", address: str = "") -> AuditEntry:
    """Return the row about a session for the audit."""
    addresses: Iterable[str] = [address] if address else sorted(session.addresses)
    detail = {
        "what": what,
        "name": session.user_name,
        "addresses": list(addresses),
        "endpoint": session.calling_station,
    }
    return AuditEntry(
        kind="session",
        at=at,
        reason=str(reason),
        organization_id=session.organization_id,
        user_id=session.user_id,
        session_id=session.id or None,
        detail={key: value for key, value in detail.items() if value},
    )
