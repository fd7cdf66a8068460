"""Accounts whose entry was made again in the directory: found, and put together in one transaction. ◆"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    PrimaryKeyConstraint,
    Row,
    Select,
    UniqueConstraint,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from access.keys.sealing import Keyring
from access.logins.network_session import State as SessionState
from access.model import LOCAL_DN, Role, User
from access.people.relink import Account, BadRelink, Returned, check, check_administrator
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from access.proof import network_password, passkey
from access.records.alarms import Alarm, AlarmKind
from access.records.audit import AuditEntry
from access.store import audit, codes, feed, notices, standing, tokens
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.feed import Topic
from access.store.tables import (
    METADATA,
    alarms,
    attempts,
    certificates,
    endpoints,
    network_passwords,
    one_time_codes,
    organizations,
    passkeys,
    relink_refusals,
    sessions,
    standing_rules,
    users,
    web_sessions,
)
from access.store.tables import tokens as token_rows

KIND = "person-relink"
# What goes on, as it is counted for whoever decides.
COUNTED = {
    "phones": token_rows,
    "passkeys": passkeys,
    "network passwords": network_passwords,
    "certificates": certificates,
    "sessions": sessions,
}
# Not of the account that goes on: who was looked at stays written, sealed under the key of then.
STAYS = frozenset({"person_keys", "local_users", "web_sessions", "one_time_codes", "attempts"})
# What a directory says of somebody; the account that goes on takes it from the new entry.
_SAID = tuple(
    column.name
    for column in users.columns
    if column.name not in ("id", "organization_id", "vanished_at", "revision")
)


@dataclass(frozen=True, slots=True)
class StoredRelinks:
    """Who looks like the same person, at companies that have a stable attribute (their keys)."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    role_groups: Mapping[Role, frozenset[str]]
    stable: frozenset[str]

    def candidates(self, organization: str | None = None) -> list[Returned]:
        """Return who looks like somebody who was there before, at one company or at all."""
        with self.database.read() as conn:
            return candidates(conn, self.stable & {organization} if organization else self.stable)

    def tell(self, now: float) -> int:
        """Raise an alarm for everybody who looks so, clear those that are over; return how many there are."""
        if not self.stable:
            return 0
        with self.database.read() as conn:
            found = {_subject(each): each for each in candidates(conn, self.stable)}
            told = _told(conn)
        if found.keys() == told:
            return len(found)
        with self.database.write() as conn:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            for subject in found.keys() - told:
                organization_id = found[subject].new.organization_id
                note = f"number {found[subject].new.number}"
                stored.raise_alarm(Alarm(AlarmKind.PERSON_RETURNED, subject, note, organization_id), now)
            for subject in told - found.keys():
                stored.clear_alarm(AlarmKind.PERSON_RETURNED, subject, now)
        return len(found)

    def relink(self, by: User, old_id: int, new_id: int, now: float) -> Returned:
        """Have the old account go on under the new entry. Raises BadRelink."""
        with self.database.write() as conn:
            for user_id in sorted({old_id, new_id}):
                codes.lock_user(conn, user_id)
            found = returned(conn, old_id, new_id)
            if found.old.organization not in self.stable:
                raise BadRelink(
                    f"Set organizations.{found.old.organization}.directory.stable_attribute first.",
                    "stable_attribute 설정이 없습니다.",
                )
            check(by, self.role_groups, found)
            _forget_refusals(conn, old_id, new_id)
            _put_together(conn, found, self.keyring, self.random, now)
            for side, other in ((found.old, found.new), (found.new, found.old)):
                detail = {"user": side.login, "number": side.number, "by": f"{by.name}@{by.organization}"}
                detail |= {"account": str(side.user_id), "other_account": str(other.user_id)}
                entry = AuditEntry(
                    KIND, now, "PERSON_RELINKED", side.organization_id, side.user_id, detail=detail
                )
                audit.record(conn, self.writer, entry, self.keyring, self.random)
            kind, whose = NoticeKind.ACCOUNT_RETURNED, found.old.organization_id
            notices.put(conn, Notice(kind, old_id, whose, now, {"by": by.name}))
            return found

    def refuse(self, by: User, old_id: int, new_id: int, now: float) -> Returned:
        """Write down that two are not one person, and end the alarm about them. Raises BadRelink."""
        with self.database.write() as conn:
            found = next(
                (
                    each
                    for each in candidates(conn, self.stable & {by.organization})
                    if (each.old.user_id, each.new.user_id) == (old_id, new_id)
                ),
                None,
            )
            if found is None:
                raise BadRelink("No such accounts.", "그런 계정이 없습니다.")
            check_administrator(by, self.role_groups, found)
            name = f"{by.name}@{by.organization}"
            row = {"old_id": old_id, "new_id": new_id, "at": now, "by": name}
            conn.execute(insert(relink_refusals).values(**row))
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            stored.clear_alarm(AlarmKind.PERSON_RETURNED, _subject(found), now)
            detail = {"user": found.new.login, "number": found.new.number, "by": name}
            detail |= {"account": f"{new_id}", "other_account": f"{old_id}"}
            entry = AuditEntry(KIND, now, "RELINK_REFUSED", found.new.organization_id, new_id, detail=detail)
            audit.record(conn, self.writer, entry, self.keyring, self.random)
            return found


