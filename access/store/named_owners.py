"""Whom names of owners meant when the policy first named them, and other names when it was published. ◆"""

from collections.abc import Mapping, Set

from sqlalchemy import ColumnElement, Connection, delete, or_, select, text

from access.model import User
from access.people.naming import resolve_login
from access.store import organizations, people
from access.store.database import Database
from access.store.tables import named_owners, users

AT_ONCE = 500
Named = tuple[str, str]
# What stands in the place of what is owned where a name is that of nobody's owner: whom it meant when the
# policy in force was published.
PUBLISHED = "policy"
# What a longer one meant is kept nowhere: it means whoever has it.
LONGEST_NAME = 200
# Where a publication has come before, what it has kept counts.
_KEEP = text(
    "INSERT INTO named_owners (what, name, user_id) VALUES (:what, :name, :user_id) ON CONFLICT DO NOTHING"
)


def meant(conn: Connection, what: str) -> Mapping[str, int]:
    """Whom names meant when they were first seen as owners of something."""
    rows = conn.execute(select(named_owners).where(named_owners.c.what == what))
    return {row.name: row.user_id for row in rows}


def known(conn: Connection) -> dict[Named, int]:
    """Whom each name meant when it was first seen at something, by what and name."""
    return {(row.what, row.name): row.user_id for row in conn.execute(select(named_owners))}


def settle(conn: Connection, wanted: Set[Named], now: float) -> None:
    """Keep whom names mean that a publication names for the first time, forget those that it names no more.

    wanted: all that it names, by what and name.
    """
    gone = known(conn).keys() - wanted
    for what, name in (each for each in gone if each[0] != PUBLISHED):
        conn.execute(delete(named_owners).where(named_owners.c.what == what, named_owners.c.name == name))
    add(conn, wanted, now)


def add(conn: Connection, wanted: Set[Named], now: float) -> None:
    """Keep whom names mean that are seen somewhere for the first time, if somebody here has them."""
    fresh = _fresh(conn, wanted - known(conn).keys(), now)
    if fresh:
        rows = [{"what": what, "name": name, "user_id": id} for (what, name), id in sorted(fresh.items())]
        conn.execute(_KEEP, rows)


def publish(conn: Connection, names: Set[str], now: float) -> None:
    """Keep whom the names of people in a policy mean that is published, and nobody else's."""
    conn.execute(delete(named_owners).where(named_owners.c.what == PUBLISHED))
    add(conn, frozenset((PUBLISHED, name) for name in names), now)


def is_news(conn: Connection, wanted: Set[Named], now: float) -> bool:
    """Whether add() would write something."""
    return bool(_fresh(conn, wanted - known(conn).keys(), now))


def _fresh(conn: Connection, missing: Set[Named], now: float) -> dict[Named, int]:
    ids = here(conn, {name for _, name in missing if len(name) <= LONGEST_NAME}, now)
    return {each: ids[each[1]] for each in missing if each[1] in ids}


def here(conn: Connection, names: Set[str], now: float) -> dict[str, int]:
    """Those of some names, name@organization, that somebody has who may log in, and who that is."""
    companies = organizations.all_organizations(conn)
    meant = {name: login for name in sorted(names) if (login := resolve_login(companies, name)) is not None}
    wanted = sorted({login.name for login in meant.values()})
    found: dict[tuple[int, str], int] = {}
    columns = select(users.c.id, users.c.organization_id, users.c.name).where(*may_log_in(now))
    for first in range(0, len(wanted), AT_ONCE):
        some = columns.where(users.c.name.in_(wanted[first : first + AT_ONCE]))
        found |= {(row.organization_id, row.name): int(row.id) for row in conn.execute(some)}
    ids = {name: found.get((login.organization.id, login.name)) for name, login in meant.items()}
    return {name: user_id for name, user_id in ids.items() if user_id is not None}


def may_log_in(now: float) -> tuple[ColumnElement[bool], ...]:
    """What is true of somebody who may log in."""
    lasts = or_(users.c.expires_at.is_(None), users.c.expires_at > now)
    return users.c.enabled.is_(True), users.c.vanished_at.is_(None), lasts


def user_named(conn: Connection, name: str) -> User | None:
    """Somebody enabled by name@organization."""
    whose = resolve_login(organizations.all_organizations(conn), name)
    found = people.user_by_name(conn, whose.organization.id, whose.name) if whose else None
    return found if found is not None and found.enabled else None


class OwnersKnown:
    """What a desk asks about owners, out of its database."""

    __slots__ = ()
    database: Database

    def user_named(self, name: str) -> User | None:
        """Somebody enabled by name@organization."""
        with self.database.read() as conn:
            return user_named(conn, name)

    def meant(self, what: str) -> Mapping[str, int]:
        """Whom names meant when they were first seen as owners of something."""
        with self.database.read() as conn:
            return meant(conn, what)

    def person(self, user_id: int) -> User | None:
        """Somebody, as known now."""
        with self.database.read() as conn:
            return people.user_by_id(conn, user_id)
