"""Network passwords, every change in the feed under the person they are of. ◆"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, bindparam, insert, select, update

from access import network_password
from access.network_password import NetworkPassword, PasswordSummary, bindable
from access.sealing import Keyring
from access.store import feed
from access.store.tables import network_passwords, users

LONGEST_PLACE = 400
BATCH_ROWS = 2000

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Held:
    """A network password and whose it is, for operators."""

    user_name: str
    summary: PasswordSummary


# Of every login with one: built once.
_BY_ID = select(network_passwords).where(network_passwords.c.id == bindparam("password_id"))
_USED = (
    update(network_passwords)
    .where(network_passwords.c.id == bindparam("password_id"))
    .values(endpoint=bindparam("station"), used_at=bindparam("at"), used_place=bindparam("place"))
)


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


def used(conn: Connection, password_id: int, station: str, place: str, at: float) -> None:
    """Keep when and where a network password was last used; its first endpoint becomes its only one."""
    known = conn.execute(_BY_ID, {"password_id": password_id}).mappings().first()
    if known is None:
        return
    endpoint, used_at = known["endpoint"] or bindable(station), known["used_at"] or 0.0
    told = {"at": at, "place": place[:LONGEST_PLACE]}
    if used_at > at:
        told = {"at": used_at, "place": known["used_place"]}
    conn.execute(_USED, told | {"password_id": password_id, "station": endpoint})
    if endpoint != known["endpoint"]:
        _announce(conn, [(known["user_id"], known["organization_id"])], at)


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
