"""Which desktop is whose, and until when; every change in the feed under the user's id. ◆"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text

from access.store import feed
from access.store.tables import assignments, users

_PUT = text(
    """
    INSERT INTO assignments (pool, desktop, user_id, lease_until, created_at)
    VALUES (:pool, :desktop, :user_id, :lease_until, :at)
    ON CONFLICT (pool, user_id) DO UPDATE SET desktop = excluded.desktop, lease_until = excluded.lease_until
    """
)
# Readers do not wait for it.
_TAKE_TURNS = text("LOCK TABLE assignments IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A desktop of a pool is a user's until lease_until; kept afterwards until somebody else needs it."""

    pool: str
    desktop: str
    user_id: int
    lease_until: float


def every(conn: Connection) -> list[AssignmentRow]:
    """Every assignment, the ended ones that are remembered too."""
    return [_row(row) for row in conn.execute(select(assignments).order_by(assignments.c.id))]


def of_pool(conn: Connection, pool: str) -> list[AssignmentRow]:
    """The assignments of one pool."""
    query = select(assignments).where(assignments.c.pool == pool).order_by(assignments.c.id)
    return [_row(row) for row in conn.execute(query)]


def of_users(conn: Connection, user_ids: Collection[int]) -> list[AssignmentRow]:
    """The assignments of these users."""
    query = select(assignments).where(assignments.c.user_id.in_(user_ids)).order_by(assignments.c.id)
    return [_row(row) for row in conn.execute(query)]


def take_turns(conn: Connection) -> None:
    """Wait until nobody else assigns, for the rest of the transaction. SQLite's writers take turns anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(_TAKE_TURNS)


def put(conn: Connection, new: AssignmentRow, at: float) -> None:
    """Assign a desktop, or change the assignment of its user; others lose that desktop."""
    taken = (assignments.c.pool == new.pool) & (assignments.c.desktop == new.desktop)
    others = select(assignments.c.user_id).where(taken, assignments.c.user_id != new.user_id)
    for user_id in conn.execute(others).scalars().all():
        conn.execute(delete(assignments).where(taken, assignments.c.user_id == user_id))
        _tell(conn, user_id, at)
    values = {"pool": new.pool, "desktop": new.desktop, "user_id": new.user_id}
    conn.execute(_PUT, values | {"lease_until": new.lease_until, "at": at})
    _tell(conn, new.user_id, at)


def _tell(conn: Connection, user_id: int, at: float) -> None:
    organization_id = conn.execute(select(users.c.organization_id).where(users.c.id == user_id)).scalar()
    feed.append(conn, feed.Topic.ASSIGNMENT, str(user_id), organization_id, at)


def _row(row: Row[Any]) -> AssignmentRow:
    return AssignmentRow(row.pool, row.desktop, row.user_id, row.lease_until)
