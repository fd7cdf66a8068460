"""Groups that are kept here: what there is, and who is listed in them. ◆"""

from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, or_, select, update

from access.model import User
from access.people.local_group import (
    LOCAL,
    Act,
    BadLocalGroup,
    LocalGroup,
    LocalMember,
    NewLocalGroup,
    leads_to,
)
from access.people.local_user import Random
from access.store import feed
from access.store.feed import Topic
from access.store.local_memberships import above_in, people_in, settle
from access.store.tables import groups, local_groups, local_members, organizations, users

_OWNERS, _THEIRS = users.alias("owners"), organizations.alias("theirs")
_INNER, _COMPANIES = groups.alias("inner"), organizations.alias("companies")


def add(conn: Connection, new: NewLocalGroup, act: Act, random: Random) -> int:
    """Make a group, and return its id. Raises BadLocalGroup where the company has one of this name."""
    company = new.organization_id
    conn.execute(select(organizations.c.id).where(organizations.c.id == company).with_for_update())
    here = select(groups.c.id).where(groups.c.organization_id == company, groups.c.name == new.name)
    if conn.execute(here).first() is not None:
        raise BadLocalGroup(
            f"The company has a group {new.name} already. Choose another name.",
            f"회사에 {new.name} 그룹이 이미 있습니다. 다른 이름을 쓰세요.",
        )
    row = {
        "organization_id": company,
        "entry_uuid": str(UUID(bytes=random(16), version=4)),
        "name": new.name,
        "dn": LOCAL,
        "directory": LOCAL,
    }
    group_id: int = conn.execute(insert(groups).values(**row).returning(groups.c.id)).scalar_one()
    kept = {"owner_id": new.owner.id, "purpose": new.purpose, "created_at": act.at, "created_by": act.by}
    conn.execute(insert(local_groups).values(group_id=group_id, **kept))
    feed.append(conn, Topic.GROUP, str(group_id), company, act.at)
    return group_id


def remove(conn: Connection, group: LocalGroup, now: float) -> None:
    """Take a group away with everything that is listed in it or that it is listed in."""
    inside = people_in(conn, group.id)
    either = or_(local_members.c.group_id == group.id, local_members.c.member_group_id == group.id)
    conn.execute(delete(local_members).where(either))
    conn.execute(delete(local_groups).where(local_groups.c.group_id == group.id))
    settle(conn, group.organization_id, inside, now)
    conn.execute(delete(groups).where(groups.c.id == group.id))
    feed.append(conn, Topic.GROUP, str(group.id), group.organization_id, now)


def hand_over(conn: Connection, group: LocalGroup, owner: User, now: float) -> None:
    """Let somebody else answer for a group."""
    conn.execute(update(local_groups).where(local_groups.c.group_id == group.id).values(owner_id=owner.id))
    feed.append(conn, Topic.GROUP, str(group.id), group.organization_id, now)


def put_user(conn: Connection, group: LocalGroup, user_id: int, until: float, act: Act) -> None:
    """List somebody in a group until an end, or give that another end."""
    _put(conn, group, {"user_id": user_id}, until, act)
    settle(conn, group.organization_id, [user_id], act.at)


def put_group(conn: Connection, group: LocalGroup, member_id: int, until: float, act: Act) -> None:
    """List another group in a group until an end. Raises BadLocalGroup where it would be in itself."""
    if leads_to(group.id, member_id, above_in(conn, group.organization_id)):
        raise BadLocalGroup(
            "A group cannot be in itself, nor in one that is in it.",
            "그룹은 자기 자신이나 자기 안에 있는 그룹에 넣을 수 없습니다.",
        )
    _put(conn, group, {"member_group_id": member_id}, until, act)
    settle(conn, group.organization_id, people_in(conn, member_id), act.at)


def take_user(conn: Connection, group: LocalGroup, user_id: int, now: float) -> bool:
    """Take somebody off a group's list; whether they were on it."""
    taken = _take(conn, group, local_members.c.user_id == user_id, now)
    settle(conn, group.organization_id, [user_id], now)
    return taken


def take_group(conn: Connection, group: LocalGroup, member_id: int, now: float) -> bool:
    """Take a group off a group's list; whether it was on it."""
    taken = _take(conn, group, local_members.c.member_group_id == member_id, now)
    settle(conn, group.organization_id, people_in(conn, member_id), now)
    return taken


