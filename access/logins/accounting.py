"""Journal records into sessions: logins admit, accounting starts, follows and ends. ▸

A session is found by the Class that the worker has checked already, never by what a NAS calls it. A family or
two send none: what those report belongs to the newest session of that name, also when it has ended. Where a
login does not say its name, the first report is of the newest login of the same person from the same address
of which nothing was reported yet. Records come in any order and more than once; each says what is true:

    state      record          then
    none       login           admitted
    none       Start, Interim  live, with nobody in it: no rights until the login's record is here
    none       Stop            ended, likewise
    admitted   Start, Interim  live
    live       Start, Interim  live; counters only grow, an older report changes no address
    any open   Stop            ended; of another part of a session that roams: counted only
    any open   On, Off         ended, if it began before
    any        login           as it was, with the person in it
    ended      login           of a session that its NAS names itself, after its end: another one, admitted
    admitted   refusal         ended, where that refusal was sent instead of its Accept
    ended      any             ended: a late report adds what it counts and revives nothing
    ended      Start, Interim  live again, where the next access point goes on with it (Acct-Multi-Session-Id)

What a NAS reports of before it went off or came on is of before: it opens nothing any more.

A Stop may be lost for ever: access.logins.session_ends tells which sessions are over all the same.

An address has to lie in the pools of the NAS's gateway, or it is not kept. It belongs to one session of a
gateway: whoever claimed it last. The one before is ended and told to the feed before the next one has it.
Who had which address from when to when is written down for good.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from access.logins.login_record import OWN_NAME, UNCLASSED, WITHDRAWN
from access.logins.mac_copies import Stations, watch_for_copies
from access.logins.network_session import Disconnect, End, Network, NetworkSession, State, changed, network_of
from access.logins.session_ends import Open, Silence, over
from access.logins.session_report import Record, counted, goes_on, is_elsewhere, is_newer, placed
from access.model import Method, Reason, is_8021x
from access.nas.disconnect import Settled
from access.records.audit import AuditEntry

# How far the clock of a NAS may be from ours where the order of two moments matters.
CLOCKS_S = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is: its NAS, and the gateway that enforces what the session may reach."""

    nas_id: int
    organization_id: int
    via: str
    gateway_id: int | None = None
    pools: tuple[Network, ...] = ()


class Sessions(Stations, Open, Protocol):
    """Where sessions are kept."""

    def place(self, nas_id: int) -> Place | None:
        """Return where a NAS stands; None if it is not known any more."""

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""

    def with_address(self, gateway_id: int, address: str) -> list[NetworkSession]:
        """Return the open sessions of a gateway that have an address."""

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the open sessions that a NAS calls by this name."""

    def called(self, nas_id: int, acct_session_id: str) -> NetworkSession | None:
        """Return the newest session that a NAS has ever called by this name."""

    def awaited(self, nas_id: int, user_id: int, calling_station: str) -> list[NetworkSession]:
        """Return somebody's logins at a NAS of which nothing was reported yet, the oldest first."""

    def open_at(self, nas_id: int, nas_address: str) -> list[NetworkSession]:
        """Return the open sessions of a NAS at one address, and those that came from nobody knows where."""

    def asked_about(self, nas_id: int, calling_station: str) -> list[NetworkSession]:
        """Return an endpoint's sessions at a NAS which has said yes to a wish that nothing has proven yet."""

    def password_used(self, password_id: int, station: str, place: str, at: float) -> None:
        """Keep when, where and from which endpoint a network password was used."""

    def proven_by_8021x(self, station: str, place: str, at: float) -> None:
        """Keep that an endpoint did 802.1X, if its address is also one that logs in by itself."""

    def restarted_at(self, nas_id: int, nas_address: str) -> float | None:
        """Return when the NAS at an address last said that it went off or came on."""

    def restart(self, nas_id: int, nas_address: str, at: float) -> None:
        """Remember that it did, unless it has done so since."""

    def save(self, session: NetworkSession, at: float) -> int:
        """Keep a session, tell the feed, and return its id."""

    def settle(self, session: NetworkSession, settled: Settled, at: float) -> None:
        """Write down what became of a wish about a session, unless somebody else has."""

    def lease(self, session_id: int, networks: Collection[str], since: float) -> None:
        """Write down that a session has these from a moment on."""

    def release(self, session_id: int, networks: Collection[str], until: float) -> None:
        """Write down that it no longer has them."""

    def had(self, session_id: int, networks: Collection[str], since: float, until: float) -> None:
        """Write down that a session had these between two moments, unless that is known."""

    def note(self, entry: AuditEntry) -> None:
        """Write down what nobody asked for but an auditor wants to know."""


