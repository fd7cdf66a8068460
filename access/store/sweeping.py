"""What the sweep of a worker looks for besides due lanes. ◆"""

from sqlalchemy import Connection, and_, or_, select

from access.gateways.lanes import Lane
from access.nas.disconnect import PROOF_S
from access.store.tables import devices, sessions, work

RUNG_FOR_S = 2.0


def unread(conn: Connection, before: float) -> list[int]:
    """The devices that nobody has read whole since a moment, and for which nobody has asked yet."""
    structure = and_(work.c.device_id == devices.c.id, work.c.lane == Lane.STRUCTURE.value)
    idle = and_(work.c.wanted <= work.c.done, or_(work.c.done_at.is_(None), work.c.done_at < before))
    query = select(devices.c.id).outerjoin(work, structure)
    return list(conn.execute(query.where(or_(work.c.device_id.is_(None), idle))).scalars())


def unanswered_ends(conn: Connection, now: float, limit: int = 200) -> list[int]:
    """The open wishes that it is time to take up, longest waiting first.

    One that is fresh was rung for; one that met with silence says itself when to ask again; one that the NAS
    said yes to has been given time for its proof.
    """
    fresh = and_(sessions.c.disconnect == "wanted", sessions.c.disconnect_at < now - RUNG_FOR_S)
    again = and_(
        sessions.c.disconnect == "silent", sessions.c.disconnect_at <= now, sessions.c.state != "ended"
    )
    unproven = and_(sessions.c.disconnect == "acked", sessions.c.disconnect_at < now - PROOF_S)
    query = select(sessions.c.id).where(or_(fresh, again, unproven)).order_by(sessions.c.disconnect_at)
    return list(conn.execute(query.limit(limit)).scalars())
