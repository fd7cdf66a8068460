"""What the sweep of a worker looks for besides due lanes. ◆"""

from sqlalchemy import Connection, and_, or_, select

from access.lanes import Lane
from access.store.tables import devices, sessions, work

OPEN = ("admitted", "live")


def unread(conn: Connection, before: float) -> list[int]:
    """The devices that nobody has read whole since a moment, and for which nobody has asked yet."""
    structure = and_(work.c.device_id == devices.c.id, work.c.lane == Lane.STRUCTURE.value)
    idle = and_(work.c.wanted <= work.c.done, or_(work.c.done_at.is_(None), work.c.done_at < before))
    query = select(devices.c.id).outerjoin(work, structure)
    return list(conn.execute(query.where(or_(work.c.device_id.is_(None), idle))).scalars())


def unanswered_ends(conn: Connection, before: float, limit: int = 200) -> list[int]:
    """The sessions whose end is wanted since before a moment and was not answered, longest waiting first."""
    query = (
        select(sessions.c.id)
        .where(sessions.c.disconnect.in_(("wanted", "silent")), sessions.c.disconnect_at < before)
        .order_by(sessions.c.disconnect_at)
    )
    return list(conn.execute(query.limit(limit)).scalars())