def admit(sessions: Sessions, record: Record) -> int | None:
    """Return the id of the session that a login opened; None where its NAS is not known any more."""
    place = sessions.place(record["nas"])
    if place is None:
        return None
    class_, open_one = _going_on(sessions, record)
    known = open_one or _nobody(place, class_, record["t"])
    _remember_proof(sessions, record)
    if record["method"] == Method.MAB:
        watch_for_copies(sessions, record)
    admitted = changed(
        known,
        organization_id=record["organization"],
        user_id=record["user"],
        endpoint_id=record["endpoint"],
        network_password_id=record.get("network_password", known.network_password_id),
        user_name=record["user_name"],
        acct_session_id=known.acct_session_id or record.get(OWN_NAME, ""),
        calling_station=known.calling_station or record["calling"],
        called_station=known.called_station or record["called"],
        nas_port=known.nas_port or record["port"],
        nas_address=known.nas_address or record.get("source", ""),
        nas_secret=record.get("secret", 0) if known.seen_at is None else known.nas_secret,
        via=record["via"],
        method=record["method"],
        vlan=record["vlan"],
        gifts=record.get("gifts", ""),
        voice=record.get("voice", False),
        otp_at=record["otp_at"],
        code=record.get("code", ""),
        admitted_at=min(record["t"], known.admitted_at) if known.id else record["t"],
        valid_until=record["valid_until"],
        policy_revision=record["revision"],
        certificate=record.get("certificate", ""),
        realm=record.get("realm", ""),
        medium=record.get("medium", ""),
        client_address=record.get("from", ""),
        country=record.get("country", ""),
        risk=record.get("risk", ""),
        zone=record.get("zone", ""),
    )
    admitted = _not_of_before(sessions, admitted, record["t"])
    _prove_by_login(sessions, admitted, record["t"])
    return known.id if admitted == known else sessions.save(admitted, record["t"])


def withdraw(sessions: Sessions, record: Record) -> int | None:
    """End the session of a login that was recorded, and refused before its Accept left; None: no session."""
    class_ = record.get(WITHDRAWN)
    known = _newest(sessions, bytes.fromhex(class_)) if class_ else None
    if known is None or known.state is not State.ADMITTED:
        return None
    _end(sessions, known, Reason(record["entry"]["reason"]), record["t"], record["t"])
    return known.id


def account(sessions: Sessions, record: Record) -> int | None:
    """Do what an accounting record says; return the id of its session, None where it has none."""
    place = sessions.place(record["nas"])
    if place is None:
        return None
    if record["status"] in ("ON", "OFF"):
        _restarted(sessions, record)
        return None
    class_ = bytes.fromhex(record["class"]) or _class_by_name(sessions, place, record)
    if not class_:
        return None
    known = sessions.of_class(class_) or _nobody(place, class_, record["t"])
    after = _reported(sessions, place, known, record)
    if known.state is not State.LIVE:
        after = _not_of_before(sessions, after, record["at"])
    _prove_by_report(sessions, known, record)
    if after == known:
        return known.id
    _end_others(sessions, place, after, record)
    session_id = sessions.save(after, record["t"])
    after = after if after.id else changed(after, id=session_id)
    _write_history(sessions, place, known, after, record)
    if after.state is State.LIVE and known.state is not State.LIVE:
        sessions.note(_entry(after, "session.started", record["t"]))
    elif after.state is State.ENDED and known.state is not State.ENDED:
        sessions.note(_entry(after, "session.ended", record["t"], after.end_reason))
    return session_id


def expire(sessions: Sessions, now: float, silence: Silence | None = None) -> int:
    """End the sessions that are over though no report says so, and return how many."""
    ended = over(sessions, now, silence)
    for session, reason, at in ended:
        _end(sessions, session, reason, at, now)
    return len(ended)


def _remember_proof(sessions: Sessions, record: Record) -> None:
    where, station, at = record.get("where", ""), record["calling"], record["t"]
    if record.get("network_password") is not None:
        sessions.password_used(record["network_password"], station, where, at)
    if is_8021x(record["method"]):
        sessions.proven_by_8021x(station, where, at)


