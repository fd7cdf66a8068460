"""The people and groups of one directory for its process: loaded whole, written as changes. ◆"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Executable, Table, bindparam, delete, select, update

from access.directory.entries import Group, Person, Position
from access.directory.fuse import WINDOW_OF_RIGHTS_S, Fuses, from_rows
from access.directory.roster import NO_OTHERS, Changes, Roster
from access.directory.runs import RunKind, Undoing, changes_of, counted, let_go, undo
from access.errors import Unavailable
from access.model import LOCAL_DN, MAIN
from access.people.provisioning import NOTHING_BESIDE, Beside
from access.records.alarms import Alarm, AlarmKind, AlarmPorts
from access.store import directories, elsewhere, feed, held, local_memberships, many_rows, runs
from access.store.database import Database
from access.store.feed import Topic
from access.store.many_rows import ids_of
from access.store.runs import Run
from access.store.tables import group_members, groups, memberships, users

Item = TypeVar("Item")
IN_AT_MOST = 500
SILENT_TOO_LONG_S = 600.0
# The most that others see at once, and wait for at PostgreSQL: about a thousand people.
STEPS_TOGETHER = 20
AS_THEY_COME = {"yield_per": 2000}
# Given with the execution: SQLAlchemy looks at every single element of a list that is part of a statement.
SOME: BindParameter[Any] = bindparam("some", expanding=True)


@dataclass(frozen=True, slots=True)
class Keeper:
    """What is written beside the rows. read_with: the settings by which the directory is read, as text.

    alarms: where alarms are raised about subject, the organization.
    """

    read_with: str = ""
    subject: str = ""
    alarms: Callable[[Connection], AlarmPorts] | None = None


@dataclass(slots=True)
class _Writing:
    """The run that is being written; none before its first change."""

    kind: RunKind
    by: str
    run_id: int | None = None
    counts: Counter[str] = field(default_factory=Counter)


class NotConfigured(Unavailable):
    """The directory has left the configuration while somebody follows it."""


class RosterStore:
    """The tables of one directory of an organization, for access.people.provisioning.

    guard is called first in every write transaction: it raises where somebody else has taken over.
    """

    def __init__(
        self,
        database: Database,
        organization_id: int,
        guard: Callable[[Connection], None],
        keeper: Keeper = Keeper(),
        directory: str = MAIN,
    ) -> None:
        self._database, self._organization_id, self._guard = database, organization_id, guard
        self._keeper, self._directory = keeper, directory
        self._by = ""

    def on_behalf_of(self, by: str) -> None:
        """Have what is written from now on be recorded as asked for by somebody, or by nobody."""
        self._by = by

    def undo(self, run: Run, by: str, now: float) -> Undoing:
        """Put back what a run changed, as far as nothing changed it since.

        The next reading is held from doing it again. Some people a transaction, so that others can write in
        between; one that is broken off is undone anew.
        """
        with self._database.read() as conn:
            undoing = undo(runs.changes(conn, run.id), runs.there(conn, run))
        with self._turn() as conn:
            directories.forget_cookie(conn, self._organization_id, self._directory)
        for some in _chunks(undoing.people()):
            with self._turn() as conn:
                runs.put_back(conn, run, undoing.of(some), now)
        with self._turn() as conn:
            runs.undone(conn, run, by, now)
        return undoing

    def load(self) -> tuple[Roster, bytes | None]:
        """Return everyone, and the cookie to go on with."""
        with self._database.read() as conn:
            roster = load(conn, self._organization_id, self._directory)
            return roster, directories.cookie(conn, self._organization_id, self._directory)

    def fuses(self, roster: Roster) -> Fuses:
        """Return what is kept although the directory says otherwise.

        They are strict where it was read last with other settings.
        """
        with self._database.read() as conn:
            rows = held.rows(conn, self._organization_id, self._directory)
            before = directories.read_with(conn, self._organization_id, self._directory)
        return from_rows(rows, roster, strict=bool(before) and before != self._keeper.read_with)

    def let_go(self, roster: Roster, fuses: Fuses, now: float) -> Fuses:
        """Return the fuses with what the last day took of what the policy stands on, as the runs tell it."""
        whose = (self._organization_id, self._directory)
        with self._database.read() as conn:
            lately = runs.taking_lately(conn, whose, now - WINDOW_OF_RIGHTS_S)
        carrying = roster.groups_named(fuses.carrying)
        rights, attributed, by_attribute = let_go(lately, roster, carrying, fuses.ground)
        rights = replace(fuses.rights, let_go=rights.let_go)
        return replace(fuses, rights=rights, attributed=attributed, by_attribute=by_attribute)

    def write(
        self, steps: Sequence[Changes], position: Position, now: float, beside: Beside = NOTHING_BESIDE
    ) -> None:
        """Write the steps, each visible as a whole, and with the last one how far the directory was read.

        Several steps leave no cookie behind until the last, and a question that is open leaves none at all:
        whoever starts then reads everything again. Steps share a transaction as long as nobody waits for it
        to end.
        """
        if len(steps) > 1 or beside.failure:
            with self._turn() as conn:
                many_rows.make_room(conn)
                directories.forget_cookie(conn, self._organization_id, self._directory)
        remaining, done, writing = deque(steps), False, _Writing(beside.kind, self._by)
        while not done:
            with self._turn() as conn:
                self._apply_some(conn, remaining, now, writing)
                done = not remaining
                if done and writing.run_id is not None:
                    runs.end(conn, writing.run_id, writing.counts, now)
                if done:
                    self._settle(conn, position, now, beside)

    def record_failure(self, failure: str, now: float) -> None:
        """Have everyone who looks see what is wrong, and raise an alarm where it lasts."""
        with self._turn() as conn:
            directories.put_failure(conn, self._organization_id, failure, now, self._directory)
            silent_since = directories.put_silent(conn, self._organization_id, now, self._directory)
            if self._keeper.alarms is not None and now - silent_since >= SILENT_TOO_LONG_S:
                self._keeper.alarms(conn).raise_alarm(self._alarm(AlarmKind.DIRECTORY_FAILING, failure), now)

    def _settle(self, conn: Connection, position: Position, now: float, beside: Beside) -> None:
        """Write how far the directory was read, and what is left open."""
        is_news = held.put(conn, self._organization_id, beside.held, now, self._directory)
        if beside.failure:
            directories.put_failure(conn, self._organization_id, beside.failure, now, self._directory)
        else:
            directories.put_synced(conn, self._organization_id, position, now, self._directory)
            directories.put_read_with(conn, self._organization_id, self._keeper.read_with, self._directory)
        answered = directories.put_answering(conn, self._organization_id, self._directory)
        if self._keeper.alarms is None:
            return
        alarms = self._keeper.alarms(conn)
        if answered:
            alarms.clear_alarm(AlarmKind.DIRECTORY_FAILING, self._keeper.subject, now)
        if is_news and beside.failure:
            alarms.raise_alarm(self._alarm(AlarmKind.DIRECTORY_MASS_CHANGE, beside.failure), now)
        elif not beside.held and is_news:
            alarms.clear_alarm(AlarmKind.DIRECTORY_MASS_CHANGE, self._keeper.subject, now)

    def _alarm(self, kind: AlarmKind, note: str) -> Alarm:
        return Alarm(kind, self._keeper.subject, note, self._organization_id)

    def _apply_some(
        self, conn: Connection, remaining: deque[Changes], now: float, writing: "_Writing"
    ) -> None:
        for _ in range(STEPS_TOGETHER):
            if remaining:
                step = remaining.popleft()
                apply(conn, self._organization_id, step, now, self._directory)
                self._record(conn, step, now, writing)
            if not remaining or self._database.is_wanted():
                return

    def _record(self, conn: Connection, step: Changes, now: float, writing: "_Writing") -> None:
        """Write down what a step changed; of a first reading only that it was."""
        is_first = writing.kind is RunKind.FIRST
        changes = [] if is_first else changes_of(step)
        counts = Counter(added=len(step.people)) if is_first else counted(changes)
        if not counts.total():
            return
        if writing.run_id is None:
            whose = (self._organization_id, self._directory)
            writing.run_id = runs.begin(conn, whose, writing.kind, writing.by, now)
        writing.counts += counts
        runs.add(conn, writing.run_id, changes)

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """One write transaction; afterwards SQLite's other writers, if any wait, have half as long."""
        with self._database.bulk_turn() as conn:
            self._guard(conn)
            if self._directory != MAIN and self._directory not in directories.names(
                conn, self._organization_id
            ):
                raise NotConfigured(f"The directory {self._directory} has left the configuration")
            yield conn


