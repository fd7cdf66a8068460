"""Audit rows whose time of keeping is over are taken away, and what proves the rest is put in their place. ◆

See access/records/audit_proof.py for bridges and spans. Only sealed rows go. The tables refuse to lose a row,
unless `audit_pruning` holds one: it does so only inside of the transactions here.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, text

from access.keys.sealing import Keyring, SealBroken
from access.records.audit import NO_ORGANIZATION
from access.records.audit_proof import Known, Stamp, bridge_octets, span_octets
from access.records.retention import ACCESS_KINDS, RecordClass, Rules
from access.store.database import BULK_ROWS
from access.store.tables import audit, audit_chain, audit_pruning, audit_spans, audit_writers, organizations

PURPOSE = "audit pruning"


@dataclass(frozen=True, slots=True)
class Outdated:
    """Sealed records of one organization (0: of none) and class that are older than they are kept."""

    organization_id: int
    record_class: RecordClass
    before: float
    rows: int
    of_all: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Positions, or numbers, one after the other; last_id and hash are those at its end."""

    first: int
    last: int
    last_id: int = 0
    hash: bytes = b""


def stamped_by(keyring: Keyring) -> Known:
    """What tells whether a stamp is ours."""

    def known(stamp: Stamp, octets: bytes) -> bool:
        try:
            key = keyring.subkey(PURPOSE, stamp.key_id)
        except SealBroken:
            return False
        return hmac.compare_digest(hmac.digest(key, octets, "sha256"), stamp.signature)

    return known


def outdated(conn: Connection, rules: Rules, now: float) -> list[Outdated]:
    """What is older than it is kept, a line for each organization and class that has any."""
    found = []
    owners = conn.execute(select(organizations.c.id).order_by(organizations.c.id)).scalars()
    for organization_id in (NO_ORGANIZATION, *owners):
        for record_class in RecordClass:
            before = rules.of(organization_id).cutoff(record_class, now)
            of_class = select(func.count()).where(_belongs(organization_id), _is_of(record_class))
            rows = conn.execute(of_class.where(*_old(before))).scalar_one()
            if rows:
                of_all = conn.execute(of_class).scalar_one()
                found.append(Outdated(organization_id, record_class, before, rows, of_all))
    return found


def prune_some(conn: Connection, old: Outdated, keyring: Keyring, at_most: int = BULK_ROWS) -> int:
    """Take away at most so many of what is outdated, and return how many. Needs a write transaction."""
    _alone(conn)
    query = (
        select(audit.c.id, audit.c.writer, audit.c.number, audit_chain.c.position, audit_chain.c.hash)
        .join(audit_chain, audit_chain.c.audit_id == audit.c.id)
        .where(_belongs(old.organization_id), _is_of(old.record_class), *_old(old.before))
        # As the index has them: to sort all that is outdated for each few would take hours at the first run.
        .order_by(audit.c.at)
        .limit(at_most)
    )
    rows = conn.execute(query).all()
    if not rows:
        return 0
    conn.execute(insert(audit_pruning).values(before=old.before))
    conn.execute(delete(audit).where(audit.c.id.in_([row.id for row in rows])))
    _bridge(conn, old.organization_id, rows, keyring)
    _span(conn, rows, keyring)
    conn.execute(delete(audit_pruning))
    return len(rows)


