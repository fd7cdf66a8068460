"""People who are in no directory, in the same tables as all others, with a password of ours. ◆"""

from dataclasses import dataclass, field
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from access.directory.verdict import PasswordOutcome
from access.errors import Unavailable
from access.model import LOCAL_DN, User
from access.people.local_group import LOCAL
from access.people.local_user import BadLocalUser, LocalUser, NewLocalUser, Random
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.store import directories, feed, local_memberships, notices, web_sessions
from access.store.database import Database
from access.store.directories import SyncRequest
from access.store.feed import Topic
from access.store.tables import groups, local_users, memberships, organizations, users

_SPONSOR, _THEIRS = users.alias("sponsors"), organizations.alias("theirs")
_SELECT = (
    select(local_users, users.c.name, users.c.display_name, users.c.organization_id)
    .add_columns(users.c.expires_at, users.c.vanished_at, organizations.c.key)
    .add_columns(_SPONSOR.c.name.label("sponsor_name"), _THEIRS.c.key.label("sponsor_company"))
    .join(users, users.c.id == local_users.c.user_id)
    .join(organizations, organizations.c.id == users.c.organization_id)
    .join(_SPONSOR, _SPONSOR.c.id == local_users.c.sponsor_id)
    .join(_THEIRS, _THEIRS.c.id == _SPONSOR.c.organization_id)
)