def take(conn: Connection, group: LocalGroup, member_id: int, now: float) -> bool:
    """Take a row off a group's list; whether it was there."""
    mine = (local_members.c.id == member_id, local_members.c.group_id == group.id)
    row = conn.execute(select(local_members).where(*mine)).first()
    if row is None:
        return False
    if row.user_id is not None:
        return take_user(conn, group, row.user_id, now)
    return take_group(conn, group, row.member_group_id, now)


def all_groups(conn: Connection, organization_id: int | None = None) -> list[LocalGroup]:
    """Every local group, of one company or of all, by name."""
    query = _select().order_by(_COMPANIES.c.key, groups.c.name)
    if organization_id is not None:
        query = query.where(groups.c.organization_id == organization_id)
    return [_group(row) for row in conn.execute(query)]


def by_name(conn: Connection, organization_id: int, name: str) -> LocalGroup | None:
    """The local group of a name; None where the company keeps none."""
    found = _select().where(groups.c.organization_id == organization_id, groups.c.name == name)
    row = conn.execute(found).first()
    return _group(row) if row is not None else None


def by_id(conn: Connection, group_id: int) -> LocalGroup | None:
    """A local group."""
    row = conn.execute(_select().where(groups.c.id == group_id)).first()
    return _group(row) if row is not None else None


def group_id_of(conn: Connection, organization_id: int, name: str) -> int:
    """The id of any group of a company. Raises BadLocalGroup."""
    here = select(groups.c.id).where(groups.c.organization_id == organization_id, groups.c.name == name)
    found: int | None = conn.execute(here).scalar()
    if found is None:
        raise BadLocalGroup(f"The company has no group {name}.", f"회사에 {name} 그룹이 없습니다.")
    return found


def members(conn: Connection, group_id: int) -> list[LocalMember]:
    """What is listed in a group, the first to end before the others."""
    query = (
        select(local_members, users.c.name, _COMPANIES.c.key)
        .add_columns(_INNER.c.name.label("inner_name"), _THEIRS.c.key.label("inner_key"))
        .outerjoin(users, users.c.id == local_members.c.user_id)
        .outerjoin(_COMPANIES, _COMPANIES.c.id == users.c.organization_id)
        .outerjoin(_INNER, _INNER.c.id == local_members.c.member_group_id)
        .outerjoin(_THEIRS, _THEIRS.c.id == _INNER.c.organization_id)
        .where(local_members.c.group_id == group_id)
        .order_by(local_members.c.until, local_members.c.id)
    )
    return [
        LocalMember(
            f"user:{row.name}@{row.key}" if row.user_id else f"group:{row.inner_key}/{row.inner_name}",
            row.until,
            row.added_at,
            row.added_by,
            row.id,
        )
        for row in conn.execute(query)
    ]


def _put(conn: Connection, group: LocalGroup, who: dict[str, int], until: float, act: Act) -> None:
    same = [local_members.c[column] == value for column, value in who.items()]
    conn.execute(delete(local_members).where(local_members.c.group_id == group.id, *same))
    row = {"group_id": group.id, "until": until, "added_at": act.at, "added_by": act.by}
    conn.execute(insert(local_members).values(**row, **who))
    feed.append(conn, Topic.GROUP, str(group.id), group.organization_id, act.at)


def _take(conn: Connection, group: LocalGroup, which: ColumnElement[bool], now: float) -> bool:
    gone = delete(local_members).where(local_members.c.group_id == group.id, which)
    if conn.execute(gone).rowcount == 0:
        return False
    feed.append(conn, Topic.GROUP, str(group.id), group.organization_id, now)
    return True


def _select() -> Select[tuple[object, ...]]:
    return (
        select(local_groups, groups.c.id, groups.c.organization_id, groups.c.name)
        .add_columns(
            _COMPANIES.c.key, _OWNERS.c.name.label("owner_name"), _THEIRS.c.key.label("owner_company")
        )
        .join(groups, groups.c.id == local_groups.c.group_id)
        .join(_COMPANIES, _COMPANIES.c.id == groups.c.organization_id)
        .join(_OWNERS, _OWNERS.c.id == local_groups.c.owner_id)
        .join(_THEIRS, _THEIRS.c.id == _OWNERS.c.organization_id)
    )


def _group(row: Row[tuple[object, ...]]) -> LocalGroup:
    return LocalGroup(
        id=row.id,
        organization_id=row.organization_id,
        name=f"{row.key}/{row.name}",
        owner=f"{row.owner_name}@{row.owner_company}",
        purpose=row.purpose,
    )
