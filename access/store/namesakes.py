"""Names in a policy that have become somebody else's since it was last published. ◆"""

from collections.abc import Set

from sqlalchemy import Connection, select

from access.people.naming import resolve_login
from access.policy.named_people import NamedPerson, people_named
from access.policy.vocabulary import Document
from access.store import named_owners, organizations, policies
from access.store.tables import users


def namesakes(conn: Connection, document: Document, now: float) -> tuple[NamedPerson, ...]:
    """Names whose bearer has another one or has left since the publication of the policy in force, and that
    somebody else has now.
    """
    current = policies.current(conn)
    named = tuple(dict.fromkeys(people_named(document)))
    if current is None or current.published_at is None or not named:
        return ()
    here = named_owners.here(conn, {each.name for each in named}, now)
    meant = named_owners.meant(conn, named_owners.PUBLISHED)
    taken = {name for name, user_id in here.items() if meant.get(name, user_id) != user_id}
    taken |= _left(conn, here.keys() - meant.keys(), current.published_at)
    return tuple(each for each in named if each.name in taken)


def _left(conn: Connection, names: Set[str], since: float) -> frozenset[str]:
    """Those of some names that somebody had who has left since then: what was not named meant nobody.

    Who was put together with another is nobody.
    """
    gone = users.c.vanished_at > since, users.c.entry_uuid.not_like("folded-%")
    rows = conn.execute(select(users.c.organization_id, users.c.name).where(*gone)) if names else ()
    left = {(row.organization_id, row.name) for row in rows}
    companies = organizations.all_organizations(conn)
    meant = {name: login for name in names if (login := resolve_login(companies, name)) is not None}
    return frozenset(name for name, login in meant.items() if (login.organization.id, login.name) in left)
