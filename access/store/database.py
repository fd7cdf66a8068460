"""Transactions on SQLite and PostgreSQL: the only place that knows which of the two it is. ◆

read() sees one unchanging snapshot and cannot write. write() is one transaction: committed at the end of the
block, rolled back by any exception. On SQLite all writers of all processes take turns by one lock file; on
PostgreSQL they are plain transactions. Keep write transactions short: on PostgreSQL the change feed shows
nothing newer than the oldest transaction still open, and on SQLite everyone else is waiting.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import ClauseElement, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import Pool

from access.errors import Unavailable
from access.store.forks import renew_in_child
from access.store.kept_reads import FAILURES, KeptReads
from access.store.write_lock import WriteLock

# Whoever holds a transaction names its type from here: SQLAlchemy itself is spoken in this package alone.
__all__ = ["BULK_ROWS", "Connection", "Database", "DatabaseUnavailable"]

Item = TypeVar("Item")

BULK_ROWS = 500
_WRITES = "officegate_writes"
_PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
# A transaction that somebody left open would hold back the change feed for everyone.
_POSTGRESQL_LIMITS = {"idle_in_transaction_session_timeout": "60s", "lock_timeout": "10s"}
_OUR_FAULT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, is full, locked or gone in the middle: nothing was committed."""


class Database:
    """One database, by its SQLAlchemy URL: sqlite:////path or postgresql+psycopg://user@host/name.

    Safe to share between threads, and to use on both sides of a fork made while no transaction is open:
    SQLite keeps its locks in memory, so a child of an open transaction would wait for itself. lock_file is
    used on SQLite only and must be the same for every process that writes to the file.
    """

    def __init__(self, url: str, lock_file: Path, patience_s: float = 10.0) -> None:
        self._engine = _engine(url, patience_s)
        self._lock = WriteLock(lock_file, patience_s) if self.is_sqlite else None
        self._inherited: list[Pool] = []
        self._reads = KeptReads(self.own_connection)
        self._for_driver: dict[ClauseElement, DriverStatement] = {}
        renew_in_child(self._leave_connections_to_the_parent)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database rather than a PostgreSQL server."""
        return self._engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None on PostgreSQL."""
        name = self._engine.url.database
        return Path(name) if self.is_sqlite and name else None

    @property
    def shown_url(self) -> str:
        """The address of the database, fit for logs: without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def is_wanted(self) -> bool:
        """Return whether another writer waits for whoever writes just now. Never on PostgreSQL."""
        return self._lock is not None and self._lock.is_wanted()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read-only transaction over one snapshot. Raises DatabaseUnavailable."""
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._transaction(options) as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write. Raises DatabaseUnavailable, and WriteLockBusy on SQLite."""
        with self._lock.held() if self._lock else nullcontext(), self._transaction({_WRITES: True}) as conn:
            yield conn

    def rows(self, statement: ClauseElement, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of one statement that only reads, by the names of their columns.

        For what is asked hundreds of times a second. Raises DatabaseUnavailable.
        """
        try:
            return self._reads.rows(*self.for_driver(statement).told(values))
        except FAILURES as error:
            raise DatabaseUnavailable(f"The database {self.shown_url} failed: {error}") from error

    def bulk(self, items: Iterable[Item], write: Callable[[Connection, Sequence[Item]], None]) -> int:
        """Write items, at most BULK_ROWS a transaction, and return how many.

        An error leaves the transactions before it committed.
        """
        count = 0
        remaining = iter(items)
        while chunk := list(islice(remaining, BULK_ROWS)):
            with self.bulk_turn() as conn:
                write(conn, chunk)
            count += len(chunk)
        return count

    @contextmanager
    def bulk_turn(self) -> Iterator[Connection]:
        """One of many transactions in a row, as write(); then half as long for SQLite's writers that wait."""
        began = time.monotonic()
        with self.write() as conn:
            yield conn
        if self.is_wanted():
            time.sleep((time.monotonic() - began) / 2)

    def own_connection(self) -> Any:
        """A connection of the driver's, outside of pool and transactions. Raises DatabaseUnavailable.

        Whoever asks for it closes it.
        """
        try:
            proxied = self._engine.raw_connection()
            connection: Any = proxied.driver_connection
            proxied.detach()
        except (DBAPIError, PoolTimeout) as error:
            raise DatabaseUnavailable(self._explain(error)) from error
        if not self.is_sqlite:
            connection.autocommit = True
        return connection

    @contextmanager
    def writing_on(self, connection: Any) -> Iterator[None]:
        """One transaction that may write, on an own_connection(); what the driver raises comes through.

        Raises WriteLockBusy on SQLite.
        """
        if self._lock is None:
            with connection.transaction():
                yield
            return
        with self._lock.held():
            connection.execute("PRAGMA query_only=OFF")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            finally:
                # Nothing, once it is committed.
                connection.rollback()

    def for_driver(self, statement: ClauseElement) -> "DriverStatement":
        """A statement as this database's driver takes it, made once and kept."""
        known = self._for_driver.get(statement)
        if known is None:
            known = self._for_driver[statement] = DriverStatement(statement, self._engine.dialect)
        return known

    def close(self) -> None:
        """Close every idle connection. The database stays usable."""
        self._reads.close()
        self._engine.dispose()

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**options) as conn, conn.begin():
                yield conn
        except _OUR_FAULT:
            raise
        except (DBAPIError, PoolTimeout, psycopg.OperationalError) as error:
            raise DatabaseUnavailable(self._explain(error)) from error

    def _explain(self, error: DBAPIError | PoolTimeout | psycopg.OperationalError) -> str:
        cause = getattr(error, "orig", None) or error
        return f"The database {self.shown_url} failed: {' '.join(str(cause).split())}"

    def _leave_connections_to_the_parent(self) -> None:
        # Kept, not closed: SQLite forbids a child even to close what its parent opened.
        self._inherited.append(self._engine.pool)
        self._engine.dispose(close=False)
        self._reads.leave_to_the_parent()


class DriverStatement:
    """The text of a statement for a driver. Only for columns whose values the driver takes as they are."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._given: Mapping[str, Any] = compiled.params
        self._places: Sequence[str] | None = getattr(compiled, "positiontup", None)

    def told(self, values: Mapping[str, Any]) -> tuple[str, Sequence[Any] | Mapping[str, Any]]:
        """Return what to execute with these values of its parameters."""
        together = {**self._given, **values}
        if self._places is None:
            return self._text, together
        return self._text, tuple(together[name] for name in self._places)


def _engine(url: str, patience_s: float) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, pool_timeout=patience_s)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=patience_s,
        connect_args={"connect_timeout": 5, "application_name": "officegate", "keepalives_idle": 30},
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own idea of when to begin would begin reads as nothing and writes too late.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: psycopg.Connection[Any], _record: object) -> None:
    for name, value in _POSTGRESQL_LIMITS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()


def _begin_sqlite(conn: Connection) -> None:
    writes = conn.get_execution_options().get(_WRITES, False)
    conn.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
