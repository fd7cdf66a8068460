"""Sessions on the network as they are stored, one or all that are open. ◆"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from access.logins.network_session import Disconnect, NetworkSession, State, Wish
from access.store.tables import sessions

OPEN = (State.ADMITTED.value, State.LIVE.value)
_NAMES = tuple(NetworkSession.__slots__)
# What session_of reads: every column in the order in which a session has it.
SESSIONS = select(*(sessions.c[name] for name in _NAMES))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_KINDS: dict[str, Callable[[Any], Any]] = {
    "state": State,
    "disconnect": Disconnect,
    "wish": Wish,
    "prefixes": _words,
}
_READ = tuple((_NAMES.index(name), read) for name, read in _KINDS.items())


def session_by_id(conn: Connection, session_id: int) -> NetworkSession | None:
    """Return one session."""
    row = conn.execute(SESSIONS.where(sessions.c.id == session_id)).first()
    return session_of(row) if row else None


def open_sessions(conn: Connection) -> list[NetworkSession]:
    """Return every session that is admitted or live, by id."""
    return [session_of(row) for row in conn.execute(open_ones().order_by(sessions.c.id))]


def open_ones() -> Select[Any]:
    """The query of every session that is admitted or live."""
    return SESSIONS.where(sessions.c.state.in_(OPEN))


def session_of(row: Row[Any]) -> NetworkSession:
    """The session that a row of SESSIONS is."""
    values = list(row)
    for place, read in _READ:
        values[place] = read(values[place])
    return NetworkSession(*values)
