"""Rows by the thousand, at a fraction of SQLAlchemy's price: COPY on PostgreSQL, prepared on SQLite. ◆

What is written here is written as it is given: values are what the columns hold, defaults are the database's.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

CACHE_KIB = 32_000
# So many rows are not worth the two turns to the server that COPY takes.
FEW = 10


def add(conn: Connection, table: Table, columns: Sequence[str], rows: Collection[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of columns."""
    if not rows:
        return
    listed = ", ".join(f'"{name}"' for name in columns)
    if conn.dialect.name == "postgresql" and len(rows) > FEW:
        _copy(conn, f'COPY "{table.name}" ({listed}) FROM STDIN', rows)
        return
    places = ", ".join(["?" if conn.dialect.name == "sqlite" else "%s"] * len(columns))
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({places})'  # noqa: S608 - names of ours
    conn.exec_driver_sql(statement, [tuple(row) for row in rows])


def new_ids(conn: Connection, table: Table, count: int) -> list[int]:
    """Return ids for so many new rows, in the order of the database's own. Needs a write transaction."""
    if conn.dialect.name == "postgresql":
        taken = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return list(conn.exec_driver_sql(taken, (table.name, count)).scalars())
    last = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    first = (conn.exec_driver_sql(last, (table.name,)).scalar() or 0) + 1
    return list(range(first, first + count))


def ids_of(conn: Connection, table: Table, organization_id: int, uuids: Collection[str]) -> dict[str, int]:
    """Return the ids of the rows there are, by entryUUID."""
    if not uuids:
        return {}
    listed: Any = list(uuids)
    if conn.dialect.name == "postgresql":
        here = "organization_id = %s AND entry_uuid = ANY(%s)"
    else:
        here = "organization_id = ? AND entry_uuid IN (SELECT value FROM json_each(?))"
        listed = json.dumps(listed)
    query = f'SELECT entry_uuid, id FROM "{table.name}" WHERE {here}'  # noqa: S608 - a name of ours
    return {row[0]: row[1] for row in conn.exec_driver_sql(query, (organization_id, listed))}


def make_room(conn: Connection) -> None:
    """Have SQLite keep more of its indexes at hand on this connection, or it writes them again and again."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")


def _copy(conn: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
