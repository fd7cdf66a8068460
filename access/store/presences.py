"""Open sessions as a RADIUS worker counts them, whole and then by the change feed. ◆"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, func, select

from access.logins.network_session import Wish
from access.logins.places import station_of
from access.logins.presence import PresenceNews, Present
from access.logins.risk import TRAIL_S, Visit
from access.model import Absent, Method, Via
from access.nas.registry import mac_octets
from access.store import feed
from access.store.database import Database
from access.store.feed import Position, Pruned, Topic
from access.store.sessions import OPEN
from access.store.tables import endpoints, nas, sessions

# Beyond this many it is quicker to read everything again.
MOST_CHANGES = 2000
# Of so many sessions that came last a reading of everything tells which are over.
LATEST = 10_000


@dataclass(slots=True)
class Presences:
    """The database as it is counted. Not for two threads at once."""

    database: Database
    clock: Callable[[], float]
    _position: Position | None = field(default=None, init=False)
    _visited: bool = field(default=False, init=False)

    def news(self, visits: bool = False) -> PresenceNews:
        """Return what changed since the last call, everything at the first. Raises Unavailable.

        visits: whether to read as well where people have been.
        """
        with self.database.read() as conn:
            head = feed.head(conn)
            first = visits and not self._visited
            if head == self._position and not first:
                self._visited = visits
                return PresenceNews()
            changed = None if self._position is None else _changed(conn, self._position)
            news = _all(conn) if changed is None else _some(conn, changed)
            if visits and (first or changed is None):
                news = replace(news, visits=tuple(all_visits(conn, self.clock())), all_visits=True)
        self._position, self._visited = head, visits
        return news

    def forget(self) -> None:
        """Read everything the next time."""
        self._position = None
        self._visited = False


def of_user(conn: Connection, user_id: int) -> list[Present]:
    """Return the open sessions of a person."""
    mine = _rows().where(sessions.c.user_id == user_id, sessions.c.state.in_(OPEN))
    return [present_of(row) for row in conn.execute(mine)]


def _rows() -> Select[Any]:
    return select(sessions, endpoints.c.mac.label("by_id_mac")).outerjoin(
        endpoints, endpoints.c.id == sessions.c.endpoint_id
    )


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
    rows = conn.execute(_rows().where(sessions.c.state.in_(OPEN)))
    return PresenceNews(tuple(map(present_of, rows)), tuple(_over(conn)), whole=True)


def _over(conn: Connection) -> Iterator[bytes]:
    """Return the Classes of those that are over among the latest: whoever granted one may think it open."""
    latest = (
        select(sessions.c.class_, sessions.c.state).order_by(sessions.c.id.desc()).limit(LATEST).subquery()
    )
    for (class_,) in conn.execute(select(latest.c.class_).where(latest.c.state.not_in(OPEN))):
        yield bytes(class_)


def _some(conn: Connection, ids: Collection[int]) -> PresenceNews:
    known, gone, visits = [], [], []
    remaining = sorted(ids)
    while remaining:
        some, remaining = remaining[:500], remaining[500:]
        found = _rows().join(nas, nas.c.id == sessions.c.nas_id).add_columns(nas.c.site)
        for row in conn.execute(found.where(sessions.c.id.in_(some))):
            if row.user_id is not None:
                visits.append((row.user_id, visit_of(row)))
            if row.state in OPEN:
                known.append(present_of(row))
            else:
                gone.append(bytes(row._mapping[sessions.c.class_]))
    return PresenceNews(tuple(known), tuple(gone), visits=tuple(visits))


def all_visits(conn: Connection, now: float, user_id: int | None = None) -> Iterator[tuple[int, Visit]]:
    """Yield where people, or one, were let in within the time that is looked back, each place once."""
    found = visits_since(now - TRAIL_S)
    whose = sessions.c.user_id.is_not(None) if user_id is None else sessions.c.user_id == user_id
    for row in conn.execute(found.where(whose)):
        yield row.user_id, visit_of(row)


def visits_since(moment: float) -> Select[Any]:
    """Return what asks where people were let in after a moment, each place once with the last time."""
    place = sessions.c.user_id, sessions.c.calling_station, sessions.c.country, nas.c.site
    return (
        select(*place, func.max(sessions.c.admitted_at).label("admitted_at"))
        .join(nas, nas.c.id == sessions.c.nas_id)
        .where(sessions.c.admitted_at > moment)
        .group_by(*place)
    )


def visit_of(row: Any) -> Visit:
    """Return the visit that a row of a session is; only a MAC address stands for an endpoint."""
    station = row.calling_station if mac_octets(row.calling_station) is not None else ""
    return Visit(station, row.country, row.site, row.admitted_at)


def present_of(row: Any) -> Present:
    """Return a row of sessions, with the MAC address of its registered endpoint, as what counts."""
    station = station_of(row.calling_station, row.by_id_mac)
    return Present(
        class_=bytes(getattr(row, "class")),
        organization_id=row.organization_id,
        user_id=row.user_id,
        station=row.calling_station,
        admitted_at=row.admitted_at,
        via=Via(row.via),
        valid_until=row.valid_until,
        heard_at=row.heard_at,
        interim_s=row.interim_s,
        leaving=bool(row.disconnect) and row.wish == Wish.END,
        endpoint="" if isinstance(station, Absent) else station,
        zone=row.zone,
        by_mac=row.method == Method.MAB,
    )
