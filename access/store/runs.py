"""What each run of a directory changed, kept for thirty days, and put back where somebody wants it. ◆"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from access.directory.runs import Change, Now, PersonChange, RunKind, Undoing
from access.model import MAIN, directory_key
from access.store import feed, held, local_memberships, many_rows
from access.store.feed import Topic
from access.store.many_rows import ids_of
from access.store.tables import directory_changes, directory_runs, groups, memberships, organizations, users

KEPT_S = 30 * 86400.0
# Small changes within so long are one run.
FOLDED_S = 60.0
IN_AT_MOST = 500
_COLUMNS = ("run_id", "entry_uuid", "what", "before", "joined", "left")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. organization: its key; directory: the name of what was read.

    counts: by the kinds of access.directory.runs.Change, and joined and left."""

    id: int
    organization: str
    organization_id: int
    began: float
    ended: float | None
    kind: str
    by: str
    counts: Mapping[str, int]
    undone_at: float | None
    undone_by: str
    directory: str = MAIN

    @property
    def subject(self) -> str:
        """Return which directory it was, as access.model.directory_key calls it."""
        return directory_key(self.organization, self.directory)


def begin(conn: Connection, whose: tuple[int, str], kind: RunKind, by: str, now: float) -> int:
    """Return the run that changes are written under: a new one, or the small one of a moment ago.

    whose: the id of the organization, and the name of the directory.
    """
    organization_id, directory = whose
    last = conn.execute(
        select(directory_runs)
        .where(directory_runs.c.organization_id == organization_id, directory_runs.c.directory == directory)
        .order_by(directory_runs.c.id.desc())
        .limit(1)
    ).first()
    if last is not None and kind is RunKind.DELTA and _is_open(last, by, now):
        return int(last.id)
    row = {"organization_id": organization_id, "began": now, "kind": kind.value, "by": by, "counts": "{}"}
    row["directory"] = directory
    made: int = conn.execute(insert(directory_runs).values(row).returning(directory_runs.c.id)).scalar_one()
    return made


def add(conn: Connection, run_id: int, changes: Sequence[PersonChange]) -> None:
    """Write what a run changed about people."""
    rows = [
        (
            run_id,
            each.uuid,
            each.what.value,
            json.dumps(dict(each.before), ensure_ascii=False) if each.before else "{}",
            " ".join(sorted(each.joined)),
            " ".join(sorted(each.left)),
        )
        for each in changes
    ]
    many_rows.add(conn, directory_changes, _COLUMNS, rows)


def end(conn: Connection, run_id: int, counts: Mapping[str, int], now: float) -> None:
    """Write what a run came to; what it came to before, where it is one of several small ones, is added."""
    mine = directory_runs.c.id == run_id
    before = json.loads(conn.execute(select(directory_runs.c.counts).where(mine)).scalar_one())
    total = {name: before.get(name, 0) + counts.get(name, 0) for name in (*before, *counts)}
    conn.execute(update(directory_runs).where(mine).values(ended=now, counts=json.dumps(total)))


def prune(conn: Connection, now: float, at_most: int) -> int:
    """Forget at most so many changes of runs that are too old, and return how many; then their runs."""
    old = directory_runs.c.began < now - KEPT_S
    columns = directory_changes.c
    some = select(columns.id).join(directory_runs, directory_runs.c.id == columns.run_id).where(old)
    gone = conn.execute(delete(directory_changes).where(columns.id.in_(some.limit(at_most)))).rowcount
    if gone < at_most:
        conn.execute(delete(directory_runs).where(old))
    return gone


def listed(
    conn: Connection, organization_key: str | None = None, limit: int = 50, directory: str | None = None
) -> list[Run]:
    """Return the runs, the newest first."""
    query = _runs().order_by(directory_runs.c.id.desc()).limit(limit)
    if organization_key is not None:
        query = query.where(organizations.c.key == organization_key)
    if directory is not None:
        query = query.where(directory_runs.c.directory == directory)
    return [_run(row) for row in conn.execute(query)]


def by_id(conn: Connection, run_id: int) -> Run | None:
    """Return a run; None where there is none, or no more."""
    row = conn.execute(_runs().where(directory_runs.c.id == run_id)).first()
    return _run(row) if row is not None else None


def changes(conn: Connection, run_id: int) -> list[PersonChange]:
    """Return what a run changed, in the order in which it was written."""
    columns = directory_changes.c
    rows = conn.execute(select(directory_changes).where(columns.run_id == run_id).order_by(columns.id))
    return [change_of(row) for row in rows]


def taking_lately(conn: Connection, whose: tuple[int, str], since: float) -> list[tuple[float, PersonChange]]:
    """Return what runs since then changed of attributes or took of groups, with when, the first first.

    Only of those that nobody has undone, and that came after the last one that somebody asked for: what went
    before that, they have seen. whose: as in begin().
    """
    columns = directory_changes.c
    mine = (directory_runs.c.organization_id == whose[0], directory_runs.c.directory == whose[1])
    last = func.coalesce(func.max(directory_runs.c.id), 0)
    asked_for = select(last).where(*mine, directory_runs.c.by != "")
    query = (
        select(directory_changes, directory_runs.c.began)
        .join(directory_runs, directory_runs.c.id == columns.run_id)
        .where(
            *mine,
            directory_runs.c.began > since,
            directory_runs.c.id > asked_for.scalar_subquery(),
            directory_runs.c.undone_at.is_(None),
            (columns.left != "") | columns.before.contains('"attributes"'),
        )
        .order_by(columns.id)
    )
    return [(row.began, change_of(row)) for row in conn.execute(query)]


