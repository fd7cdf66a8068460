"""The companies of the configuration, mirrored into tables so that other rows can point at them. ◆

A company that left the configuration keeps its row: its history points at it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from access.config import OrganizationSettings
from access.errors import Misconfigured
from access.model import Organization
from access.store import feed
from access.store.feed import Topic
from access.store.tables import directories, organizations

Wanted = Mapping[str, OrganizationSettings]


class RealmTaken(Misconfigured):
    """Two companies, one of them only in the database, have the same realm."""


def all_organizations(conn: Connection) -> list[Organization]:
    """Every company that ever was configured, by key."""
    rows = conn.execute(select(organizations).order_by(organizations.c.key))
    return [Organization(row.id, row.key, row.name, row.realm, row.language) for row in rows]


def differing(conn: Connection, wanted: Wanted) -> list[str]:
    """The keys of companies that are new or not as the configuration has them."""
    rows = conn.execute(
        select(organizations, directories.c.url).outerjoin(
            directories, directories.c.organization_id == organizations.c.id
        )
    )
    found = {row.key: (row.name, row.realm, row.language, row.url) for row in rows}
    return [key for key, company in wanted.items() if found.get(key) != _values(company)]


def mirror(conn: Connection, wanted: Wanted, now: float) -> None:
    """Make the rows as the configuration has them, and tell the feed. Raises RealmTaken."""
    for key in differing(conn, wanted):
        _refuse_taken_realm(conn, key, wanted[key].realm)
        company = wanted[key]
        row = {"name": company.name, "realm": company.realm, "language": company.language.value}
        known = conn.execute(select(organizations.c.id).where(organizations.c.key == key)).scalar()
        if known is None:
            known = conn.execute(
                insert(organizations).values(key=key, **row).returning(organizations.c.id)
            ).scalar_one()
            conn.execute(insert(directories).values(organization_id=known, url=company.directory.url))
        else:
            conn.execute(update(organizations).where(organizations.c.id == known).values(row))
            _move_directory(conn, known, company.directory.url)
        feed.append(conn, Topic.ORGANIZATION, str(known), known, now)


def _values(company: OrganizationSettings) -> tuple[Any, ...]:
    return company.name, company.realm, company.language.value, company.directory.url


def _move_directory(conn: Connection, organization_id: int, url: str) -> None:
    """Another server has another idea of what was told already, so it is read from the start."""
    conn.execute(
        update(directories)
        .where(directories.c.organization_id == organization_id, directories.c.url != url)
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