def load(conn: Connection, organization_id: int, directory: str = MAIN) -> Roster:
    """Return everyone of one directory as the tables have them."""
    theirs = (groups.c.organization_id == organization_id, groups.c.directory == directory)
    group_rows = conn.execute(select(groups).where(*theirs).order_by(groups.c.id)).all()
    listed = _collect(conn.execute(select(group_members).join(groups).where(*theirs)))
    placed = _placed(conn, organization_id, {row.id: row.entry_uuid for row in group_rows}, directory)
    named = directories.names(conn, organization_id)
    is_alone = named == [directory] and not local_memberships.has_any(conn, organization_id)
    taken = _reserved(conn, organization_id)
    if not is_alone:
        taken = taken | elsewhere.names(conn, organization_id, directory)
    # Whoever may use a name comes before those who wait for it.
    people = conn.execute(
        select(users)
        .where(users.c.organization_id == organization_id, users.c.vanished_at.is_(None))
        .where(users.c.dn != LOCAL_DN, users.c.directory == directory)
        .order_by(users.c.enabled.desc(), users.c.id),
        execution_options=AS_THEY_COME,
    )
    return Roster(
        map(_person, people),
        (
            Group(row.entry_uuid, row.name, row.dn, row.dn_key, frozenset(listed.get(row.id, ())))
            for row in group_rows
        ),
        placed,
        taken,
        NO_OTHERS if is_alone else elsewhere.others(conn, organization_id, directory),
    )


