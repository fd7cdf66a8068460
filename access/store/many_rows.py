"""Rows by the thousand, at a fraction of SQLAlchemy's price: COPY on PostgreSQL, prepared on SQLite. ◆

What is written here is written as it is given: values are what the columns hold, defaults are the database's.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

Item = TypeVar("Item")
IN_AT_MOST = 500
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


def chunks(items: Iterable[Item]) -> Iterable[list[Item]]:
    """Yield items in lists of at most IN_AT_MOST."""
    remaining = iter(items)
    while chunk := list(islice(remaining, IN_AT_MOST)):
        yield chunk


def _copy(conn: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
