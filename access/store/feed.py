"""The change feed: one row for every change, written in the transaction of the change itself. ◆

A reader keeps the Position it has read to and asks for what came after. On PostgreSQL transactions commit in
another order than they began, so a row keeps the id of its transaction, rows are ordered by it, and a reader
stops before the oldest transaction still open: whatever commits late lies behind that line, never before it.
On SQLite writers take turns, the transaction id is 0 and the sequence alone orders.

Somebody who wants to know everything takes head() and loads what it needs in the same read transaction, then
follows with since(). A change may be told twice, never skipped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Double,
    Insert,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)

from access.errors import AccessError
from access.store import many_rows, single_values
from access.store.tables import feed

_PRUNED = "feed.pruned"
_COLUMNS = ("xact", "topic", "key", "organization_id", "at")
_XACT = select(cast(cast(func.pg_current_xact_id(), Text), BigInteger))
_ROW: dict[str, BindParameter[Any]] = {
    name: bindparam(name) for name in ("topic", "key", "organization_id", "at")
}
_APPEND = insert(feed).values(xact=0, **_ROW).inline()
_APPEND_ON_POSTGRESQL = insert(feed).values(xact=_XACT.scalar_subquery(), **_ROW).inline()


class Topic(StrEnum):
    """What changed; the key of the row says which one."""

    ORGANIZATION = "organization"
    DIRECTORY = "directory"
    USER = "user"
    GROUP = "group"
    LINK = "link"
    TOKEN = "token"  # noqa: S105 - a topic
    POLICY = "policy"
    STANDING = "standing"
    REVIEW = "review"
    SEALED_CODE = "sealed-code"
    PASS = "pass"  # noqa: S105 - a topic
    VOUCH = "vouch"
    DESK_ACT = "desk-act"
    POLICY_DRAFT = "policy-draft"
    POLICY_APPROVAL = "policy-approval"
    NAS = "nas"
    DEVICE = "device"
    ENDPOINT = "endpoint"
    SESSION = "session"
    ASSIGNMENT = "assignment"
    AUTHORITY = "authority"
    CERTIFICATE = "certificate"
    NETWORK_PASSWORD = "network-password"  # noqa: S105 - a topic


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the feed: everything up to and including it has been read."""

    xact: int = 0
    seq: int = 0


START = Position()


@dataclass(frozen=True, slots=True)
class News:
    """A change that is not in the feed yet."""

    topic: Topic
    key: str
    organization_id: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change. key: the id of the row that changed, or the revision of a policy."""

    position: Position
    topic: Topic
    key: str
    organization_id: int | None
    at: float


class Pruned(AccessError):
    """The feed no longer reaches back to the reader's position: load everything and begin at head()."""


def append(conn: Connection, topic: Topic, key: str, organization_id: int | None, at: float) -> None:
    """Add a change to the feed, in the transaction that makes the change."""
    append_many(conn, topic, [key], organization_id, at)


def append_many(
    conn: Connection, topic: Topic, keys: Iterable[str], organization_id: int | None, at: float
) -> None:
    """Add a change for each key, in the transaction that makes the changes."""
    append_news(conn, [News(topic, key, organization_id, at) for key in keys])


def append_news(conn: Connection, news: Sequence[News]) -> None:
    """Add changes of any kind, in this order."""
    if not news:
        return
    xact = conn.execute(_XACT).scalar_one() if _is_postgresql(conn) else 0
    rows = [(xact, each.topic.value, each.key, each.organization_id, each.at) for each in news]
    many_rows.add(conn, feed, _COLUMNS, rows)


def appending(on_sqlite: bool) -> Insert:
    """Return the statement that appends what row() says, one change at a time."""
    return _APPEND if on_sqlite else _APPEND_ON_POSTGRESQL


