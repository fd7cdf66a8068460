"""Alarms, each kept once while it is open; the audit hears of its beginning and of its end. ◆"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row, or_, select, text, update

from access.keys.sealing import Keyring
from access.records.alarms import LONGEST_NOTE, LONGEST_SUBJECT, Alarm, AlarmKind, AlarmLine
from access.records.audit import AuditEntry
from access.store import audit
from access.store.tables import alarms, organizations

LOG = structlog.get_logger()

# In its alarm a company reads nothing that was seen at another one, also where both see it at one moment;
# what comes to be of several is nobody's.
# Two processes that see the same thing at once raise one alarm: the index of open ones decides.
_RAISE = text(
    """
    INSERT INTO alarms (kind, subject, note, organization_id, began, last, count)
    VALUES (:kind, :subject, :note, :organization_id, :at, :at, 1)
    ON CONFLICT (kind, subject) WHERE cleared_at IS NULL
    DO UPDATE SET last = excluded.last, count = alarms.count + 1,
        organization_id = CASE WHEN excluded.organization_id IS NOT NULL THEN alarms.organization_id END,
        note = CASE WHEN excluded.organization_id <> alarms.organization_id THEN alarms.note
            ELSE excluded.note END
    RETURNING count
    """
)


@dataclass(frozen=True, slots=True)
class StoredAlarms:
    """The port of access.records.alarms, in one transaction. writer names this process in the audit."""

    conn: Connection
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def raise_alarm(self, alarm: Alarm, at: float) -> bool:
        """Raise an alarm, and return whether it is a new one.

        What another company has been told of already is an alarm of its own, by the name of whose it is.
        """
        alarm = self._own(alarm)
        row = {
            "kind": alarm.kind.value,
            "subject": alarm.subject[:LONGEST_SUBJECT],
            "note": alarm.note[:LONGEST_NOTE],
            "organization_id": alarm.organization_id,
            "at": at,
        }
        is_new: bool = self.conn.execute(_RAISE, row).scalar_one() == 1
        if is_new:
            self._note("alarm.raised", alarm, at, {"note": row["note"]})
            LOG.warning("an alarm is raised", alarm=row["kind"], subject=row["subject"], note=row["note"])
        return is_new

    def clear_alarm(self, kind: AlarmKind, subject: str, at: float, by: str = "") -> bool:
        """Clear the alarm about a subject, those of other companies as well; return whether there was one."""
        companies = self.conn.execute(select(organizations.c.key)).scalars().all()
        subjects = [subject[:LONGEST_SUBJECT], *(apart(subject, key) for key in companies)]
        about = (alarms.c.kind == kind.value, alarms.c.subject.in_(subjects))
        return bool(self._clear(about, at, by))

    def clear_by_id(self, alarm_id: int, at: float, by: str) -> AlarmLine | None:
        """Clear an open alarm that somebody has dealt with, and return it; None where there is none."""
        return next(iter(self._clear((alarms.c.id == alarm_id,), at, by)), None)

    def _own(self, alarm: Alarm) -> Alarm:
        """The alarm, by a subject of its company's own where the one about it that is open is another's."""
        if alarm.organization_id is None:
            return alarm
        whose = select(organizations.c.key).where(organizations.c.id == alarm.organization_id)
        own = apart(alarm.subject, self.conn.execute(whose).scalar() or "")
        about = alarms.c.subject.in_((alarm.subject[:LONGEST_SUBJECT], own))
        of_kind = alarms.c.kind == alarm.kind.value, alarms.c.cleared_at.is_(None), about
        rows = self.conn.execute(select(alarms.c.subject, alarms.c.organization_id).where(*of_kind))
        known = {row.subject: row.organization_id for row in rows}
        first = known.get(alarm.subject[:LONGEST_SUBJECT])
        is_apart = own in known or first not in (None, alarm.organization_id)
        return replace(alarm, subject=own) if is_apart else alarm

    def _clear(self, about: tuple[Any, ...], at: float, by: str) -> list[AlarmLine]:
        change = update(alarms).where(*about, alarms.c.cleared_at.is_(None))
        rows = self.conn.execute(change.values(cleared_at=at, cleared_by=by).returning(*alarms.c)).all()
        cleared = [_line(row) for row in rows]
        for each in cleared:
            self._note("alarm.cleared", each, at, {"count": each.count, "by": by})
        return cleared

    def _note(self, what: str, alarm: Alarm | AlarmLine, at: float, more: dict[str, Any]) -> None:
        said = {"what": what, "alarm": str(alarm.kind), "subject": alarm.subject, **more}
        detail = {key: value for key, value in said.items() if value != ""}
        entry = AuditEntry("alarm", at, organization_id=alarm.organization_id, detail=detail)
        audit.record(self.conn, self.writer, entry, self.keyring, self.random)


def listed(
    conn: Connection, organization_id: int | None = None, installation_too: bool = True, cleared: int = 0
) -> list[AlarmLine]:
    """The open alarms, the newest first, and behind them so many of those cleared last.

    Of one organization, or of all; installation_too: also those that belong to none.
    """
    whose: list[Any] = []
    if organization_id is not None:
        own = alarms.c.organization_id == organization_id
        whose = [or_(own, alarms.c.organization_id.is_(None)) if installation_too else own]
    still = select(alarms).where(alarms.c.cleared_at.is_(None), *whose).order_by(alarms.c.last.desc())
    over = select(alarms).where(alarms.c.cleared_at.is_not(None), *whose).order_by(alarms.c.cleared_at.desc())
    found = [_line(row) for row in conn.execute(still)]
    return found + [_line(row) for row in conn.execute(over.limit(cleared))]


def apart(subject: str, company: str) -> str:
    """What the alarm of another company than the first about the same is called."""
    return f"{subject[: LONGEST_SUBJECT - len(company) - 3]} ({company})"


def _line(row: Row[Any]) -> AlarmLine:
    return AlarmLine(**row._mapping)
