"""Single statements that only read, over connections of the driver's that are kept. ◆

Around a row or two a transaction of SQLAlchemy is five turns to the server of PostgreSQL and costs several
times what the statement does; this is one turn. Each statement sees a snapshot of its own.
"""

import sqlite3
from collections.abc import Callable
from threading import Lock
from typing import Any

import psycopg

FAILURES = (sqlite3.Error, psycopg.Error)


class KeptReads:
    """As many connections as there ever were threads that read at the same moment. opened makes one."""

    def __init__(self, opened: Callable[[], Any]) -> None:
        self._opened = opened
        self._lock = Lock()
        self._idle: list[Any] = []
        self._inherited: list[list[Any]] = []

    def rows(self, statement: str, values: Any) -> list[dict[str, Any]]:
        """Return the rows of a statement, by their columns. What the driver raises comes through."""
        kept = self._take()
        if kept is not None:
            try:
                return self._ask(kept, statement, values)
            except FAILURES:
                # A server that was started again has ended all that was kept; to read twice changes nothing.
                self.close()
        return self._ask(self._opened(), statement, values)

    def close(self) -> None:
        """Let go of the idle connections; the next use opens another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def leave_to_the_parent(self) -> None:
        """Begin anew in a child: kept, not closed, because SQLite forbids a child even to close them."""
        self._lock = Lock()
        self._inherited.append(self._idle)
        self._idle = []

    def _take(self) -> Any:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _ask(self, connection: Any, statement: str, values: Any) -> list[dict[str, Any]]:
        try:
            found = connection.execute(statement, values)
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)
        return rows
