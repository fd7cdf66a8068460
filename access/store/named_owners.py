"""Whom names of owners meant when the policy first named them. ◆"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from access.model import User
from access.people.naming import resolve_login
from access.store import organizations, people
from access.store.database import Database
from access.store.tables import named_owners


def meant(conn: Connection, what: str) -> Mapping[str, int]:
    """Whom names meant when they were first seen as owners of something."""
    rows = conn.execute(select(named_owners).where(named_owners.c.what == what))
    return {row.name: row.user_id for row in rows}


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
