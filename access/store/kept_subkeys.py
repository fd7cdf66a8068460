"""Subkeys of keys that are gone, with which codes and heads are still checked, sealed under later keys. ◆"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select, text

from access.keys.sealing import Keyring
from access.store.tables import kept_subkeys

# INSERT ... ON CONFLICT is in both databases, and in SQLAlchemy's core for neither of them.
_KEEP = text(
    "INSERT INTO kept_subkeys (purpose, key_id, sealed) VALUES (:purpose, :key_id, :sealed)"
    " ON CONFLICT (purpose, key_id) DO NOTHING"
)


def kept(conn: Connection, keyring: Keyring) -> Mapping[tuple[str, str], bytes]:
    """Return all that are kept, by purpose and key id; none before the table is there. Raises SealBroken."""
    if not inspect(conn).has_table(kept_subkeys.name):
        return {}
    rows = conn.execute(select(kept_subkeys)).all()
    return {
        (row.purpose, row.key_id): keyring.open_sealed(row.sealed, place(row.purpose, row.key_id))
        for row in rows
    }


def keep(
    conn: Connection, keyring: Keyring, purposes: tuple[str, ...], random: Callable[[int], bytes]
) -> None:
    """Keep those of every key but the current one, so that the key itself may go."""
    for key_id in keyring.keys.keys() - {keyring.current}:
        for purpose in purposes:
            subkey = keyring.subkey(purpose, key_id)
            sealed = keyring.seal(subkey, place(purpose, key_id), random)
            conn.execute(_KEEP, {"purpose": purpose, "key_id": key_id, "sealed": sealed})


def place(purpose: str, key_id: str) -> bytes:
    """Return what a kept subkey is bound to."""
    return f"subkey:{purpose}:{key_id}".encode()