@dataclass(frozen=True, slots=True)
class LocalPasswords:
    """Checks passwords of people who are in no directory. A hash takes some 50 ms and 64 MiB."""

    database: Database
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def check(self, user: User, password: str) -> PasswordOutcome:
        """Return what became of a password."""
        try:
            with self.database.read() as conn:
                known = by_id(conn, user.id)
        except Unavailable:
            return PasswordOutcome.UNAVAILABLE
        if known is None or not password:
            return PasswordOutcome.WRONG
        return PasswordOutcome.RIGHT if self.matches(known, password) else PasswordOutcome.WRONG

    def matches(self, known: LocalUser, password: str) -> bool:
        """Whether it is this person's password."""
        try:
            return self.hasher.verify(known.password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


@dataclass(frozen=True, slots=True)
class Approval:
    """Who lets somebody in until when."""

    by: str
    at: float


def add(conn: Connection, new: NewLocalUser, hashed: str, approval: Approval, random: Random) -> int:
    """Add somebody, and return their id. Raises BadLocalUser where the name is another's."""
    taken = select(users.c.id).where(
        users.c.organization_id == new.organization_id,
        users.c.name == new.name,
        users.c.vanished_at.is_(None),
    )
    if conn.execute(taken).first() is not None:
        raise BadLocalUser(f"Somebody else is named {new.name}. Choose another name.")
    row = {
        "organization_id": new.organization_id,
        "entry_uuid": str(UUID(bytes=random(16), version=4)),
        "name": new.name,
        "dn": LOCAL_DN,
        "display_name": new.display_name,
        "mail": new.mail,
        "expires_at": new.ends_at,
        "password_changed_at": approval.at,
    }
    user_id: int = conn.execute(insert(users).values(**row).returning(users.c.id)).scalar_one()
    conn.execute(
        insert(local_users).values(
            user_id=user_id,
            sponsor_id=new.sponsor.id,
            employer=new.employer,
            password_hash=hashed,
            approved_at=approval.at,
            approved_by=approval.by,
        )
    )
    _told(conn, user_id, new.organization_id, approval.at)
    return user_id


def by_id(conn: Connection, user_id: int) -> LocalUser | None:
    """Who this is, if they are in no directory."""
    row = conn.execute(_SELECT.where(local_users.c.user_id == user_id)).first()
    return _local(row) if row is not None else None


def listed(conn: Connection) -> list[LocalUser]:
    """Everybody who is in no directory, those whose time is over too, by company and name."""
    return [_local(row) for row in conn.execute(_SELECT.order_by(organizations.c.key, users.c.name))]


def extend(conn: Connection, known: LocalUser, ends_at: float, approval: Approval) -> None:
    """Let somebody in until another end; who was disabled by an earlier end is let in again."""
    changed = update(users).where(users.c.id == known.user_id)
    conn.execute(
        changed.values(expires_at=ends_at, enabled=True, vanished_at=None, revision=users.c.revision + 1)
    )
    conn.execute(
        update(local_users)
        .where(local_users.c.user_id == known.user_id)
        .values(approved_at=approval.at, approved_by=approval.by)
    )
    _told(conn, known.user_id, known.organization_id, approval.at)


def end(conn: Connection, known: LocalUser, at: float) -> None:
    """Let somebody in no more, from now on. Their name is free again."""
    gone = {"enabled": False, "vanished_at": at, "expires_at": at, "revision": users.c.revision + 1}
    conn.execute(update(users).where(users.c.id == known.user_id).values(**gone))
    _told(conn, known.user_id, known.organization_id, at)


def set_password(conn: Connection, known: LocalUser, hashed: str, at: float, but: str | None = None) -> None:
    """Give somebody another password, tell them, and sign every browser out but the one of a session."""
    conn.execute(
        update(local_users).where(local_users.c.user_id == known.user_id).values(password_hash=hashed)
    )
    conn.execute(update(users).where(users.c.id == known.user_id).values(password_changed_at=at))
    notices.put(conn, Notice(NoticeKind.PASSWORD_CHANGED, known.user_id, known.organization_id, at))
    web_sessions.remove_of_user(conn, known.user_id, but=but)
    feed.append(conn, Topic.USER, str(known.user_id), known.organization_id, at)


def join(conn: Connection, known: LocalUser, group: str, at: float) -> None:
    """Put somebody into a group, not into those that it is in itself. Raises BadLocalUser."""
    group_id = conn.execute(_group(known, group)).scalar()
    if group_id is None:
        raise BadLocalUser(f"{group} is no group of the company. Write it as organization/group.")
    held = (memberships.c.user_id == known.user_id, memberships.c.group_id == group_id)
    if conn.execute(select(memberships.c.user_id).where(*held)).first() is None:
        conn.execute(insert(memberships).values(user_id=known.user_id, group_id=group_id))
        local_memberships.settle(conn, known.organization_id, [known.user_id], at)
        feed.append(conn, Topic.USER, str(known.user_id), known.organization_id, at)


def leave(conn: Connection, known: LocalUser, group: str, at: float) -> bool:
    """Take somebody out of a group; whether they were in it."""
    group_id = conn.execute(_group(known, group)).scalar()
    held = (memberships.c.user_id == known.user_id, memberships.c.group_id == group_id)
    left = conn.execute(delete(memberships).where(*held)).rowcount == 1
    if left:
        local_memberships.settle(conn, known.organization_id, [known.user_id], at)
        feed.append(conn, Topic.USER, str(known.user_id), known.organization_id, at)
    return left


def _group(known: LocalUser, text: str) -> Select[tuple[int]]:
    company, _, name = text.partition("/")
    return (
        select(groups.c.id)
        .join(organizations, organizations.c.id == groups.c.organization_id)
        .where(
            organizations.c.id == known.organization_id,
            organizations.c.key == company,
            groups.c.name == name.lower(),
            groups.c.directory != LOCAL,
        )
    )


def _told(conn: Connection, user_id: int, organization_id: int, at: float) -> None:
    """The feed, and the directory process, which must know whose name is taken."""
    feed.append(conn, Topic.USER, str(user_id), organization_id, at)
    directories.ask_all(conn, organization_id, SyncRequest(at))


def _local(row: Row[tuple[object, ...]]) -> LocalUser:
    return LocalUser(
        user_id=row.user_id,
        organization_id=row.organization_id,
        login=f"{row.name}@{row.key}",
        display_name=row.display_name,
        employer=row.employer,
        sponsor=f"{row.sponsor_name}@{row.sponsor_company}",
        ends_at=row.expires_at,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        ended=row.vanished_at is not None,
        password_hash=row.password_hash,
    )