def end_directory(conn: Connection, organization_id: int, directory: str, now: float) -> int:
    """Disable who was in a directory that nobody reads any more, forget its groups, and return how many."""
    theirs = (users.c.organization_id == organization_id, users.c.directory == directory)
    here = select(users.c.entry_uuid).where(*theirs, users.c.vanished_at.is_(None))
    people = frozenset(conn.execute(here).scalars())
    own = (groups.c.organization_id == organization_id, groups.c.directory == directory)
    gone = frozenset(conn.execute(select(groups.c.entry_uuid).where(*own)).scalars())
    apply(conn, organization_id, Changes(vanished=people, groups_gone=gone, touched=people), now, directory)
    held.put(conn, organization_id, (), now, directory)
    directories.forget(conn, organization_id, directory)
    return len(people)


def _reserved(conn: Connection, organization_id: int) -> frozenset[str]:
    """Return the names of those who are in no directory."""
    here = (users.c.organization_id == organization_id, users.c.vanished_at.is_(None))
    return frozenset(conn.execute(select(users.c.name).where(*here, users.c.dn == LOCAL_DN)).scalars())


def _placed(
    conn: Connection, organization_id: int, groups_by_id: Mapping[int, str], directory: str
) -> dict[str, frozenset[str]]:
    """Return the groups of everyone who is in any. Those who are in the same ones share one set."""
    rows = conn.execute(
        select(users.c.entry_uuid, memberships.c.group_id)
        .join_from(memberships, users)
        .where(users.c.organization_id == organization_id, users.c.directory == directory)
        .where(users.c.dn != LOCAL_DN)
        .order_by(memberships.c.user_id),
        execution_options=AS_THEY_COME,
    )
    shared: dict[frozenset[str], frozenset[str]] = {}
    placed = {}
    for uuid, own in groupby(rows, itemgetter(0)):
        found = frozenset(groups_by_id[group_id] for _, group_id in own)
        placed[uuid] = shared.setdefault(found, found)
    return placed


def apply(
    conn: Connection, organization_id: int, changes: Changes, now: float, directory: str = MAIN
) -> None:
    """Write the rows of changes, and a feed row for everyone and every group they touch."""
    changes = elsewhere.without_names_held(conn, organization_id, directory, changes)
    listed = changes.members.keys() | changes.groups.keys() | changes.groups_gone
    joined = {uuid for each in changes.memberships.values() for uuid in each.added | each.removed}
    group_ids = ids_of(conn, groups, organization_id, listed | joined)
    _put_groups(conn, (organization_id, directory), changes.groups, group_ids)
    _change_members(conn, changes, group_ids)
    user_ids = ids_of(conn, users, organization_id, changes.touched)
    _touch(conn, user_ids.values())
    _put_people(conn, (organization_id, directory), changes.people, user_ids)
    _vanish(conn, [user_ids[uuid] for uuid in changes.vanished], now)
    _change_memberships(conn, changes, user_ids, group_ids)
    if local_memberships.has_any(conn, organization_id):
        local_memberships.settle(conn, organization_id, user_ids.values(), now)
    feed.append_many(conn, Topic.USER, map(str, user_ids.values()), organization_id, now)
    changed_groups = (str(group_ids[uuid]) for uuid in changes.groups.keys() | changes.groups_gone)
    feed.append_many(conn, Topic.GROUP, changed_groups, organization_id, now)
    _run(
        conn,
        delete(groups).where(groups.c.id == bindparam("of")),
        [{"of": group_ids[uuid]} for uuid in changes.groups_gone],
    )


