"""People and their groups, as the directory process last wrote them. ◆"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, bindparam, exists, func, or_, select

from access.directory.kept import attributes_of
from access.model import User
from access.store import local_memberships, tables
from access.store.tables import ending_memberships, groups, memberships, users

# Of SQLAlchemy, or of the driver with its columns' names.
Row = Mapping[str, Any] | RowMapping
Ending = tuple[tuple[str, float], ...]
ESCAPE = "\\"
BATCH_ROWS = 2000


def user_by_name(conn: Connection, organization_id: int, name: str) -> User | None:
    """Return who has this name (spelt by naming.spell): who may use it before those who wait for it."""
    return _first(conn, _people().where(users.c.organization_id == organization_id, users.c.name == name))


def by_name(on_sqlite: bool) -> Select[Any]:
    """Return the question for the user with this organization_id and name, to be read with user_of."""
    return _BY_NAME_ON_SQLITE if on_sqlite else _BY_NAME_ON_POSTGRESQL


def user_of(row: Row) -> User:
    """Return the user of an answer to by_name(), without the local groups that no policy is asked about."""
    own = row["own_groups"] or ()
    return _user(row, frozenset(json.loads(own) if isinstance(own, str) else own), ())


def user_by_id(conn: Connection, user_id: int) -> User | None:
    """Return this user."""
    return _first(conn, _people().where(users.c.id == user_id))


def users_by_id(conn: Connection, user_ids: Sequence[int]) -> dict[int, User]:
    """Return those of these users that there are; two queries, however many they are (some hundreds)."""
    placed: dict[int, list[str]] = {}
    for user_id, group in conn.execute(_group_rows().where(memberships.c.user_id.in_(user_ids))):
        placed.setdefault(user_id, []).append(group)
    rows = conn.execute(_people().where(users.c.id.in_(user_ids)))
    ending = local_memberships.ending_of(conn, user_ids)
    return {
        row.id: _user(row._mapping, frozenset(placed.get(row.id, ())), ending.get(row.id, ())) for row in rows
    }


def search_users(conn: Connection, text: str, limit: int = 50) -> list[User]:
    """Return at most limit users whose name, display name, mail or employee number contains text."""
    pattern = f"%{_literal(text.strip().lower())}%"
    columns = (users.c.name, users.c.display_name, users.c.mail, users.c.employee_number)
    found = _people().where(or_(*(column.ilike(pattern, escape=ESCAPE) for column in columns)))
    rows = conn.execute(found.order_by(users.c.name, users.c.id).limit(limit)).all()
    return [_user(row._mapping, groups_of(conn, row.id), _ending(conn, row._mapping)) for row in rows]


def all_users(conn: Connection) -> Iterator[User]:
    """Yield every user the directory still shows, with all their groups, in the order of their ids."""
    names = group_names_by_id(conn)
    placed = conn.execute(
        select(memberships.c.user_id, memberships.c.group_id).order_by(memberships.c.user_id),
        execution_options={"yield_per": BATCH_ROWS},
    )
    ending = local_memberships.ending_of(conn, None)
    # Both are in the order of user ids: read side by side, nothing is held but one user's groups.
    ahead = next(placed, None)
    here = _people().where(users.c.vanished_at.is_(None)).order_by(users.c.id)
    for row in conn.execute(here, execution_options={"yield_per": BATCH_ROWS}):
        own = []
        while ahead is not None and ahead.user_id <= row.id:
            if ahead.user_id == row.id:
                own.append(names[ahead.group_id])
            ahead = next(placed, None)
        yield _user(row._mapping, frozenset(own), ending.get(row.id, ()))


def groups_of(conn: Connection, user_id: int) -> frozenset[str]:
    """Return every group the user is in, nested ones included, as "organization/group"."""
    return frozenset(
        group for _, group in conn.execute(_group_rows().where(memberships.c.user_id == user_id))
    )


def group_names(conn: Connection) -> frozenset[str]:
    """Return every group of every organization as "organization/group"."""
    return frozenset(group_names_by_id(conn).values())


def _group_rows() -> Select[Any]:
    """Return the query for (user id, "organization/group")."""
    organization = tables.organizations
    return (
        select(memberships.c.user_id, organization.c.key + "/" + groups.c.name)
        .join_from(memberships, groups, groups.c.id == memberships.c.group_id)
        .join(organization, organization.c.id == groups.c.organization_id)
    )


def group_names_by_id(conn: Connection) -> dict[int, str]:
    """Return every group of every organization as "organization/group", by its id."""
    rows = conn.execute(
        select(groups.c.id, tables.organizations.c.key, groups.c.name).join_from(
            groups, tables.organizations, tables.organizations.c.id == groups.c.organization_id
        )
    )
    return {row.id: f"{row.key}/{row.name}" for row in rows}


def _people() -> Select[Any]:
    organization = tables.organizations
    ends = exists().where(ending_memberships.c.user_id == users.c.id).label("has_ending")
    return select(users, organization.c.key.label("organization"), ends).join_from(
        users, organization, organization.c.id == users.c.organization_id
    )


def _first(conn: Connection, query: Select[Any]) -> User | None:
    row = conn.execute(_best(query)).first()
    if row is None:
        return None
    return _user(row._mapping, groups_of(conn, row.id), _ending(conn, row._mapping))


def _best(query: Select[Any]) -> Select[Any]:
    # Names are not unique among those who have left, nor beside who waits for one (and is disabled).
    ordered = query.order_by(users.c.vanished_at.is_not(None), users.c.enabled.desc(), users.c.id.desc())
    return ordered.limit(1)


def _by_name(listed: Callable[[ColumnElement[str]], ColumnElement[Any]]) -> Select[Any]:
    """Return the question with the user's groups in one value; listed makes one of many."""
    theirs = tables.organizations.alias("theirs")
    own = (
        select(listed(theirs.c.key + "/" + groups.c.name))
        .join_from(memberships, groups, groups.c.id == memberships.c.group_id)
        .join(theirs, theirs.c.id == groups.c.organization_id)
        .where(memberships.c.user_id == users.c.id)
        .correlate(users)
    )
    here = (users.c.organization_id == bindparam("organization_id"), users.c.name == bindparam("name"))
    return _best(_people().add_columns(own.scalar_subquery().label("own_groups")).where(*here))


def _ending(conn: Connection, row: Row) -> Ending:
    """Return the local groups of the person in a row; hardly anybody is in one."""
    return local_memberships.ending_of(conn, [row["id"]]).get(row["id"], ()) if row["has_ending"] else ()


def _user(row: Row, own: frozenset[str], ending: Ending) -> User:
    return User(
        id=row["id"],
        organization=row["organization"],
        name=row["name"],
        dn=row["dn"],
        display_name=row["display_name"],
        mail=row["mail"],
        language=row["language"],
        enabled=bool(row["enabled"]),
        password_changed_at=row["password_changed_at"],
        expires_at=row["expires_at"],
        groups=own,
        directory=row["directory"],
        attributes=attributes_of(row["attributes"]),
        ending=ending,
    )


_BY_NAME_ON_SQLITE = _by_name(func.json_group_array)
_BY_NAME_ON_POSTGRESQL = _by_name(func.array_agg)


def _literal(text: str) -> str:
    """Return text so that LIKE finds it and nothing else."""
    return text.replace(ESCAPE, ESCAPE * 2).replace("%", f"{ESCAPE}%").replace("_", f"{ESCAPE}_")
