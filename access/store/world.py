"""What a RADIUS worker knows by heart, loaded whole and then kept true by the change feed. ◆

Loading and following read the database in whatever thread calls them and change no memory: they return what
is to be put in, so that a worker's loop can do that between two packets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import structlog
from sqlalchemy import Connection

from access.keys.sealing import Keyring
from access.logins.memory import Memory
from access.policy.compiled import Policy
from access.policy.kept_texts import followed
from access.proof.network_password import packed
from access.store import (
    certificates,
    endpoints,
    feed,
    nas,
    nas_certificates,
    network_passwords,
    organizations,
    people,
    person_links,
    policies,
    rollouts,
    standing,
)
from access.store.database import Database
from access.store.feed import Change, Position, Pruned, Topic
from access.store.glance import Glance

LOG = structlog.get_logger()

Put = Callable[[Memory], None]
# What a login depends on. Whoever is in a group that changes is told of as a person.
TOPICS = frozenset(
    {
        Topic.ORGANIZATION,
        Topic.NAS,
        Topic.POLICY,
        Topic.STANDING,
        Topic.USER,
        Topic.LINK,
        Topic.ENDPOINT,
        Topic.NETWORK_PASSWORD,
        Topic.AUTHORITY,
        Topic.CERTIFICATE,
    }
)
# The changes of one look: putting in what they touch takes a worker's loop some ten milliseconds.
MOST_CHANGES = 1000
USERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class News:
    """What to put into a memory so that it is true up to a position. behind: more has happened since then.

    reading: the policy in force is still being read, and comes with later news.
    """

    position: Position
    puts: tuple[Put, ...] = ()
    behind: bool = False
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The policy in force at a position of the feed; why it could not be read, where it could not.

    hopeless: to read the same text again comes to the same.
    """

    at: Position
    policy: Policy | None = None
    failure: str = ""
    hopeless: bool = False


class Aside(Protocol):
    """Reads the policy in force while others go on."""

    @property
    def behind(self) -> bool:
        """Whether another policy is in force than the last that was taken."""

    def noticed(self, position: Position) -> None:
        """A policy was put in force, and the feed was read up to a position; wait a moment for the policy."""

    def found(self) -> Reading | None:
        """Return the policy that was read, until it is taken; None: there is none."""

    def taken(self) -> None:
        """What was found, or what stands for it, is known now."""


def open_world(database: Database, keyring: Keyring, aside: Aside | None = None) -> "World":
    """Return the database as a worker sees it. Whoever opens it closes its glance and starts aside."""
    return World(database, keyring, Glance(database, TOPICS), aside)


@dataclass(frozen=True, slots=True)
class World:
    """The database as a worker sees it. aside: reads what policy is published; None: whoever looks waits."""

    database: Database
    keyring: Keyring
    glance: Glance
    aside: Aside | None = None

    def all(self) -> News:
        """Return everything. Raises Unavailable."""
        with self.database.read() as conn:
            position = feed.head(conn)
            puts = [
                _put_organizations(conn),
                _put_clients(conn, self.keyring),
                _put_policy(conn),
                _put_endpoints(conn),
                _put_users(conn),
                _put_links(conn),
                _put_all_passwords(conn),
                _put_authorities(conn),
                _put_certificates(conn),
            ]
        return News(position, tuple(puts))

    def since(self, position: Position) -> News:
        """Return what changed after a position, a part of it where it is very much.

        Not for two threads at once. Raises Unavailable.
        """
        read = self.aside is not None and self.aside.found() is not None
        quiet = None if read else self.glance.nothing_until(position)
        if quiet is not None:
            return News(quiet, reading=self._reading)
        with self.database.read() as conn:
            if not read and feed.head(conn) == position:
                return News(position, reading=self._reading)
            try:
                changes = feed.since(conn, position, MOST_CHANGES)
            except Pruned:
                if self.aside is not None:
                    self.aside.taken()
                return self.all()
            reached = changes[-1].position if changes else position
            puts = tuple(self._puts(conn, changes, reached))
            return News(reached, puts, len(changes) == MOST_CHANGES, self._reading)

    @property
    def _reading(self) -> bool:
        return self.aside is not None and self.aside.behind

    def _puts(self, conn: Connection, changes: list[Change], reached: Position) -> Iterator[Put]:
        """Yield what a batch of changes touches, each thing once, and a policy that has been read aside."""
        touched = {(change.topic, change.key) for change in changes}
        topics = {topic for topic, _ in touched}
        policy = self._put_policy(conn, Topic.POLICY in topics, reached)
        if Topic.ORGANIZATION in topics:
            yield _put_organizations(conn)
        if Topic.NAS in topics or Topic.ORGANIZATION in topics:
            yield _put_clients(conn, self.keyring)
        if policy is not None:
            yield policy
        elif Topic.STANDING in topics:
            yield _put_standing(conn, [int(key) for topic, key in touched if topic is Topic.STANDING])
        if Topic.LINK in topics:
            yield _put_links(conn)
        if Topic.AUTHORITY in topics:
            yield _put_authorities(conn)
        for topic, key in touched:
            if topic in _ONE_BY_ONE:
                yield _ONE_BY_ONE[topic](int(key), conn)
        user_ids = sorted({int(key) for topic, key in touched if topic is Topic.USER})
        for at in range(0, len(user_ids), USERS_AT_ONCE):
            yield _put_some_users(user_ids[at : at + USERS_AT_ONCE], conn)

    def _put_policy(self, conn: Connection, another: bool, reached: Position) -> Put | None:
        """Return the put of a policy that came into force, once it is read; None before, and where none did.

        What stands beside the document is as of now, however long that took.
        """
        if self.aside is None:
            return _put_policy(conn) if another else None
        if another:
            self.aside.noticed(reached)
        found = self.aside.found()
        if found is None:
            return None
        policy = standing.beside(conn, found.policy)
        self.aside.taken()
        return lambda memory: memory.put_policy(policy)


