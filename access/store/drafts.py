"""Drafts of the policy, the approvals they have, and every publication. ◆"""

import hmac
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from access.changes.approving import Approval
from access.changes.drafts import NoSuchDraft, StoredDraft, Told
from access.changes.publishing import Draft
from access.keys.sealing import Keyring, SealBroken
from access.policy.part_text import revision_of_typed
from access.store import feed, person_links
from access.store.feed import Topic
from access.store.tables import (
    organizations,
    policy_approvals,
    policy_drafts,
    policy_publications,
    users,
)

PURPOSE = "policy approvals"


def revision_of(text: str) -> str:
    """The revision that a text would be."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def all_drafts(conn: Connection) -> list[StoredDraft]:
    """Every draft, of the whole and of parts, the last changed first."""
    rows = conn.execute(select(policy_drafts).order_by(policy_drafts.c.changed_at.desc(), policy_drafts.c.id))
    return [_draft(row) for row in rows]


def draft(conn: Connection, draft_id: int) -> StoredDraft:
    """One draft. Raises NoSuchDraft."""
    row = conn.execute(select(policy_drafts).where(policy_drafts.c.id == draft_id)).first()
    if row is None:
        raise NoSuchDraft(draft_id)
    return _draft(row)


def save(conn: Connection, draft_id: int | None, made: Draft, now: float) -> StoredDraft:
    """Keep a text as a draft, in the place of another one's where that is named. Raises NoSuchDraft.

    Another text or another base is nobody's approved one: it has to be submitted anew. Whose part a draft is
    of stays as it is.
    """
    of_part = made.organization
    values = {
        "revision": revision_of_typed(of_part, made.text) if of_part else revision_of(made.text),
        "document": made.text,
        "base": made.expected or "",
        "note": made.note,
        "changed_at": now,
    }
    whose = {"author": made.author, "author_id": made.author_id}
    if draft_id is None:
        key = conn.execute(
            insert(policy_drafts).values(**values, **whose, organization=of_part, created_at=now)
        ).inserted_primary_key
        draft_id = int(key[0]) if key else 0
    else:
        before = draft(conn, draft_id)
        if before.organization != of_part:
            raise NoSuchDraft(draft_id)
        same = (before.revision, before.base) == (values["revision"], values["base"])
        # Who only adds a note has not written the text.
        changed = values if same else values | whose | {"submitted_at": None}
        conn.execute(update(policy_drafts).where(policy_drafts.c.id == draft_id).values(**changed))
    feed.append(conn, Topic.POLICY_DRAFT, str(draft_id), None, now)
    return draft(conn, draft_id)


def submit(conn: Connection, draft_id: int, now: float) -> StoredDraft:
    """Let others approve a draft. Raises NoSuchDraft."""
    draft(conn, draft_id)
    conn.execute(update(policy_drafts).where(policy_drafts.c.id == draft_id).values(submitted_at=now))
    feed.append(conn, Topic.POLICY_DRAFT, str(draft_id), None, now)
    return draft(conn, draft_id)


def drop(conn: Connection, draft_id: int, now: float) -> StoredDraft:
    """Forget a draft. Raises NoSuchDraft."""
    gone = draft(conn, draft_id)
    conn.execute(delete(policy_drafts).where(policy_drafts.c.id == draft_id))
    feed.append(conn, Topic.POLICY_DRAFT, str(draft_id), None, now)
    return gone


def drop_published(conn: Connection, revision: str, now: float) -> None:
    """Forget the drafts whose text has come into force."""
    for each in all_drafts(conn):
        if each.revision == revision:
            drop(conn, each.id, now)


def approve(conn: Connection, keyring: Keyring, made: StoredDraft, user_id: int, now: float) -> bool:
    """Write down that somebody approves the text of a draft over its base; False where they had before."""
    known = (policy_approvals.c.revision == made.revision) & (policy_approvals.c.base == made.base)
    if conn.execute(
        select(policy_approvals.c.id).where(known, policy_approvals.c.user_id == user_id)
    ).first():
        return False
    key_id = keyring.current
    stamp = _stamp(keyring.subkey(PURPOSE, key_id), made.revision, made.base, user_id, now)
    row = {"revision": made.revision, "base": made.base, "user_id": user_id, "at": now}
    written = conn.execute(insert(policy_approvals).values(**row, stamp_key=key_id, stamp=stamp))
    key = written.inserted_primary_key
    feed.append(conn, Topic.POLICY_APPROVAL, str(key[0] if key else ""), None, now)
    return True


def approvals(conn: Connection, keyring: Keyring, revision: str, base: str) -> list[Approval]:
    """Who approved a text over a base, the first first. A row that we have not written counts for nothing."""
    query = (
        select(policy_approvals, users.c.name, organizations.c.key)
        .join(users, users.c.id == policy_approvals.c.user_id)
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(policy_approvals.c.revision == revision, policy_approvals.c.base == base)
        .order_by(policy_approvals.c.id)
    )
    return [_approval(conn, row) for row in conn.execute(query).all() if _is_ours(keyring, row)]


def tell(conn: Connection, made: Draft, revision: str, approved_by: list[str], now: float) -> None:
    """Write a publication down."""
    conn.execute(
        insert(policy_publications).values(
            revision=revision,
            replaced=made.expected or "",
            author=made.author,
            author_id=made.author_id,
            note=made.note,
            at=now,
            approved_by=", ".join(approved_by),
            organization=made.organization,
        )
    )


def history(conn: Connection, limit: int = 50) -> list[Told]:
    """The publications, the last first."""
    rows = conn.execute(select(policy_publications).order_by(policy_publications.c.id.desc()).limit(limit))
    return [_told(row) for row in rows]


def _told(row: Row[Any]) -> Told:
    names = tuple(name for name in row.approved_by.split(", ") if name)
    return Told(row.id, row.revision, row.replaced, row.author, row.note, row.at, names, row.organization)


def _approval(conn: Connection, row: Row[Any]) -> Approval:
    same = frozenset(person_links.sharing(conn, row.user_id))
    return Approval(row.revision, row.base, row.user_id, f"{row.name}@{row.key}", row.key, row.at, same)


def _is_ours(keyring: Keyring, row: Row[Any]) -> bool:
    try:
        key = keyring.subkey(PURPOSE, row.stamp_key)
    except SealBroken:
        return False
    return hmac.compare_digest(_stamp(key, row.revision, row.base, row.user_id, row.at), row.stamp)


def _stamp(key: bytes, revision: str, base: str, user_id: int, at: float) -> bytes:
    said = "\n".join((revision, base, str(user_id), repr(at)))
    return hmac.digest(key, said.encode(), "sha256")


def _draft(row: Row[Any]) -> StoredDraft:
    return StoredDraft(
        row.id,
        row.revision,
        row.document,
        row.base,
        row.author,
        row.author_id,
        row.note,
        row.created_at,
        row.changed_at,
        row.submitted_at,
        row.organization,
    )
