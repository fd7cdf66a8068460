"""The world of the one enforcer, and the transaction in which it writes. ◆"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import islice
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Select, func, select, update

from access.directory.kept import attributes_of
from access.errors import Unavailable
from access.gateways.enforcing import FeedPruned, Generations, Step, Touched, View
from access.gateways.lanes import Lane
from access.gateways.livesessions import Desk, Holder, HolderKey, HolderKind, LiveSession
from access.gateways.pairbook import HeldPair
from access.gateways.uses import Use
from access.keys.sealing import Keyring
from access.logins.network_session import Wish
from access.model import Subject
from access.policy.beside import Change as StandingChange
from access.policy.compiled import Policy
from access.policy.kept_texts import followed
from access.policy.vocabulary import PolicyErrors
from access.proof.network_password import spelt
from access.store import (
    assignments,
    audit,
    devices,
    feed,
    last_uses,
    leases,
    local_memberships,
    pairs,
    policies,
    rollouts,
    single_values,
    standing,
    wishes,
    work,
)
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.feed import Change, Position, Pruned, Topic
from access.store.plain_rows import plain
from access.store.presences import present_of
from access.store.session_facts import evidence_of, facts_of, with_evidence
from access.store.tables import certificates as certificate_rows
from access.store.tables import devices as device_rows
from access.store.tables import (
    ending_memberships,
    endpoints,
    groups,
    memberships,
    nas,
    network_passwords,
    organizations,
    sessions,
    users,
)
from access.store.tables import leases as lease_rows
from access.store.tables import work as lanes
from vpn.atoms import Address
from vpn.state import Gateway

LOG = structlog.get_logger()

LEASE = "enforce"
LEASE_S = 5.0
ENFORCED = "enforced"
OPEN = ("admitted", "live")
AT_ONCE = 500
# Beyond so many, all open sessions are read and the others left out.
_RATHER_ALL = 2000
Item = TypeVar("Item")


class Deposed(Unavailable):
    """Another enforcer leads: nothing was written."""


@dataclass
class StoredEnforcement:
    """What access.gateways.enforcement asks of the world. owner: this process among those that might lead.

    writer names it in the audit.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    owner: str
    writer: str = "enforce"
    fence: int | None = None

    def lead(self, now: float, is_gone: Callable[[str], bool] = lambda _: False) -> bool:
        """Take the lead; False while another process has it. is_gone: whether that one has surely died."""
        with self.database.write() as conn:
            leader = conn.execute(select(lease_rows.c.owner).where(lease_rows.c.name == LEASE)).scalar()
            if leader is not None and is_gone(leader):
                leases.release(conn, LEASE, leader)
            self.fence = leases.acquire(conn, LEASE, self.owner, now, LEASE_S)
        return self.fence is not None

    def keep(self, now: float) -> None:
        """Keep the lead. Raises Deposed."""
        with self.database.write() as conn:
            self._guard(conn, now)

    def _guard(self, conn: Connection, now: float) -> None:
        if self.fence is None or leases.acquire(conn, LEASE, self.owner, now, LEASE_S) != self.fence:
            self.fence = None
            raise Deposed("Another process enforces by now, or this one was held up for too long.")

    def give_up(self) -> None:
        """Let the next one lead without waiting."""
        self.fence = None
        with self.database.write() as conn:
            leases.release(conn, LEASE, self.owner)

    @contextmanager
    def reading(self) -> Iterator[View]:
        """A view of one snapshot."""
        with self.database.read() as conn:
            yield StoredView(conn)

    def write(self, step: Step, now: float) -> Generations:
        """Write a step while we lead. Raises Deposed."""
        with self.database.write() as conn:
            self._guard(conn, now)
            known = set(conn.execute(select(device_rows.c.id)).scalars())
            changed = {change.device_id for change in step.changes} & known
            asked = Generations(
                {device_id: work.want(conn, device_id, Lane.MEMBERSHIP) for device_id in changed},
                {
                    device_id: work.want(conn, device_id, Lane.STRUCTURE)
                    for device_id in step.structure & known
                },
            )
            pairs.put(conn, step.changes, asked.membership)
            if step.revision is not None:
                single_values.put(conn, ENFORCED, step.revision)
            for session_id in step.ends:
                wishes.want(conn, session_id, Wish.END, now)
            for session_id in step.moves:
                wishes.want(conn, session_id, Wish.REAUTHENTICATE, now)
            for session_id, zone in step.zones:
                _put_into(conn, session_id, zone, now)
            stored = StoredAlarms(conn, self.keyring, self.random, self.writer)
            for alarm in step.alarms:
                stored.raise_alarm(alarm, now)
            for note in step.notes:
                audit.record(conn, self.writer, note, self.keyring, self.random)
            return asked

    def note_uses(self, uses: Sequence[Use]) -> None:
        """Remember that objects were open to users."""
        with self.database.write() as conn:
            last_uses.note(conn, uses)

    def confirmed(self, devices: Collection[int]) -> Generations:
        """What each of these gateways has confirmed."""
        with self.database.read() as conn:
            rows = conn.execute(select(lanes.c.device_id, lanes.c.lane, lanes.c.done)).all()
        done: dict[str, dict[int, int]] = {lane.value: {} for lane in Lane}
        for row in rows:
            if row.device_id in devices:
                done[row.lane][row.device_id] = row.done
        return Generations(done[Lane.MEMBERSHIP.value], done[Lane.STRUCTURE.value])