def _class_by_name(sessions: Sessions, place: Place, record: Record) -> bytes:
    """Return the Class of the session that a NAS which keeps none reports; empty where there is none."""
    if UNCLASSED not in record:
        return b""
    if known := sessions.called(place.nas_id, record["session"]):
        return known.class_
    user_id = record[UNCLASSED]
    waiting = sessions.awaited(place.nas_id, user_id, record["calling"]) if user_id is not None else []
    nameless = [each for each in waiting if not each.acct_session_id]
    before = [each for each in nameless if each.admitted_at <= record["at"] + CLOCKS_S]
    if before:
        return before[-1].class_
    if record["status"] == "START":
        entry = record["entry"]
        reason, whose = entry["reason"], entry["organization"]
        sessions.note(AuditEntry("session", record["t"], reason, whose, detail=entry["detail"]))
    return b""


def _going_on(sessions: Sessions, record: Record) -> tuple[bytes, NetworkSession | None]:
    """Return the Class of a login's session, and the session where it is known.

    A NAS that names its sessions itself may log one in again that has ended here: what was taken away stays
    so, and another session begins, under a Class that leads on from the first one's.
    """
    class_ = bytes.fromhex(record["class"])
    while known := sessions.of_class(class_):
        if not record.get(OWN_NAME) or not _has_ended_before(known, record["t"]):
            break
        class_ = _after(class_)
    return class_, known


def _newest(sessions: Sessions, class_: bytes) -> NetworkSession | None:
    """Return the session of a Class, or the one that leads on from it after its end."""
    known = sessions.of_class(class_)
    while known is not None and known.state is State.ENDED:
        later = sessions.of_class(_after(known.class_))
        if later is None:
            break
        known = later
    return known


def _after(class_: bytes) -> bytes:
    """Return the Class of the session that a NAS goes on with under the name of one that has ended here."""
    return hashlib.sha256(class_).digest()


def _has_ended_before(known: NetworkSession, at: float) -> bool:
    """Whether a session was over before a moment by our clock; ended_at may be by that of its NAS."""
    return known.state is State.ENDED and max(known.ended_at or at, known.heard_at or 0.0) < at


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
    now_counted = counted(known, record)
    if known.state is State.ENDED and not goes_on(known, record):
        return now_counted
    if record["status"] == "STOP":
        if is_elsewhere(known, record):
            return now_counted
        stopped = changed(
            now_counted,
            state=State.ENDED,
            started_at=_earliest(known.started_at, record["at"] - record["used_s"]),
            ended_at=record["at"],
            end_reason=End.STOPPED,
        )
        return _without_addresses(stopped)
    live = changed(
        now_counted,
        state=State.LIVE,
        started_at=_earliest(known.started_at, record["at"] - record["used_s"]),
        ended_at=None,
        end_reason="",
    )
    if not is_newer(known, record):
        return live
    return _addressed(sessions, place, placed(live, record), record)


def _not_of_before(sessions: Sessions, session: NetworkSession, at: float) -> NetworkSession:
    """Return the session, ended if this was said of before its NAS restarted."""
    restarted_at = sessions.restarted_at(session.nas_id, session.nas_address)
    if restarted_at is None or session.state is State.ENDED or at > restarted_at:
        return session
    ended = changed(session, state=State.ENDED, ended_at=restarted_at, end_reason=End.NAS_RESTARTED)
    return _without_addresses(ended)


def _addressed(sessions: Sessions, place: Place, live: NetworkSession, record: Record) -> NetworkSession:
    """Return the session with the addresses of a report, as far as they may be its own."""
    address4 = _kept(sessions, place, live, record["address4"], record) or live.address4
    address6 = _kept(sessions, place, live, record["address6"], record) or live.address6
    prefixes = _prefixes(place, record, {address4, address6}) or live.prefixes
    moved = (address4, address6) != (live.address4, live.address6)
    return changed(
        live,
        address4=address4,
        address6=address6,
        prefixes=prefixes,
        generation=live.generation + moved,
    )


def _kept(sessions: Sessions, place: Place, live: NetworkSession, address: str, record: Record) -> str | None:
    """Return the address if this session may have it. Without a gateway nobody enforces it: it is shown."""
    if not address or address in live.addresses or place.gateway_id is None:
        return address or None
    if not _in_pools(place, network_of(address)):
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


def _prefixes(place: Place, record: Record, addresses: Collection[str | None]) -> tuple[str, ...]:
    """Return what a report names beside the two addresses that gateways know: prefixes, further addresses."""
    held = {network_of(address) for address in addresses if address}
    return tuple(str(each) for each in _own(place, record) if each not in held and each.version == 6)


def _own(place: Place, record: Record) -> list[Network]:
    """Return the networks of a report that a session here may have."""
    named = [network_of(text) for text in record.get("networks", ())]
    return [each for each in named if place.gateway_id is None or _in_pools(place, each)]


