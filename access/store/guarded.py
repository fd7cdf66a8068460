"""Looks at the rows that only Officegate may change, and raises an alarm for what somebody else did. ◆"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from random import Random
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from access.keys.sealing import Keyring
from access.records.alarms import Alarm, AlarmKind
from access.records.guarding import FROM_THE_DIRECTORY, Edit, Guarded, Seen, Watcher
from access.store import directories, local_memberships, policies, rollouts, single_values
from access.store import feed as feeds
from access.store import person_links as links
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.directories import SyncRequest
from access.store.tables import (
    desk_acts,
    ending_memberships,
    endpoints,
    groups,
    local_groups,
    local_members,
    local_users,
    memberships,
    nas,
    organizations,
    passes,
    passkeys,
    person_links,
    policy_approvals,
    policy_drafts,
    policy_versions,
    reviews,
    sealed_codes,
    standing_rules,
    tokens,
    users,
    vouches,
)

MOST_NAMED = 20
IN_FORCE = "in force"
_MADE_HERE = frozenset({Guarded.MEMBERSHIPS, Guarded.ENDING})
_UNGUARDED_NAS = frozenset(
    {"secret", "second_secret", "signs_since", "secret_seen_at", "second_secret_seen_at"}
)
_UNGUARDED_ENDPOINTS = frozenset({"dot1x_at", "dot1x_place"})
_PRIME = 1_000_003
# A sealed secret that was changed or moved opens nothing: those need no guard.
_QUERIES: Mapping[Guarded, Select[Any]] = {
    # dn: as whom a password is checked; directory: where; mail: where the helpdesk's codes go.
    Guarded.PEOPLE: select(
        users.c.id,
        users.c.organization_id,
        users.c.name,
        users.c.enabled,
        users.c.expires_at,
        users.c.entry_uuid,
        users.c.dn,
        users.c.directory,
        users.c.mail,
    ),
    Guarded.GROUPS: select(groups.c.id, groups.c.organization_id, groups.c.name),
    Guarded.NAS: select(nas.c.id, *(column for column in nas.c if column.name not in _UNGUARDED_NAS)),
    Guarded.ENDPOINTS: select(
        endpoints.c.id, *(column for column in endpoints.c if column.name not in _UNGUARDED_ENDPOINTS)
    ),
    Guarded.STANDING: select(standing_rules.c.id, *standing_rules.c),
    Guarded.LINKS: select(
        person_links.c.id, person_links.c.user_id, person_links.c.other_id, person_links.c.state
    ),
    Guarded.LOCAL: select(local_users.c.user_id, local_users.c.password_hash),
    Guarded.POLICY_DRAFTS: select(policy_drafts.c.id, *policy_drafts.c),
    Guarded.POLICY_APPROVALS: select(policy_approvals.c.id, *policy_approvals.c),
    Guarded.REVIEWS: select(reviews.c.id, *reviews.c),
    Guarded.SEALED_CODES: select(sealed_codes.c.id, *sealed_codes.c),
    Guarded.PASSES: select(passes.c.id, *passes.c),
    Guarded.VOUCHES: select(vouches.c.id, *vouches.c),
    Guarded.DESK_ACTS: select(desk_acts.c.id, *desk_acts.c),
}
_PHONES = select(
    tokens.c.user_id,
    tokens.c.id,
    tokens.c.kind,
    tokens.c.state,
    tokens.c.digits,
    tokens.c.period_s,
    tokens.c.algorithm,
).order_by(tokens.c.id)
_PASSKEYS = select(
    passkeys.c.user_id,
    passkeys.c.id,
    passkeys.c.organization_id,
    passkeys.c.credential_id,
    passkeys.c.sign_count,
    passkeys.c.revoked_at,
).order_by(passkeys.c.id)
_LISTED = select(
    local_members.c.group_id,
    local_members.c.user_id,
    local_members.c.member_group_id,
    local_members.c.until,
)
_OWNED = select(local_groups.c.group_id, local_groups.c.owner_id)
_ENDING = select(ending_memberships.c.user_id, ending_memberships.c.group_id, ending_memberships.c.until)
_MEMBERSHIPS = select(memberships.c.user_id, memberships.c.group_id)


@dataclass
class GuardedRows:
    """Looks now and then, always from the same process. random(n): n unguessable octets."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    _watcher: Watcher = field(default_factory=Watcher)
    # Where the feed ended at the last look, and at the one before. Not times: a reading of a large directory
    # tells of everybody as of the moment it began.
    _ends: tuple[feeds.Position, feeds.Position] | None = None
    _sum: tuple[int, int] | None = None
    _members: Mapping[str, int] = field(default_factory=dict)
    _salt: tuple[int, ...] = ()

    def look(self, now: float) -> list[Edit]:
        """Return what somebody else changed since the look before, with an alarm raised for it.

        What the directory says is then read again, which sets it right.
        """
        with self.database.read() as conn:
            end = feeds.head(conn)
            before, last = self._ends or (end, end)
            told = {_change(*each) for each in feeds.told_since(conn, before)}
            rows: dict[Guarded, Mapping[str, int]] = {
                guarded: _fingerprints(conn, query) for guarded, query in _QUERIES.items()
            }
            rows[Guarded.PHONES] = _by_owner(conn.execute(_PHONES))
            rows[Guarded.PASSKEYS] = _by_owner(conn.execute(_PASSKEYS))
            rows[Guarded.MEMBERSHIPS] = self._memberships(conn)
            rows[Guarded.ENDING] = _by_owner(conn.execute(_ENDING))
            rows[Guarded.LOCAL_GROUPS] = _by_owner(chain(conn.execute(_LISTED), conn.execute(_OWNED)))
            rows[Guarded.POLICY] = _policy(conn)
        found = self._watcher.look(Seen(rows, told))
        self._ends = last, end
        if found:
            self._tell(found, now)
        return found

    def _memberships(self, conn: Connection) -> Mapping[str, int]:
        """Read only where a sum over them, which nobody can foresee, is another one."""
        seen = conn.execute(self._summed()).one()
        summed = (int(seen[0]), int(seen[1]))
        if summed != self._sum:
            self._sum, self._members = summed, _by_owner(conn.execute(_MEMBERSHIPS))
        return self._members

    def _summed(self) -> Select[Any]:
        if not self._salt:
            dice = Random(self.random(16))  # noqa: S311 - seeded from what nobody can guess
            self._salt = tuple(dice.randrange(1, 1 << 20) for _ in range(4))
        one, two, three, four = self._salt
        user, group = memberships.c.user_id % _PRIME, memberships.c.group_id % _PRIME
        mixed = ((user * one + group * two) % _PRIME) * ((user * three + group * four) % _PRIME)
        return select(func.count(), func.coalesce(func.sum(mixed % _PRIME), 0))

    def _tell(self, found: list[Edit], now: float) -> None:
        with self.database.write() as conn:
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            for edit in sorted(found, key=lambda each: (each.guarded, each.key))[:MOST_NAMED]:
                named, organization_id = _named(conn, edit)
                subject = f"{edit.guarded} {named}"
                note = f"row {edit.key}; {len(found)} rows in all"
                stored.raise_alarm(Alarm(AlarmKind.EDITED_DIRECTLY, subject, note, organization_id), now)
            if any(edit.guarded in FROM_THE_DIRECTORY for edit in found):
                _settle(conn, [edit for edit in found if edit.guarded in _MADE_HERE], now)
                for organization_id in conn.execute(select(organizations.c.id)).scalars().all():
                    directories.ask_all(conn, organization_id, SyncRequest(now, False))


