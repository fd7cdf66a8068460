"""Links between two memberships of one person: who shares what they prove themselves with. ◆"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, insert, or_, select, update

from access.people.person_link import Link, LinkState, Membership
from access.store import feed
from access.store.tables import organizations, person_links, users, web_sessions

_OPEN = (LinkState.PROPOSED.value, LinkState.LINKED.value)
_ONE, _TWO = users.alias("one"), users.alias("two")
_HERE, _THERE = organizations.alias("here"), organizations.alias("there")
_SELECT = (
    select(
        person_links,
        *(
            column.label(f"{side}_{column.name}")
            for side, table in (("one", _ONE), ("two", _TWO))
            for column in (
                table.c.id,
                table.c.organization_id,
                table.c.name,
                table.c.display_name,
                table.c.enabled,
                table.c.vanished_at,
            )
        ),
        *(
            column.label(f"{side}_{column.name}")
            for side, table in (("here", _HERE), ("there", _THERE))
            for column in (table.c.key, table.c.name)
        ),
    )
    .join(_ONE, _ONE.c.id == person_links.c.user_id)
    .join(_TWO, _TWO.c.id == person_links.c.other_id)
    .join(_HERE, _HERE.c.id == _ONE.c.organization_id)
    .join(_THERE, _THERE.c.id == _TWO.c.organization_id)
)
_STANDING = select(person_links.c.user_id, person_links.c.other_id).where(
    person_links.c.state == LinkState.LINKED.value
)
_OF_ONE = _STANDING.where(
    or_(person_links.c.user_id == bindparam("user_id"), person_links.c.other_id == bindparam("user_id"))
)

# Those whom user_id is linked to.
LINKED_TO = select(
    case(
        (person_links.c.user_id == bindparam("user_id"), person_links.c.other_id),
        else_=person_links.c.user_id,
    )
).where(
    person_links.c.state == LinkState.LINKED.value,
    or_(person_links.c.user_id == bindparam("user_id"), person_links.c.other_id == bindparam("user_id")),
)


def sharing(conn: Connection, user_id: int) -> tuple[int, ...]:
    """Return whose phones count for a membership: its own id, then those it is linked to.

    Links are not followed further: each pair of companies has approved its own.
    """
    pairs = conn.execute(_OF_ONE, {"user_id": user_id})
    return (user_id, *sorted({two if one == user_id else one for one, two in pairs}))


def once_sharing(conn: Connection, user_id: int) -> tuple[int, ...]:
    """Return the same with those whose link was cut: what counted for a membership once."""
    both = (person_links.c.user_id, person_links.c.other_id)
    was = person_links.c.state.in_((LinkState.LINKED.value, LinkState.CUT.value))
    pairs = conn.execute(select(*both).where(was, or_(*(side == user_id for side in both))))
    return (user_id, *sorted({each for pair in pairs for each in pair} - {user_id}))


def sharing_of(conn: Connection, user_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return the same for some people."""
    return {user_id: sharing(conn, user_id) for user_id in user_ids}


def linked(conn: Connection) -> frozenset[int]:
    """Return every membership that is linked to any other."""
    return frozenset(user_id for pair in conn.execute(_STANDING) for user_id in pair)


def by_id(conn: Connection, link_id: int) -> Link | None:
    """Return a link."""
    row = conn.execute(_SELECT.where(person_links.c.id == link_id)).first()
    return _link(row) if row is not None else None


def of_user(conn: Connection, user_id: int) -> tuple[Link, ...]:
    """Return the links of a membership that stand."""
    mine = or_(person_links.c.user_id == user_id, person_links.c.other_id == user_id)
    return _all(conn, _SELECT.where(mine, person_links.c.state == LinkState.LINKED.value))


