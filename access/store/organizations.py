"""The companies of the configuration, mirrored into tables so that other rows can point at them. ◆

A company that left the configuration keeps its row: its history points at it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from access.config import OrganizationSettings
from access.errors import Misconfigured
from access.model import Organization
from access.store import directories as directory_rows
from access.store import feed, rosters
from access.store.feed import Topic
from access.store.tables import directories, organizations

Wanted = Mapping[str, OrganizationSettings]
# For of_rows().
ALL = select(organizations).order_by(organizations.c.key)


@dataclass(frozen=True, slots=True)
class Removed:
    """A directory that has left the configuration, and how many people it was that were disabled."""

    organization: str
    organization_id: int
    name: str
    people: int


class RealmTaken(Misconfigured):
    """Two companies, one of them only in the database, have the same realm."""


def all_organizations(conn: Connection) -> list[Organization]:
    """Every company that ever was configured, by key."""
    return of_rows(conn.execute(ALL).mappings())


def id_of(conn: Connection, key: str) -> int | None:
    """The number of a company; None where there never was one of that key."""
    return conn.execute(select(organizations.c.id).where(organizations.c.key == key)).scalar()


def of_rows(rows: Iterable[Mapping[str, Any] | RowMapping]) -> list[Organization]:
    """Return the companies of an answer to ALL."""
    names = ("id", "key", "name", "realm", "language")
    return [Organization(*(row[name] for name in names)) for row in rows]


def differing(conn: Connection, wanted: Wanted) -> list[str]:
    """The keys of companies that are new or not as the configuration has them."""
    read: dict[int, dict[str, str]] = {}
    for row in conn.execute(select(directories.c.organization_id, directories.c.name, directories.c.url)):
        read.setdefault(row.organization_id, {})[row.name] = row.url
    rows = conn.execute(select(organizations))
    found = {row.key: (row.name, row.realm, row.language, read.get(row.id, {})) for row in rows}
    return [key for key, company in wanted.items() if found.get(key) != _values(company)]


def mirror(conn: Connection, wanted: Wanted, now: float) -> list[Removed]:
    """Make the rows as the configuration has them, and tell the feed. Raises RealmTaken.

    Whoever was only in a directory that has left the configuration is disabled; returned is how many.
    """
    removed = []
    for key in differing(conn, wanted):
        _refuse_taken_realm(conn, key, wanted[key].realm)
        company = wanted[key]
        row = {"name": company.name, "realm": company.realm, "language": company.language.value}
        known = conn.execute(select(organizations.c.id).where(organizations.c.key == key)).scalar()
        if known is None:
            known = conn.execute(
                insert(organizations).values(key=key, **row).returning(organizations.c.id)
            ).scalar_one()
        else:
            conn.execute(update(organizations).where(organizations.c.id == known).values(row))
        there = directory_rows.names(conn, known)
        for name, directory in company.directories.items():
            if name in there:
                _move_directory(conn, (known, name), directory.url)
            else:
                conn.execute(insert(directories).values(organization_id=known, name=name, url=directory.url))
        for name in sorted(set(there) - company.directories.keys()):
            removed.append(Removed(key, known, name, rosters.end_directory(conn, known, name, now)))
        feed.append(conn, Topic.ORGANIZATION, str(known), known, now)
    return removed


def _values(company: OrganizationSettings) -> tuple[Any, ...]:
    urls = {name: directory.url for name, directory in company.directories.items()}
    return company.name, company.realm, company.language.value, urls


def _move_directory(conn: Connection, whose: tuple[int, str], url: str) -> None:
    """Another server has another idea of what was told already, so it is read from the start."""
    conn.execute(
        update(directories)
        .where(directories.c.organization_id == whose[0], directories.c.name == whose[1])
        .where(directories.c.url != url)
        .values(url=url, cookie=None, watermark=None)
    )


def _refuse_taken_realm(conn: Connection, key: str, realm: str) -> None:
    other = conn.execute(
        select(organizations.c.key).where(organizations.c.realm == realm, organizations.c.key != key)
    ).scalar()
    if other is not None:
        raise RealmTaken(
            f"The realm {realm} of organization {key} belongs to {other} in the database."
            f" Give one of them another realm; a company keeps its short name for ever."
        )
