"""Tokens of many people, read and settled over one connection that is kept. ◆

For RADIUS workers, where every login with a code comes by. The statements and what they guard are those of
access.store.tokens, handed to the driver itself: around a code or two a transaction of SQLAlchemy costs
several times what it does.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from access.keys.sealing import Keyring
from access.proof.factors import SettledToken, StoredToken
from access.store import feed, tokens
from access.store.database import Database, DatabaseUnavailable
from otp.token import State

_FAILURES = (sqlite3.Error, psycopg.Error)


class KeptTokens:
    """One connection, opened at the first use; whoever comes while another thread uses it waits."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database, self._keyring = database, keyring
        self._lock = threading.Lock()
        self._connection: Any = None
        self._find = database.for_driver(tokens.of_many(database.is_sqlite))
        self._append = database.for_driver(feed.appending(database.is_sqlite))

    def active_tokens_of(self, user_ids: Collection[int]) -> dict[int, tuple[StoredToken, ...]]:
        """Return the active tokens of everybody who has any. Raises DatabaseUnavailable and SealBroken."""
        was_kept = self._connection is not None
        try:
            return self._read(user_ids)
        except DatabaseUnavailable:
            if not was_kept:
                raise
        # A server that was started again has ended what was kept; and to read twice changes nothing.
        return self._read(user_ids)

    def settle_each(self, settled: Sequence[SettledToken], at: float) -> list[bool]:
        """Write each token if its row is as it was read; return which were, all in one transaction.

        Raises DatabaseUnavailable: nothing is written then, or whether it is cannot be known.
        """
        won = [False] * len(settled)
        with self._used() as connection, self._database.writing_on(connection):
            # In the order of their rows, so that two processes never wait for each other.
            for place in sorted(range(len(settled)), key=lambda place: settled[place].read.id):
                won[place] = self._settle(connection, settled[place], at)
        return won

    def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        with self._lock:
            self._let_go()

    def _read(self, user_ids: Collection[int]) -> dict[int, tuple[StoredToken, ...]]:
        wanted = list(user_ids)
        values = {"user_ids": json.dumps(wanted) if self._database.is_sqlite else wanted}
        with self._used() as connection:
            found = connection.execute(*self._find.told({**values, "state": State.ACTIVE.value}))
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return tokens.by_user(rows, self._keyring)

    def _settle(self, connection: Any, settled: SettledToken, at: float) -> bool:
        on_sqlite = self._database.is_sqlite
        statement, values = tokens.settling(settled, at, on_sqlite)
        rows = connection.execute(*self._database.for_driver(statement).told(values)).fetchall()
        for user_id, organization_id in rows if on_sqlite else ():
            change = feed.row(feed.Topic.TOKEN, str(user_id), organization_id, at)
            connection.execute(*self._append.told(change))
        return len(rows) > 0

    @contextmanager
    def _used(self) -> Iterator[Any]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._database.own_connection()
                yield self._connection
            except _FAILURES as error:
                self._let_go()
                raise DatabaseUnavailable(f"The database failed: {error}") from error

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