def _settle(conn: Connection, found: list[Edit], now: float) -> None:
    """Make true again what people are in by local groups: that follows from what is listed."""
    whose: dict[int, list[int]] = {}
    ids = [int(edit.key) for edit in found]
    for row in conn.execute(select(users.c.id, users.c.organization_id).where(users.c.id.in_(ids))):
        whose.setdefault(row.organization_id, []).append(row.id)
    for organization_id, user_ids in whose.items():
        local_memberships.settle(conn, organization_id, user_ids, now)


def _change(topic: str, key: str) -> tuple[str, str]:
    # The feed names the new revision; what is guarded is which one is in force.
    return topic, IN_FORCE if topic == feeds.Topic.POLICY else key


def _fingerprints(conn: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(row[0]): hash(tuple(row)) for row in conn.execute(query)}


def _by_owner(rows: Iterable[Any]) -> dict[str, int]:
    """One number for all rows of an owner, in whatever order they come."""
    found: dict[int, int] = {}
    for row in rows:
        found[row[0]] = (found.get(row[0], 0) + hash(tuple(row))) & 0xFFFFFFFFFFFFFFFF
    return {str(owner): number for owner, number in found.items()}


def _policy(conn: Connection) -> dict[str, int]:
    """The revision in force, and whether the document is still what its revision says."""
    revision = policies.in_force(conn)
    document = select(policy_versions.c.document).where(policy_versions.c.revision == revision)
    text = conn.execute(document).scalar() or ""
    on_its_way = single_values.get(conn, rollouts.KEY) or ""
    return {IN_FORCE: hash((revision, sha256(text.encode()).hexdigest(), on_its_way))}


