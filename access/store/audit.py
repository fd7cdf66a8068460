"""Audit rows: written once and numbered without gaps by their writer, read back by auditors. ◆

A writer is a process that keeps its name over restarts ("web", "gate1/radius-2"): its numbers go on where
they stopped. Its rows commit in the order of their numbers, because the counter's row is locked until then.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, false, or_, select, text

from access.keys.sealing import Keyring
from access.records.audit import (
    NONCE_OCTETS,
    AuditEntry,
    AuditRecord,
    Row,
    encode_detail,
    open_detail,
    seal_detail,
)
from access.store import many_rows
from access.store.person_keys import key_to_read, keys_to_write
from access.store.tables import audit

_COUNT_UP = text(
    """
    INSERT INTO audit_writers (writer, last_number) VALUES (:writer, :count)
    ON CONFLICT (writer) DO UPDATE SET last_number = audit_writers.last_number + :count
    RETURNING last_number
    """
)
# Takes the lock of the counter also where nothing changes, so that two loaders of a journal take turns.
_LAST_NUMBER = text(
    """
    INSERT INTO audit_writers (writer, last_number) VALUES (:writer, 0)
    ON CONFLICT (writer) DO UPDATE SET last_number = audit_writers.last_number
    RETURNING last_number
    """
)
_SET_NUMBER = text("UPDATE audit_writers SET last_number = :number WHERE writer = :writer")
_ERASED = {"erased": True}
_COLUMNS = (
    "writer",
    "number",
    "organization_id",
    "at",
    "kind",
    "reason",
    "case_code",
    "user_id",
    "session_id",
    "detail",
    "sealed_detail",
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with the number its writer gave it."""

    writer: str
    number: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows to read: those that meet every field that is set, the newest first.

    installation_too: beside the organization's rows those that belong to none, such as the policy's.
    """

    case_code: str | None = None
    user_id: int | None = None
    session_id: int | None = None
    organization_id: int | None = None
    kind: str | None = None
    reason: str | None = None
    before_id: int | None = None
    limit: int = 100
    installation_too: bool = False


def record(
    conn: Connection, writer: str, entry: AuditEntry, keyring: Keyring, random: Callable[[int], bytes]
) -> int:
    """Add an entry, in the transaction of what it tells about, and return the writer's number for it."""
    return record_all(conn, writer, [entry], keyring, random)


def record_all(
    conn: Connection,
    writer: str,
    entries: Sequence[AuditEntry],
    keyring: Keyring,
    random: Callable[[int], bytes],
) -> int:
    """Add entries, at least one, as record does, and return the number of the last."""
    keys = _keys(conn, entries, keyring, random)
    # Last of all: from here on every other transaction of this writer waits.
    last: int = conn.execute(_COUNT_UP, {"writer": writer, "count": len(entries)}).scalar_one()
    first = last - len(entries) + 1
    numbered = [Numbered(writer, number, each) for number, each in enumerate(entries, first)]
    _insert(conn, numbered, keys, random)
    return last


def load(
    conn: Connection, numbered: Sequence[Numbered], keyring: Keyring, random: Callable[[int], bytes]
) -> int:
    """Add entries from writers' journals, in the order given, and return how many were new.

    Each writer's entries come in the order of their numbers. Those that were loaded before are passed over,
    so that a journal can be loaded again after a crash. A number left out is loaded as the gap it is:
    verifying will find it.
    """
    # Sorted, so that two loaders never wait for each other.
    writers = sorted({each.writer for each in numbered})
    before = {writer: conn.execute(_LAST_NUMBER, {"writer": writer}).scalar_one() for writer in writers}
    last = dict(before)
    fresh = []
    for each in numbered:
        if each.number > last[each.writer]:
            fresh.append(each)
            last[each.writer] = each.number
    if not fresh:
        return 0
    _insert(conn, fresh, _keys(conn, [each.entry for each in fresh], keyring, random), random)
    for writer in writers:
        if last[writer] > before[writer]:
            conn.execute(_SET_NUMBER, {"writer": writer, "number": last[writer]})
    return len(fresh)


