"""Passkeys and the challenges they answer; public keys are sealed for the person they are of. ◆

A challenge is taken away by the one statement that finds it: of any number of processes that were sent the
same answer, one gets to look at it. A count of signatures is compared and set in one statement as well.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, text, update

from access.keys.sealing import Keyring
from access.proof.factors import Origin, PasskeySummary
from access.proof.passkey import (
    Ceremony,
    Challenge,
    NewPasskey,
    SettledPasskey,
    StoredPasskey,
    bound_to,
    known_transports,
)
from access.store import feed
from access.store.tables import passkey_challenges, passkeys

LONGEST_PLACE = 400

Random = Callable[[int], bytes]

_COLUMNS = (
    "user_id",
    "organization_id",
    "credential_id",
    "public_key",
    "sign_count",
    "aaguid",
    "transports",
    "nickname",
    "origin",
    "created_at",
)
# Two registrations of one credential at once: the index decides.
_ADD = text(
    f"INSERT INTO passkeys ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{each}' for each in _COLUMNS)}) "  # noqa: S608 - our own names
    "ON CONFLICT (credential_id) DO NOTHING RETURNING id"
)


def put_challenge(conn: Connection, challenge: Challenge) -> None:
    """Keep a challenge; the ones before it for the same session and ceremony are worth nothing now."""
    conn.execute(
        delete(passkey_challenges).where(
            passkey_challenges.c.session_id == challenge.session_id,
            passkey_challenges.c.ceremony == challenge.ceremony.value,
        )
    )
    conn.execute(
        insert(passkey_challenges).values(
            challenge=challenge.octets,
            session_id=challenge.session_id,
            ceremony=challenge.ceremony.value,
            valid_until=challenge.valid_until,
        )
    )


def take_challenge(conn: Connection, session_id: str, ceremony: Ceremony, now: float) -> bytes | None:
    """Return the challenge of a session and take it away; None where none counts (any more)."""
    taken = conn.execute(
        delete(passkey_challenges)
        .where(
            passkey_challenges.c.session_id == session_id,
            passkey_challenges.c.ceremony == ceremony.value,
        )
        .returning(passkey_challenges.c.challenge, passkey_challenges.c.valid_until)
    ).all()
    good = [bytes(row.challenge) for row in taken if now < row.valid_until]
    return good[0] if len(good) == 1 else None


def drop_challenges(conn: Connection, now: float) -> int:
    """Forget challenges that nobody answered in time; return how many."""
    statement = delete(passkey_challenges).where(passkey_challenges.c.valid_until <= now)
    return conn.execute(statement).rowcount


def add(
    conn: Connection, keyring: Keyring, new: NewPasskey, organization_id: int, random: Random
) -> int | None:
    """Insert a passkey and return its id; None where somebody has this very credential, or ever had."""
    made = new.registered
    place = bound_to(made.credential_id, organization_id, new.user_id)
    row = {
        "user_id": new.user_id,
        "organization_id": organization_id,
        "credential_id": made.credential_id,
        "public_key": keyring.seal(made.public_key, place, random),
        "sign_count": made.sign_count,
        "aaguid": made.aaguid,
        "transports": " ".join(made.transports),
        "nickname": new.nickname,
        "origin": new.origin.value,
        "created_at": new.created_at,
    }
    added: int | None = conn.execute(_ADD, row).scalar()
    if added is not None:
        feed.append(conn, feed.Topic.TOKEN, str(new.user_id), organization_id, new.created_at)
    return added


def standing_of(conn: Connection, keyring: Keyring, user_id: int) -> tuple[StoredPasskey, ...]:
    """Return the passkeys of a user that stand, oldest first. Raises SealBroken."""
    rows = conn.execute(_standing(user_id)).mappings()
    return tuple(_stored(row, keyring) for row in rows)


def summaries_of(conn: Connection, user_id: int) -> tuple[PasskeySummary, ...]:
    """Return what may be shown of the passkeys of a user that stand, oldest first."""
    return tuple(
        PasskeySummary(
            row["id"],
            row["nickname"],
            row["created_at"],
            row["used_at"],
            row["used_place"],
            row["aaguid"],
            Origin(row["origin"]),
        )
        for row in conn.execute(_standing(user_id)).mappings()
    )


def ever(conn: Connection, user_id: int) -> bool:
    """Return whether a user has, or had, a passkey."""
    return (
        conn.execute(select(passkeys.c.id).where(passkeys.c.user_id == user_id).limit(1)).first() is not None
    )


def compare_and_set(conn: Connection, settled: SettledPasskey, at: float) -> bool:
    """Write that a passkey was used, if it stands and its count is as it was read; return whether it did."""
    read = settled.read
    statement = (
        update(passkeys)
        .where(
            passkeys.c.id == read.id,
            passkeys.c.user_id == read.user_id,
            passkeys.c.sign_count == read.sign_count,
            passkeys.c.revoked_at.is_(None),
        )
        .values(sign_count=settled.sign_count, used_at=at, used_place=settled.place[:LONGEST_PLACE])
    )
    return _announced(conn, statement, at) == 1


def rename(conn: Connection, user_id: int, passkey_id: int, nickname: str) -> bool:
    """Call a passkey of a user by another name; return whether there was one."""
    statement = (
        update(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id, passkeys.c.revoked_at.is_(None))
        .values(nickname=nickname)
    )
    return conn.execute(statement).rowcount == 1


def revoke(conn: Connection, user_id: int, passkey_id: int | None, at: float) -> int:
    """Revoke one passkey of a user, with None all; return how many stood."""
    statement = (
        update(passkeys)
        .where(passkeys.c.user_id == user_id, passkeys.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    if passkey_id is not None:
        statement = statement.where(passkeys.c.id == passkey_id)
    return _announced(conn, statement, at)


def _standing(user_id: int) -> Any:
    found = select(passkeys).where(passkeys.c.user_id == user_id, passkeys.c.revoked_at.is_(None))
    return found.order_by(passkeys.c.id)


def _announced(conn: Connection, statement: Any, at: float) -> int:
    """Execute an UPDATE and tell the feed; return how many rows it hit."""
    rows = conn.execute(statement.returning(passkeys.c.user_id, passkeys.c.organization_id)).all()
    for user_id, organization_id in set(rows):
        feed.append(conn, feed.Topic.TOKEN, str(user_id), organization_id, at)
    return len(rows)


def _stored(row: RowMapping, keyring: Keyring) -> StoredPasskey:
    place = bound_to(row["credential_id"], row["organization_id"], row["user_id"])
    return StoredPasskey(
        row["id"],
        row["user_id"],
        bytes(row["credential_id"]),
        keyring.open_sealed(row["public_key"], place),
        row["sign_count"],
        known_transports(row["transports"].split()),
        row["nickname"],
        Origin(row["origin"]),
    )
