"""Takes away what nobody needs any more, a little at a time; to be called now and then by any process. ◆"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, delete, select

from access.proof.enrolment import PENDING_S
from access.records.retention import DAY_S, Retention
from access.store import feed, last_uses, notices, passkeys, pickups, runs, taken_lately, tokens, web_sessions
from access.store.database import BULK_ROWS, Connection, Database
from access.store.feed import Topic
from access.store.tables import desk_acts, passes, reviews, standing_rules, vouches

# Whoever has not read the feed for so long loads everything again.
FEED_KEPT_S = 86400.0
# What helpdesk and colleagues were asked counts for an hour, or for a week. The audit has it.
HELP_KEPT_S = 90 * 86400.0
DECIDED_KEPT_S = Retention().rights_days * DAY_S
HELP = ((passes, Topic.PASS), (vouches, Topic.VOUCH), (desk_acts, Topic.DESK_ACT))


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows went: changes of the feed, browsers whose time was over, phones nobody proved in time."""

    changes: int
    browsers: int
    phones: int = 0


def tidy(database: Database, now: float, decided_kept_s: float = DECIDED_KEPT_S) -> Tidied:
    """Forget old changes, ended browser sessions and files nobody fetched; revoke tokens nobody proved.

    decided_kept_s: how long what was decided beside the policy, and reviews, are kept after their end.
    Several processes may do so at once. Raises DatabaseUnavailable: what went stays gone.
    """
    changes = _little_by_little(database, lambda conn: feed.prune(conn, now - FEED_KEPT_S, BULK_ROWS))
    _little_by_little(database, lambda conn: runs.prune(conn, now, BULK_ROWS))
    _little_by_little(database, lambda conn: _drop_help(conn, now))
    _little_by_little(database, lambda conn: _drop_decided(conn, now, decided_kept_s))
    with database.write() as conn:
        browsers = web_sessions.remove_expired(conn, now)
        pickups.drop(conn, now)
        passkeys.drop_challenges(conn, now)
        notices.forget(conn, now)
        last_uses.forget(conn, now)
        taken_lately.forget(conn, now)
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
    for table, topic in HELP:
        gone += _drop(conn, table, table.c.at < now - HELP_KEPT_S, (topic, now, BULK_ROWS - gone))
    return gone


def _drop_decided(conn: Connection, now: float, kept_s: float) -> int:
    """Forget some of what ended beside the policy, and of reviews, long ago; return how much, as before."""
    before = now - kept_s
    gone = _drop(conn, standing_rules, standing_rules.c.ended_at < before, (Topic.STANDING, now, BULK_ROWS))
    over = and_(reviews.c.closed_at < before, reviews.c.stopped_by.is_(None))
    return gone + _drop(conn, reviews, over, (Topic.REVIEW, now, BULK_ROWS - gone))


def _drop(conn: Connection, table: Table, old: ColumnElement[bool], told: tuple[Topic, float, int]) -> int:
    """Take away at most so many rows of a table that are old, say so in the feed, and return how many."""
    topic, now, most = told
    some = select(table.c.id).where(old).limit(most)
    numbers = conn.execute(delete(table).where(table.c.id.in_(some)).returning(table.c.id)).scalars().all()
    feed.append_many(conn, topic, map(str, numbers), None, now)
    return len(numbers)
