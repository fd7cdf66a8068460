"""People, the policy and logins as they were at moments of the past, as far as that was recorded. ◆"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, select

from access.directory.runs import PersonChange, RunKind
from access.keys.sealing import Keyring
from access.model import User
from access.people.past import Gap, Then, as_of
from access.policy.waves import Wave, read_wave
from access.records.audit import AuditRecord, Row
from access.store import drafts, people, policies
from access.store.audit import opened
from access.store.policies import PolicyVersion
from access.store.runs import KEPT_S, change_of
from access.store.tables import audit, directory_changes, directory_runs, groups, organizations, users

AT_ONCE = 500
_MOST_PUBLICATIONS = 100_000


def policy_at(conn: Connection, moment: float) -> PolicyVersion | None:
    """The version that was in force at a moment; None: there was none, or it is not recorded."""
    for told in drafts.history(conn, _MOST_PUBLICATIONS):
        if told.at <= moment:
            return policies.version(conn, told.revision)
    return None


def wave_at(conn: Connection, keyring: Keyring, moment: float) -> tuple[str, Wave] | None:
    """The revision that came in waves at a moment, and the wave that stood; None: there was none."""
    query = (
        select(audit)
        .where(audit.c.organization_id.is_(None), audit.c.kind == "policy", audit.c.at <= moment)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
    )
    for at in range(0, _MOST_PUBLICATIONS, AT_ONCE):
        rows = conn.execute(query.limit(AT_ONCE).offset(at)).all()
        for record in opened(conn, [Row(*row) for row in rows], keyring):
            told = record.detail or {}
            if told.get("what") in _WAVES:
                return str(told["revision"]), read_wave(str(told["wave"]))
            if told.get("what") in _NO_WAVES:
                return None
        if not rows:
            break
    return None


# What the audit says of a change that comes in waves, and of one that does not any more.
_WAVES = frozenset({"policy.wave-began", "policy.wave-moved", "policy.wave-held"})
_NO_WAVES = frozenset({"policy.wave-taken-back", "policy.published"})


@dataclass
class Changes:
    """People as they were, each read once. groups: names by entryUUID; first: first readings."""

    conn: Connection
    since: float
    now: float
    groups: Mapping[str, str]
    first: Mapping[tuple[int, str], float]
    _people: dict[int, User] = field(default_factory=dict)
    _changes: dict[int, Sequence[tuple[float, PersonChange]]] = field(default_factory=dict)
    _organizations: dict[int, int] = field(default_factory=dict)

    def as_of(self, user_id: int, moment: float) -> Then | None:
        """Somebody at a moment that is not before since; None where nobody has this id any more."""
        self.meet([user_id])
        user = self._people.get(user_id)
        if user is None:
            return None
        if user.is_local:
            return Then(user, (Gap.LOCAL,))
        first = self.first.get((self._organizations[user_id], user.directory))
        if first is not None and first > moment:
            return Then(user, (Gap.FIRST_READING,))
        later = [change for began, change in self._changes[user_id] if began > moment]
        then = as_of(user, later, self.groups)
        return Then(then.user, (*((Gap.TOO_OLD,) if moment < self.now - KEPT_S else ()), *then.gaps))

    def meet(self, user_ids: Iterable[int]) -> None:
        """Read what is recorded of those of these people who are not known yet."""
        fresh = sorted(set(user_ids) - self._changes.keys())
        if not fresh:
            return
        self._people |= people.users_by_id(self.conn, fresh)
        known = select(users.c.id, users.c.organization_id).where(users.c.id.in_(fresh))
        self._organizations |= {row.id: row.organization_id for row in self.conn.execute(known)}
        found: dict[int, list[tuple[float, PersonChange]]] = {user_id: [] for user_id in fresh}
        for row in self.conn.execute(
            _CHANGES.where(users.c.id.in_(fresh), directory_runs.c.began > self.since)
        ):
            found[row.user_id].append((row.began, change_of(row)))
        self._changes |= found


_CHANGES = (
    select(users.c.id.label("user_id"), directory_runs.c.began, directory_changes)
    .join(directory_runs, directory_runs.c.id == directory_changes.c.run_id)
    .join(
        users,
        and_(
            users.c.entry_uuid == directory_changes.c.entry_uuid,
            users.c.organization_id == directory_runs.c.organization_id,
        ),
    )
    .order_by(directory_changes.c.id)
)


def changes_since(conn: Connection, since: float, now: float) -> Changes:
    """People as they were at moments from since until now."""
    first = select(directory_runs).where(directory_runs.c.kind == RunKind.FIRST.value)
    read = {(row.organization_id, row.directory): row.began for row in conn.execute(first)}
    return Changes(conn, since, now, _group_names(conn), read)


def logins(
    conn: Connection, keyring: Keyring, window: tuple[float, float], organization_id: int | None
) -> Iterator[list[AuditRecord]]:
    """The logins in a window of time, of one organization or all, some at once and the oldest first."""
    after = 0
    query = select(audit).where(audit.c.kind == "login", audit.c.at >= window[0], audit.c.at < window[1])
    if organization_id is not None:
        query = query.where(audit.c.organization_id == organization_id)
    while rows := conn.execute(query.where(audit.c.id > after).order_by(audit.c.id).limit(AT_ONCE)).all():
        after = rows[-1].id
        yield opened(conn, [Row(*row) for row in rows], keyring)


def login_before(conn: Connection, keyring: Keyring, user_id: int, moment: float) -> AuditRecord | None:
    """The last login of somebody, let in or refused, at or before a moment."""
    query = (
        select(audit)
        .where(audit.c.user_id == user_id, audit.c.kind == "login", audit.c.at <= moment)
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(1)
    )
    rows = [Row(*row) for row in conn.execute(query)]
    return opened(conn, rows, keyring)[0] if rows else None


def _group_names(conn: Connection) -> dict[str, str]:
    query = select(groups.c.entry_uuid, groups.c.name, organizations.c.key).join(
        organizations, organizations.c.id == groups.c.organization_id
    )
    return {row.entry_uuid: f"{row.key}/{row.name}" for row in conn.execute(query)}
