"""The directory of a large company: taken over, taken over again, followed through a hundred changes."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import DEVNULL, Popen

import ldap3
from sqlalchemy import ColumnElement, func, select

from access.store import feed
from access.store.tables import groups, memberships, users
from tests.bench.figures import Figure
from tests.bench.installation import Installation, following, installed
from tests.bench.large_company import PEOPLE, TEAMS, at_full_size, large_company, team
from tests.layering import ROOT
from tests.peers.people import Company
from tests.peers.people import person_attributes as ldap_attributes
from tests.peers.slapd import Options, Slapd
from tests.peers.waiting import wait_until

HOW = """\
- `directory_full_sync`: `officegate directory sync` in a new installation on SQLite reads a company with 500
  nested groups from slapd on the same machine and writes all of it; `cpu` and `memory` (the most it ever had)
  are those of this process, without slapd's. Budgets are for 100,000 people: BENCH_PEOPLE measures with
  others.
- `directory_second_full_sync`: the same again; it writes nothing.
- `directory_delta`: `officegate directory run` follows by syncrepl or by polling. The 100 changes, made one
  by one, are as many new people, new addresses, moves to another team and, by syncrepl, deletions; from the
  first of them until all are in the database.
- `directory_deletion_seen`: from one deletion alone until it is in the database; the longest of three.
"""

CHANGED = 100
NEW_MAIL = "new@hangang.example"
IN_STEP_S = 180.0
DELETION_BUDGETS_S = {"syncrepl": 1.0, "poll": 60.0}
DELETIONS = 3


def measure() -> Iterator[Figure]:
    """Figures of one company with PEOPLE people, in an installation on SQLite."""
    office = large_company()
    options = Options(sync_disk=False, session_log=20 * CHANGED)
    with Slapd([office], options, deadline_s=60) as slapd, installed(**following(slapd, office)) as ours:
        yield from full_syncs(ours)
        with _admin(slapd, office) as admin:
            stage = Stage(ours, office, admin)
            for how in DELETION_BUDGETS_S:
                yield from changes(stage, how)


def full_syncs(ours: Installation) -> Iterator[Figure]:
    """Everybody new; and once more, with nothing new."""
    first = sync(ours)
    assert people_here(ours) == PEOPLE
    yield Figure(f"directory_full_sync_of_{PEOPLE}_users", first.took_s, "s", at_full_size(15.0))
    yield Figure(f"directory_full_sync_of_{PEOPLE}_users_cpu", first.cpu_s, "s")
    yield Figure(f"directory_full_sync_of_{PEOPLE}_users_memory", first.memory_mb, "MB")
    before = head(ours)
    second = sync(ours)
    assert head(ours) == before, "a second reading of the same writes nothing"
    yield Figure(f"directory_second_full_sync_of_{PEOPLE}_users", second.took_s, "s", at_full_size(15.0))
    yield Figure(f"directory_second_full_sync_of_{PEOPLE}_users_cpu", second.cpu_s, "s")


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds by the clock, seconds of CPU, the most memory it ever had."""

    took_s: float
    cpu_s: float
    memory_mb: float


