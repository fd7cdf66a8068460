"""Sessions on the network: found by their Class, every change in the feed. ◆

A loader moves a morning's logins through here, so the statements of one session are made once: to build one
costs SQLAlchemy more than the database needs to run it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Select, bindparam, insert, or_, select, update

from access.accounting import Place, Silence
from access.alarms import Alarm
from access.audit import AuditEntry
from access.disconnect import Settled
from access.network_password import spelt
from access.network_session import Disconnect, NetworkSession, State, Wish
from access.pools import networks
from access.sealing import Keyring
from access.store import address_leases, audit, feed, network_passwords, wishes
from access.store import endpoints as stored_endpoints
from access.store.alarms import StoredAlarms
from access.store.database import BULK_ROWS
from access.store.tables import devices, endpoints, nas, nas_restarts, sessions, users

_NOT_SAVED = frozenset({"id", "disconnect", "disconnect_at", "disconnect_note", "wish", "recipe"})
_ASKED = (Disconnect.ACKED.value, Disconnect.UNPROVEN.value)
_SAVED = tuple(name for name in NetworkSession.__slots__ if name not in _NOT_SAVED)
OPEN = (State.ADMITTED.value, State.LIVE.value)


def _known(column: Column[Any], name: str) -> Any:
    """The id of this name, if there is such a row; NULL where it is not known any more."""
    return select(column).where(column == bindparam(name)).scalar_subquery()


_VALUES = {name: bindparam(name) for name in _SAVED} | {
    "user_id": _known(users.c.id, "user_id"),
    "endpoint_id": _known(endpoints.c.id, "endpoint_id"),
}
_INSERT = insert(sessions).values(_VALUES).returning(sessions.c.id)
_UPDATE = update(sessions).values(_VALUES).where(sessions.c.id == bindparam("session_id"))
_OF_CLASS = select(sessions).where(sessions.c.class_ == bindparam("wanted"))
_PLACE = (
    select(nas.c.organization_id, nas.c.via, nas.c.gateway_id, devices.c.pools)
    .outerjoin(devices, devices.c.id == nas.c.gateway_id)
    .where(nas.c.id == bindparam("nas_id"))
)
_RESTARTED = select(nas_restarts.c.at).where(
    nas_restarts.c.nas_id == bindparam("of_nas"), nas_restarts.c.address == bindparam("of_address")
)
_ASKED_ABOUT = select(sessions).where(
    sessions.c.disconnect.in_(_ASKED),
    sessions.c.nas_id == bindparam("of_nas"),
    sessions.c.calling_station == bindparam("station"),
)


@dataclass(frozen=True, slots=True)
class StoredSessions:
    """The port of access.accounting, in one transaction. writer names this process in the audit."""

    conn: Connection
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    _places: dict[int, Place | None] = field(default_factory=dict, init=False)
    _restarts: dict[tuple[int, str], float | None] = field(default_factory=dict, init=False)

    def place(self, nas_id: int) -> Place | None:
        """Return where a NAS stands, looked up once a transaction; None if it is not known any more."""
        if nas_id not in self._places:
            row = self.conn.execute(_PLACE, {"nas_id": nas_id}).first()
            self._places[nas_id] = row and Place(
                nas_id, row.organization_id, row.via, row.gateway_id, networks(row.pools)
            )
        return self._places[nas_id]

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""
        row = self.conn.execute(_OF_CLASS, {"wanted": class_}).mappings().first()
        return _session(row) if row else None

    def with_address(self, gateway_id: int, address: str) -> list[NetworkSession]:
        """Return the open sessions of a gateway that have an address."""
        has = or_(sessions.c.address4 == address, sessions.c.address6 == address)
        return self._found(_open().where(has, sessions.c.gateway_id == gateway_id))

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the open sessions that a NAS calls by this name."""
        named = sessions.c.acct_session_id == acct_session_id
        return self._found(_open().where(sessions.c.nas_id == nas_id, named))

    def open_at(self, nas_id: int, nas_address: str) -> list[NetworkSession]:
        """Return the open sessions of a NAS at one address, and those that came from nobody knows where."""
        query = _open().where(sessions.c.nas_id == nas_id)
        if nas_address:
            query = query.where(sessions.c.nas_address.in_((nas_address, "")))
        return self._found(query)

    def asked_about(self, nas_id: int, calling_station: str) -> list[NetworkSession]:
        """Return an endpoint's sessions at a NAS which has said yes to a wish that nothing has proven yet."""
        rows = self.conn.execute(_ASKED_ABOUT, {"of_nas": nas_id, "station": calling_station}).mappings()
        return [_session(row) for row in rows]

    def overdue(self, before: float) -> list[NetworkSession]:
        """Return open sessions that were to end before a moment, at most as many as one transaction takes."""
        return self._found(_open().where(sessions.c.valid_until < before).limit(BULK_ROWS))

    def from_station(self, station: str) -> list[tuple[NetworkSession, str]]:
        """Return the open sessions of a Calling-Station-Id, each with the name of its NAS."""
        if not station:
            return []
        found = self._found(_open().where(sessions.c.calling_station == station))
        names = {row.id: row.name for row in self.conn.execute(select(nas.c.id, nas.c.name))} if found else {}
        return [(each, names.get(each.nas_id, "")) for each in found]

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one."""
        return StoredAlarms(self.conn, self.keyring, self.random, self.writer).raise_alarm(alarm, at)

    def password_used(self, password_id: int, station: str, place: str, at: float) -> None:
        """Keep when, where and from which endpoint a network password was used."""
        network_passwords.used(self.conn, password_id, station, place, at)

    def proven_by_8021x(self, station: str, place: str, at: float) -> None:
        """Keep that a registered endpoint did 802.1X."""
        stored_endpoints.proven_by_8021x(self.conn, spelt(station), place, at)

    def quiet(self, now: float, silence: Silence) -> list[NetworkSession]:
        """Return live sessions that have fallen silent by now, at most as many as one transaction takes."""
        patience_s = silence.intervals * sessions.c.interim_s
        late = (sessions.c.heard_at + patience_s < now, silence.listening_since + patience_s < now)
        live = sessions.c.state == State.LIVE.value
        return self._found(select(sessions).where(live, *late).limit(BULK_ROWS))

    def restarted_at(self, nas_id: int, nas_address: str) -> float | None:
        """Return when the NAS at an address last said that it went off or came on."""
        key = (nas_id, nas_address)
        if key not in self._restarts:
            wanted = {"of_nas": nas_id, "of_address": nas_address}
            self._restarts[key] = self.conn.execute(_RESTARTED, wanted).scalar()
        return self._restarts[key]

    def restart(self, nas_id: int, nas_address: str, at: float) -> None:
        """Remember that it did, unless it has done so since."""
        before = self.restarted_at(nas_id, nas_address)
        if before is None:
            row = {"nas_id": nas_id, "address": nas_address, "at": at}
            self.conn.execute(insert(nas_restarts).values(row))
        elif before < at:
            here = (nas_restarts.c.nas_id == nas_id, nas_restarts.c.address == nas_address)
            self.conn.execute(update(nas_restarts).where(*here).values(at=at))
        self._restarts[nas_id, nas_address] = max(at, before or at)

    def save(self, session: NetworkSession, at: float) -> int:
        """Keep a session, tell the feed, and return its id."""
        return save(self.conn, session, at)

    def settle(self, session: NetworkSession, settled: Settled, at: float) -> None:
        """Write down what became of a wish about a session."""
        if wishes.settle(self.conn, session, settled, at):
            self.note(wishes.entry(session, settled, at))

    def lease(self, session_id: int, networks: Collection[str], since: float) -> None:
        """Write down that a session has these from a moment on."""
        address_leases.begin(self.conn, session_id, networks, since)

    def release(self, session_id: int, networks: Collection[str], until: float) -> None:
        """Write down that it no longer has them."""
        address_leases.end(self.conn, session_id, networks, until)

    def had(self, session_id: int, networks: Collection[str], since: float, until: float) -> None:
        """Write down that a session had these between two moments, unless that is known."""
        address_leases.add_past(self.conn, session_id, networks, since, until)

    def note(self, entry: AuditEntry) -> None:
        """Write an entry of this process."""
        audit.record(self.conn, self.writer, entry, self.keyring, self.random)

    def _found(self, query: Select[Any]) -> list[NetworkSession]:
        rows = self.conn.execute(query.order_by(sessions.c.id)).mappings()
        return [_session(row) for row in rows]


def session_by_id(conn: Connection, session_id: int) -> NetworkSession | None:
    """Return one session."""
    row = conn.execute(select(sessions).where(sessions.c.id == session_id)).mappings().first()
    return _session(row) if row else None


def open_sessions(conn: Connection) -> list[NetworkSession]:
    """Return every session that is admitted or live, by id."""
    return [_session(row) for row in conn.execute(_open().order_by(sessions.c.id)).mappings()]


def save(conn: Connection, session: NetworkSession, at: float) -> int:
    """Keep a session as it is now, tell the feed, and return its id.

    Somebody who is not known any more leaves the session with nobody in it. The wish to disconnect is not
    written: others may be wishing at the same moment.
    """
    values = {name: _plain(getattr(session, name)) for name in _SAVED}
    values["prefixes"] = " ".join(session.prefixes)
    session_id = session.id
    if session_id:
        conn.execute(_UPDATE, values | {"session_id": session_id})
    else:
        session_id = conn.execute(_INSERT, values).scalar_one()
    feed.append(conn, feed.Topic.SESSION, str(session_id), session.organization_id, at)
    return int(session_id)


def _open() -> Select[Any]:
    return select(sessions).where(sessions.c.state.in_(OPEN))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


def _session(row: RowMapping) -> NetworkSession:
    values = {name: row[sessions.c[name]] for name in NetworkSession.__slots__}
    values |= {"state": State(row["state"]), "disconnect": Disconnect(row["disconnect"])}
    values |= {"wish": Wish(row["wish"]), "prefixes": tuple(row["prefixes"].split())}
    return NetworkSession(**values)