def _alone(conn: Connection) -> None:
    """Have everybody else who prunes wait: of two bridges over one stretch the shorter would be left.

    On SQLite a transaction that writes is the only one.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE audit_pruning IN EXCLUSIVE MODE"))


def newest_position(conn: Connection, old: Outdated) -> int:
    """The last position in the chain of what is outdated."""
    chained = select(func.max(audit_chain.c.position)).join(audit, audit.c.id == audit_chain.c.audit_id)
    of_it = (_belongs(old.organization_id), _is_of(old.record_class), *_old(old.before))
    return int(conn.execute(chained.where(*of_it)).scalar() or 0)


def _belongs(organization_id: int) -> ColumnElement[bool]:
    if organization_id == NO_ORGANIZATION:
        return audit.c.organization_id.is_(None)
    return audit.c.organization_id == organization_id


def _is_of(record_class: RecordClass) -> ColumnElement[bool]:
    is_access = audit.c.kind.in_(sorted(ACCESS_KINDS))
    return is_access if record_class is RecordClass.ACCESS else ~is_access


def _old(before: float) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    sealed = (
        select(audit_writers.c.sealed_number)
        .where(audit_writers.c.writer == audit.c.writer)
        .scalar_subquery()
    )
    return audit.c.at < before, audit.c.number <= sealed


def _bridge(conn: Connection, organization_id: int, rows: Sequence[Any], keyring: Keyring) -> None:
    """Put one link in the place of each stretch of positions, and of the bridges that touch it."""
    of_it = audit_chain.c.organization_id == organization_id
    goes = [_Stretch(row.position, row.position, row.id, bytes(row.hash)) for row in rows]
    edges = {stretch.first - 1 for stretch in _joined(goes)} | {stretch.last + 1 for stretch in _joined(goes)}
    touching = conn.execute(
        select(audit_chain).where(
            of_it,
            audit_chain.c.pruned_from.is_not(None),
            or_(audit_chain.c.position.in_(edges), audit_chain.c.pruned_from.in_(edges)),
        )
    ).all()
    goes += [_Stretch(row.pruned_from, row.position, row.audit_id, bytes(row.hash)) for row in touching]
    gone = [row.position for row in (*rows, *touching)]
    conn.execute(delete(audit_chain).where(of_it, audit_chain.c.position.in_(gone)))
    conn.execute(
        insert(audit_chain),
        [_link(organization_id, stretch, keyring) for stretch in _joined(goes)],
    )


def _link(organization_id: int, stretch: _Stretch, keyring: Keyring) -> dict[str, object]:
    octets = bridge_octets(organization_id, stretch.first, stretch.last, stretch.hash)
    return {
        "organization_id": organization_id,
        "position": stretch.last,
        "audit_id": stretch.last_id,
        "hash": stretch.hash,
        "pruned_from": stretch.first,
        **_stamp(octets, keyring),
    }


def _span(conn: Connection, rows: Sequence[Any], keyring: Keyring) -> None:
    """Remember the numbers of each writer that went, joined with those that went before."""
    by_writer: dict[str, list[_Stretch]] = {}
    for row in rows:
        by_writer.setdefault(row.writer, []).append(_Stretch(row.number, row.number))
    for writer, goes in sorted(by_writer.items()):
        edges = {stretch.first - 1 for stretch in goes} | {stretch.last + 1 for stretch in goes}
        touching = and_(
            audit_spans.c.writer == writer,
            or_(audit_spans.c.last_number.in_(edges), audit_spans.c.first_number.in_(edges)),
        )
        known = conn.execute(select(audit_spans).where(touching)).all()
        conn.execute(delete(audit_spans).where(touching))
        joined = _joined([*goes, *(_Stretch(row.first_number, row.last_number) for row in known)])
        conn.execute(insert(audit_spans), [_numbers(writer, stretch, keyring) for stretch in joined])


def _numbers(writer: str, stretch: _Stretch, keyring: Keyring) -> dict[str, object]:
    octets = span_octets(writer, stretch.first, stretch.last)
    values = {"writer": writer, "first_number": stretch.first, "last_number": stretch.last}
    return {**values, **_stamp(octets, keyring)}


def _stamp(octets: bytes, keyring: Keyring) -> dict[str, object]:
    key = keyring.subkey(PURPOSE)
    return {"stamp_key": keyring.current, "stamp": hmac.digest(key, octets, "sha256")}


def _joined(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """The stretches, those joined that follow each other."""
    ordered = sorted(stretches, key=lambda each: each.first)
    breaks = [0]
    breaks += [index for index, (one, two) in enumerate(pairwise(ordered), 1) if two.first != one.last + 1]
    runs = [ordered[start:end] for start, end in pairwise([*breaks, len(ordered)])]
    return [_Stretch(run[0].first, run[-1].last, run[-1].last_id, run[-1].hash) for run in runs]
