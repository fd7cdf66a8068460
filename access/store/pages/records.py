"""Audit rows as the pages list them, each with the name its person has today. ◆"""

from dataclasses import replace

from sqlalchemy import Connection, select

from access.audit import AuditRecord
from access.sealing import Keyring
from access.shown import Asked, Record
from access.store import audit
from access.store.audit import Selection
from access.store.tables import organizations, users


def listed(conn: Connection, asked: Asked, keyring: Keyring) -> list[Record]:
    """The newest records of an organization; the text narrows them to a kind."""
    chosen = Selection(
        organization_id=asked.organization_id,
        kind=asked.text or None,
        before_id=asked.before_id,
        limit=asked.limit,
        installation_too=asked.installation_too,
    )
    return _shown(conn, audit.records(conn, chosen, keyring))


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
