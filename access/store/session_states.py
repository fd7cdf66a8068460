"""The State with which a NAS has a session authorized anew, spent by one statement. ◆"""

from sqlalchemy import Connection, or_, update

from access.logins.authorized_anew import KnownSession
from access.store.disconnects import state_hash
from access.store.sessions import OPEN
from access.store.tables import sessions


def spend(conn: Connection, nas_id: int, source: str, state: bytes, now: float) -> KnownSession | None:
    """Return the session that a State was given for, and let nobody use it again; None where it is for none.

    It is good for one NAS, where that is several devices for the one the session is at, and for a while.
    """
    spent = (
        update(sessions)
        .where(
            sessions.c.state_hash == state_hash(state),
            sessions.c.state_until > now,
            sessions.c.nas_id == nas_id,
            or_(sessions.c.nas_address == source, sessions.c.nas_address == ""),
            sessions.c.state.in_(OPEN),
        )
        .values(state_hash=None, state_until=None)
        .returning(
            sessions.c.class_,
            sessions.c.user_id,
            sessions.c.endpoint_id,
            sessions.c.network_password_id,
            sessions.c.user_name,
            sessions.c.method,
            sessions.c.otp_at,
            sessions.c.certificate,
            sessions.c.code,
        )
    )
    row = conn.execute(spent).first()
    return None if row is None else KnownSession(*row)