def _subject(each: Returned) -> str:
    return f"{each.new.login} (accounts {each.old.user_id} and {each.new.user_id})"


def _forget_refusals(conn: Connection, *user_ids: int) -> None:
    for side in (relink_refusals.c.old_id, relink_refusals.c.new_id):
        conn.execute(delete(relink_refusals).where(side.in_(user_ids)))


def _told(conn: Connection) -> set[str]:
    mine = (alarms.c.kind == AlarmKind.PERSON_RETURNED.value, alarms.c.cleared_at.is_(None))
    return set(conn.execute(select(alarms.c.subject).where(*mine)).scalars())


def candidates(conn: Connection, stable: Iterable[str]) -> list[Returned]:
    """Return who looks like somebody who was there before, at these companies."""
    old, new = users.alias("old"), users.alias("new")
    pairs = conn.execute(
        select(old.c.id, new.c.id)
        .join_from(old, new, new.c.organization_id == old.c.organization_id)
        .join(organizations, organizations.c.id == old.c.organization_id)
        .where(
            organizations.c.key.in_(sorted(stable)),
            old.c.vanished_at.is_not(None),
            old.c.employee_number != "",
            old.c.dn != LOCAL_DN,
            new.c.employee_number == old.c.employee_number,
            new.c.directory == old.c.directory,
            new.c.vanished_at.is_(None),
            new.c.dn != LOCAL_DN,
        )
        .where(~exists().where(relink_refusals.c.old_id == old.c.id, relink_refusals.c.new_id == new.c.id))
        .order_by(old.c.id, new.c.id)
    ).all()
    return [returned(conn, old_id, new_id) for old_id, new_id in pairs]


def returned(conn: Connection, old_id: int, new_id: int) -> Returned:
    """Return two accounts, whether or not they may be put together."""
    old, new = _account(conn, old_id), _account(conn, new_id)
    moves = {
        what: int(
            conn.execute(
                select(func.count()).select_from(table).where(table.c.user_id.in_((old_id, new_id)))
            ).scalar_one()
        )
        for what, table in COUNTED.items()
    }
    return Returned(old, new, moves, (_so_many(conn, new, there=True), _so_many(conn, new, there=False)))


def _so_many(conn: Connection, account: Account, there: bool) -> int:
    gone = users.c.vanished_at.is_(None) if there else users.c.vanished_at.is_not(None)
    same = (
        users.c.organization_id == account.organization_id,
        users.c.employee_number == account.number,
        users.c.dn != LOCAL_DN,
    )
    return int(conn.execute(select(func.count()).select_from(users).where(*same, gone)).scalar_one())


def _put_together(
    conn: Connection, found: Returned, keyring: Keyring, random: Callable[[int], bytes], now: float
) -> None:
    old_id, new_id, organization_id = found.old.user_id, found.new.user_id, found.old.organization_id
    _reseal(conn, found, keyring, random)
    _take_codes(conn, old_id, new_id)
    for user_id in (old_id, new_id):
        conn.execute(delete(web_sessions).where(web_sessions.c.user_id == user_id))
        conn.execute(delete(web_sessions).where(web_sessions.c.signed_in_as == user_id))
    moved = _open_sessions(conn, new_id)
    machines = conn.execute(
        select(endpoints.c.id, endpoints.c.organization_id).where(endpoints.c.owner_id == new_id)
    ).all()
    _move_standing(conn, old_id, new_id, now)
    for column in _of_people():
        _make_room(conn, column, old_id, new_id)
        conn.execute(update(column.table).where(column == new_id).values({column.name: old_id}))
    _swap_entries(conn, old_id, new_id, now)
    for topic in (Topic.USER, Topic.TOKEN, Topic.NETWORK_PASSWORD):
        for user_id in (old_id, new_id):
            feed.append(conn, topic, str(user_id), organization_id, now)
    for machine in machines:
        feed.append(conn, Topic.ENDPOINT, str(machine.id), machine.organization_id, now)
    for number in moved:
        feed.append(conn, Topic.SESSION, str(number), organization_id, now)
    for certificate_id in conn.execute(
        select(certificates.c.id).where(certificates.c.user_id == old_id)
    ).scalars():
        feed.append(conn, Topic.CERTIFICATE, str(certificate_id), organization_id, now)


