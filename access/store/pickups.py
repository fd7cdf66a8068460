"""Files with a certificate and its key, sealed, waiting some minutes for their owner to fetch them. ◆"""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from access.keys.sealing import Keyring
from access.store.tables import certificates, pickups

Random = Callable[[int], bytes]


class Waiting(NamedTuple):
    """The file of a certificate, and until when it waits."""

    certificate_id: int
    file: bytes
    until: float


def put(conn: Connection, keyring: Keyring, waiting: Waiting, random: Random) -> None:
    """Keep a file until a moment."""
    sealed = keyring.seal(waiting.file, bound_to(waiting.certificate_id), random)
    row = {"certificate_id": waiting.certificate_id, "file": sealed, "valid_until": waiting.until}
    conn.execute(insert(pickups).values(row))


def get(conn: Connection, keyring: Keyring, certificate_id: int, user_id: int, now: float) -> bytes | None:
    """Return the file of a certificate of a person; None where it is over or another's. Raises SealBroken."""
    found = conn.execute(
        select(pickups.c.file)
        .join(certificates, certificates.c.id == pickups.c.certificate_id)
        .where(
            pickups.c.certificate_id == certificate_id,
            pickups.c.valid_until > now,
            certificates.c.user_id == user_id,
        )
    ).scalar()
    return None if found is None else keyring.open_sealed(found, bound_to(certificate_id))


def drop(conn: Connection, now: float) -> int:
    """Forget the files whose time is over, and return how many."""
    return conn.execute(delete(pickups).where(pickups.c.valid_until <= now)).rowcount


def bound_to(certificate_id: int) -> bytes:
    """Return what a sealed file is bound to."""
    return f"pickup:{certificate_id}".encode()