def change_of(
    topic: Topic, key: ColumnElement[Any], organization_id: ColumnElement[Any], at: ColumnElement[Any]
) -> Insert:
    """Return what appends, on PostgreSQL, a change for each row of another statement whose key is known."""
    changes = select(
        _XACT.scalar_subquery(), literal(topic.value), cast(key, Text), organization_id, cast(at, Double)
    ).where(key.is_not(None))
    return insert(feed).from_select(_COLUMNS, changes, include_defaults=False)


def row(topic: Topic, key: str, organization_id: int | None, at: float) -> dict[str, Any]:
    """Return one change as appending() takes it."""
    return {"topic": topic.value, "key": key, "organization_id": organization_id, "at": at}


def head(conn: Connection) -> Position:
    """The newest position that a reader can have read everything up to."""
    newest = (
        select(feed.c.xact, feed.c.seq).where(_settled(conn)).order_by(feed.c.xact.desc(), feed.c.seq.desc())
    )
    row = conn.execute(newest.limit(1)).first()
    return Position(row.xact, row.seq) if row else START


def told_since(conn: Connection, position: Position) -> set[tuple[str, str]]:
    """Topic and key of every change after position that is to be seen, also of those not settled yet."""
    rows = conn.execute(select(feed.c.topic, feed.c.key).where(_later(position)))
    return {(row.topic, row.key) for row in rows}


def since(conn: Connection, position: Position, limit: int = 1000) -> list[Change]:
    """At most limit changes after position, oldest first. Raises Pruned."""
    if position < _pruned(conn):
        raise Pruned(f"The change feed begins after {position}: load everything again.")
    rows = conn.execute(
        select(feed).where(_later(position), _settled(conn)).order_by(feed.c.xact, feed.c.seq).limit(limit)
    )
    return [
        Change(Position(row.xact, row.seq), Topic(row.topic), row.key, row.organization_id, row.at)
        for row in rows
    ]


def prune(conn: Connection, before: float, at_most: int = 500) -> int:
    """Forget the oldest changes, older than a moment, but never the newest one; return how many went.

    Needs a write transaction. Readers that have not read that far will get Pruned.
    """
    last = conn.execute(
        select(feed.c.xact, feed.c.seq)
        .where(feed.c.at < before, _before(head(conn)))
        .order_by(feed.c.xact.desc(), feed.c.seq.desc())
        .limit(1)
    ).first()
    if last is None:
        return 0
    oldest = conn.execute(
        select(feed.c.xact, feed.c.seq)
        .where(_until(Position(last.xact, last.seq)))
        .order_by(feed.c.xact, feed.c.seq)
        .limit(at_most)
    ).all()
    edge = Position(oldest[-1].xact, oldest[-1].seq)
    gone = conn.execute(delete(feed).where(_until(edge)))
    single_values.put(conn, _PRUNED, f"{edge.xact} {edge.seq}")
    return gone.rowcount


def _later(position: Position) -> ColumnElement[bool]:
    return or_(
        feed.c.xact > position.xact,
        and_(feed.c.xact == position.xact, feed.c.seq > position.seq),
    )


def _pruned(conn: Connection) -> Position:
    value = single_values.get(conn, _PRUNED)
    return Position(*map(int, value.split())) if value else START


def _before(position: Position) -> ColumnElement[bool]:
    return or_(
        feed.c.xact < position.xact,
        and_(feed.c.xact == position.xact, feed.c.seq < position.seq),
    )


def _until(position: Position) -> ColumnElement[bool]:
    return or_(_before(position), and_(feed.c.xact == position.xact, feed.c.seq == position.seq))


def _settled(conn: Connection) -> ColumnElement[bool]:
    """Rows of transactions older than every one still open: nothing can appear between them any more."""
    if not _is_postgresql(conn):
        return true()
    oldest_open = func.pg_snapshot_xmin(func.pg_current_snapshot())
    return feed.c.xact < cast(cast(oldest_open, Text), BigInteger)


def _is_postgresql(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"