def _move_standing(conn: Connection, old_id: int, new_id: int, now: float) -> None:
    """Have what stands beside the policy for the newer account stand for the one that goes on, at once."""
    mine = (standing_rules.c.user_id == new_id, standing_rules.c.ended_at.is_(None))
    for number in conn.execute(select(standing_rules.c.id).where(*mine)).scalars().all():
        standing.change(conn, number, now, user_id=old_id)


def _make_room(conn: Connection, column: Column[Any], old_id: int, new_id: int) -> None:
    """Where both accounts have one thing of which each may have one, that of the newer one goes on."""
    table = column.table
    theirs = table.alias()
    for key in _keys_with(column):
        same = (theirs.c[name] == table.c[name] for name in key - {column.name})
        both = exists().where(theirs.c[column.name] == new_id, *same)
        conn.execute(delete(table).where(column == old_id, both))


def _keys_with(column: Column[Any]) -> Iterator[frozenset[str]]:
    """Return what may be there once only for somebody and something else."""
    for each in column.table.constraints:
        if isinstance(each, PrimaryKeyConstraint | UniqueConstraint) and column.name in each.columns:
            yield frozenset(each.columns.keys())


def _swap_entries(conn: Connection, old_id: int, new_id: int, now: float) -> None:
    """Give the account that goes on the new entry; the folded one is nobody's, under a name of no entry."""
    entry = conn.execute(select(*(users.c[name] for name in _SAID)).where(users.c.id == new_id)).one()
    folded = {"entry_uuid": f"folded-{new_id}", "dn_key": "", "employee_number": "", "enabled": False}
    gone = update(users).where(users.c.id == new_id)
    conn.execute(gone.values(**folded, vanished_at=now, revision=users.c.revision + 1))
    goes_on = update(users).where(users.c.id == old_id)
    conn.execute(goes_on.values(**entry._mapping, vanished_at=None, revision=users.c.revision + 1))


def _reseal(conn: Connection, found: Returned, keyring: Keyring, random: Callable[[int], bytes]) -> None:
    """Seal the secrets of the newer account for the one that goes on: they open for their owner only."""
    old_id, new_id, organization_id = found.old.user_id, found.new.user_id, found.old.organization_id

    def seal(table: Any, column: str, plain: bytes, row_id: int, place: bytes) -> None:
        sealed = keyring.seal(plain, place, random)
        conn.execute(update(table).where(table.c.id == row_id).values({column: sealed}))

    for row in conn.execute(_theirs(token_rows, new_id)).mappings():
        plain = tokens.open_seed(row, keyring)
        seal(token_rows, "secret", plain, row["id"], tokens.bound_to(row["binding"], organization_id, old_id))
    for row in conn.execute(_theirs(network_passwords, new_id)).mappings():
        before, after = (
            network_password.bound_to(row["binding"], user_id, organization_id)
            for user_id in (new_id, old_id)
        )
        seal(network_passwords, "secret", keyring.open_sealed(row["secret"], before), row["id"], after)
    for row in conn.execute(_theirs(passkeys, new_id)).mappings():
        before, after = (
            passkey.bound_to(row["credential_id"], organization_id, user_id) for user_id in (new_id, old_id)
        )
        seal(passkeys, "public_key", keyring.open_sealed(row["public_key"], before), row["id"], after)


def _theirs(table: Any, user_id: int) -> Select[Any]:
    return select(table).where(table.c.user_id == user_id)


def _take_codes(conn: Connection, old_id: int, new_id: int) -> None:
    """Written codes of a purpose that the newer account has count from now on; otherwise the older ones."""
    made = select(one_time_codes.c.purpose).where(one_time_codes.c.user_id == new_id).distinct()
    for purpose in conn.execute(made).scalars().all():
        for table in (one_time_codes, attempts):
            mine, theirs = (
                (table.c.user_id == user_id) & (table.c.purpose == purpose) for user_id in (old_id, new_id)
            )
            conn.execute(delete(table).where(mine))
            conn.execute(update(table).where(theirs).values(user_id=old_id))


def _of_people() -> list[Column[Any]]:
    """Return every column that names somebody and goes on with them."""
    return [
        column
        for table in METADATA.sorted_tables
        if table.name not in STAYS
        for column in table.columns
        if any(key.column.table is users for key in column.foreign_keys)
    ]


def _open_sessions(conn: Connection, user_id: int) -> list[int]:
    open_ones = (SessionState.ADMITTED.value, SessionState.LIVE.value)
    found = select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.state.in_(open_ones))
    return list(conn.execute(found).scalars())


def _account(conn: Connection, user_id: int) -> Account:
    row: Row[Any] = conn.execute(
        select(users, organizations.c.key)
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(users.c.id == user_id)
    ).one()
    return Account(
        row.id,
        row.organization_id,
        row.key,
        f"{row.name}@{row.key}",
        row.display_name,
        row.employee_number,
        row.vanished_at,
    )