def _in_pools(place: Place, network: Network) -> bool:
    return any(
        network.version == pool.version and network.subnet_of(pool)  # type: ignore[arg-type]
        for pool in place.pools
    )


def _write_history(
    sessions: Sessions, place: Place, before: NetworkSession, after: NetworkSession, record: Record
) -> None:
    """Write down which addresses the session has and had, by what a report has changed."""
    held, holds = before.networks, after.networks
    if gone := held - holds:
        sessions.release(after.id, sorted(gone), after.ended_at or record["at"])
    if new := holds - held:
        first = not held and before.state is not State.ENDED
        since = after.started_at if first and after.started_at is not None else record["at"]
        sessions.lease(after.id, sorted(new), since)
    if after.state is not State.ENDED:
        return
    # Heard of only at the end, or after it: it had the address all the same.
    had = {str(network) for network in _own(place, record)} - held
    if had and after.started_at is not None and after.ended_at is not None:
        sessions.had(after.id, sorted(had), after.started_at, after.ended_at)


def _end_others(sessions: Sessions, place: Place, claimant: NetworkSession, record: Record) -> None:
    """End who had this session's addresses or its name at the NAS, before it is saved with them."""
    if claimant.state is not State.LIVE:
        return
    for other in sessions.named(place.nas_id, claimant.acct_session_id):
        if _is_same_place(claimant, other) and (other.started_at or other.admitted_at) <= record["at"]:
            _end(sessions, other, End.LOGGED_IN_AGAIN, record["at"], record["t"])
    if place.gateway_id is None:
        return
    for address in sorted(claimant.addresses):
        for other in sessions.with_address(place.gateway_id, address):
            if other.class_ != claimant.class_:
                _end(sessions, other, Reason.ADDRESS_TAKEN_OVER, record["at"], record["t"])


def _is_same_place(one: NetworkSession, other: NetworkSession) -> bool:
    """Whether another session is at the same device: two of one network may count their sessions alike."""
    unknown = not one.nas_address or not other.nas_address
    return one.class_ != other.class_ and (unknown or one.nas_address == other.nas_address)


def _restarted(sessions: Sessions, record: Record) -> None:
    """End what began at a NAS before it went off or came on."""
    address = record.get("source", "")
    sessions.restart(record["nas"], address, record["at"])
    for session in sessions.open_at(record["nas"], address):
        if (session.started_at or session.admitted_at) <= record["at"]:
            _end(sessions, session, End.NAS_RESTARTED, record["at"], record["t"])


def _prove_by_login(sessions: Sessions, admitted: NetworkSession, at: float) -> None:
    """A new login of an endpoint proves that its NAS has done what it was asked."""
    if not admitted.calling_station:
        return
    for other in sessions.asked_about(admitted.nas_id, admitted.calling_station):
        if at < (other.disconnect_at or at) - CLOCKS_S:
            continue
        # The same session authorized anew goes on, and may be wanted to end another day.
        same = other.class_ == admitted.class_
        result = Disconnect.NOT_WANTED if same else Disconnect.PROVEN
        sessions.settle(other, Settled(result, "the endpoint has logged in again", at), at)


def _prove_by_report(sessions: Sessions, known: NetworkSession, record: Record) -> None:
    """A Stop proves that its NAS has ended a session; a later report that it has not."""
    if known.disconnect not in (Disconnect.ACKED, Disconnect.UNPROVEN):
        return
    if record["status"] == "STOP":
        proven = Settled(Disconnect.PROVEN, "accounting has reported the end", record["t"])
        sessions.settle(known, proven, record["t"])
    elif known.state is State.ENDED and record["at"] > (known.disconnect_at or record["at"]) + CLOCKS_S:
        note = "it said that it had ended the session, and goes on reporting it"
        again = Settled(Disconnect.WANTED, note, record["t"], recipe=known.recipe + 1)
        sessions.settle(known, again, record["t"])


def _end(sessions: Sessions, session: NetworkSession, reason: End | Reason, at: float, now: float) -> None:
    ended = changed(session, state=State.ENDED, ended_at=at, end_reason=reason.value)
    sessions.save(_without_addresses(ended), now)
    if session.networks:
        sessions.release(session.id, sorted(session.networks), at)
    sessions.note(_entry(session, "session.ended", now, reason.value))


def _without_addresses(session: NetworkSession) -> NetworkSession:
    """Return an ended session without the addresses that are somebody else's from now on."""
    if not session.networks:
        return session
    moved = bool(session.addresses)
    return changed(session, address4=None, address6=None, prefixes=(), generation=session.generation + moved)


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
