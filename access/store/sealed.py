"""Everything that is sealed in the database: where it stands, what it is bound to, under which key it is. ◆

SEALED is the table of the columns. Whoever adds a column of sealed secrets adds its line here, or a change of
keys would leave it behind; tests/access/store/test_rekeying.py finds what is missing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    RowMapping,
    Update,
    and_,
    bindparam,
    func,
    inspect,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)

from access.keys import sealing
from access.keys.sealing import Keyring, SealBroken, header_of
from access.proof import network_password, passkey
from access.proof.rekeying import Step
from access.store import certificates, kept_subkeys, nas, person_keys, pickups, tokens
from access.store.tables import authorities as authorities_table
from access.store.tables import kept_subkeys as kept_table
from access.store.tables import nas as nas_table
from access.store.tables import network_passwords as passwords_table
from access.store.tables import passkeys as passkeys_table
from access.store.tables import person_keys as person_keys_table
from access.store.tables import pickups as pickups_table
from access.store.tables import tokens as tokens_table

Random = Callable[[int], bytes]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class SealedColumn:
    """A column of secrets. what: how operators call them; key: the columns that name a row, in its order.

    opened(row, keyring) is the secret in the clear, place(row) what it is bound to. A row has the key, the
    column under the name sealed, and the columns that place needs.
    """

    what: str
    column: Column[Any]
    key: tuple[Column[Any], ...]
    needs: tuple[Column[Any], ...]
    place: Callable[[RowMapping], bytes]
    opened: Callable[[RowMapping, Keyring], bytes] | None = None

    def open(self, row: RowMapping, keyring: Keyring) -> bytes:
        """Return the secret of a row. Raises SealBroken."""
        if self.opened is not None:
            return self.opened(row, keyring)
        return keyring.open_sealed(row["sealed"], self.place(row))


def _nas(what: str, column: Column[Any]) -> SealedColumn:
    table = nas_table.c
    return SealedColumn(what, column, (table.id,), (table.binding,), lambda row: nas.bound_to(row["binding"]))


def _token_place(row: RowMapping) -> bytes:
    return tokens.bound_to(row["binding"], row["organization_id"], row["user_id"])


def _password_place(row: RowMapping) -> bytes:
    return network_password.bound_to(row["binding"], row["user_id"], row["organization_id"])


def _passkey_place(row: RowMapping) -> bytes:
    return passkey.bound_to(row["credential_id"], row["organization_id"], row["user_id"])


SEALED = (
    _nas("NAS secrets", nas_table.c.secret),
    _nas("second NAS secrets", nas_table.c.second_secret),
    SealedColumn(
        "seeds of phones and tokens",
        tokens_table.c.secret,
        (tokens_table.c.id,),
        (
            tokens_table.c.binding,
            tokens_table.c.organization_id,
            tokens_table.c.user_id,
            tokens_table.c.secret,
        ),
        _token_place,
        tokens.open_seed,
    ),
    SealedColumn(
        "keys of authorities",
        authorities_table.c.sealed_key,
        (authorities_table.c.id,),
        (authorities_table.c.binding,),
        lambda row: certificates.bound_to(row["binding"]),
    ),
    SealedColumn(
        "network passwords",
        passwords_table.c.secret,
        (passwords_table.c.id,),
        (passwords_table.c.binding, passwords_table.c.user_id, passwords_table.c.organization_id),
        _password_place,
    ),
    SealedColumn(
        "public keys of passkeys",
        passkeys_table.c.public_key,
        (passkeys_table.c.id,),
        (passkeys_table.c.credential_id, passkeys_table.c.organization_id, passkeys_table.c.user_id),
        _passkey_place,
    ),
    SealedColumn(
        "keys of persons in the audit",
        person_keys_table.c.sealed_key,
        (person_keys_table.c.user_id,),
        (),
        lambda row: person_keys.place(row["user_id"]),
    ),
    SealedColumn(
        "certificate files waiting to be fetched",
        pickups_table.c.file,
        (pickups_table.c.certificate_id,),
        (),
        lambda row: pickups.bound_to(row["certificate_id"]),
    ),
    SealedColumn(
        "subkeys of keys that are gone",
        kept_table.c.sealed,
        (kept_table.c.purpose, kept_table.c.key_id),
        (),
        lambda row: kept_subkeys.place(row["purpose"], row["key_id"]),
    ),
)


def newest_key_ids(conn: Connection) -> frozenset[str]:
    """Return the ids of the keys that the newest secret of each kind is sealed under.

    Empty where nothing is sealed, or the database was never migrated. Raises SealBroken.
    """
    found = (
        conn.execute(
            select(each.column).where(each.column.is_not(None)).order_by(each.key[0].desc()).limit(1)
        ).scalar()
        for each in present(conn)
    )
    return frozenset(sealing.key_id_of(blob) for blob in found if blob is not None)


def present(conn: Connection) -> list[SealedColumn]:
    """Return the columns whose tables are there: not all are before the database is migrated."""
    there = set(inspect(conn).get_table_names())
    return [each for each in SEALED if each.column.table.name in there]


def unopenable(conn: Connection, each: SealedColumn, key_ids: Iterable[str]) -> int:
    """Return how many secrets of a column are sealed under none of these keys."""
    known = or_(*(_is_under(each.column, key_id) for key_id in key_ids))
    found = select(func.count()).select_from(each.column.table).where(each.column.is_not(None), ~known)
    return int(conn.execute(found).scalar_one())


def under(conn: Connection, each: SealedColumn, key_id: str) -> int:
    """Return how many secrets of a column are sealed under a key."""
    found = select(func.count()).select_from(each.column.table).where(_is_under(each.column, key_id))
    return int(conn.execute(found).scalar_one())


def remaining(conn: Connection, each: SealedColumn, key_id: str) -> int:
    """Return how many secrets of a column are sealed under any key but this."""
    found = select(func.count()).select_from(each.column.table).where(_is_other(each.column, key_id))
    return int(conn.execute(found).scalar_one())


def hold_still(conn: Connection) -> None:
    """Let nothing be written to what is sealed until the end of the transaction, once all writers are done.

    On SQLite a transaction that writes is the only one.
    """
    if conn.dialect.name == "postgresql":
        names = ", ".join(sorted({each.column.table.name for each in SEALED}))
        conn.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


@dataclass(frozen=True)
class Resealer:
    """Seals rows of a column anew under the newest key, at most so many at a time."""

    keyring: Keyring
    random: Random
    most: int = 500

    def some(self, conn: Connection, each: SealedColumn, after: Row | None) -> Step:
        """Seal some secrets of a column anew. after: the row before the first, None to begin.

        A row that changes meanwhile keeps its change: it is compared with what was read.
        """
        found = (
            select(*each.key, *each.needs, each.column.label("sealed"))
            .where(_is_other(each.column, self.keyring.current))
            .order_by(*each.key)
            .limit(self.most)
        )
        if after is not None:
            found = found.where(tuple_(*each.key) > tuple_(*(literal(part) for part in after)))
        rows = conn.execute(found).mappings().all()
        values, broken = [], []
        for row in rows:
            try:
                values.append(self._values(each, row))
            except SealBroken as error:
                broken.append(str(error))
        changed = conn.execute(_reseal(each), values).rowcount if values else 0
        last = tuple(rows[-1][column.name] for column in each.key) if rows else None
        return Step(last, changed, tuple(broken))

    def _values(self, each: SealedColumn, row: RowMapping) -> dict[str, Any]:
        sealed = self.keyring.seal(each.open(row, self.keyring), each.place(row), self.random)
        key = {f"key_{column.name}": row[column.name] for column in each.key}
        return {"was": row["sealed"], "becomes": sealed, **key}


def _reseal(each: SealedColumn) -> Update:
    """Return the statement that changes a row only if it is as it was read."""
    same_row = (column == bindparam(f"key_{column.name}") for column in each.key)
    statement = update(each.column.table).where(*same_row, each.column == bindparam("was"))
    return statement.values({each.column: bindparam("becomes")})


def _is_under(column: Column[Any], key_id: str) -> ColumnElement[bool]:
    header = header_of(key_id)
    return func.substr(column, 1, len(header)) == literal(header, LargeBinary)


def _is_other(column: Column[Any], key_id: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), ~_is_under(column, key_id))
