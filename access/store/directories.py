"""How each directory is doing, where its sync stands, and what an operator asked of it. ◆"""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Update, delete, or_, select, update

from access.directory.entries import Position
from access.model import MAIN, directory_key
from access.store import feed, single_values, tables
from access.store.feed import Topic
from access.store.tables import directories

REQUEST_VALID_S = 600.0


@dataclass(frozen=True, slots=True)
class DirectoryStatus:
    """The last success, and since when it fails and why; both None once a sync has succeeded again.

    organization: the directory as access.model.directory_key calls it.
    watermark: how far it was read, for people; None where it has no such words.
    """

    organization: str
    url: str
    synced_at: float | None
    failed_at: float | None
    failure: str | None
    watermark: str | None = None


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """An operator wants everything read again. at: seconds since the epoch.

    accept_mass_change: whatever vanishes is believed; approve: what is kept at the time is, and nothing more.
    undo: the number of a run that is put back first; by: who asks.
    """

    at: float
    accept_mass_change: bool = False
    approve: bool = False
    undo: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What became of the request made at asked_at, in words."""

    asked_at: float
    done: bool
    text: str


def statuses(conn: Connection) -> list[DirectoryStatus]:
    """Return the state of every directory, by organization."""
    organizations = tables.organizations
    rows = conn.execute(
        select(organizations.c.key, directories)
        .join_from(directories, organizations, organizations.c.id == directories.c.organization_id)
        .order_by(organizations.c.key, directories.c.id)
    )
    return [
        DirectoryStatus(
            directory_key(row.key, row.name),
            row.url,
            row.synced_at,
            row.failed_at,
            row.failure,
            row.watermark,
        )
        for row in rows
    ]


def names(conn: Connection, organization_id: int) -> list[str]:
    """Return the names of an organization's directories, the first configured first."""
    mine = directories.c.organization_id == organization_id
    return list(conn.execute(select(directories.c.name).where(mine).order_by(directories.c.id)).scalars())


def forget(conn: Connection, organization_id: int, name: str) -> None:
    """Forget that there was this directory."""
    conn.execute(delete(directories).where(*_is(organization_id, name)))


def ask_all(conn: Connection, organization_id: int, request: "SyncRequest") -> None:
    """Ask for a complete sync of every directory of an organization."""
    for each in _keys(conn, organization_id):
        put_request(conn, each, request)


def _keys(conn: Connection, organization_id: int) -> list[str]:
    organizations = tables.organizations
    key = conn.execute(select(organizations.c.key).where(organizations.c.id == organization_id)).scalar_one()
    return [directory_key(key, name) for name in dict.fromkeys((MAIN, *names(conn, organization_id)))]


def status(conn: Connection, organization_key: str) -> DirectoryStatus | None:
    """Return the state of one directory; None before it was first tried."""
    return next((each for each in statuses(conn) if each.organization == organization_key), None)


def cookie(conn: Connection, organization_id: int, name: str = MAIN) -> bytes | None:
    """Return where syncrepl may go on; None: read everything."""
    return conn.execute(select(directories.c.cookie).where(*_is(organization_id, name))).scalar_one_or_none()


def forget_cookie(conn: Connection, organization_id: int, name: str = MAIN) -> None:
    """Have the next start read everything: what follows will be written in several transactions."""
    conn.execute(_of(organization_id, name).values(cookie=None))


def put_synced(
    conn: Connection, organization_id: int, position: Position, at: float, name: str = MAIN
) -> None:
    """Record a success; it ends any failure."""
    if _failure(conn, organization_id, name) is not None:
        feed.append(conn, Topic.DIRECTORY, str(organization_id), organization_id, at)
    conn.execute(
        _of(organization_id, name).values(
            cookie=position.cookie, watermark=position.watermark, synced_at=at, failed_at=None, failure=None
        )
    )


def put_failure(conn: Connection, organization_id: int, failure: str, at: float, name: str = MAIN) -> None:
    """Record a failure; the feed hears of a new one, not of its repetitions. failed_at is the first."""
    before = _failure(conn, organization_id, name)
    if before != failure:
        feed.append(conn, Topic.DIRECTORY, str(organization_id), organization_id, at)
    began = {"failed_at": at} if before is None else {}
    conn.execute(_of(organization_id, name).values(failure=failure, **began))


def put_seen(conn: Connection, organization_id: int, at: float, name: str = MAIN) -> None:
    """Record that we are in step although nothing has changed."""
    conn.execute(_of(organization_id, name).where(directories.c.failure.is_(None)).values(synced_at=at))


def read_with(conn: Connection, organization_id: int, name: str = MAIN) -> str | None:
    """Return the settings by which it was read whole last; None where that is not known."""
    return conn.execute(
        select(directories.c.read_with).where(*_is(organization_id, name))
    ).scalar_one_or_none()


def put_read_with(conn: Connection, organization_id: int, settings: str, name: str = MAIN) -> None:
    """Record by which settings it was read."""
    changed = or_(directories.c.read_with.is_(None), directories.c.read_with != settings)
    conn.execute(_of(organization_id, name).where(changed).values(read_with=settings))


def put_silent(conn: Connection, organization_id: int, at: float, name: str = MAIN) -> float:
    """Record that it cannot be read, and return since when."""
    conn.execute(
        _of(organization_id, name).where(directories.c.silent_since.is_(None)).values(silent_since=at)
    )
    since: float = conn.execute(
        select(directories.c.silent_since).where(*_is(organization_id, name))
    ).scalar_one()
    return since


def put_answering(conn: Connection, organization_id: int, name: str = MAIN) -> bool:
    """Record that it can be read, and return whether it could not."""
    silent = directories.c.silent_since.is_not(None)
    return conn.execute(_of(organization_id, name).where(silent).values(silent_since=None)).rowcount == 1


def put_request(conn: Connection, organization_key: str, request: SyncRequest) -> None:
    """Ask the directory process for a complete sync."""
    single_values.put(conn, _name(organization_key, "request"), json.dumps(asdict(request)))


def put_answer(conn: Connection, organization_key: str, answer: SyncAnswer) -> None:
    """Tell the operator what became of a request."""
    single_values.put(conn, _name(organization_key, "answer"), json.dumps(asdict(answer)))


def pending_request(conn: Connection, organization_key: str, now: float) -> SyncRequest | None:
    """Return the request nobody has answered. One that has waited long is forgotten: who asked has gone."""
    kept = single_values.get(conn, _name(organization_key, "request"))
    if kept is None:
        return None
    request = SyncRequest(**json.loads(kept))
    waits = now - request.at < REQUEST_VALID_S and answer(conn, organization_key, request.at) is None
    return request if waits else None


def answer(conn: Connection, organization_key: str, asked_at: float) -> SyncAnswer | None:
    """Return the answer to the request made at asked_at."""
    kept = single_values.get(conn, _name(organization_key, "answer"))
    found = SyncAnswer(**json.loads(kept)) if kept is not None else None
    return found if found is not None and found.asked_at == asked_at else None


def _failure(conn: Connection, organization_id: int, name: str = MAIN) -> str | None:
    return conn.execute(select(directories.c.failure).where(*_is(organization_id, name))).scalar_one_or_none()


def _of(organization_id: int, name: str = MAIN) -> Update:
    return update(directories).where(*_is(organization_id, name))


def _is(organization_id: int, name: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return directories.c.organization_id == organization_id, directories.c.name == name


def _name(organization_key: str, what: str) -> str:
    return f"directory.{organization_key}.{what}"