def _put_groups(
    conn: Connection, whose: tuple[int, str], changed: Mapping[str, Group], ids: dict[str, int]
) -> None:
    rows = {
        uuid: {"name": group.name, "dn": group.dn, "dn_key": group.dn_key, "directory": whose[1]}
        for uuid, group in changed.items()
    }
    _put(conn, groups, whose[0], ids, rows)


def _put_people(
    conn: Connection, whose: tuple[int, str], changed: Mapping[str, Person], ids: dict[str, int]
) -> None:
    rows: dict[str, dict[str, Any]] = {
        uuid: {
            "name": person.name,
            "dn": person.dn,
            "dn_key": person.dn_key,
            "display_name": person.display_name,
            "mail": person.mail,
            "employee_number": person.employee_number,
            "language": person.language,
            "enabled": person.enabled,
            "password_changed_at": person.password_changed_at,
            "expires_at": person.expires_at,
            "primary_group": person.primary_group,
            "attributes": person.attributes,
            "vanished_at": None,
            "directory": whose[1],
        }
        for uuid, person in changed.items()
    }
    _put(conn, users, whose[0], ids, rows)


def _put(
    conn: Connection,
    table: Table,
    organization_id: int,
    ids: dict[str, int],
    rows: Mapping[str, dict[str, Any]],
) -> None:
    """Update the rows that are there, add the others and their ids. A renamed entry keeps its row."""
    new = [uuid for uuid in rows if uuid not in ids]
    changed = [{**row, "of": ids[uuid]} for uuid, row in rows.items() if uuid in ids]
    if new:
        made = dict(zip(new, many_rows.new_ids(conn, table, len(new)), strict=True))
        columns = ("id", "organization_id", "entry_uuid", *rows[new[0]])
        values = [(made[uuid], organization_id, uuid, *rows[uuid].values()) for uuid in new]
        many_rows.add(conn, table, columns, values)
        ids.update(made)
    if changed:
        settings: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "of"}
        _run(conn, update(table).where(table.c.id == bindparam("of")).values(settings), changed)


def _vanish(conn: Connection, user_ids: Sequence[int], now: float) -> None:
    """Disable who has left. The row stays: tokens, sessions and the audit belong to it."""
    gone = (
        update(users)
        .where(users.c.id.in_(SOME))
        .values(enabled=False, vanished_at=now, dn_key="", attributes="")
    )
    for some in _chunks(user_ids):
        conn.execute(gone, {"some": some})
        conn.execute(delete(memberships).where(memberships.c.user_id.in_(SOME)), {"some": some})


def _change_members(conn: Connection, changes: Changes, group_ids: Mapping[str, int]) -> None:
    columns = group_members.c
    removed = [
        {"of": group_ids[uuid], "name": name}
        for uuid, each in changes.members.items()
        for name in each.removed
    ]
    added = [(group_ids[uuid], name) for uuid, each in changes.members.items() for name in sorted(each.added)]
    where = (columns.group_id == bindparam("of"), columns.member_dn == bindparam("name"))
    _run(conn, delete(group_members).where(*where), removed)
    many_rows.add(conn, group_members, ("group_id", "member_dn"), added)


def _change_memberships(
    conn: Connection, changes: Changes, user_ids: Mapping[str, int], group_ids: Mapping[str, int]
) -> None:
    columns = memberships.c
    removed = [
        {"user": user_ids[uuid], "group": group_ids[group]}
        for uuid, each in changes.memberships.items()
        for group in each.removed
    ]
    added = [
        (user_ids[uuid], group_ids[group])
        for uuid, each in changes.memberships.items()
        for group in each.added
    ]
    where = (columns.user_id == bindparam("user"), columns.group_id == bindparam("group"))
    _run(conn, delete(memberships).where(*where), removed)
    many_rows.add(conn, memberships, ("user_id", "group_id"), added)


def _touch(conn: Connection, user_ids: Iterable[int]) -> None:
    touched = update(users).where(users.c.id.in_(SOME)).values(revision=users.c.revision + 1)
    for some in _chunks(user_ids):
        conn.execute(touched, {"some": some})


def _run(conn: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(statement, rows)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, IN_AT_MOST)):
        yield chunk


def _collect(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Return the second column by the first."""
    found: dict[int, list[Any]] = {}
    for first, second in rows:
        found.setdefault(first, []).append(second)
    return found


def _person(row: Any) -> Person:
    return Person(
        uuid=row.entry_uuid,
        name=row.name,
        dn=row.dn,
        dn_key=row.dn_key,
        display_name=row.display_name,
        mail=row.mail,
        employee_number=row.employee_number,
        language=row.language,
        enabled=row.enabled,
        password_changed_at=row.password_changed_at,
        expires_at=row.expires_at,
        primary_group=row.primary_group,
        attributes=row.attributes,
    )
