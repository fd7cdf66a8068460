"""NASes that do not do with a session what they are asked: the alarm about each, and when it is over. ◆"""

from sqlalchemy import Connection, select

from access.logins.network_session import NetworkSession, Wish
from access.nas.disconnect import UNHEEDED, Settled
from access.records.alarms import Alarm, AlarmKind
from access.store.alarms import StoredAlarms, apart
from access.store.sessions import OPEN
from access.store.tables import alarms, nas, organizations, sessions
from radius.vendor.families import family_of

_WISHED = {Wish.END: "is to end", Wish.REAUTHENTICATE: "is to log in anew"}


def tell(kept: StoredAlarms, session: NetworkSession, settled: Settled, now: float) -> None:
    """Raise the alarm about the NAS of a session, unless it is of a kind that takes no such requests.

    It is told to the company of the NAS, with the name of its own people alone.
    """
    at = kept.conn.execute(select(nas).where(nas.c.id == session.nas_id)).one()
    if not family_of(at.vendor).changes:
        return
    is_own = session.organization_id == at.organization_id
    whose = f" of {session.user_name or session.calling_station}" if is_own else ""
    note = f"session {session.id}{whose} {_WISHED[session.wish]}: {settled.note}"
    kept.raise_alarm(Alarm(AlarmKind.SESSION_UNHEEDED, at.name, note, at.organization_id), now)


def clear(kept: StoredAlarms, now: float) -> None:
    """Clear the alarms that are over."""
    for name in over(kept.conn):
        kept.clear_alarm(AlarmKind.SESSION_UNHEEDED, name, now)


def over(conn: Connection) -> list[str]:
    """Return the subjects of open alarms at whose NAS no such session goes on."""
    kind = AlarmKind.SESSION_UNHEEDED.value
    told = conn.execute(
        select(alarms.c.subject).where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None))
    ).scalars()
    subjects = set(told)
    if not subjects:
        return []
    unheeded = select(nas.c.name, organizations.c.key).join(sessions, sessions.c.nas_id == nas.c.id)
    unheeded = unheeded.join(organizations, organizations.c.id == nas.c.organization_id)
    goes_on = sessions.c.state.in_(OPEN), sessions.c.disconnect.in_([each.value for each in UNHEEDED])
    rows = conn.execute(unheeded.where(*goes_on)).all()
    # A NAS that was another company's when it was first told of has an alarm apart.
    going_on = {row.name for row in rows} | {apart(row.name, row.key) for row in rows}
    return sorted(subjects - going_on)
