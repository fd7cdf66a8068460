"""How each organization's directory is doing, where its sync stands, and what an operator asked of it. ◆"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, Update, select, update

from access.directory.entries import Position
from access.store import feed, single_values, tables
from access.store.feed import Topic
from access.store.tables import directories


@dataclass(frozen=True, slots=True)
class DirectoryStatus:
    """The last success and the last failure; failure is None once a sync has succeeded after it."""

    organization: str
    url: str
    synced_at: float | None
    failed_at: float | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """An operator wants everything read again. at: seconds since the epoch."""

    at: float
    accept_mass_change: bool = False


def statuses(conn: Connection) -> list[DirectoryStatus]:
    """Return the state of every directory, by organization."""
    organizations = tables.organizations
    rows = conn.execute(
        select(organizations.c.key, directories)
        .join_from(directories, organizations, organizations.c.id == directories.c.organization_id)
        .order_by(organizations.c.key)
    )
    return [DirectoryStatus(row.key, row.url, row.synced_at, row.failed_at, row.failure) for row in rows]


def status(conn: Connection, organization_key: str) -> DirectoryStatus | None:
    """Return the state of one organization's directory; None before it was first tried."""
    return next((each for each in statuses(conn) if each.organization == organization_key), None)


def cookie(conn: Connection, organization_id: int) -> bytes | None:
    """Return where syncrepl may go on; None: read everything."""
    return conn.execute(
        select(directories.c.cookie).where(directories.c.organization_id == organization_id)
    ).scalar_one_or_none()


def forget_cookie(conn: Connection, organization_id: int) -> None:
    """Have the next start read everything: what follows will be written in several transactions."""
    conn.execute(_of(organization_id).values(cookie=None))


def put_synced(conn: Connection, organization_id: int, position: Position, at: float) -> None:
    """Record a success; it ends any failure."""
    if _failure(conn, organization_id) is not None:
        feed.append(conn, Topic.DIRECTORY, str(organization_id), organization_id, at)
    conn.execute(
        _of(organization_id).values(
            cookie=position.cookie, watermark=position.watermark, synced_at=at, failed_at=None, failure=None
        )
    )


def put_failure(conn: Connection, organization_id: int, failure: str, at: float) -> None:
    """Record a failure; the feed hears of a new one, not of its repetitions."""
    if _failure(conn, organization_id) != failure:
        feed.append(conn, Topic.DIRECTORY, str(organization_id), organization_id, at)
    conn.execute(_of(organization_id).values(failed_at=at, failure=failure))


def put_request(conn: Connection, organization_key: str, request: SyncRequest) -> None:
    """Ask the directory process for a complete sync."""
    kept = {"at": request.at, "accept_mass_change": request.accept_mass_change}
    single_values.put(conn, _request_name(organization_key), json.dumps(kept))


def request(conn: Connection, organization_key: str) -> SyncRequest | None:
    """Return the newest request."""
    kept = single_values.get(conn, _request_name(organization_key))
    return SyncRequest(**json.loads(kept)) if kept is not None else None


def _failure(conn: Connection, organization_id: int) -> str | None:
    return conn.execute(
        select(directories.c.failure).where(directories.c.organization_id == organization_id)
    ).scalar_one_or_none()


def _of(organization_id: int) -> Update:
    return update(directories).where(directories.c.organization_id == organization_id)


def _request_name(organization_key: str) -> str:
    return f"directory.{organization_key}.request"
