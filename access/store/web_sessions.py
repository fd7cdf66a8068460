"""Signed-in browsers, under the hash of their cookie: whoever reads the table cannot use a session. ◆"""

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from access.proof.web_session import IDLE_S, SessionState, WebSession
from access.store.tables import web_sessions


def by_id(conn: Connection, session_id: str) -> WebSession | None:
    """Return the session, alive or not; None if there is none."""
    row = conn.execute(select(web_sessions).where(web_sessions.c.id == session_id)).mappings().one_or_none()
    return WebSession(**{**row, "state": SessionState(row["state"])}) if row else None


def of_user(conn: Connection, user_id: int) -> tuple[WebSession, ...]:
    """Return all sessions of a user, newest first."""
    found = select(web_sessions).where(web_sessions.c.user_id == user_id)
    rows = conn.execute(found.order_by(web_sessions.c.created_at.desc())).mappings()
    return tuple(WebSession(**{**row, "state": SessionState(row["state"])}) for row in rows)


def add(conn: Connection, session: WebSession) -> None:
    """Keep a new session."""
    conn.execute(insert(web_sessions).values(**_values(session)))


def replace(conn: Connection, old_id: str, new: WebSession) -> bool:
    """Put new in the place of a session; return False, having written nothing, if that is gone.

    The old cookie is worth nothing afterwards. Of two steps taken at once only one finds the session.
    """
    if not remove(conn, old_id):
        return False
    add(conn, new)
    return True


def touch(conn: Connection, session_id: str, seen_at: float) -> bool:
    """Write down that a session was used; time never goes back. Return whether it was there."""
    statement = (
        update(web_sessions)
        .where(web_sessions.c.id == session_id, web_sessions.c.seen_at < seen_at)
        .values(seen_at=seen_at)
    )
    return conn.execute(statement).rowcount == 1


def remove(conn: Connection, session_id: str) -> bool:
    """End a session; return whether it was there."""
    return conn.execute(delete(web_sessions).where(web_sessions.c.id == session_id)).rowcount == 1


def remove_of_user(conn: Connection, user_id: int, but: str | None = None) -> int:
    """End all sessions of a user, or all but one; return how many there were."""
    statement = delete(web_sessions).where(web_sessions.c.user_id == user_id)
    if but is not None:
        statement = statement.where(web_sessions.c.id != but)
    return conn.execute(statement).rowcount


def remove_expired(conn: Connection, now: float) -> int:
    """Forget sessions that ended by time; return how many."""
    statement = delete(web_sessions).where(
        (web_sessions.c.valid_until <= now) | (web_sessions.c.seen_at <= now - IDLE_S)
    )
    return conn.execute(statement).rowcount


def _values(session: WebSession) -> dict[str, Any]:
    return {column.name: getattr(session, column.name) for column in web_sessions.columns}
