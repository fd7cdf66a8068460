"""Who had which address from when to when. ◆

A row is one session with one network: an address as /32 or /128, a prefix as it was delegated. An address is
looked for under every network it can lie in, so each look is a few short ranges of one index, however many
years of rows there are.
"""

from collections.abc import Collection, Iterator
from ipaddress import IPv6Address, ip_network

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from access.registry import IPAddress
from access.shown import HolderLine
from access.store.tables import address_leases, nas, sessions, users

# Shorter prefixes are delegated to nobody.
SHORTEST_PREFIX = 32
MOST = 100


def begin(conn: Connection, session_id: int, networks: Collection[str], since: float) -> None:
    """Write down that a session has these from a moment on."""
    rows = [{"session_id": session_id, "network": network, "since": since} for network in networks]
    conn.execute(insert(address_leases), rows)


def end(conn: Connection, session_id: int, networks: Collection[str], until: float) -> None:
    """Write down that a session no longer has these; a moment before they began is that moment."""
    held = (
        address_leases.c.session_id == session_id,
        address_leases.c.network.in_(networks),
        address_leases.c.until.is_(None),
    )
    late = and_(*held, address_leases.c.since > until)
    conn.execute(update(address_leases).where(late).values(until=address_leases.c.since))
    conn.execute(update(address_leases).where(*held).values(until=until))


def end_all(conn: Connection, session_id: int, until: float) -> None:
    """Write down that a session has nothing any more."""
    mine = address_leases.c.session_id == session_id
    held = conn.execute(select(address_leases.c.network).where(mine, address_leases.c.until.is_(None)))
    if networks := list(held.scalars()):
        end(conn, session_id, networks, until)


def add_past(
    conn: Connection, session_id: int, networks: Collection[str], since: float, until: float
) -> None:
    """Write down that a session had these between two moments, unless something is known of them."""
    mine = select(address_leases.c.network).where(address_leases.c.session_id == session_id)
    known = set(conn.execute(mine).scalars())
    rows = [
        {"session_id": session_id, "network": network, "since": min(since, until), "until": until}
        for network in networks
        if network not in known
    ]
    if rows:
        conn.execute(insert(address_leases), rows)


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
