"""Whoever the policy could be about, as it knows them: read for a preview, without what only pages ask for. ◆

Of large companies that is tens of thousands of people. So their groups come as one text for each, and people
who are in the same ones share one set; and only those are read whom some keys can be about.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, or_, select

from access.directory.kept import attributes_of
from access.gateways.livesessions import Holder
from access.model import Subject
from access.policy.subjects import fold
from access.store import local_memberships, people
from access.store.tables import ending_memberships, endpoints, memberships, organizations, users

# In the place of the keys of every company.
ANY_COMPANY = "organization:"
_AT_ONCE = 500
# Beyond so many, all rows are read and those of others left out.
_RATHER_ALL = 5000
# Beyond so many keys it is not asked who has them.
_RATHER_ANYBODY = 1000
_LISTED = func.aggregate_strings(cast(memberships.c.group_id, String), ",")
_PLACED = select(memberships.c.user_id, _LISTED.label("listed")).group_by(memberships.c.user_id)
_PEOPLE = select(
    users.c.id, users.c.organization_id, users.c.name, users.c.attributes, users.c.expires_at
).order_by(users.c.id)
_SHOWN = users.c.vanished_at.is_(None)


def everybody(conn: Connection) -> Iterator[Subject]:
    """Yield everybody whom a directory still shows, in the order of their ids."""
    for holder in _read(conn, _SHOWN, None):
        yield holder.subject


def counting(conn: Connection, ids: Collection[int] | None, now: float) -> Iterator[Holder]:
    """Yield those of some users, of everybody with None, whose account counts at a moment, by id."""
    return _read(conn, _counts(now), ids)


def registered(conn: Connection) -> Iterator[Subject]:
    """Yield every registered endpoint."""
    known = select(endpoints.c.mac, organizations.c.key).join(
        organizations, organizations.c.id == endpoints.c.organization_id
    )
    for mac, organization in conn.execute(known):
        yield Subject(0, organization, mac)


def how_many(conn: Connection, now: float) -> Counter[str]:
    """How many people whose account counts and endpoints there are, by organization."""
    found: Counter[str] = Counter()
    people = select(users.c.organization_id, func.count(users.c.name.distinct())).where(_counts(now))
    machines = select(endpoints.c.organization_id, func.count())
    keys = _organizations(conn)
    for query in (people.group_by(users.c.organization_id), machines.group_by(endpoints.c.organization_id)):
        for organization_id, count in conn.execute(query):
            found[keys[organization_id]] += count
    return found


def with_any(conn: Connection, keys: Collection[str]) -> frozenset[int] | None:
    """At least the users with any of these subject keys of their own; None: that may be everybody."""
    if len(keys) > _RATHER_ANYBODY:
        return None
    kinds = frozenset(key.partition(":")[0] for key in keys)
    found: set[int] = set()
    if "organization" in kinds:
        if ANY_COMPANY in keys:
            return None
        companies = [id for id, key in _organizations(conn).items() if fold(f"organization:{key}") in keys]
        if companies:
            return None
    if "group" in kinds:
        found.update(_members(conn, keys))
    if "account" in kinds:
        found.update(int(key.partition(":")[2]) for key in keys if key.startswith("account:"))
    if kinds & {"user", "attribute"}:
        found.update(_named(conn, keys))
    return frozenset(found)


def _members(conn: Connection, keys: Collection[str]) -> Iterator[int]:
    """Yield whoever is in a group with one of these keys, also where that ends."""
    # The database folds otherwise than the policy does.
    named = (id for id, name in people.group_names_by_id(conn).items() if fold(f"group:{name}") in keys)
    while some := list(islice(named, _AT_ONCE)):
        for table in (memberships, ending_memberships):
            yield from conn.execute(select(table.c.user_id).where(table.c.group_id.in_(some))).scalars()


def _named(conn: Connection, keys: Collection[str]) -> Iterator[int]:
    """Yield whoever has one of these keys by their name or an attribute."""
    companies = _organizations(conn)
    for row in conn.execute(_PEOPLE.where(_SHOWN)):
        organization = companies[row.organization_id]
        theirs = (f"attribute:{organization}/{each}" for each in attributes_of(row.attributes))
        if fold(f"user:{row.name}@{organization}") in keys or any(fold(each) in keys for each in theirs):
            yield row.id


def _read(conn: Connection, which: ColumnElement[bool], ids: Collection[int] | None) -> Iterator[Holder]:
    """Yield users with their groups, by id; ids None: all."""
    companies, groups_of = _organizations(conn), _shared(people.group_names_by_id(conn))
    ending = local_memberships.ending_of(conn, None)
    for theirs, placed in _in_parts(ids):
        listed = {row[0]: row[1] for row in conn.execute(placed).all()}
        for user_id, organization_id, name, attributes, expires_at in conn.execute(theirs.where(which)).all():
            if ids is None or user_id in ids:
                subject = Subject(
                    user_id,
                    companies[organization_id],
                    name,
                    groups_of(listed.get(user_id, "")),
                    attributes=attributes_of(attributes),
                    ending=ending.get(user_id, ()),
                )
                yield Holder(subject, until=expires_at)


def _in_parts(ids: Collection[int] | None) -> Iterator[tuple[Select[Any], Select[Any]]]:
    """Yield the questions for users and for their groups, together about at least these."""
    if ids is None or len(ids) > _RATHER_ALL:
        yield _PEOPLE, _PLACED
        return
    remaining = iter(sorted(ids))
    while some := list(islice(remaining, _AT_ONCE)):
        yield _PEOPLE.where(users.c.id.in_(some)), _PLACED.where(memberships.c.user_id.in_(some))


def _shared(names: dict[int, str]) -> Callable[[str], frozenset[str]]:
    """Return what makes groups of a list of their ids."""
    by_number = {str(group_id): name for group_id, name in names.items()}
    known: dict[str, frozenset[str]] = {"": frozenset()}

    def groups_of(listed: str) -> frozenset[str]:
        if listed not in known:
            known[listed] = frozenset(map(by_number.__getitem__, listed.split(",")))
        return known[listed]

    return groups_of


def _organizations(conn: Connection) -> dict[int, str]:
    rows = conn.execute(select(organizations.c.id, organizations.c.key))
    return {row.id: row.key for row in rows}


def _counts(now: float) -> ColumnElement[bool]:
    """Whether an account counts at a moment: User.is_over() as the database says it."""
    unended = or_(users.c.expires_at.is_(None), users.c.expires_at > now)
    return _SHOWN & users.c.enabled & unended
