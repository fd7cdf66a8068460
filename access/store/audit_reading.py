"""Sealed records in the order of their chains, for whoever keeps a copy outside. ◆"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from access.keys.sealing import Keyring
from access.records.audit import NO_ORGANIZATION, Row
from access.records.audit_line import Chained
from access.store.audit import opened
from access.store.tables import audit, audit_chain, organizations, users

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which records of one chain: those after a position, and in a time (seconds since the epoch)."""

    organization_id: int
    after: int = 0
    since: float | None = None
    until: float | None = None


def chains(conn: Connection) -> dict[int, str]:
    """The organizations by their ids, with 0 and no name for what belongs to none."""
    rows = conn.execute(select(organizations.c.id, organizations.c.key).order_by(organizations.c.id))
    return {NO_ORGANIZATION: ""} | {row.id: row.key for row in rows}


def some(conn: Connection, name: str, stretch: Stretch, keyring: Keyring) -> list[Chained]:
    """At most AT_ONCE records, by position. name is the organization's. Raises DetailBroken, SealBroken."""
    query = (
        select(audit_chain.c.position, audit_chain.c.hash, users.c.name, organizations.c.key, audit)
        .join(audit, audit.c.id == audit_chain.c.audit_id)
        .outerjoin(users, users.c.id == audit.c.user_id)
        .outerjoin(organizations, organizations.c.id == users.c.organization_id)
        .where(audit_chain.c.organization_id == stretch.organization_id)
        .where(audit_chain.c.position > stretch.after)
        .order_by(audit_chain.c.position)
        .limit(AT_ONCE)
    )
    if stretch.since is not None:
        query = query.where(audit.c.at >= stretch.since)
    if stretch.until is not None:
        query = query.where(audit.c.at < stretch.until)
    found = conn.execute(query).all()
    rows = [Row(*row[4:]) for row in found]
    return [
        Chained(name, row[0], bytes(row[1]), stored, record, f"{row[2]}@{row[3]}" if row[2] else "")
        for row, stored, record in zip(found, rows, opened(conn, rows, keyring), strict=True)
    ]


def all_of(conn: Connection, name: str, stretch: Stretch, keyring: Keyring) -> Iterator[Chained]:
    """Every record of a stretch, by position; memory does not grow with them."""
    after = stretch.after
    while batch := some(
        conn, name, Stretch(stretch.organization_id, after, stretch.since, stretch.until), keyring
    ):
        yield from batch
        after = batch[-1].position
