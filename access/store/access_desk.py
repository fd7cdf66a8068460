"""Temporary access over the database: asked, granted, refused, prolonged, ended, one write each. ◆"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from access.model import User
from access.nas.registry import Endpoint
from access.policy.standing import Kept, Standing, StandingKind, State
from access.post.letters import Notice
from access.rights.temporary_access import Granting, ended
from access.store import endpoints, notices, organizations, people, standing
from access.store.named_owners import OwnersKnown
from access.store.standing_desk import StoredStanding
from access.store.tables import users

# Of what has ended, a page shows no more.
MOST_ENDED = 100


class _Overtaken(Exception):
    """Somebody else has decided meanwhile: nothing of it is written."""


@dataclass(frozen=True, slots=True)
class StoredAccess(OwnersKnown, StoredStanding):
    """The port of access.rights.temporary_access, beside that of containments."""

    def grant(self, number: int) -> Kept | None:
        """A grant, or what was asked for."""
        with self.database.read() as conn:
            found = next(iter(standing.rows(conn, [number])), None)
        return found if found is not None and found.standing.kind is StandingKind.GRANT else None

    def open_grants(self, now: float) -> Sequence[Kept]:
        """Grants in force, and what waits."""
        with self.database.read() as conn:
            found = standing.open_rows(conn, StandingKind.GRANT)
        return [each for each in found if each.stands(now) or each.waits(now)]

    def grants(self, organization: str, since: float) -> Sequence[Kept]:
        """A company's grants and what was asked for: what is open by its end, then what ended since."""
        with self.database.read() as conn:
            found = standing.open_rows(conn, StandingKind.GRANT)
            over = standing.ended(conn, StandingKind.GRANT, organization, since, MOST_ENDED)
        mine = [each for each in found if each.standing.organization == organization]
        return [*sorted(mine, key=lambda each: (each.standing.until or 0.0, each.standing.id)), *over]

    def endpoints_of(self, user: User) -> Sequence[Endpoint]:
        """What somebody answers for."""
        with self.database.read() as conn:
            return endpoints.owned_by(conn, user.id)

    def organization_id(self, key: str) -> int | None:
        """The number of a company."""
        with self.database.read() as conn:
            return next((each.id for each in organizations.all_organizations(conn) if each.key == key), None)

    def ask(self, wanted: Kept, told: Sequence[Notice], now: float) -> Kept:
        """Write down what is asked for."""
        with self.database.write() as conn:
            kept = standing.add(conn, wanted, now)
            self._record(conn, kept, "asked", kept.standing.created_by, now)
            _tell(conn, told)
            return kept

    def allow(self, asked: Kept, by: str, granting: Granting, told: Sequence[Notice], now: float) -> bool:
        """Put in force what was asked for; a grant that it extends lasts longer in its place."""
        kept = replace(asked.standing, until=granting.until, doors=granting.doors, approvals=(by,))
        granted = replace(asked, standing=kept)
        try:
            with self.database.write() as conn:
                if not _allowed(conn, asked, by, granting, now):
                    raise _Overtaken
                if _beside(conn, asked, now) != granting.beside:
                    raise _Overtaken
                self._record(conn, granted, "granted" if asked.extends is None else "extended", by, now)
                _tell(conn, told)
        except _Overtaken:
            return False
        return True

    def close(self, kept: Kept, state: State, by: str, told: Sequence[Notice], now: float) -> bool:
        """End a grant, or what was asked for."""
        with self.database.write() as conn:
            if not self._end(conn, kept, state, by, now):
                return False
            _tell(conn, told)
            return True

    def told_of_end(self, conn: Connection, row: Kept, now: float) -> None:
        """Tell the person whose grant the clock has ended, or whose request nobody decided."""
        if row.standing.kind is not StandingKind.GRANT or row.user_id is None:
            return
        user = people.user_by_id(conn, row.user_id)
        if user is not None:
            _tell(conn, [ended(user, row, now)])


def _allowed(conn: Connection, asked: Kept, by: str, granting: Granting, now: float) -> bool:
    until, doors = granting.until, " ".join(granting.doors)
    if asked.extends is None:
        return standing.agree(conn, asked, by, now, valid_to=until, doors=doors)
    ended = standing.end(conn, asked.standing.id, by, now, State.ENDED)
    return ended and standing.change(conn, asked.extends, now, valid_to=until, doors=doors)


def _beside(conn: Connection, asked: Kept, now: float) -> frozenset[Standing]:
    """The other grants that its person has, as they are by now: one that was extended is another one.

    Whoever changes a standing rule waits for whoever did before, so it is looked at behind the own change.
    """
    open_now = standing.open_rows(conn, StandingKind.GRANT)
    theirs = (each.standing for each in open_now if each.user_id == asked.user_id and each.stands(now))
    return frozenset(each for each in theirs if each.id not in (asked.standing.id, asked.extends))


def _tell(conn: Connection, told: Sequence[Notice]) -> None:
    for notice in told:
        company = notice.organization_id or _company_of(conn, notice.user_id)
        notices.put(conn, replace(notice, organization_id=company))


def _company_of(conn: Connection, user_id: int) -> int:
    found = select(users.c.organization_id).where(users.c.id == user_id)
    return int(conn.execute(found).scalar_one())
