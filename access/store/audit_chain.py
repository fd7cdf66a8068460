"""The sealer, which gives audit rows their place in a chain, and the verifier, which tries to find fault. ◆

One sealer works at a time, by lease. It seals each writer's rows in the order of their numbers, so that a row
that commits late is never passed by: up to which number each writer is sealed stands in audit_writers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, insert, select, update

from access.keys.sealing import Keyring, SealBroken
from access.records.audit import GENESIS, NO_ORGANIZATION, Row, chain_hash
from access.records.audit_proof import (
    Fault,
    Finding,
    Head,
    Link,
    Span,
    Stamp,
    is_signed,
    sign_head,
    verify_chain,
    verify_numbers,
)
from access.store import heads, leases
from access.store.audit_pruning import stamped_by
from access.store.database import Database
from access.store.heads import HeadsUnusable
from access.store.tables import audit, audit_chain, audit_spans, audit_writers, organizations

LEASE = "seal"
LEASE_S = 30.0
BATCH_ROWS = 500
PURPOSE = "audit heads"
_AT_ONCE = {"yield_per": 1000}


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying saw. unsealed: rows that wait for the sealer; they are checked by their numbers only."""

    rows: int
    unsealed: int
    chains: int
    findings: tuple[Finding, ...]


def seal(database: Database, keyring: Keyring, heads_dir: Path, owner: str, now: float) -> int:
    """One step of the sealer: chain what is new, write the heads, and return how many rows that was.

    0 as well while another owner has the lease. Heads are written after the commit, so that no head is ever
    ahead of the database; one that a crash left out is written by the next step. Raises HeadsUnusable.
    """
    with database.write() as conn:
        if leases.acquire(conn, LEASE, owner, now, LEASE_S) is None:
            return 0
        count = seal_new(conn)
    with database.read() as conn:
        names, ends = _names(conn), _ends(conn)
    for organization_id, (position, hash_) in ends.items():
        name = names.get(organization_id, f"{organization_id}")
        newest = heads.last(heads_dir, name)
        if newest is None or (newest.position, newest.hash) != (position, hash_):
            heads.append(heads_dir, name, _signed(organization_id, position, hash_, now, keyring))
    return count


def seal_new(conn: Connection, limit: int = BATCH_ROWS) -> int:
    """Chain at most limit rows that have no position yet, and return how many. Needs a write transaction."""
    rows = [Row(*row) for row in conn.execute(_waiting().order_by(audit.c.id).limit(limit))]
    if not rows:
        return 0
    ends, links, sealed = _ends(conn), [], dict[str, int]()
    for row in rows:
        organization_id = row.organization_id or NO_ORGANIZATION
        position, previous = ends.get(organization_id, (0, GENESIS))
        ends[organization_id] = position + 1, chain_hash(previous, row)
        links.append(_link_values(organization_id, row, *ends[organization_id]))
        sealed[row.writer] = row.number
    conn.execute(insert(audit_chain), links)
    conn.execute(
        update(audit_writers)
        .where(audit_writers.c.writer == bindparam("of"))
        .values(sealed_number=bindparam("to")),
        [{"of": writer, "to": number} for writer, number in sorted(sealed.items())],
    )
    return len(rows)


def verify(database: Database, keyring: Keyring, heads_dir: Path) -> Verification:
    """Everything that is not as it was written. Reads every row; memory does not grow with them."""
    with database.read() as conn:
        names = _names(conn)
    known_stamp = stamped_by(keyring)
    # The heads first: the database may then be ahead of them, never behind.
    known: dict[int, list[Head]] = {}
    findings: list[Finding] = []
    for organization_id, name in names.items():
        known[organization_id], faults = _trusted_heads(heads_dir, organization_id, name, keyring)
        findings += faults
    with database.read() as conn:
        chains = set(_ends(conn)) | {key for key, of_it in known.items() if of_it}
        for organization_id in sorted(chains):
            name = names.get(organization_id, f"organization {organization_id}")
            of_it = known.get(organization_id, [])
            findings += verify_chain(name, _links(conn, organization_id), of_it, known_stamp)
            if not of_it:
                seen = f"no head in {heads_dir}: whether the end was cut off cannot be known"
                findings.append(Finding(Fault.HEADS_UNREADABLE, name, seen))
        findings += verify_numbers(_numbers(conn), _last_numbers(conn), _spans(conn), known_stamp)
        findings += _unchained(conn)
        rows = conn.execute(select(func.count()).select_from(audit)).scalar_one()
        unsealed = conn.execute(select(func.count()).select_from(_waiting().subquery())).scalar_one()
    return Verification(rows, unsealed, len(chains), tuple(findings))


