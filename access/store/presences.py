"""Open sessions as a RADIUS worker counts them, whole and then by the change feed. ◆"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from access.model import Via
from access.network_session import Wish
from access.presence import PresenceNews, Present
from access.store import feed
from access.store.database import Database
from access.store.feed import Position, Pruned, Topic
from access.store.sessions import OPEN
from access.store.tables import sessions

# Beyond this many it is quicker to read everything again.
MOST_CHANGES = 2000


@dataclass(slots=True)
class Presences:
    """The database as it is counted. Not for two threads at once."""

    database: Database
    _position: Position | None = field(default=None, init=False)

    def news(self) -> PresenceNews:
        """Return what changed since the last call, everything at the first. Raises Unavailable."""
        with self.database.read() as conn:
            head = feed.head(conn)
            if head == self._position:
                return PresenceNews()
            changed = None if self._position is None else _changed(conn, self._position)
            news = _all(conn) if changed is None else _some(conn, changed)
        self._position = head
        return news

    def forget(self) -> None:
        """Read everything the next time."""
        self._position = None


def of_user(conn: Connection, user_id: int) -> list[Present]:
    """Return the open sessions of a person."""
    mine = select(sessions).where(sessions.c.user_id == user_id, sessions.c.state.in_(OPEN))
    return [present_of(row) for row in conn.execute(mine)]


def _changed(conn: Connection, position: Position) -> set[int] | None:
    """Return the ids of sessions that changed; None where there are too many."""
    try:
        changes = feed.since(conn, position, MOST_CHANGES)
    except Pruned:
        return None
    if len(changes) == MOST_CHANGES:
        return None
    return {int(change.key) for change in changes if change.topic is Topic.SESSION}


def _all(conn: Connection) -> PresenceNews:
    rows = conn.execute(select(sessions).where(sessions.c.state.in_(OPEN)))
    return PresenceNews(tuple(map(present_of, rows)), whole=True)


def _some(conn: Connection, ids: Collection[int]) -> PresenceNews:
    known, gone = [], []
    remaining = sorted(ids)
    while remaining:
        some, remaining = remaining[:500], remaining[500:]
        for row in conn.execute(select(sessions).where(sessions.c.id.in_(some))):
            if row.state in OPEN:
                known.append(present_of(row))
            else:
                gone.append(bytes(row._mapping[sessions.c.class_]))
    return PresenceNews(tuple(known), tuple(gone))


def present_of(row: Row[Any]) -> Present:
    """Return a row of sessions as what counts."""
    return Present(
        class_=bytes(row._mapping[sessions.c.class_]),
        organization_id=row.organization_id,
        user_id=row.user_id,
        station=row.calling_station,
        admitted_at=row.admitted_at,
        via=Via(row.via),
        valid_until=row.valid_until,
        heard_at=row.heard_at,
        interim_s=row.interim_s,
        leaving=bool(row.disconnect) and row.wish == Wish.END,
    )