def open_ones(conn: Connection, organization_id: int | None = None) -> tuple[Link, ...]:
    """Return what is proposed or stands, of one company or of all, the newest first."""
    query = _SELECT.where(person_links.c.state.in_(_OPEN))
    if organization_id is not None:
        sides = (_ONE.c.organization_id == organization_id, _TWO.c.organization_id == organization_id)
        query = query.where(or_(*sides))
    return _all(conn, query)


def membership(conn: Connection, user_id: int) -> Membership:
    """Return one membership."""
    row = conn.execute(
        select(users, organizations.c.key, organizations.c.name.label("company"))
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(users.c.id == user_id)
    ).one()
    present = row.enabled and row.vanished_at is None
    login = f"{row.name}@{row.key}"
    return Membership(
        row.id, row.organization_id, row.key, row.company, login, row.display_name, bool(present)
    )


def between(conn: Connection, user: Membership, other: Membership) -> Link | None:
    """Return what is proposed or stands between these two, or between one and the other's company."""
    found = (
        link
        for mine, theirs in ((user, other), (other, user))
        for link in open_of(conn, mine.user_id)
        if link.beyond(mine.organization_id).organization_id == theirs.organization_id
    )
    return next(found, None)


def open_of(conn: Connection, user_id: int) -> tuple[Link, ...]:
    """Return what is proposed for a membership, and what stands."""
    mine = or_(person_links.c.user_id == user_id, person_links.c.other_id == user_id)
    return _all(conn, _SELECT.where(mine, person_links.c.state.in_(_OPEN)))


def propose(conn: Connection, user_id: int, other_id: int, by: int, at: float) -> int:
    """Keep a proposal, and return its number."""
    row = {"user_id": user_id, "other_id": other_id, "state": LinkState.PROPOSED.value}
    row |= {"proposed_at": at, "proposed_by": by}
    made = conn.execute(insert(person_links).values(**row).returning(person_links.c.id))
    link_id = int(made.scalar_one())
    for side in (user_id, other_id):
        owner = select(users.c.organization_id).where(users.c.id == side)
        feed.append(conn, feed.Topic.LINK, str(link_id), conn.execute(owner).scalar_one(), at)
    return link_id


def decide(conn: Connection, link: Link, state: LinkState, by: int | None, at: float) -> bool:
    """Move a link on if nobody else has; return whether that was done.

    Browsers that act for one membership after the other's password are signed out where it stands no more.
    """
    moved = (
        update(person_links)
        .where(person_links.c.id == link.id, person_links.c.state == link.state.value)
        .values(state=state.value, decided_at=at, decided_by=by)
    )
    if conn.execute(moved).rowcount != 1:
        return False
    if link.state is LinkState.LINKED:
        conn.execute(web_sessions.delete().where(_across(link)))
    for side in (link.user, link.other):
        feed.append(conn, feed.Topic.LINK, str(link.id), side.organization_id, at)
    return True


def _across(link: Link) -> ColumnElement[bool]:
    one, two = link.user.user_id, link.other.user_id
    acts, signed_in = web_sessions.c.user_id, web_sessions.c.signed_in_as
    return ((acts == one) & (signed_in == two)) | ((acts == two) & (signed_in == one))


def _all(conn: Connection, query: Select[Any]) -> tuple[Link, ...]:
    return tuple(map(_link, conn.execute(query.order_by(person_links.c.id.desc()))))


def _link(row: Row[Any]) -> Link:
    return Link(
        id=row.id,
        user=_side(row, "one", "here"),
        other=_side(row, "two", "there"),
        state=LinkState(row.state),
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
    )


def _side(row: Row[Any], person: str, company: str) -> Membership:
    named = row._mapping
    return Membership(
        user_id=named[f"{person}_id"],
        organization_id=named[f"{person}_organization_id"],
        organization=named[f"{company}_key"],
        company=named[f"{company}_name"],
        login=f"{named[f'{person}_name']}@{named[f'{company}_key']}",
        display_name=named[f"{person}_display_name"],
        present=bool(named[f"{person}_enabled"]) and named[f"{person}_vanished_at"] is None,
    )