def _put_into(conn: Connection, session_id: int, zone: str, now: float) -> None:
    """Write down in which zone a session is, and have RADIUS workers know it."""
    put = update(sessions).where(sessions.c.id == session_id).values(zone=zone)
    organization_id = conn.execute(put.returning(sessions.c.organization_id)).scalar()
    if organization_id is not None:
        feed.append(conn, Topic.SESSION, str(session_id), organization_id, now)


@dataclass(frozen=True, slots=True)
class StoredView:
    """The world in one read transaction."""

    conn: Connection

    def head(self) -> Position:
        """The position of the feed."""
        return feed.head(self.conn)

    def touched(self, since: Position) -> Touched | None:
        """What changed. Raises FeedPruned."""
        if feed.head(self.conn) == since:
            return None
        try:
            changes = feed.since(self.conn, since)
        except Pruned as error:
            raise FeedPruned from error
        return _touched(changes) if changes else None

    def policy(self, known: Policy | None) -> Policy | None:
        """The policy in force. One that this version cannot read changes nothing, or else PolicyErrors."""
        version = policies.current(self.conn)
        if version is None or (known is not None and rollouts.is_known(self.conn, known)):
            return known if version else None
        try:
            return rollouts.with_newer(self.conn, followed(version.document))
        except PolicyErrors as error:
            if known is None:
                raise
            LOG.error("policy in force cannot be read; the one before is enforced", why=str(error))
            return known

    def standing(self, policy: Policy, numbers: Collection[int] | None) -> tuple[list[StandingChange], int]:
        """How these standing rules are now, or all of them and those that a policy has."""
        newest = standing.revision(self.conn)
        if numbers is None:
            return standing.every_change(self.conn, policy), newest
        return standing.changes(self.conn, numbers), newest

    def sessions(self, ids: Collection[int] | None, counted: bool = True) -> list[LiveSession]:
        """Those that have not ended. counted: with how each is counted."""
        if ids is None or len(ids) > _RATHER_ALL:
            wanted = None if ids is None else frozenset(ids)
            rows = plain(self.conn.execute(_open_sessions()))
            return [_session(row, counted) for row in rows if wanted is None or row.id in wanted]
        found: list[LiveSession] = []
        for some in _chunks(ids):
            rows = plain(self.conn.execute(_open_sessions().where(sessions.c.id.in_(some))))
            found += [_session(row, counted) for row in rows]
        return found

    def sessions_of_nas(self, nas: Collection[int]) -> frozenset[int]:
        """The open sessions of these NAS."""
        query = select(sessions.c.id).where(sessions.c.state.in_(OPEN), sessions.c.nas_id.in_(nas))
        return frozenset(self.conn.execute(query).scalars())

    def sessions_of_certificates(self, certificates: Collection[int]) -> frozenset[int]:
        """The open sessions that these certificates opened."""
        query = (
            select(sessions.c.id)
            .join(certificate_rows, certificate_rows.c.key == sessions.c.certificate)
            .where(sessions.c.state.in_(OPEN), certificate_rows.c.id.in_(certificates))
        )
        return frozenset(self.conn.execute(query).scalars())

    def holders(self, keys: Collection[HolderKey]) -> Mapping[HolderKey, Holder]:
        """Users with their groups, and endpoints."""
        found: dict[HolderKey, Holder] = {}
        for some in _chunks(key.id for key in keys if key.kind is HolderKind.USER):
            found |= {HolderKey(HolderKind.USER, id): each for id, each in _people(self.conn, some)}
        for some in _chunks(key.id for key in keys if key.kind is HolderKind.ENDPOINT):
            found |= {HolderKey(HolderKind.ENDPOINT, id): each for id, each in _endpoints(self.conn, some)}
        for some in _chunks(key.id for key in keys if key.kind is HolderKind.VISITOR):
            found |= {HolderKey(HolderKind.VISITOR, id): each for id, each in _visitors(self.conn, some)}
        return found

    def sessions_at(self, endpoints_: Collection[int]) -> frozenset[int]:
        """The open sessions on these endpoints, as their NAS names them."""
        station = func.replace(sessions.c.calling_station, ":", "-")
        query = (
            select(sessions.c.id)
            .join(endpoints, endpoints.c.mac == station)
            .where(sessions.c.state.in_(OPEN), endpoints.c.id.in_(endpoints_))
        )
        return frozenset(self.conn.execute(query).scalars())

    def members(self, groups: Collection[int]) -> frozenset[int]:
        """The users in any of these groups who have open sessions."""
        found: set[int] = set()
        for table in (memberships, ending_memberships):
            query = (
                select(sessions.c.user_id)
                .join(table, table.c.user_id == sessions.c.user_id)
                .where(sessions.c.state.in_(OPEN), table.c.group_id.in_(groups))
            )
            found |= set(self.conn.execute(query).scalars())
        return frozenset(found)

    def desks(self, users: Collection[int] | None) -> Mapping[int, tuple[Desk, ...]]:
        """The desktops of users."""
        rows = assignments.every(self.conn) if users is None else assignments.of_users(self.conn, users)
        found: dict[int, tuple[Desk, ...]] = {}
        for row in rows:
            desk = Desk(row.pool, row.desktop, row.lease_until)
            found[row.user_id] = (*found.get(row.user_id, ()), desk)
        return found

    def gateways(self) -> Mapping[int, Gateway]:
        """Every gateway."""
        return {device.id: device.gateway for device in devices.all_devices(self.conn)}

    def pairs(self) -> list[HeldPair]:
        """Every row of the table."""
        return pairs.every(self.conn)


