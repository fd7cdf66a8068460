"""Takes away what nobody needs any more, a little at a time; to be called now and then by any process. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from access.enrolment import PENDING_S
from access.store import feed, notices, passkeys, pickups, tokens, web_sessions
from access.store.database import BULK_ROWS, Connection, Database

# Whoever has not read the feed for so long loads everything again.
FEED_KEPT_S = 86400.0


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
    with database.write() as conn:
        browsers = web_sessions.remove_expired(conn, now)
        pickups.drop(conn, now)
        passkeys.drop_challenges(conn, now)
        notices.forget(conn, now)
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