def _trusted_heads(
    heads_dir: Path, organization_id: int, name: str, keyring: Keyring
) -> tuple[list[Head], list[Finding]]:
    """The heads that we signed, and a finding for each other line."""
    trusted: list[Head] = []
    findings: list[Finding] = []
    try:
        for head in heads.read(heads_dir, name):
            if _is_ours(head, organization_id, keyring):
                trusted.append(head)
            else:
                findings.append(Finding(Fault.HEAD_UNSIGNED, name, f"the head of position {head.position}"))
    except HeadsUnusable as error:
        findings.append(Finding(Fault.HEADS_UNREADABLE, name, str(error)))
    return trusted, findings


def _is_ours(head: Head, organization_id: int, keyring: Keyring) -> bool:
    try:
        key = keyring.subkey(PURPOSE, head.key_id)
    except SealBroken:
        return False
    return head.organization_id == organization_id and is_signed(head, key)


def _signed(organization_id: int, position: int, hash_: bytes, now: float, keyring: Keyring) -> Head:
    signature = sign_head(organization_id, position, hash_, now, keyring.subkey(PURPOSE))
    return Head(organization_id, position, hash_, now, keyring.current, signature)


def _names(conn: Connection) -> dict[int, str]:
    """The name of each chain's heads file."""
    rows = conn.execute(select(organizations.c.id, organizations.c.key).order_by(organizations.c.id))
    return {NO_ORGANIZATION: heads.INSTALLATION} | {row.id: row.key for row in rows}


def _ends(conn: Connection) -> dict[int, tuple[int, bytes]]:
    """The last position of each chain, and its hash."""
    newest = (
        select(audit_chain.c.organization_id, func.max(audit_chain.c.position).label("position"))
        .group_by(audit_chain.c.organization_id)
        .subquery()
    )
    rows = conn.execute(
        select(audit_chain).join(
            newest,
            (audit_chain.c.organization_id == newest.c.organization_id)
            & (audit_chain.c.position == newest.c.position),
        )
    )
    return {row.organization_id: (row.position, bytes(row.hash)) for row in rows}


def _waiting() -> Select[Any]:
    """Rows that have no position yet."""
    return (
        select(audit)
        .join(audit_writers, audit.c.writer == audit_writers.c.writer)
        .where(audit.c.number > audit_writers.c.sealed_number)
    )


def _link_values(organization_id: int, row: Row, position: int, hash_: bytes) -> dict[str, object]:
    return {"organization_id": organization_id, "position": position, "audit_id": row.id, "hash": hash_}


def _links(conn: Connection, organization_id: int) -> Iterator[Link]:
    query = (
        select(audit_chain, audit)
        .outerjoin(audit, audit.c.id == audit_chain.c.audit_id)
        .where(audit_chain.c.organization_id == organization_id)
        .order_by(audit_chain.c.position)
    )
    width = len(audit_chain.c)
    for row in conn.execute(query, execution_options=_AT_ONCE):
        stored = Row(*row[width:]) if row[width] is not None else None
        yield Link(row[0], row[1], row[2], bytes(row[3]), stored, row.pruned_from, _stamp(row))


def _stamp(row: Any) -> Stamp | None:
    return Stamp(row.stamp_key, bytes(row.stamp)) if row.stamp is not None else None


def _spans(conn: Connection) -> Iterator[Span]:
    query = select(audit_spans).order_by(audit_spans.c.writer, audit_spans.c.first_number)
    for row in conn.execute(query, execution_options=_AT_ONCE):
        yield Span(row.writer, row.first_number, row.last_number, Stamp(row.stamp_key, bytes(row.stamp)))


def _numbers(conn: Connection) -> Iterator[tuple[str, int]]:
    query = select(audit.c.writer, audit.c.number).order_by(audit.c.writer, audit.c.number)
    for row in conn.execute(query, execution_options=_AT_ONCE):
        yield row.writer, row.number


def _last_numbers(conn: Connection) -> dict[str, int]:
    rows = conn.execute(select(audit_writers.c.writer, audit_writers.c.last_number))
    return {row.writer: row.last_number for row in rows}


def _unchained(conn: Connection) -> Iterator[Finding]:
    """Rows the sealer has passed that are in no chain: somebody shortened it, or slipped them in."""
    chained = exists().where(audit_chain.c.audit_id == audit.c.id)
    query = (
        select(audit.c.id)
        .join(audit_writers, audit.c.writer == audit_writers.c.writer)
        .where(audit.c.number <= audit_writers.c.sealed_number, ~chained)
        .order_by(audit.c.id)
    )
    for row in conn.execute(query, execution_options=_AT_ONCE):
        yield Finding(Fault.CHAIN_GAP, f"audit row {row.id}", "was sealed and is in no chain")
