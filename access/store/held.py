"""Who is kept although a directory says otherwise, until somebody has looked. ◆"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, update

from access.directory.fuse import Held, What
from access.model import MAIN
from access.shown import HeldLine
from access.store import many_rows
from access.store.tables import directory_held, groups, users

IN_AT_MOST = 500
_COLUMNS = (
    "organization_id",
    "what",
    "entry_uuid",
    "group_uuid",
    "note",
    "since",
    "rejected_by",
    "directory",
)


def rows(conn: Connection, organization_id: int, directory: str = MAIN) -> list[Held]:
    """Return everything that is kept."""
    columns = directory_held.c
    query = select(columns.what, columns.entry_uuid, columns.group_uuid, columns.note)
    found = conn.execute(query.where(*_of(organization_id, directory)))
    return [Held(What(row.what), row.entry_uuid, row.group_uuid, row.note) for row in found]


def put(
    conn: Connection, organization_id: int, held: Iterable[Held], now: float, directory: str = MAIN
) -> bool:
    """Keep exactly these, and return whether that is news: something new, or nothing any more."""
    before, wanted = set(rows(conn, organization_id, directory)), set(held)
    columns, mine = directory_held.c, _of(organization_id, directory)
    released = [{"is": str(row.what), "of": row.uuid, "in": row.group} for row in before - wanted]
    if released and not wanted:
        conn.execute(delete(directory_held).where(*mine))
    elif released:
        this = (columns.what == bindparam("is"), columns.entry_uuid == bindparam("of"))
        one = delete(directory_held).where(*mine, *this, columns.group_uuid == bindparam("in"))
        conn.execute(one, released)
    fresh = sorted(wanted - before)
    values = [
        (organization_id, str(row.what), row.uuid, row.group, row.note, now, "", directory) for row in fresh
    ]
    many_rows.add(conn, directory_held, _COLUMNS, values)
    known = {_said(row) for row in before}
    return any(_said(row) not in known for row in fresh) or (bool(before) and not wanted)


def add(
    conn: Connection, organization_id: int, held: Iterable[Held], now: float, directory: str = MAIN
) -> None:
    """Keep these too."""
    columns, mine = directory_held.c, _of(organization_id, directory)
    wanted = set(held)
    query = select(columns.what, columns.entry_uuid, columns.group_uuid, columns.note).where(*mine)
    uuids = sorted({each.uuid for each in wanted})
    for at in range(0, len(uuids), IN_AT_MOST):
        some = columns.entry_uuid.in_(uuids[at : at + IN_AT_MOST])
        wanted -= {Held(What(row.what), *row[1:]) for row in conn.execute(query.where(some))}
    values = [
        (organization_id, str(row.what), row.uuid, row.group, row.note, now, "", directory)
        for row in sorted(wanted)
    ]
    many_rows.add(conn, directory_held, _COLUMNS, values)


def difference(conn: Connection, organization_id: int, directory: str = MAIN) -> list[HeldLine]:
    """Return what is kept, by name: people first, in the order of their names."""
    columns = directory_held.c
    here = users.c.entry_uuid == columns.entry_uuid
    query = (
        select(
            directory_held,
            users.c.name.label("person"),
            users.c.display_name,
            groups.c.name.label("group_name"),
        )
        .join(users, here & (users.c.organization_id == columns.organization_id), isouter=True)
        .join(
            groups,
            ((groups.c.entry_uuid == columns.entry_uuid) | (groups.c.entry_uuid == columns.group_uuid))
            & (groups.c.organization_id == columns.organization_id),
            isouter=True,
        )
        .where(*_of(organization_id, directory))
    )
    lines = [
        HeldLine(
            row.what,
            row.person or row.group_name or row.entry_uuid,
            row.display_name or "",
            row.note or (row.group_name or "" if row.person else ""),
            row.since,
            row.rejected_by,
        )
        for row in conn.execute(query)
    ]
    order = [what.value for what in What]
    return sorted(lines, key=lambda line: (order.index(line.what), line.name, line.more))


def reject(conn: Connection, organization_id: int, by: str, directory: str = MAIN) -> int:
    """Have everything that is kept stay kept, and return how many lines that are."""
    mine = update(directory_held).where(*_of(organization_id, directory))
    return conn.execute(mine.values(rejected_by=by)).rowcount


def _said(row: Held) -> Held:
    """What is news of a row: what else somebody's attributes would become is none."""
    return replace(row, note="") if row.what is What.ATTRIBUTE else row


def _of(organization_id: int, directory: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return directory_held.c.organization_id == organization_id, directory_held.c.directory == directory
