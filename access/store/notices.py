"""Notices that wait to be delivered, written in the transaction of what they tell about. ◆"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from access.post.letters import FOLD_S, Addressee, Notice
from access.post.notice_words import NoticeKind
from access.store.database import Database
from access.store.tables import notices, organizations, users

CLAIMED_S = 60.0
KEPT_S = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is ours to deliver now. failures: how often that failed before."""

    id: int
    notice: Notice
    to: Addressee
    failures: int


@dataclass(frozen=True, slots=True)
class StoredNotices:
    """The port of access.post.postman."""

    database: Database

    def claim(self, now: float) -> list[Waiting]:
        """Take some that are due."""
        with self.database.read() as conn:
            if conn.execute(_due(now, 1)).first() is None:
                return []
        with self.database.write() as conn:
            return claim(conn, now)

    def done(self, notice_id: int, now: float, failure: str) -> None:
        """Never try it again: it was delivered, or cannot be (failure)."""
        with self.database.write() as conn:
            done(conn, notice_id, now, failure)

    def again(self, notice_id: int, not_before: float, failure: str) -> None:
        """Try it again later."""
        with self.database.write() as conn:
            again(conn, notice_id, not_before, failure)


@dataclass(frozen=True, slots=True)
class Outbox:
    """How many notices wait, since when, and what the last failure was."""

    waiting: int
    oldest: float | None
    failure: str


def put(conn: Connection, notice: Notice) -> bool:
    """Have a person told, and return whether that is new: the same within FOLD_S is told once."""
    told = select(notices.c.id).where(
        notices.c.user_id == notice.user_id,
        notices.c.kind == notice.kind.value,
        notices.c.at > notice.at - FOLD_S,
        notices.c.at <= notice.at,
    )
    if notice.kind is NoticeKind.CODE_WRONG and conn.execute(told.limit(1)).first() is not None:
        return False
    row = {
        "user_id": notice.user_id,
        "organization_id": notice.organization_id,
        "kind": notice.kind.value,
        "at": notice.at,
        "detail": json.dumps(dict(notice.detail), ensure_ascii=False),
        "not_before": notice.at,
    }
    conn.execute(insert(notices).values(row))
    return True


def unseen(conn: Connection, user_id: int, kind: NoticeKind, since: float) -> Notice | None:
    """Return the newest notice of a kind that its owner has not said to have seen."""
    query = (
        select(notices)
        .where(notices.c.user_id == user_id, notices.c.kind == kind.value)
        .where(notices.c.seen_at.is_(None), notices.c.at > since)
        .order_by(notices.c.at.desc(), notices.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else _notice(row)


def see(conn: Connection, user_id: int, kind: NoticeKind, now: float) -> int:
    """Write down that a person has seen what they were told of a kind; return how many that were."""
    mine = (notices.c.user_id == user_id, notices.c.kind == kind.value, notices.c.seen_at.is_(None))
    return conn.execute(update(notices).where(*mine).values(seen_at=now)).rowcount


def claim(conn: Connection, now: float, at_most: int = 50) -> list[Waiting]:
    """Take what is due, so that nobody else does for CLAIMED_S. Needs a write transaction."""
    ids = conn.execute(
        update(notices)
        .where(notices.c.id.in_(_due(now, at_most)), notices.c.not_before <= now)
        .values(not_before=now + CLAIMED_S)
        .returning(notices.c.id)
    )
    mine = list(ids.scalars())
    query = (
        select(notices, users.c.name, users.c.display_name, users.c.mail, users.c.language)
        .add_columns(organizations.c.name.label("company"))
        .join(users, users.c.id == notices.c.user_id)
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(notices.c.id.in_(mine))
        .order_by(notices.c.id)
    )
    return [
        Waiting(
            row.id,
            _notice(row),
            Addressee(row.display_name or row.name, row.mail, row.language, row.company),
            row.failures,
        )
        for row in conn.execute(query)
    ]


def _notice(row: Row[Any]) -> Notice:
    return Notice(NoticeKind(row.kind), row.user_id, row.organization_id, row.at, json.loads(row.detail))


def _due(now: float, at_most: int) -> Select[Any]:
    due = select(notices.c.id).where(notices.c.done_at.is_(None), notices.c.not_before <= now)
    return due.order_by(notices.c.id).limit(at_most)


def done(conn: Connection, notice_id: int, now: float, failure: str = "") -> None:
    """It was delivered, or with a failure will never be."""
    conn.execute(update(notices).where(notices.c.id == notice_id).values(done_at=now, failure=failure))


def again(conn: Connection, notice_id: int, not_before: float, failure: str) -> None:
    """It could not be delivered, and is tried again."""
    conn.execute(
        update(notices)
        .where(notices.c.id == notice_id)
        .values(not_before=not_before, failures=notices.c.failures + 1, failure=failure)
    )


def outbox(conn: Connection) -> Outbox:
    """How it stands."""
    waits = notices.c.done_at.is_(None)
    row = conn.execute(select(func.count(), func.min(notices.c.at)).where(waits)).one()
    failed = select(notices.c.failure).where(notices.c.failure != "").order_by(notices.c.id.desc()).limit(1)
    return Outbox(row[0], row[1], conn.execute(failed).scalar() or "")


def forget(conn: Connection, now: float) -> int:
    """Forget what was delivered a while ago, and return how many."""
    return conn.execute(delete(notices).where(notices.c.done_at < now - KEPT_S)).rowcount