def _touched(changes: list[Change]) -> Touched:
    ids: dict[Topic, set[int]] = {}
    for change in changes:
        if change.topic is not Topic.POLICY:
            ids.setdefault(change.topic, set()).add(int(change.key))

    def of(topic: Topic) -> frozenset[int]:
        return frozenset(ids.get(topic, ()))

    return Touched(
        position=changes[-1].position,
        sessions=of(Topic.SESSION),
        users=of(Topic.USER) | of(Topic.NETWORK_PASSWORD),
        groups=of(Topic.GROUP),
        endpoints=of(Topic.ENDPOINT),
        nas=of(Topic.NAS),
        devices=of(Topic.DEVICE),
        desks=of(Topic.ASSIGNMENT),
        certificates=of(Topic.CERTIFICATE),
        policy=any(change.topic is Topic.POLICY for change in changes),
        standing=of(Topic.STANDING),
    )


# Of everything that is known of a session.
_WEIGHED = (
    sessions.c.id,
    sessions.c.organization_id,
    sessions.c.user_id,
    sessions.c.endpoint_id,
    sessions.c.realm,
    sessions.c.class_,
    sessions.c.calling_station,
    sessions.c.called_station,
    sessions.c.via,
    sessions.c.method,
    sessions.c.medium,
    sessions.c.certificate,
    sessions.c.client_address,
    sessions.c.country,
    sessions.c.risk,
    sessions.c.otp_at,
    sessions.c.code,
    sessions.c.admitted_at,
    sessions.c.valid_until,
    sessions.c.heard_at,
    sessions.c.interim_s,
    sessions.c.disconnect,
    sessions.c.wish,
    sessions.c.address4,
    sessions.c.address6,
    sessions.c.gateway_id,
    sessions.c.generation,
    sessions.c.vlan,
    sessions.c.gifts,
    sessions.c.zone,
)


