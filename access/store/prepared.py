"""Changes that are carried out for many rows, without the work that SQLAlchemy has with each of them. ◆

A row goes to the driver as it is: its values have to be plain ones, text and no enum, octets and no buffer.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect

Values = Mapping[str, Any]


class Prepared:
    """A statement whose parameters have names, written out once for each kind of database."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._written: dict[str, tuple[str, Callable[[Values], Any]]] = {}

    def run(self, conn: Connection, rows: Sequence[Values]) -> None:
        """Carry it out for each row, in the order given."""
        if rows:
            sql, ordered = self._for(conn.dialect)
            conn.exec_driver_sql(sql, list(map(ordered, rows)))

    def _for(self, dialect: Dialect) -> tuple[str, Callable[[Values], Any]]:
        """Return the statement as a database is told it, and what makes a row into its parameters."""
        if dialect.name not in self._written:
            compiled = self._statement.compile(dialect=dialect)
            names = compiled.positiontup  # type: ignore[attr-defined]
            self._written[dialect.name] = (str(compiled), _in_order(names) if names else dict)
        return self._written[dialect.name]


def _in_order(names: Sequence[str]) -> Callable[[Values], Any]:
    """Return what takes these values out of a row, as a tuple."""
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    return itemgetter(*names)