def records(conn: Connection, selection: Selection, keyring: Keyring) -> list[AuditRecord]:
    """What auditors read. Raises DetailBroken and SealBroken where a detail does not open."""
    query = select(audit).order_by(audit.c.id.desc()).limit(selection.limit)
    for name in ("case_code", "user_id", "session_id", "kind", "reason"):
        wanted = getattr(selection, name)
        if wanted is not None:
            query = query.where(audit.c[name] == wanted)
    if selection.organization_id is not None:
        own = audit.c.organization_id == selection.organization_id
        unowned = audit.c.organization_id.is_(None) if selection.installation_too else false()
        query = query.where(or_(own, unowned))
    if selection.before_id is not None:
        query = query.where(audit.c.id < selection.before_id)
    return opened(conn, [Row(*row) for row in conn.execute(query)], keyring)


def opened(conn: Connection, rows: Sequence[Row], keyring: Keyring) -> list[AuditRecord]:
    """The rows as people read them. Raises DetailBroken and SealBroken where a detail does not open."""
    keys: dict[int, bytes | None] = {
        user_id: key_to_read(conn, user_id, keyring)
        for user_id in {row.user_id for row in rows if row.sealed_detail and row.user_id}
    }
    return [_readable(row, keys) for row in rows]


def _readable(row: Row, keys: dict[int, bytes | None]) -> AuditRecord:
    detail = None
    if not row.sealed_detail:
        detail = json.loads(row.detail)
    elif key := keys.get(row.user_id or 0):
        detail = open_detail(row.detail, key, _place(row.writer, row.number))
    return AuditRecord(
        id=row.id,
        at=row.at,
        kind=row.kind,
        reason=row.reason,
        organization_id=row.organization_id,
        user_id=row.user_id,
        session_id=row.session_id,
        case_code=row.case_code,
        detail=detail,
    )


def _keys(
    conn: Connection, entries: Sequence[AuditEntry], keyring: Keyring, random: Callable[[int], bytes]
) -> Mapping[int, bytes | None]:
    """Return the key of everybody whom entries are about."""
    people = {each.user_id for each in entries if each.user_id is not None}
    return keys_to_write(conn, people, keyring, random)


def _insert(
    conn: Connection,
    entries: Sequence[Numbered],
    keys: Mapping[int, bytes | None],
    random: Callable[[int], bytes],
) -> None:
    many_rows.add(conn, audit, _COLUMNS, [_values(each, keys, random) for each in entries])


def _values(
    numbered: Numbered, keys: Mapping[int, bytes | None], random: Callable[[int], bytes]
) -> tuple[object, ...]:
    """The row of an entry, in the order of _COLUMNS."""
    writer, number, entry = numbered.writer, numbered.number, numbered.entry
    detail, sealed = _stored_detail(entry, keys, _place(writer, number), random)
    return (
        writer,
        number,
        entry.organization_id,
        entry.at,
        entry.kind,
        str(entry.reason),
        entry.case_code,
        entry.user_id,
        entry.session_id,
        detail,
        sealed,
    )


def _stored_detail(
    entry: AuditEntry, keys: Mapping[int, bytes | None], place: bytes, random: Callable[[int], bytes]
) -> tuple[bytes, bool]:
    """The octets to store, and whether they are sealed. Nothing is kept about someone whose key is gone."""
    detail = encode_detail(entry.detail)
    if entry.user_id is None:
        return detail, False
    key = keys[entry.user_id]
    if key is None:
        return encode_detail(_ERASED), False
    return seal_detail(detail, key, random(NONCE_OCTETS), place), True


def _place(writer: str, number: int) -> bytes:
    return f"{writer}:{number}".encode()