def _named(conn: Connection, edit: Edit) -> tuple[str, int | None]:
    """What people call the row, and whose it is."""
    if edit.guarded is Guarded.LINKS:
        return _named_link(conn, int(edit.key))
    if edit.guarded in _SAID:
        return _SAID[edit.guarded](conn, edit.key)
    table = {
        Guarded.GROUPS: groups,
        Guarded.LOCAL_GROUPS: groups,
        Guarded.NAS: nas,
        Guarded.ENDPOINTS: endpoints,
        Guarded.POLICY: None,
        Guarded.POLICY_DRAFTS: None,
        Guarded.POLICY_APPROVALS: None,
    }.get(edit.guarded, users)
    if table is None:
        return edit.key, None
    row = conn.execute(
        select(table.c.name, table.c.organization_id).where(table.c.id == int(edit.key))
    ).first()
    return (row.name, row.organization_id) if row else (f"number {edit.key}", None)


def _named_help(table: Table) -> "_Name":
    """What was asked for somebody is called as they are."""

    def named(conn: Connection, key: str) -> tuple[str, int | None]:
        whose = select(users.c.name, users.c.organization_id).join(table, table.c.user_id == users.c.id)
        row = conn.execute(whose.where(table.c.id == int(key))).first()
        return (row.name, row.organization_id) if row else (f"number {key}", None)

    return named


def _named_review(conn: Connection, key: str) -> tuple[str, int | None]:
    row = conn.execute(select(reviews.c.rule).where(reviews.c.id == int(key))).first()
    return (row.rule if row else f"number {key}"), None


def _named_code(conn: Connection, key: str) -> tuple[str, int | None]:
    known = sealed_codes.c
    row = conn.execute(select(known.opening, known.number).where(known.id == int(key))).first()
    return (f"{row.opening} envelope {row.number}" if row else f"number {key}"), None


def _named_standing(conn: Connection, key: str) -> tuple[str, int | None]:
    known = standing_rules.c
    row = conn.execute(select(known.kind, known.organization_id).where(known.id == int(key))).first()
    return (f"{row.kind}-{key}", row.organization_id) if row else (f"number {key}", None)


def _named_link(conn: Connection, link_id: int) -> tuple[str, int | None]:
    """Both accounts of a link, which is of two companies and so of the whole installation."""
    link = links.by_id(conn, link_id)
    return f"{link.user.login} and {link.other.login}" if link else f"number {link_id}", None


_Name = Callable[[Connection, str], tuple[str, int | None]]
_SAID: Mapping[Guarded, _Name] = {
    Guarded.STANDING: _named_standing,
    Guarded.REVIEWS: _named_review,
    Guarded.SEALED_CODES: _named_code,
    Guarded.PASSES: _named_help(passes),
    Guarded.VOUCHES: _named_help(vouches),
    Guarded.DESK_ACTS: _named_help(desk_acts),
}