def change_of(row: Row[Any]) -> PersonChange:
    """Return what a row of directory_changes says."""
    return PersonChange(
        row.entry_uuid,
        Change(row.what),
        json.loads(row.before),
        frozenset(row.joined.split()),
        frozenset(row.left.split()),
    )


def there(conn: Connection, run: Run) -> Now:
    """Return what is there now, for access.directory.runs.undo."""
    columns = directory_changes.c
    later = (
        select(columns.entry_uuid)
        .join(directory_runs, directory_runs.c.id == columns.run_id)
        .where(directory_runs.c.organization_id == run.organization_id, columns.run_id > run.id)
    )
    here = (users.c.organization_id == run.organization_id, users.c.vanished_at.is_(None))
    named = conn.execute(select(users.c.entry_uuid, users.c.name).where(*here, users.c.enabled))
    own = select(groups.c.entry_uuid).where(groups.c.organization_id == run.organization_id)
    return Now(
        frozenset(conn.execute(later).scalars()),
        frozenset(conn.execute(own).scalars()),
        {row.entry_uuid: row.name for row in named},
    )


def put_back(conn: Connection, run: Run, undoing: Undoing, now: float) -> None:
    """Write what undoes a part of a run, hold the next reading from doing it again, and tell the feed.

    What was put back already stays so: a run that was undone half is undone again.
    """
    user_ids = ids_of(conn, users, run.organization_id, undoing.people())
    listed_groups = {
        group for own in (undoing.joining, undoing.leaving) for each in own.values() for group in each
    }
    group_ids = ids_of(conn, groups, run.organization_id, listed_groups)
    for uuid, row in undoing.back.items():
        values = {name: value for name, value in row.items() if name != "uuid"}
        _change(conn, user_ids[uuid], {**values, "vanished_at": None})
    for uuid in undoing.away:
        _change(conn, user_ids[uuid], {"enabled": False, "vanished_at": now, "dn_key": ""})
    for uuid, (old, _) in undoing.renamed.items():
        _change(conn, user_ids[uuid], {"name": old})
    for uuid, text in undoing.attributes.items():
        _change(conn, user_ids[uuid], {"attributes": text})
    _leave(conn, [(user_ids[uuid], None) for uuid in undoing.away])
    _leave(conn, _pairs(undoing.leaving, user_ids, group_ids))
    _join(conn, _pairs(undoing.joining, user_ids, group_ids))
    local_memberships.settle(conn, run.organization_id, user_ids.values(), now)
    revised = update(users).where(users.c.id == bindparam("of")).values(revision=users.c.revision + 1)
    if user_ids:
        conn.execute(revised, [{"of": user_id} for user_id in user_ids.values()])
    feed.append_many(conn, Topic.USER, map(str, user_ids.values()), run.organization_id, now)
    held.add(conn, run.organization_id, undoing.held, now, run.directory)


def undone(conn: Connection, run: Run, by: str, now: float) -> None:
    """Write down that a run was undone, and by whom."""
    mine = directory_runs.c.id == run.id
    conn.execute(update(directory_runs).where(mine).values(undone_at=now, undone_by=by))


def names_of(conn: Connection, organization_id: int, uuids: Iterable[str]) -> dict[str, str]:
    """Return the names of people, also of those who have left."""
    ids = ids_of(conn, users, organization_id, list(uuids))
    query = select(users.c.entry_uuid, users.c.name)
    found = (conn.execute(query.where(users.c.id.in_(some))) for some in _some(ids.values()))
    return {row.entry_uuid: row.name for rows in found for row in rows}


def _some(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield them a few at a time: a statement of PostgreSQL takes 65535 values."""
    remaining = iter(sorted(set(ids)))
    while some := list(islice(remaining, IN_AT_MOST)):
        yield some


def _is_open(last: Row[Any], by: str, now: float) -> bool:
    same = last.kind == RunKind.DELTA and last.by == by and last.undone_at is None
    return bool(same and now - FOLDED_S < last.began <= now)


def _change(conn: Connection, user_id: int, values: Mapping[str, Any]) -> None:
    conn.execute(update(users).where(users.c.id == user_id).values(dict(values)))


def _pairs(
    by_person: Mapping[str, frozenset[str]], user_ids: Mapping[str, int], group_ids: Mapping[str, int]
) -> list[tuple[int, int | None]]:
    return [(user_ids[uuid], group_ids[group]) for uuid, own in by_person.items() for group in own]


def _leave(conn: Connection, pairs: Iterable[tuple[int, int | None]]) -> None:
    for user_id, group_id in pairs:
        gone = delete(memberships).where(memberships.c.user_id == user_id)
        conn.execute(gone if group_id is None else gone.where(memberships.c.group_id == group_id))


def _join(conn: Connection, pairs: Iterable[tuple[int, int | None]]) -> None:
    wanted = set(pairs)
    query = select(memberships.c.user_id, memberships.c.group_id)
    there = set[tuple[int, int]]()
    for some in _some(user_id for user_id, _ in wanted):
        rows = conn.execute(query.where(memberships.c.user_id.in_(some)))
        there |= {(row.user_id, row.group_id) for row in rows}
    many_rows.add(conn, memberships, ("user_id", "group_id"), sorted(wanted - there))


def _runs() -> Any:
    return select(directory_runs, organizations.c.key).join(
        organizations, organizations.c.id == directory_runs.c.organization_id
    )


def _run(row: Any) -> Run:
    return Run(
        row.id,
        row.key,
        row.organization_id,
        row.began,
        row.ended,
        row.kind,
        row.by,
        json.loads(row.counts),
        row.undone_at,
        row.undone_by,
        row.directory,
    )
