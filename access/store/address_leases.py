"""Who had which address from when to when. ◆

A row is one session with one network: an address as /32 or /128, a prefix as it was delegated. An address is
looked for under every network it can lie in, so each look is a few short ranges of one index, however many
years of rows there are.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_network
from typing import Any

from sqlalchemy import Connection, Double, Row, Select, and_, bindparam, case, or_, select, update

from access.nas.registry import IPAddress
from access.shown import HolderLine
from access.store import many_rows
from access.store.prepared import Prepared
from access.store.tables import address_leases, nas, sessions, users

# Shorter prefixes are delegated to nobody.
SHORTEST_PREFIX = 32
MOST = 100

_COLUMNS = ("session_id", "network", "since", "until")
_LATER = bindparam("end", type_=Double)
_END = Prepared(
    update(address_leases)
    .where(
        address_leases.c.session_id == bindparam("of_session"),
        address_leases.c.network == bindparam("of_network"),
        address_leases.c.until.is_(None),
    )
    .values(until=case((address_leases.c.since > _LATER, address_leases.c.since), else_=_LATER))
)
_NETWORKS_OF = select(address_leases.c.network).where(address_leases.c.session_id == bindparam("of_session"))


@dataclass(slots=True)
class Leases:
    """What begins and ends in one transaction, written together."""

    conn: Connection
    _begun: list[dict[str, Any]] = field(default_factory=list, init=False)
    _open: dict[tuple[int, str], list[dict[str, Any]]] = field(default_factory=dict, init=False)
    _ended: list[dict[str, Any]] = field(default_factory=list, init=False)

    def begin(self, session_id: int, networks: Collection[str], since: float) -> None:
        """Keep that a session has these from a moment on."""
        for network in networks:
            row = {"session_id": session_id, "network": network, "since": since, "until": None}
            self._begun.append(row)
            self._open.setdefault((session_id, network), []).append(row)

    def end(self, session_id: int, networks: Collection[str], until: float) -> None:
        """Keep that a session no longer has these; a moment before they began is that moment."""
        for network in networks:
            for row in self._open.pop((session_id, network), ()):
                row["until"] = max(row["since"], until)
            self._ended.append({"of_session": session_id, "of_network": network, "end": until})

    def add_past(self, session_id: int, networks: Collection[str], since: float, until: float) -> None:
        """Keep that a session had these between two moments, unless something is known of them."""
        self.write()
        known = set(self.conn.execute(_NETWORKS_OF, {"of_session": session_id}).scalars())
        for network in networks:
            if network not in known:
                row = {"session_id": session_id, "network": network}
                self._begun.append({**row, "since": min(since, until), "until": until})

    def write(self) -> None:
        """Write all of it: what has ended first, which is about what was there before."""
        _END.run(self.conn, self._ended)
        rows = [tuple(each[name] for name in _COLUMNS) for each in self._begun]
        many_rows.add(self.conn, address_leases, _COLUMNS, rows)
        self._begun, self._ended, self._open = [], [], {}


def end_all(conn: Connection, session_id: int, until: float) -> None:
    """Write down that a session has nothing any more; a moment before it had it is that moment."""
    mine = (address_leases.c.session_id == session_id, address_leases.c.until.is_(None))
    later = case((address_leases.c.since > until, address_leases.c.since), else_=until)
    conn.execute(update(address_leases).where(*mine).values(until=later))


def holders(
    conn: Connection, address: IPAddress, at: float, organization_id: int | None = None
) -> list[HolderLine]:
    """Return the sessions that had an address at a moment, the one that came last first."""
    query = holders_query(address, at)
    if organization_id is not None:
        query = query.where(sessions.c.organization_id == organization_id)
    return [_held(row) for row in conn.execute(query)]


def holders_query(address: IPAddress, at: float) -> Select[tuple[object, ...]]:
    """Return the query of holders, for whoever wants to see how it is carried out."""
    then = and_(
        address_leases.c.network.in_(list(_networks_around(address))),
        address_leases.c.since <= at,
        or_(address_leases.c.until.is_(None), address_leases.c.until > at),
    )
    return (
        select(
            address_leases.c.session_id,
            address_leases.c.network,
            address_leases.c.since,
            address_leases.c.until,
            sessions.c.user_id,
            sessions.c.user_name,
            sessions.c.calling_station,
            nas.c.name.label("nas_name"),
            users.c.display_name,
        )
        .join_from(address_leases, sessions, sessions.c.id == address_leases.c.session_id)
        .join(nas, nas.c.id == sessions.c.nas_id)
        .outerjoin(users, users.c.id == sessions.c.user_id)
        .where(then)
        .order_by(address_leases.c.since.desc(), address_leases.c.id.desc())
        .limit(MOST)
    )


def _networks_around(address: IPAddress) -> Iterator[str]:
    """Yield the networks in which an address can have been somebody's."""
    yield f"{address}/{address.max_prefixlen}"
    if isinstance(address, IPv6Address):
        for length in range(address.max_prefixlen - 1, SHORTEST_PREFIX - 1, -1):
            yield str(ip_network((address, length), strict=False))


def _held(row: Row[tuple[object, ...]]) -> HolderLine:
    return HolderLine(
        session_id=row.session_id,
        user_id=row.user_id,
        user_name=row.user_name,
        display_name=row.display_name or "",
        calling_station=row.calling_station,
        nas=row.nas_name,
        network=row.network,
        since=row.since,
        until=row.until,
    )
