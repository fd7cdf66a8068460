"""What is decided beside the policy document, each decision with its alarm and its audit in one write. ◆"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from access.keys.sealing import Keyring
from access.model import Role, Subject, User
from access.policy.standing import Kept, Standing, StandingKind, State
from access.policy.subjects import fold
from access.records.alarms import Alarm, AlarmKind
from access.records.audit import AuditEntry
from access.rights.containment import By, Target
from access.store import audit, organizations, people, person_links, standing
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.tables import groups, memberships, users
from access.store.tables import organizations as companies

KIND = "standing"
BY_ITSELF = ""
_ALARMS = {
    StandingKind.CONTAINMENT: AlarmKind.CONTAINMENT,
    StandingKind.OPENING: AlarmKind.OFFICE_OPEN,
}


@dataclass(frozen=True, slots=True)
class StoredStanding:
    """The port of access.rights.containment. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    role_groups: Mapping[Role, frozenset[str]]

    def standing_against(self, who: tuple[str, ...], objects: tuple[str, ...], now: float) -> Standing | None:
        """The containment of just that, where there is one already."""
        with self.database.read() as conn:
            for row in self._containments(conn, now):
                if (row.standing.who, row.standing.objects) == (who, objects):
                    return row.standing
        return None

    def administrators(self, now: float) -> Sequence[User]:
        """Everybody enabled who has the role, and is not contained."""
        with self.database.read() as conn:
            found = people.users_by_id(conn, _in_groups(conn, self.role_groups.get(Role.ADMIN, frozenset())))
            rows = self._containments(conn, now)
        contained = {who for row in rows for who in row.standing.who}
        accounts = {row.user_id for row in rows}
        return [
            each
            for each in found.values()
            if not (each.is_over(now) or each.id in accounts or _names(each) & contained)
        ]

    def is_same_person(self, one_id: int, other_id: int) -> bool:
        """Whether two accounts are one person's."""
        with self.database.read() as conn:
            return one_id == other_id or one_id in person_links.sharing(conn, other_id)

    def put(self, wanted: Standing, target: Target, lapses_at: float | None, now: float) -> Standing:
        """Put a containment in force, or ask for it until a moment."""
        with self.database.write() as conn:
            row = Kept(
                wanted,
                organization_id=_organization_id(conn, wanted.organization),
                user_id=target.user_id,
                state=State.STANDING if lapses_at is None else State.ASKED,
                lapses_at=lapses_at,
                asked_by_id=_asking(conn, wanted.created_by) if lapses_at is not None else None,
            )
            kept = standing.add(conn, row, now)
            self._record(conn, kept, "asked" if lapses_at is not None else "begun", wanted.created_by, now)
            if lapses_at is None:
                self._raise(conn, kept, now)
            return kept.standing

    def asked(self, number: int, now: float) -> tuple[Standing, int | None] | None:
        """A containment that was asked for and has not lapsed, and who asked."""
        with self.database.read() as conn:
            row = _one(conn, number)
        waits = row is not None and row.waits(now) and row.standing.kind is StandingKind.CONTAINMENT
        return (row.standing, row.asked_by_id) if row is not None and waits else None

    def agree(self, number: int, by: By, now: float) -> bool:
        """Put in force what was asked for."""
        with self.database.write() as conn:
            row = _one(conn, number)
            if row is None or not standing.agree(conn, row, by.name, now):
                return False
            agreed = replace(row, standing=replace(row.standing, approvals=(by.name,)))
            self._record(conn, agreed, "begun", by.name, now)
            self._raise(conn, agreed, now)
            return True

    def take_back(self, number: int, by: By, now: float) -> bool:
        """End a containment of the company of whoever orders it, or what was asked for."""
        with self.database.write() as conn:
            row = _one(conn, number)
            if row is None or row.standing.kind is not StandingKind.CONTAINMENT or not _may(by, row):
                return False
            return self._end(conn, row, State.ENDED, by.name, now)

    def close_over(self, now: float) -> int:
        """Write down what has come to its end by the clock, and return how much that was."""
        with self.database.read() as conn:
            over = standing.over(conn, now)
        if not over:
            return 0
        written = 0
        with self.database.write() as conn:
            for row in over:
                state = standing.run_out(conn, row, BY_ITSELF, now)
                if state is not None:
                    self._tell_end(conn, row, state, BY_ITSELF, now)
                    self.told_of_end(conn, row, now)
                    written += 1
        return written

    def told_of_end(self, conn: Connection, row: Kept, now: float) -> None:
        """Tell whoever has to know that the clock has ended something."""

    def containments(self, now: float, organization: str = "") -> list[Kept]:
        """What is contained now, and what waits for a second administrator; of one company or of all."""
        with self.database.read() as conn:
            return [
                row
                for row in standing.open_rows(conn, StandingKind.CONTAINMENT)
                if (row.stands(now) or row.waits(now)) and organization in ("", row.standing.organization)
            ]

    def _containments(self, conn: Connection, now: float) -> list[Kept]:
        return [row for row in standing.open_rows(conn, StandingKind.CONTAINMENT) if row.stands(now)]

    def _end(self, conn: Connection, row: Kept, state: State, by: str, now: float) -> bool:
        if not standing.end(conn, row.standing.id, by, now, state):
            return False
        self._tell_end(conn, row, state, by, now)
        return True

    def _tell_end(self, conn: Connection, row: Kept, state: State, by: str, now: float) -> None:
        self._record(conn, row, state.value, by, now)
        alarm = _ALARMS.get(row.standing.kind)
        if alarm is not None and row.state is State.STANDING:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            stored.clear_alarm(alarm, _subject(row.standing), now, by)

    def _raise(self, conn: Connection, row: Kept, now: float) -> None:
        kept = row.standing
        note = f"{kept.reason} ({kept.approved_by})"
        alarm = Alarm(_ALARMS[kept.kind], _subject(kept), note, row.organization_id)
        StoredAlarms(conn, self.keyring, self.random, self.writer).raise_alarm(alarm, now)

    def _record(self, conn: Connection, row: Kept, what: str, by: str, now: float) -> None:
        kept = row.standing
        detail = {
            "what": f"{kept.kind}.{what}",
            "rule": kept.rule,
            "who": list(kept.who),
            "objects": list(kept.objects),
            "until": kept.until,
            "reason": kept.reason,
            "ticket": kept.ticket,
            "by": by,
        }
        if kept.doors:
            detail["doors"] = list(kept.doors)
        entry = AuditEntry(KIND, now, "", row.organization_id, row.user_id, detail=detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _one(conn: Connection, number: int) -> Kept | None:
    return next(iter(standing.rows(conn, [number])), None)


def _may(by: By, row: Kept) -> bool:
    return by.user is None or by.user.organization == row.standing.organization


def _subject(kept: Standing) -> str:
    """What an alarm calls it."""
    if kept.kind is StandingKind.OPENING:
        return f"{kept.rule} {kept.opening}"
    about = kept.objects if kept.who == ("*",) else kept.who
    return f"{kept.rule} {' '.join(about)}"


def _names(user: User) -> frozenset[str]:
    subject = Subject(user.id, user.organization, user.name)
    return frozenset({fold(f"user:{subject.name}@{subject.organization}"), f"all:{user.organization}"})


def _organization_id(conn: Connection, key: str) -> int | None:
    return next((each.id for each in organizations.all_organizations(conn) if each.key == key), None)


def _asking(conn: Connection, name: str) -> int | None:
    alone, _, company = name.rpartition("@")
    organization_id = _organization_id(conn, company)
    user = people.user_by_name(conn, organization_id, alone) if organization_id is not None else None
    return user.id if user is not None else None


def _in_groups(conn: Connection, names: frozenset[str]) -> list[int]:
    """Who is shown by a directory in any of these groups, "organization/group" folded."""
    query = select(groups.c.id, companies.c.key, groups.c.name).join(
        companies, companies.c.id == groups.c.organization_id
    )
    ids = [row.id for row in conn.execute(query) if fold(f"{row.key}/{row.name}") in names]
    members = (
        select(memberships.c.user_id)
        .join(users, users.c.id == memberships.c.user_id)
        .where(memberships.c.group_id.in_(ids), users.c.vanished_at.is_(None), users.c.enabled)
    )
    return list(conn.execute(members.distinct()).scalars())
