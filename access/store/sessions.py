"""Sessions on the network: found by their Class, every change in the feed. ◆"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, or_, select, update

from access.accounting import Place
from access.audit import AuditEntry
from access.network_session import Disconnect, NetworkSession, State
from access.pools import networks
from access.sealing import Keyring
from access.store import audit, feed
from access.store.database import BULK_ROWS
from access.store.tables import devices, endpoints, nas, sessions, users

_NOT_SAVED = frozenset({"id", "disconnect", "disconnect_at", "disconnect_note"})
OPEN = (State.ADMITTED.value, State.LIVE.value)


@dataclass(frozen=True, slots=True)
class StoredSessions:
    """The port of access.accounting, in one transaction. writer names this process in the audit."""

    conn: Connection
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def place(self, nas_id: int) -> Place | None:
        """Return where a NAS stands; None if it is not known any more."""
        found = (
            select(nas.c.organization_id, nas.c.via, nas.c.gateway_id, devices.c.pools)
            .outerjoin(devices, devices.c.id == nas.c.gateway_id)
            .where(nas.c.id == nas_id)
        )
        row = self.conn.execute(found).first()
        if row is None:
            return None
        return Place(nas_id, row.organization_id, row.via, row.gateway_id, networks(row.pools))

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""
        found = self._found(select(sessions).where(sessions.c.class_ == class_))
        return found[0] if found else None

    def with_address(self, gateway_id: int, address: str) -> list[NetworkSession]:
        """Return the open sessions of a gateway that have an address."""
        has = or_(sessions.c.address4 == address, sessions.c.address6 == address)
        return self._found(_open().where(has, sessions.c.gateway_id == gateway_id))

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the open sessions that a NAS calls by this name."""
        named = sessions.c.acct_session_id == acct_session_id
        return self._found(_open().where(sessions.c.nas_id == nas_id, named))

    def open_at(self, nas_id: int) -> list[NetworkSession]:
        """Return every open session of a NAS."""
        return self._found(_open().where(sessions.c.nas_id == nas_id))

    def overdue(self, before: float) -> list[NetworkSession]:
        """Return open sessions that were to end before a moment, at most as many as one transaction takes."""
        return self._found(_open().where(sessions.c.valid_until < before).limit(BULK_ROWS))

    def save(self, session: NetworkSession, at: float) -> int:
        """Keep a session, tell the feed, and return its id."""
        return save(self.conn, session, at)

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
    values = {name: _plain(value) for name, value in asdict(session).items() if name not in _NOT_SAVED}
    if not _exists(conn, users.c.id, session.user_id):
        values["user_id"] = None
    if not _exists(conn, endpoints.c.id, session.endpoint_id):
        values["endpoint_id"] = None
    session_id = session.id
    if session_id:
        conn.execute(update(sessions).where(sessions.c.id == session_id).values(values))
    else:
        session_id = conn.execute(insert(sessions).values(values).returning(sessions.c.id)).scalar_one()
    feed.append(conn, feed.Topic.SESSION, str(session_id), session.organization_id, at)
    return int(session_id)


def _open() -> Select[Any]:
    return select(sessions).where(sessions.c.state.in_(OPEN))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


def _exists(conn: Connection, column: Any, row_id: int | None) -> bool:
    return row_id is not None and conn.execute(select(column).where(column == row_id)).first() is not None


def _session(row: RowMapping) -> NetworkSession:
    values = {name: row[sessions.c[name]] for name in NetworkSession.__slots__}
    values |= {"state": State(row["state"]), "disconnect": Disconnect(row["disconnect"])}
    return NetworkSession(**values)
