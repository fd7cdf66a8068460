"""What the other directories of an organization hold, which this one may not take. ◆

The first that has a name keeps it. Two followers that see one name at the same moment meet at the row of the
organization: whoever writes second finds the name taken.
"""

from dataclasses import replace

import structlog
from sqlalchemy import ColumnElement, Connection, select

from access.directory.roster import Changes, Others
from access.errors import Unavailable
from access.people.local_group import LOCAL
from access.store import directories, local_memberships
from access.store.tables import groups, organizations, users

LOG = structlog.get_logger()


class ShownTwice(Unavailable):
    """Another directory has shown one of these entries since this one was loaded: load it again."""


def names(conn: Connection, organization_id: int, directory: str) -> frozenset[str]:
    """Return the names that people of other directories hold, and no one of this one.

    Of two who want a name it is who may log in, or else who was known first.
    """
    here = (users.c.organization_id == organization_id, users.c.vanished_at.is_(None))
    query = select(users.c.name, users.c.directory).where(*here)
    holders: dict[str, str] = {}
    for row in conn.execute(query.order_by(users.c.enabled.desc(), users.c.id)):
        holders.setdefault(row.name, row.directory)
    return frozenset(name for name, holder in holders.items() if holder != directory)


def others(conn: Connection, organization_id: int, directory: str) -> Others:
    """Return what other directories hold of groups, and every entry they ever showed."""
    elsewhere = _configured(conn, organization_id, directory)
    named = (groups.c.organization_id == organization_id, groups.c.directory.in_(elsewhere))
    shown = (users.c.organization_id == organization_id, users.c.directory.in_(elsewhere))
    rows = conn.execute(select(groups.c.name, groups.c.entry_uuid).where(*named)).all()
    people = conn.execute(select(users.c.entry_uuid).where(*shown)).scalars()
    return Others(
        frozenset(row.name for row in rows), frozenset((*people, *(row.entry_uuid for row in rows)))
    )


def without_names_held(conn: Connection, organization_id: int, directory: str, changes: Changes) -> Changes:
    """Return the changes with nobody in them who takes what was taken elsewhere since the roster was loaded.

    Raises ShownTwice.
    """
    elsewhere = _configured(conn, organization_id, directory)
    if not elsewhere or not (changes.people or changes.groups):
        return changes
    own_row = organizations.c.id == organization_id
    conn.execute(select(organizations.c.id).where(own_row).with_for_update(key_share=True))
    mine = (users.c.organization_id == organization_id, users.c.directory.in_(elsewhere))
    people = {each.name for each in changes.people.values() if each.enabled}
    taken = _among(conn, users.c.name, people, *mine, users.c.vanished_at.is_(None), users.c.enabled)
    theirs = (groups.c.organization_id == organization_id, groups.c.directory.in_(elsewhere))
    lent = _among(conn, groups.c.name, {each.name for each in changes.groups.values()}, *theirs)
    if _among(conn, users.c.entry_uuid, set(changes.people), *mine) or _among(
        conn, groups.c.entry_uuid, set(changes.groups), *theirs
    ):
        raise ShownTwice("Another directory of the organization shows the same entry; this one is read again")
    for name in sorted(taken | lent):
        LOG.warning("name is held by another directory of the organization", name=name, directory=directory)
    return replace(
        changes,
        people={
            uuid: replace(each, enabled=False) if each.name in taken else each
            for uuid, each in changes.people.items()
        },
        groups={
            uuid: replace(each, name=uuid) if each.name in lent else each
            for uuid, each in changes.groups.items()
        },
    )


def _configured(conn: Connection, organization_id: int, directory: str) -> list[str]:
    known = [each for each in directories.names(conn, organization_id) if each != directory]
    return [*known, LOCAL] if local_memberships.has_any(conn, organization_id) else known


def _among(
    conn: Connection, column: ColumnElement[str], wanted: set[str], *where: ColumnElement[bool]
) -> set[str]:
    """Return which of some values are there; a step has a few hundred at the most."""
    if not wanted:
        return set()
    return set(conn.execute(select(column).where(column.in_(sorted(wanted)), *where)).scalars())