def _put_organizations(conn: Connection) -> Put:
    known = organizations.all_organizations(conn)
    return lambda memory: memory.put_organizations(known)


def _put_clients(conn: Connection, keyring: Keyring) -> Put:
    """Return the put of every NAS; one whose secret does not open gets no answer, the others go on."""
    known, broken = nas.readable_clients(conn, keyring)
    for why in broken:
        LOG.error("a NAS cannot be served; remove it and add it again", why=why)
    certificates = nas_certificates.all_certificates(conn)

    def put(memory: Memory) -> None:
        memory.put_clients(known)
        memory.put_certificates(certificates)

    return put


def _put_policy(conn: Connection) -> Put:
    policy = standing.beside(conn, documents_in_force(conn))
    return lambda memory: memory.put_policy(policy)


def read_policy(database: Database) -> Reading:
    """Return the policy in force with nothing beside it. Raises Unavailable, and PolicyErrors."""
    with database.read() as conn:
        return Reading(feed.head(conn), documents_in_force(conn))


def documents_in_force(conn: Connection) -> Policy | None:
    """Return the policy in force with the newer one that comes in waves, with nothing beside them."""
    version = policies.current(conn)
    return rollouts.with_newer(conn, followed(version.document) if version else None)


def _put_standing(conn: Connection, numbers: Sequence[int]) -> Put:
    changes, newest = standing.changes(conn, numbers), standing.revision(conn)
    return lambda memory: memory.put_standing(changes, newest)


def _put_endpoints(conn: Connection) -> Put:
    known = endpoints.all_endpoints(conn)
    return lambda memory: memory.put_endpoints(known)


def _put_endpoint(endpoint_id: int, conn: Connection) -> Put:
    known = endpoints.endpoint_by_id(conn, endpoint_id)
    return lambda memory: memory.put_endpoint(endpoint_id, known)


def _put_users(conn: Connection) -> Put:
    """Return the put of everybody. They are taken in as they are read, compactly, and not in the put."""
    known = Memory()
    known.put_users(people.all_users(conn))
    return lambda memory: memory.take_users(known)


def _put_some_users(user_ids: Sequence[int], conn: Connection) -> Put:
    known = people.users_by_id(conn, user_ids)

    def put(memory: Memory) -> None:
        for user_id in user_ids:
            memory.put_user(user_id, known.get(user_id))

    return put


def _put_links(conn: Connection) -> Put:
    known = person_links.linked(conn)
    return lambda memory: memory.put_links(known)


def _put_all_passwords(conn: Connection) -> Put:
    standing = network_passwords.standing(conn)
    known = {user_id: packed(own) for user_id, own in groupby(standing, lambda each: each.user_id)}
    return lambda memory: memory.take_passwords(known)


def _put_passwords(user_id: int, conn: Connection) -> Put:
    known = network_passwords.standing_of(conn, user_id)
    return lambda memory: memory.put_passwords(user_id, known)


def _put_authorities(conn: Connection) -> Put:
    known = certificates.all_authorities(conn)
    return lambda memory: memory.certificates.put_authorities(known)


def _put_certificates(conn: Connection) -> Put:
    known = certificates.standings(conn)
    return lambda memory: memory.certificates.put_certificates(known)


def _put_certificate(certificate_id: int, conn: Connection) -> Put:
    known = certificates.standings(conn, certificate_id).get(certificate_id)
    return lambda memory: memory.certificates.put_certificate(certificate_id, known)


_ONE_BY_ONE: Mapping[Topic, Callable[[int, Connection], Put]] = {
    Topic.ENDPOINT: _put_endpoint,
    Topic.CERTIFICATE: _put_certificate,
    Topic.NETWORK_PASSWORD: _put_passwords,
}
