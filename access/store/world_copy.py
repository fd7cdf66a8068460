"""Everything a RADIUS worker knows by heart, as values that can be written down and put into a memory. ◆"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from hashlib import sha256
from itertools import groupby

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from access.certificates.authority import Authority
from access.certificates.known import Standing
from access.keys.sealing import Keyring
from access.logins.memory import Memory
from access.model import Organization, User
from access.nas.nas_certificate import NasCertificate
from access.nas.registry import Endpoint, NasClient
from access.policy.compiled import compile
from access.policy.document import load as load_document
from access.policy.standing import Standing as StandingRule
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
    standing,
)
from access.store.feed import Position
from access.store.world import News, Put


@dataclass(frozen=True, slots=True)
class WrittenAuthority:
    """An authority of ours with its certificate in DER."""

    id: int
    organization_id: int
    name: str
    certificate: bytes
    issues: bool


@dataclass(frozen=True, slots=True)
class Everything:
    """The world at a position of the feed. Network passwords are sealed, NAS have their secrets in clear.

    policy is the document in force, None before the first.
    """

    position: Position
    organizations: tuple[Organization, ...]
    clients: tuple[NasClient, ...] = field(repr=False)
    nas_certificates: Mapping[NasCertificate, int]
    policy: str | None
    standing: tuple[StandingRule, ...]
    standing_revision: int
    endpoints: tuple[Endpoint, ...]
    users: tuple[User, ...]
    linked: frozenset[int]
    passwords: Mapping[int, bytes] = field(repr=False)
    authorities: tuple[WrittenAuthority, ...]
    certificates: Mapping[int, tuple[str, Standing]]


_WRITTEN = (
    *(Everything, Position, Organization, NasClient, NasCertificate, Endpoint, User, WrittenAuthority),
    StandingRule,
)
# Changes where one of these does: what another version has written is not read.
LAYOUT = sha256(
    repr([(kind.__name__, [each.name for each in fields(kind)]) for kind in _WRITTEN]).encode()
).digest()


def everything(conn: Connection, keyring: Keyring) -> Everything:
    """Return the world as it is; a NAS whose secret does not open is left out. Raises Unavailable."""
    version = policies.current(conn)
    groups: dict[frozenset[str], frozenset[str]] = {}
    own_passwords = network_passwords.standing(conn)
    return Everything(
        position=feed.head(conn),
        organizations=tuple(organizations.all_organizations(conn)),
        clients=tuple(nas.readable_clients(conn, keyring)[0]),
        nas_certificates=nas_certificates.all_certificates(conn),
        policy=version.document if version else None,
        standing=tuple(standing.standing(conn)),
        standing_revision=standing.revision(conn),
        endpoints=tuple(endpoints.all_endpoints(conn)),
        users=tuple(_bare(each, groups) for each in people.all_users(conn)),
        linked=person_links.linked(conn),
        passwords={
            user_id: packed(own) for user_id, own in groupby(own_passwords, lambda each: each.user_id)
        },
        authorities=tuple(map(_written, certificates.all_authorities(conn))),
        certificates=certificates.standings(conn),
    )


def news_of(known: Everything) -> News:
    """Return what puts all of it into a memory."""
    policy = compile(load_document(known.policy)) if known.policy is not None else None
    if policy is not None:
        beside = ((each.id, each) for each in known.standing)
        policy = policy.with_standing(beside, known.standing_revision)
    puts: tuple[Put, ...] = (
        lambda memory: memory.put_organizations(known.organizations),
        partial(_put_nas, known),
        lambda memory: memory.put_policy(policy),
        lambda memory: memory.put_endpoints(known.endpoints),
        lambda memory: memory.put_users(known.users),
        lambda memory: memory.put_links(known.linked),
        lambda memory: memory.take_passwords(dict(known.passwords)),
        lambda memory: memory.certificates.put_authorities(map(_read, known.authorities)),
        lambda memory: memory.certificates.put_certificates(known.certificates),
    )
    return News(known.position, puts)


def _put_nas(known: Everything, memory: Memory) -> None:
    memory.put_clients(known.clients)
    memory.put_certificates(known.nas_certificates)


def _bare(user: User, groups: dict[frozenset[str], frozenset[str]]) -> User:
    """Return the person without what no login asks for; who is in the same groups shares one set."""
    return replace(user, display_name="", mail="", groups=groups.setdefault(user.groups, user.groups))


def _written(authority: Authority) -> WrittenAuthority:
    octets = authority.certificate.public_bytes(Encoding.DER)
    return WrittenAuthority(authority.id, authority.organization_id, authority.name, octets, authority.issues)


def _read(written: WrittenAuthority) -> Authority:
    certificate = x509.load_der_x509_certificate(written.certificate)
    return Authority(written.id, written.organization_id, written.name, certificate, written.issues)
