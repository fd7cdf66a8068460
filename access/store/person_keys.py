"""One key for each person: what is written about them is sealed under it, and dies with it. ◆"""

from collections.abc import Callable, Collection

from sqlalchemy import Connection, bindparam, select, text, update

from access.keys.sealing import Keyring
from access.store.tables import person_keys

KEY_OCTETS = 32
_OF_PERSON = select(person_keys.c.sealed_key).where(person_keys.c.user_id == bindparam("user_id"))
_OF_PEOPLE = select(person_keys.c.user_id, person_keys.c.sealed_key).where(
    person_keys.c.user_id.in_(bindparam("user_ids", expanding=True))
)
_ADD = text(
    "INSERT INTO person_keys (user_id, sealed_key) VALUES (:user_id, :sealed_key)"
    " ON CONFLICT (user_id) DO NOTHING"
)


def keys_to_write(
    conn: Connection, user_ids: Collection[int], keyring: Keyring, random: Callable[[int], bytes]
) -> dict[int, bytes | None]:
    """Each person's key, made now where there was none; None where it was destroyed."""
    sealed = _sealed(conn, user_ids)
    if new := sorted(set(user_ids) - sealed.keys()):
        fresh = [(each, keyring.seal(random(KEY_OCTETS), place(each), random)) for each in new]
        conn.execute(_ADD, [{"user_id": each, "sealed_key": key} for each, key in fresh])
        sealed |= _sealed(conn, new)
    return {each: keyring.open_sealed(key, place(each)) if key else None for each, key in sealed.items()}


def key_to_read(conn: Connection, user_id: int, keyring: Keyring) -> bytes | None:
    """The person's key; None if it was destroyed or never made. Raises SealBroken."""
    sealed = conn.execute(_OF_PERSON, {"user_id": user_id}).scalar()
    return keyring.open_sealed(sealed, place(user_id)) if sealed else None


def destroy(conn: Connection, user_id: int, at: float) -> bool:
    """Destroy the key, and with it all that is sealed under it; whether there was one."""
    done = conn.execute(
        update(person_keys)
        .where(person_keys.c.user_id == user_id, person_keys.c.sealed_key.is_not(None))
        .values(sealed_key=None, destroyed_at=at)
    )
    return done.rowcount == 1


def _sealed(conn: Connection, user_ids: Collection[int]) -> dict[int, bytes | None]:
    if not user_ids:
        return {}
    return {row.user_id: row.sealed_key for row in conn.execute(_OF_PEOPLE, {"user_ids": sorted(user_ids)})}


def place(user_id: int) -> bytes:
    """Return what a sealed key is bound to."""
    return b"person:%d" % user_id
