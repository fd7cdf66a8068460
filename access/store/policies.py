"""Policy documents: every version that was published, and which one is in force. ◆"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from access.changes.publishing import Draft
from access.people.absent_owners import of_policy
from access.policy.kept_texts import document_of
from access.policy.named_people import people_named
from access.policy.vocabulary import PolicyErrors, World
from access.store import feed, named_owners, organizations, people, single_values, subjects
from access.store.feed import Topic
from access.store.tables import policy_versions

_IN_FORCE = "policy"
_KEEP = text(
    """
    INSERT INTO policy_versions (revision, document, author, note, created_at)
    VALUES (:revision, :document, :author, :note, :created_at)
    ON CONFLICT (revision) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One document that was published once. published_at: the last time it was put in force."""

    revision: str
    document: str = field(repr=False)
    author: str
    note: str
    created_at: float
    published_at: float | None


def in_force(conn: Connection) -> str | None:
    """The revision in force; None before the first."""
    return single_values.get(conn, _IN_FORCE)


def version(conn: Connection, revision: str) -> PolicyVersion | None:
    """The version of a revision, or of the only one that begins so; None where there is none."""
    query = select(policy_versions).where(policy_versions.c.revision.startswith(revision, autoescape=True))
    rows = conn.execute(query.limit(2)).all()
    return _version(rows[0]) if len(rows) == 1 else None


def current(conn: Connection) -> PolicyVersion | None:
    """The version in force; None before the first."""
    revision = in_force(conn)
    return version(conn, revision) if revision else None


def versions(conn: Connection, limit: int = 50) -> list[PolicyVersion]:
    """The versions, the last published first."""
    newest_first = policy_versions.c.published_at.desc(), policy_versions.c.id.desc()
    rows = conn.execute(select(policy_versions).order_by(*newest_first).limit(limit))
    return [_version(row) for row in rows]


def world(conn: Connection) -> World:
    """What the directories know: all groups, and everyone who is still shown."""
    return World(
        groups=people.group_names(conn),
        users={f"{each.name}@{each.organization}": each for each in subjects.everybody(conn)},
        organizations=frozenset(organization.key for organization in organizations.all_organizations(conn)),
    )


def keep(conn: Connection, draft: Draft, revision: str, now: float) -> None:
    """Keep a document under its revision."""
    values = {"revision": revision, "document": draft.text, "created_at": now}
    conn.execute(_KEEP, values | {"author": draft.author, "note": draft.note})


def put_in_force(conn: Connection, draft: Draft, revision: str, now: float) -> bool:
    """Keep the draft and put it in force, with feed; False if another came before it."""
    if not single_values.replace(conn, _IN_FORCE, draft.expected, revision):
        return False
    keep(conn, draft, revision, now)
    conn.execute(
        update(policy_versions).where(policy_versions.c.revision == revision).values(published_at=now)
    )
    feed.append(conn, Topic.POLICY, revision, None, now)
    _settle_owners(conn, draft.text, now)
    return True


def _settle_owners(conn: Connection, text: str, now: float) -> None:
    """Keep whom the names of owners and people mean now: a minute later one may be somebody else's."""
    try:
        document = document_of(text)
    except PolicyErrors:
        return  # a text of another version of ours: what it names is settled by whoever can read it
    owned = of_policy(document)
    named_owners.settle(conn, {(each.what, name) for each in owned for name in each.owners}, now)
    named_owners.publish(conn, {each.name for each in people_named(document)}, now)


def _version(row: Row[Any]) -> PolicyVersion:
    return PolicyVersion(row.revision, row.document, row.author, row.note, row.created_at, row.published_at)