def _open_sessions() -> Select[Any]:
    found = (
        select(
            *_WEIGHED,
            nas.c.site,
            nas.c.nas_group,
            network_passwords.c.endpoint.label("bound_to"),
            network_passwords.c.valid_until.label("password_until"),
            network_passwords.c.revoked_at,
        )
        .join(nas, nas.c.id == sessions.c.nas_id)
        .outerjoin(network_passwords, network_passwords.c.id == sessions.c.network_password_id)
        .where(sessions.c.state.in_(OPEN))
    )
    return with_evidence(found)


def _session(row: Any, counted: bool) -> LiveSession:
    return LiveSession(
        id=row.id,
        organization_id=row.organization_id,
        holder=_holder_key(row),
        facts=facts_of(row),
        evidence=evidence_of(row),
        present=present_of(row) if counted else None,
        gateway_id=row.gateway_id,
        addresses=tuple(_addresses(row)),
        generation=row.generation,
        proof_ends=_proof_ends(row),
        revoked=row.certificate_revoked_at is not None,
        leaving=bool(row.disconnect) and row.wish == Wish.END,
        # Before sessions kept all their gifts there was only the VLAN.
        gifts=row.gifts or (f"vlan={row.vlan}" if row.vlan else ""),
        zone=row.zone,
    )


def _proof_ends(row: Any) -> float | None:
    """When the session's network password ends; at once where two endpoints raced to be its first."""
    if row.bound_to and row.bound_to != spelt(row.calling_station):
        return 0.0
    ends = [end for end in (row.revoked_at, row.password_until) if end is not None]
    return min(ends, default=None)


def _holder_key(row: Any) -> HolderKey | None:
    if row.user_id is not None:
        return HolderKey(HolderKind.USER, row.user_id)
    if row.endpoint_id is not None:
        return HolderKey(HolderKind.ENDPOINT, row.endpoint_id)
    return HolderKey(HolderKind.VISITOR, row.id) if row.realm else None


def _addresses(row: Any) -> Iterator[Address]:
    for address in (row.address4, row.address6):
        if address:
            yield ip_address(address)


def _people(conn: Connection, ids: list[int]) -> Iterator[tuple[int, Holder]]:
    placed: dict[int, set[str]] = {}
    in_groups = (
        select(memberships.c.user_id, organizations.c.key, groups.c.name)
        .join_from(memberships, groups, groups.c.id == memberships.c.group_id)
        .join(organizations, organizations.c.id == groups.c.organization_id)
        .where(memberships.c.user_id.in_(ids))
    )
    for row in conn.execute(in_groups):
        placed.setdefault(row.user_id, set()).add(f"{row.key}/{row.name}")
    people = (
        select(
            users.c.id,
            users.c.name,
            users.c.enabled,
            users.c.vanished_at,
            users.c.expires_at,
            users.c.attributes,
            organizations.c.key,
        )
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(users.c.id.in_(ids))
    )
    ending = local_memberships.ending_of(conn, ids)
    for person in conn.execute(people):
        placed_in = frozenset(placed.get(person.id, ()))
        subject = Subject(
            person.id,
            person.key,
            person.name,
            placed_in,
            attributes=attributes_of(person.attributes),
            ending=ending.get(person.id, ()),
        )
        barred = not person.enabled or person.vanished_at is not None
        yield person.id, Holder(subject, barred, until=person.expires_at)


def _endpoints(conn: Connection, ids: list[int]) -> Iterator[tuple[int, Holder]]:
    known = (
        select(endpoints.c.id, endpoints.c.mac, endpoints.c.valid_until, organizations.c.key)
        .join(organizations, organizations.c.id == endpoints.c.organization_id)
        .where(endpoints.c.id.in_(ids))
    )
    for row in conn.execute(known):
        yield row.id, Holder(Subject(0, row.key, row.mac), until=row.valid_until)


def _visitors(conn: Connection, ids: list[int]) -> Iterator[tuple[int, Holder]]:
    known = select(sessions.c.id, sessions.c.user_name, sessions.c.realm).where(sessions.c.id.in_(ids))
    for row in conn.execute(known):
        yield row.id, Holder(Subject(0, "", row.user_name, realm=row.realm))


def _chunks(ids: Any) -> Iterator[list[int]]:
    remaining = iter(ids)
    while chunk := list(islice(remaining, AT_ONCE)):
        yield chunk
