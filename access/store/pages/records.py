"""Audit rows as the pages list them, each with the name its person has today. ◆"""

from dataclasses import replace

from sqlalchemy import Connection, select

from access.keys.sealing import Keyring
from access.records.audit import AuditRecord
from access.records.record_search import is_about
from access.shown import Asked, Found, Record
from access.store import audit
from access.store.audit import Selection
from access.store.tables import organizations, users

OPENED_AT_ONCE = 500
MOST_OPENED = 10000


def found(conn: Connection, asked: Asked, keyring: Keyring) -> Found:
    """The newest records of an organization, narrowed by kind, reason and text.

    What a record says is sealed, so a text is looked for by opening them: MOST_OPENED at most, and the next
    page goes on from there.
    """
    chosen = Selection(
        organization_id=asked.organization_id,
        kind=asked.kind or None,
        reason=asked.reason or None,
        before_id=asked.before_id,
        limit=asked.limit if not asked.text else max(asked.limit, OPENED_AT_ONCE),
        installation_too=asked.installation_too,
    )
    kept: list[Record] = []
    for _ in range(MOST_OPENED // OPENED_AT_ONCE if asked.text else 1):
        rows = _shown(conn, audit.records(conn, chosen, keyring))
        for row in rows:
            if not asked.text or is_about(row.detail, asked.text, row.who, row.case_code):
                kept.append(row)
            if len(kept) == asked.limit:
                return Found(kept, row.id)
        if len(rows) < chosen.limit:
            return Found(kept, None)
        chosen = replace(chosen, before_id=rows[-1].id)
    return Found(kept, chosen.before_id)


def of_user(conn: Connection, user_id: int, limit: int, keyring: Keyring) -> list[Record]:
    """The newest records about a person."""
    return _shown(conn, audit.records(conn, Selection(user_id=user_id, limit=limit), keyring))


def case(conn: Connection, chosen: Selection, code: str, keyring: Keyring) -> Record | None:
    """The newest record with this case code among those chosen."""
    found = audit.records(conn, replace(chosen, case_code=code, limit=1), keyring)
    return next(iter(_shown(conn, found)), None)


def _shown(conn: Connection, records: list[AuditRecord]) -> list[Record]:
    concerned = {record.user_id for record in records if record.user_id is not None}
    query = (
        select(users.c.id, users.c.name, organizations.c.key)
        .join_from(users, organizations, organizations.c.id == users.c.organization_id)
        .where(users.c.id.in_(concerned))
    )
    names = {row.id: f"{row.name}@{row.key}" for row in conn.execute(query)} if concerned else {}
    return [
        Record(
            id=record.id,
            at=record.at,
            kind=record.kind,
            reason=record.reason,
            case_code=record.case_code or "",
            organization_id=record.organization_id,
            user_id=record.user_id,
            who=names.get(record.user_id or 0, ""),
            detail=record.detail if record.detail is not None else {"erased": True},
        )
        for record in records
    ]
