"""One key for each person: what is written about them is sealed under it, and dies with it. ◆"""

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select, text, update

from access.sealing import Keyring
from access.store.tables import person_keys

KEY_OCTETS = 32
_OF_PERSON = select(person_keys.c.sealed_key).where(person_keys.c.user_id == bindparam("user_id"))
_ADD = text(
    "INSERT INTO person_keys (user_id, sealed_key) VALUES (:user_id, :sealed_key)"
    " ON CONFLICT (user_id) DO NOTHING"
)


def key_to_write(
    conn: Connection, user_id: int, keyring: Keyring, random: Callable[[int], bytes]
) -> bytes | None:
    """The person's key, made now if there was none; None if it was destroyed."""
    person = {"user_id": user_id}
    row = conn.execute(_OF_PERSON, person).first()
    if row is None:
        fresh = keyring.seal(random(KEY_OCTETS), place(user_id), random)
        conn.execute(_ADD, {"user_id": user_id, "sealed_key": fresh})
        row = conn.execute(_OF_PERSON, person).one()
    return keyring.open_sealed(row.sealed_key, place(user_id)) if row.sealed_key else None


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


def place(user_id: int) -> bytes:
    """Return what a sealed key is bound to."""
    return b"person:%d" % user_id
