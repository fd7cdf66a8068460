"""What is wanted of the NAS of a session, and what became of it. ◆"""

from sqlalchemy import Connection, and_, or_, select, update

from access.logins.network_session import Disconnect, End, NetworkSession, State, Wish
from access.nas.disconnect import Settled
from access.records.audit import AuditEntry
from access.store import address_leases, feed
from access.store.tables import sessions

OPEN = (State.ADMITTED.value, State.LIVE.value)
# What a person may ask for again.
ASKED = {Wish.END: "session.end-wanted", Wish.REAUTHENTICATE: "session.reauthenticate-wanted"}
GIVEN_UP = (Disconnect.NAKED.value, Disconnect.UNPROVEN.value)


def want(conn: Connection, session_id: int, wish: Wish, now: float, *, again: bool = False) -> int | None:
    """Want something of the NAS of an open session; its organization, None if that is wanted already.

    To want its end counts for more than a new login. again: also what was given up before.
    """
    may = [sessions.c.disconnect == ""]
    if wish is Wish.END:
        may.append(and_(sessions.c.disconnect != "", sessions.c.wish == Wish.REAUTHENTICATE.value))
    if again:
        may.append(sessions.c.disconnect.in_(GIVEN_UP))
    values = {"disconnect": "wanted", "disconnect_at": now, "wish": wish.value, "recipe": 0}
    statement = (
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.state.in_(OPEN), or_(*may))
        .values(values | {"disconnect_note": ""})
        .returning(sessions.c.organization_id)
    )
    organization_id: int | None = conn.execute(statement).scalar()
    if organization_id is not None:
        feed.append(conn, feed.Topic.SESSION, str(session_id), organization_id, now)
    return organization_id


def ask(conn: Connection, session: NetworkSession, wish: Wish, now: float, *, by: str) -> AuditEntry | None:
    """Want something of a session because somebody asks for it; the row for the audit, None as of want."""
    if want(conn, session.id, wish, now, again=True) is None:
        return None
    detail = {"what": ASKED[wish], "name": session.user_name, "by": by}
    return AuditEntry("session", now, "", session.organization_id, session.user_id, session.id, detail=detail)


def settle(conn: Connection, session: NetworkSession, settled: Settled, now: float) -> bool:
    """Write down what became of a wish; False where somebody else has since the session was read."""
    asked = sessions.c.disconnect, sessions.c.recipe, sessions.c.wish
    held = select(*asked, sessions.c.state, sessions.c.generation)
    row = conn.execute(held.where(sessions.c.id == session.id).with_for_update()).first()
    if row is None or row[:3] != (session.disconnect.value, session.recipe, session.wish.value):
        return False
    values: dict[str, object] = {
        "disconnect": settled.result.value,
        "disconnect_at": settled.at,
        "disconnect_note": settled.note,
        "recipe": settled.recipe,
    }
    if settled.ended and row.state != State.ENDED:
        values |= {
            "state": State.ENDED.value,
            "ended_at": now,
            "end_reason": session.end_reason or End.DISCONNECTED.value,
            "address4": None,
            "address6": None,
            "prefixes": "",
            "generation": row.generation + 1,
        }
        address_leases.end_all(conn, session.id, now)
    conn.execute(update(sessions).where(sessions.c.id == session.id).values(values))
    feed.append(conn, feed.Topic.SESSION, str(session.id), session.organization_id, now)
    return True


WORDS = {
    Disconnect.ACKED: "session.disconnected",
    Disconnect.PROVEN: "session.disconnect-proven",
    Disconnect.NOT_WANTED: "session.disconnect-proven",
    Disconnect.UNPROVEN: "session.disconnect-unproven",
    Disconnect.NAKED: "session.disconnect-refused",
    Disconnect.SILENT: "session.disconnect-unanswered",
    Disconnect.WANTED: "session.disconnect-undone",
}


def entry(session: NetworkSession, settled: Settled, now: float) -> AuditEntry:
    """Return the row for the audit about what became of a wish."""
    detail = {
        "what": WORDS[settled.result],
        "name": session.user_name,
        "wish": session.wish.value,
        "said": settled.note,
    }
    return AuditEntry(
        kind="session",
        at=now,
        reason=session.end_reason,
        organization_id=session.organization_id,
        user_id=session.user_id,
        session_id=session.id,
        detail={key: value for key, value in detail.items() if value},
    )
