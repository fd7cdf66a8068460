"""Organizations with directories, and entries made by hand, for tests of provisioning."""

import uuid
from dataclasses import replace

from sqlalchemy import insert

from access.directory.entries import Group, Part, Person, Position, Update
from access.directory.names import normalise_dn
from access.model import Organization
from access.store.database import Database
from access.store.tables import directories, organizations

SUFFIX = "dc=hangang,dc=example"


def add_organization(database: Database, key: str) -> Organization:
    """A company with a directory."""
    row = {"key": key, "name": key.title(), "realm": f"{key}.example", "language": "ko"}
    with database.write() as conn:
        made = conn.execute(insert(organizations).values(**row).returning(organizations.c.id)).scalar_one()
        conn.execute(insert(directories).values(organization_id=made, url=f"ldap://{key}.example"))
    return Organization(made, **row)


def uuid_of(name: str) -> str:
    """The entryUUID of a name, always the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_X500, name))


def person(name: str, /, **changes: object) -> Person:
    """Somebody in ou=people."""
    dn = f"uid={name},ou=people,{SUFFIX}"
    return replace(Person(uuid_of(name), name, dn, normalise_dn(dn), display_name=name.title()), **changes)


def group(name: str, /, *members: str, **changes: object) -> Group:
    """A group in ou=groups; members are names of people, or of groups as "@name"."""
    dn = f"cn={name},ou=groups,{SUFFIX}"
    listed = frozenset(
        f"cn={each[1:]},ou=groups,{SUFFIX}" if each.startswith("@") else f"uid={each},ou=people,{SUFFIX}"
        for each in members
    )
    return replace(Group(uuid_of(f"@{name}"), name, dn, normalise_dn(dn), listed), **changes)


def everything(*entries: Person | Group, cookie: bytes | None = None) -> Update:
    """The complete reading that shows exactly these."""
    update = changed(*entries, cookie=cookie)
    people = replace(update.people, known=frozenset(each.uuid for each in update.people.entries))
    groups = replace(update.groups, known=frozenset(each.uuid for each in update.groups.entries))
    return replace(update, people=people, groups=groups)


def changed(*entries: Person | Group, gone: tuple[str, ...] = (), cookie: bytes | None = None) -> Update:
    """The reading that shows these as changed; gone are names as in group()."""
    people = tuple(each for each in entries if isinstance(each, Person))
    groups = tuple(each for each in entries if isinstance(each, Group))
    left = frozenset(map(uuid_of, gone))
    return Update(Part(people, left), Part(groups, left), Position(cookie=cookie))
