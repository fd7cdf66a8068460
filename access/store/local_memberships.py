"""Who is in local groups, and until when: made of what is listed whenever that or a directory changes. ◆

Every change tells the feed of whom it touches.
"""

from collections.abc import Collection, Iterable
from itertools import islice
from math import inf

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from access.people.local_group import LOCAL, ends
from access.store import feed
from access.store.database import Database
from access.store.feed import Topic
from access.store.tables import (
    ending_memberships,
    groups,
    local_members,
    memberships,
    organizations,
    users,
)

IN_AT_MOST = 500


def end(database: Database, now: float) -> int:
    """Forget every membership whose end has come, and return how many there were.

    They count no longer anyway: this tells the feed, and keeps the lists short.
    """
    over = ending_memberships.c.until <= now
    listed = local_members.c.until <= now
    due = or_(exists(select(ending_memberships).where(over)), exists(select(local_members).where(listed)))
    with database.read() as conn:
        if not conn.execute(select(due)).scalar():
            return 0
    with database.write() as conn:
        gone = delete(ending_memberships).where(over).returning(ending_memberships.c.user_id)
        people = set(conn.execute(gone).scalars())
        whose = delete(local_members).where(listed).returning(local_members.c.group_id)
        touched = set(conn.execute(whose).scalars())
        _tell(conn, people, touched, now)
    return len(people)


def settle(conn: Connection, organization_id: int, user_ids: Iterable[int], now: float) -> int:
    """Make true what these people are in by local groups; how many of them that changes."""
    above = above_in(conn, organization_id)
    changed: set[int] = set()
    remaining = iter(sorted(set(user_ids)))
    while some := list(islice(remaining, IN_AT_MOST)):
        changed |= _settle_some(conn, above, some, now)
    _tell(conn, changed, (), now)
    return len(changed)


def ending_of(conn: Connection, user_ids: Collection[int] | None) -> dict[int, tuple[tuple[str, float], ...]]:
    """The local groups that people are in, each as "organization/group" with its end; None: of everybody."""
    query = (
        select(ending_memberships.c.user_id, organizations.c.key, groups.c.name, ending_memberships.c.until)
        .join(groups, groups.c.id == ending_memberships.c.group_id)
        .join(organizations, organizations.c.id == groups.c.organization_id)
        .order_by(ending_memberships.c.user_id, ending_memberships.c.group_id)
    )
    if user_ids is not None:
        query = query.where(ending_memberships.c.user_id.in_(user_ids))
    found: dict[int, tuple[tuple[str, float], ...]] = {}
    for user_id, key, name, until in conn.execute(query):
        found[user_id] = (*found.get(user_id, ()), (f"{key}/{name}", until))
    return found


def has_any(conn: Connection, organization_id: int) -> bool:
    """Whether a company keeps groups here."""
    here = select(groups.c.id).where(groups.c.organization_id == organization_id, groups.c.directory == LOCAL)
    return conn.execute(here.limit(1)).first() is not None


def names_nested_in(conn: Connection, organization: str) -> frozenset[str]:
    """The names of the groups of a company, by its key, that are listed in local ones."""
    listed = exists().where(local_members.c.member_group_id == groups.c.id)
    here = (
        select(groups.c.name)
        .join(organizations, organizations.c.id == groups.c.organization_id)
        .where(organizations.c.key == organization, listed)
    )
    return frozenset(conn.execute(here).scalars())


def above_in(conn: Connection, organization_id: int) -> dict[int, dict[int, float]]:
    """The local groups of a company that each group is listed in, with the end of that."""
    rows = conn.execute(
        select(local_members.c.member_group_id, local_members.c.group_id, local_members.c.until)
        .join(groups, groups.c.id == local_members.c.group_id)
        .where(groups.c.organization_id == organization_id, local_members.c.member_group_id.is_not(None))
    )
    found: dict[int, dict[int, float]] = {}
    for member, group, until in rows:
        found.setdefault(member, {})[group] = until
    return found


def _settle_some(
    conn: Connection, above: dict[int, dict[int, float]], some: list[int], now: float
) -> set[int]:
    here = set(
        conn.execute(select(users.c.id).where(users.c.id.in_(some), users.c.vanished_at.is_(None))).scalars()
    )
    direct: dict[int, dict[int, float]] = {user_id: {} for user_id in some}
    listed = select(local_members.c.user_id, local_members.c.group_id, local_members.c.until)
    for user_id, group, until in conn.execute(listed.where(local_members.c.user_id.in_(some))):
        direct[user_id][group] = until
    if above:
        placed = select(memberships.c.user_id, memberships.c.group_id)
        for user_id, group in conn.execute(placed.where(memberships.c.user_id.in_(some))):
            if group in above:
                direct[user_id][group] = inf
    there: dict[int, dict[int, float]] = {user_id: {} for user_id in some}
    now_in = select(ending_memberships).where(ending_memberships.c.user_id.in_(some))
    for row in conn.execute(now_in):
        there[row.user_id][row.group_id] = row.until
    changed = set()
    for user_id in some:
        held = ends(direct[user_id], above) if user_id in here else {}
        wanted = {group: until for group, until in held.items() if now < until < inf}
        if wanted != there[user_id]:
            changed.add(user_id)
            conn.execute(delete(ending_memberships).where(ending_memberships.c.user_id == user_id))
            rows = [
                {"user_id": user_id, "group_id": group, "until": until} for group, until in wanted.items()
            ]
            if rows:
                conn.execute(insert(ending_memberships), rows)
    return changed


def people_in(conn: Connection, group_id: int) -> set[int]:
    placed = select(memberships.c.user_id).where(memberships.c.group_id == group_id)
    ending = select(ending_memberships.c.user_id).where(ending_memberships.c.group_id == group_id)
    return {*conn.execute(placed).scalars(), *conn.execute(ending).scalars()}


def _tell(conn: Connection, people: Collection[int], touched: Collection[int], now: float) -> None:
    remaining = iter(sorted(people))
    while some := list(islice(remaining, IN_AT_MOST)):
        bumped = update(users).where(users.c.id.in_(some)).values(revision=users.c.revision + 1)
        for row in conn.execute(bumped.returning(users.c.id, users.c.organization_id)):
            feed.append(conn, Topic.USER, str(row.id), row.organization_id, now)
    for group_id in sorted(touched):
        whose = conn.execute(select(groups.c.organization_id).where(groups.c.id == group_id)).scalar()
        feed.append(conn, Topic.GROUP, str(group_id), whose, now)
