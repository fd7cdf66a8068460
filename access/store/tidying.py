"""Takes away what nobody needs any more, a little at a time; to be called now and then by any process. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select

from access.proof.enrolment import PENDING_S
from access.store import feed, last_uses, notices, passkeys, pickups, runs, tokens, web_sessions
from access.store.database import BULK_ROWS, Connection, Database
from access.store.tables import desk_acts, passes, vouches

# Whoever has not read the feed for so long loads everything again.
FEED_KEPT_S = 86400.0
# What helpdesk and colleagues were asked counts for an hour, or for a week. The audit has it.
HELP_KEPT_S = 90 * 86400.0
HELP = (passes, vouches, desk_acts)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows went: changes of the feed, browsers whose time was over, phones nobody proved in time."""

    changes: int
    browsers: int
    phones: int = 0


def tidy(database: Database, now: float) -> Tidied:
    """Forget old changes, ended browser sessions and files nobody fetched; revoke tokens nobody proved.

    Several processes may do so at once. Raises DatabaseUnavailable: what went stays gone.
    """
    changes = _little_by_little(database, lambda conn: feed.prune(conn, now - FEED_KEPT_S, BULK_ROWS))
    _little_by_little(database, lambda conn: runs.prune(conn, now, BULK_ROWS))
    _little_by_little(database, lambda conn: _drop_help(conn, now))
    with database.write() as conn:
        browsers = web_sessions.remove_expired(conn, now)
        pickups.drop(conn, now)
        passkeys.drop_challenges(conn, now)
        notices.forget(conn, now)
        last_uses.forget(conn, now)
        phones = tokens.revoke_pending(conn, now, now - PENDING_S)
    return Tidied(changes, browsers, phones)


def _little_by_little(database: Database, take_some: Callable[[Connection], int]) -> int:
    """Take away BULK_ROWS a transaction; SQLite's other writers get half as long after each."""
    gone, some = 0, BULK_ROWS
    while some == BULK_ROWS:
        began = time.monotonic()
        with database.write() as conn:
            some = take_some(conn)
        gone += some
        if database.is_sqlite and some:
            time.sleep((time.monotonic() - began) / 2)
    return gone


def _drop_help(conn: Connection, now: float) -> int:
    """Forget some of what was asked long ago, and return how much, at most BULK_ROWS."""
    gone = 0
    for table in HELP:
        old = select(table.c.id).where(table.c.at < now - HELP_KEPT_S).limit(BULK_ROWS - gone)
        gone += conn.execute(delete(table).where(table.c.id.in_(old))).rowcount
    return gone
