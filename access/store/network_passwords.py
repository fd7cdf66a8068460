"""Network passwords, every change in the feed under the person they are of. ◆"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, bindparam, insert, select, update

from access.keys.sealing import Keyring
from access.proof import network_password
from access.proof.network_password import NetworkPassword, PasswordSummary, bindable
from access.store import feed
from access.store.prepared import Prepared
from access.store.tables import network_passwords, users

LONGEST_PLACE = 400
BATCH_ROWS = 2000

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Held:
    """A network password and whose it is, for operators."""

    user_name: str
    summary: PasswordSummary


_USES = (
    select(
        network_passwords.c.id,
        network_passwords.c.user_id,
        network_passwords.c.organization_id,
        network_passwords.c.endpoint,
        network_passwords.c.used_at,
        network_passwords.c.used_place,
    )
    .where(network_passwords.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(network_passwords.c.id)
    .with_for_update()
)
_USED = Prepared(
    update(network_passwords)
    .where(network_passwords.c.id == bindparam("password_id"))
    .values(endpoint=bindparam("station"), used_at=bindparam("at"), used_place=bindparam("place"))
)


@dataclass(frozen=True, slots=True)
class Use:
    """When, where and from which endpoint a network password was last used."""

    id: int
    user_id: int
    organization_id: int
    endpoint: str
    used_at: float | None
    used_place: str


@dataclass(slots=True)
class Uses:
    """The uses of network passwords in one transaction: read together, written together."""

    conn: Connection
    _known: dict[int, Use | None] = field(default_factory=dict, init=False)
    _changed: set[int] = field(default_factory=set, init=False)

    def read(self, ids: Collection[int]) -> None:
        """Read what is known of these, and keep others from changing it until the transaction ends."""
        missing = {each for each in ids if each not in self._known}
        if missing:
            self._known |= dict.fromkeys(missing)
            rows = self.conn.execute(_USES, {"ids": sorted(missing)})
            self._known |= {row.id: Use(*row) for row in rows}

    def use(self, password_id: int, station: str, place: str, at: float) -> Use | None:
        """Keep that one was used; its first endpoint becomes its only one.

        Returns it where that is news to the workers.
        """
        self.read((password_id,))
        known = self._known[password_id]
        if known is None:
            return None
        endpoint, used_at, used_place = known.endpoint or bindable(station), at, place[:LONGEST_PLACE]
        if (known.used_at or 0.0) > at:
            used_at, used_place = known.used_at or at, known.used_place
        used = replace(known, endpoint=endpoint, used_at=used_at, used_place=used_place)
        self._known[password_id] = used
        self._changed.add(password_id)
        return used if endpoint != known.endpoint else None

    def write(self) -> None:
        """Write what has changed."""
        changed = [used for each in sorted(self._changed) if (used := self._known[each])]
        _USED.run(
            self.conn,
            [
                {
                    "password_id": each.id,
                    "station": each.endpoint,
                    "at": each.used_at,
                    "place": each.used_place,
                }
                for each in changed
            ],
        )
        self._changed.clear()


def standing(conn: Connection) -> Iterator[NetworkPassword]:
    """Yield every network password that is not revoked, in the order of the people they are of."""
    rows = conn.execute(_standing(), execution_options={"yield_per": BATCH_ROWS})
    return (_password(row) for row in rows.mappings())


def standing_of(conn: Connection, user_id: int) -> tuple[NetworkPassword, ...]:
    """Return those of a person that are not revoked, oldest first."""
    rows = conn.execute(_standing().where(network_passwords.c.user_id == user_id)).mappings()
    return tuple(_password(row) for row in rows)


def summaries_of(conn: Connection, user_id: int) -> tuple[PasswordSummary, ...]:
    """Return what may be shown of all that a person ever had, newest first; nothing is opened."""
    found = select(network_passwords).where(network_passwords.c.user_id == user_id)
    rows = conn.execute(found.order_by(network_passwords.c.id.desc())).mappings()
    return tuple(_summary(row) for row in rows)


def held_in(conn: Connection, organization_id: int) -> list[Held]:
    """Return those of a company that are not revoked, by person."""
    found = (
        select(network_passwords, users.c.name)
        .join_from(network_passwords, users, users.c.id == network_passwords.c.user_id)
        .where(
            network_passwords.c.organization_id == organization_id, network_passwords.c.revoked_at.is_(None)
        )
        .order_by(users.c.name, network_passwords.c.id)
    )
    return [Held(row["name"], _summary(row)) for row in conn.execute(found).mappings()]


def add(
    conn: Connection, keyring: Keyring, random: Random, new: PasswordSummary, owner: tuple[int, int]
) -> str:
    """Make a network password of owner (user, organization) and return it; new.id is not looked at."""
    password = network_password.generate(random)
    binding = str(UUID(bytes=random(16), version=4))
    row = {
        "user_id": owner[0],
        "organization_id": owner[1],
        "binding": binding,
        "nickname": new.nickname,
        "secret": network_password.seal(password, (binding, *owner), keyring, random),
        "endpoint": new.endpoint,
        "created_at": new.created_at,
        "valid_until": new.valid_until,
    }
    conn.execute(insert(network_passwords).values(row))
    _announce(conn, [owner], new.created_at)
    return password


def revoke(conn: Connection, user_id: int, password_id: int | None, at: float) -> int:
    """Revoke one network password of a person, with None all; return how many stood."""
    statement = (
        update(network_passwords)
        .where(network_passwords.c.user_id == user_id, network_passwords.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(network_passwords.c.user_id, network_passwords.c.organization_id)
    )
    if password_id is not None:
        statement = statement.where(network_passwords.c.id == password_id)
    revoked = [(row.user_id, row.organization_id) for row in conn.execute(statement)]
    _announce(conn, revoked, at)
    return len(revoked)


def _standing() -> Select[tuple[object, ...]]:
    return (
        select(network_passwords)
        .where(network_passwords.c.revoked_at.is_(None))
        .order_by(network_passwords.c.user_id, network_passwords.c.id)
    )


def _announce(conn: Connection, owners: Iterable[tuple[int, int]], at: float) -> None:
    for user_id, organization_id in sorted(set(owners)):
        feed.append(conn, feed.Topic.NETWORK_PASSWORD, str(user_id), organization_id, at)


def _password(row: RowMapping) -> NetworkPassword:
    return NetworkPassword(
        id=row["id"],
        user_id=row["user_id"],
        organization_id=row["organization_id"],
        binding=row["binding"],
        sealed=row["secret"],
        endpoint=row["endpoint"],
        valid_until=row["valid_until"],
    )


def _summary(row: RowMapping) -> PasswordSummary:
    return PasswordSummary(
        id=row["id"],
        nickname=row["nickname"],
        created_at=row["created_at"],
        endpoint=row["endpoint"],
        valid_until=row["valid_until"],
        used_at=row["used_at"],
        used_place=row["used_place"],
        revoked_at=row["revoked_at"],
    )