def sync(ours: Installation) -> Spent:
    """Run `officegate directory sync` to its end."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "access.cli", "--config", str(ours.config), "directory", "sync"]
    process = Popen(command, stdout=DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)})
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.perf_counter() - began
    assert process.returncode == 0, "directory sync failed"
    return Spent(took_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


@dataclass
class Stage:
    """An installation, and the directory that it follows, to be changed. taken: people who had their part."""

    ours: Installation
    office: Company
    admin: ldap3.Connection
    taken: int = 0
    made: list[str] = field(default_factory=list)

    def take(self, count: int) -> list[str]:
        """The uids of so many whom nothing has happened to yet."""
        self.taken += count
        return [person.uid for person in self.office.people[self.taken - count : self.taken]]

    def set_mail(self, uid: str) -> None:
        self._modify(self.office.person_dn(uid), "mail", ldap3.MODIFY_REPLACE, NEW_MAIL)

    def add(self, number: int) -> str:
        """Add somebody to the directory, by another name each time."""
        person = self.office.people[number]
        uid = f"new{len(self.made)}"
        self.made.append(uid)
        entry = ldap_attributes(person) | {"uid": [uid]}
        self._done(self.admin.add(self.office.person_dn(uid), attributes=entry))  # type: ignore[no-untyped-call]
        return uid

    def move(self, uid: str, goes: int, comes: int) -> None:
        """Take somebody out of one team and into another."""
        for number, how in ((goes, ldap3.MODIFY_DELETE), (comes, ldap3.MODIFY_ADD)):
            self._modify(self.office.group_dn(team(number)), "member", how, self.office.person_dn(uid))

    def delete(self, uid: str) -> None:
        self._done(self.admin.delete(self.office.person_dn(uid)))  # type: ignore[no-untyped-call]

    def _modify(self, dn: str, attribute: str, how: str, value: str) -> None:
        self._done(self.admin.modify(dn, {attribute: [(how, [value])]}))  # type: ignore[no-untyped-call]

    def _done(self, done: bool) -> None:
        assert done, self.admin.result

    def number_of(self, uid: str) -> int:
        """The team that somebody is in at first."""
        return next(at for at, person in enumerate(self.office.people) if person.uid == uid) % TEAMS


def changes(stage: Stage, how: str) -> Iterator[Figure]:
    """CHANGED changes at once, and one deletion after the other, noticed by one way of following."""
    setting = {"OFFICEGATE_ORGANIZATIONS__HANGANG__DIRECTORY__SYNC": how}
    with stage.ours.running("directory run", "", setting):
        in_step(stage)
        # Polling finds deletions by its sweep alone, however many they are.
        took_s = delta(stage, CHANGED // 4 if how == "syncrepl" else 0)
        seen_s = max(deletion(stage) for _ in range(DELETIONS))
    yield Figure(
        f"directory_delta_of_{CHANGED}_among_{PEOPLE}_users_by_{how}", took_s, "s", at_full_size(1.0)
    )
    budget = at_full_size(DELETION_BUDGETS_S[how])
    yield Figure(f"directory_deletion_seen_among_{PEOPLE}_users_by_{how}", seen_s, "s", budget)


def in_step(stage: Stage) -> None:
    """Wait until changes are noticed."""
    [uid] = stage.take(1)
    stage.set_mail(uid)
    wait_until(lambda: _count(stage.ours, _new_mail([uid])) == 1, "the directory to be followed", IN_STEP_S)


def delta(stage: Stage, deletions: int) -> float:
    """Seconds from the first of CHANGED changes, so many of them deletions, until all are in the database."""
    others = (CHANGED - deletions) // 3
    deleted, moved = stage.take(deletions), stage.take(others)
    written = stage.take(CHANGED - deletions - 2 * others)
    places = {uid: (stage.number_of(uid), (stage.number_of(uid) + 1) % TEAMS) for uid in moved}
    began = time.perf_counter()
    added = [stage.add(number) for number in range(others)]
    for uid in written:
        stage.set_mail(uid)
    for uid, (goes, comes) in places.items():
        stage.move(uid, goes, comes)
    for uid in deleted:
        stage.delete(uid)

    def arrived() -> bool:
        here = stage.ours
        return (
            _count(here, users.c.name.in_(added)) == len(added)
            and _count(here, _new_mail(written)) == len(written)
            and _count(here, users.c.name.in_(deleted), users.c.vanished_at.is_not(None)) == len(deleted)
            and {(uid, team(comes)) for uid, (_, comes) in places.items()} <= _placed(here, moved)
        )

    wait_until(arrived, "every change", IN_STEP_S)
    return time.perf_counter() - began


def deletion(stage: Stage) -> float:
    """Seconds until somebody who was deleted is gone."""
    uids = stage.take(1)
    began = time.perf_counter()
    stage.delete(uids[0])
    gone = (users.c.name.in_(uids), users.c.vanished_at.is_not(None))
    wait_until(lambda: _count(stage.ours, *gone) == 1, "a deletion to be seen", IN_STEP_S)
    return time.perf_counter() - began


def people_here(ours: Installation) -> int:
    """How many people our tables have."""
    return _count(ours, users.c.vanished_at.is_(None))


def head(ours: Installation) -> feed.Position:
    """The newest change in the feed."""
    with ours.app.database.read() as conn:
        return feed.head(conn)


@contextmanager
def _admin(slapd: Slapd, office: Company) -> Iterator[ldap3.Connection]:
    server = ldap3.Server(slapd.uri, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, slapd.admin_dn(office), slapd.admin_password, auto_bind=True)
    try:
        yield connection
    finally:
        connection.unbind()


def _new_mail(uids: Sequence[str]) -> ColumnElement[bool]:
    return users.c.name.in_(uids) & (users.c.mail == NEW_MAIL)


def _placed(ours: Installation, uids: Iterable[str]) -> set[tuple[str, str]]:
    """The groups of these people: (uid, group)."""
    query = (
        select(users.c.name, groups.c.name)
        .join_from(users, memberships, memberships.c.user_id == users.c.id)
        .join(groups, groups.c.id == memberships.c.group_id)
    )
    with ours.app.database.read() as conn:
        return {(uid, group) for uid, group in conn.execute(query.where(users.c.name.in_(list(uids))))}


def _count(ours: Installation, *which: ColumnElement[bool]) -> int:
    with ours.app.database.read() as conn:
        return int(conn.execute(select(func.count()).select_from(users).where(*which)).scalar_one())
