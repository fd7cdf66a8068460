"""Recovery and registration codes: fingerprints only, and one conditional statement decides the single use. ◆

Guesses are counted in `attempts`, one row for each user and purpose, whose version goes up with every guess and
every new set of codes: who judged a code against an older version has to read again.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from access.factors import Purpose, StoredInvitation, StoredRecovery
from access.store import feed
from access.store.tables import attempts, one_time_codes, users
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.throttle import Throttle
from otp.written_code import SALT_OCTETS


class _Valid(NamedTuple):
    """From when until when a code is good; None: until it is used or replaced."""

    since: float
    until: float | None = None


def recovery_of(conn: Connection, user_id: int) -> StoredRecovery | None:
    """Return the user's recovery codes, spent ones included; None if there never were any."""
    rows = _codes_of(conn, user_id, Purpose.RECOVERY)
    count = _attempts_of(conn, user_id, Purpose.RECOVERY)
    if not rows or count is None:
        return None
    codes = RecoveryCodes(
        fingerprints=tuple(row.salt + row.fingerprint for row in rows),
        spent=frozenset(position for position, row in enumerate(rows) if row.used_at is not None),
        throttle=Throttle(count.failures, count.throttled_until),
    )
    return StoredRecovery(user_id, count.version, tuple(row.id for row in rows), codes)


def settle_recovery(conn: Connection, read: StoredRecovery, judged: RecoveryCodes, at: float) -> bool:
    """Write what became of one try if nothing changed since read; return whether it did.

    False leaves the transaction to be rolled back: half of it may have been written.
    """
    throttle = judged.throttle
    if not _count(conn, read.user_id, Purpose.RECOVERY, read.version, throttle):
        return False
    spent = [read.ids[position] for position in judged.spent - read.codes.spent]
    _announce(conn, read.user_id, at)
    return all(_use(conn, row_id, at) for row_id in spent)


def invitation_of(conn: Connection, user_id: int) -> StoredInvitation | None:
    """Return the user's registration code; None if nobody invited them."""
    rows = _codes_of(conn, user_id, Purpose.REGISTRATION)
    count = _attempts_of(conn, user_id, Purpose.REGISTRATION)
    if not rows or count is None:
        return None
    row = rows[-1]
    invitation = Invitation(
        row.salt + row.fingerprint, row.valid_until, spent=row.used_at is not None, failures=count.failures
    )
    return StoredInvitation(row.id, user_id, count.version, invitation)


def settle_invitation(conn: Connection, read: StoredInvitation, judged: Invitation, at: float) -> bool:
    """Do for a registration code what settle_recovery does for recovery codes."""
    if not _count(conn, read.user_id, Purpose.REGISTRATION, read.version, Throttle(judged.failures)):
        return False
    _announce(conn, read.user_id, at)
    return not judged.spent or read.invitation.spent or _use(conn, read.id, at)


def replace_recovery(conn: Connection, user_id: int, codes: RecoveryCodes, at: float) -> None:
    """Make these the user's recovery codes; older ones are gone, and so are the failures."""
    _replace(conn, user_id, Purpose.RECOVERY, codes.fingerprints, _Valid(at))


def replace_invitation(conn: Connection, user_id: int, invitation: Invitation, at: float) -> None:
    """Make this the user's registration code; an older one is gone, and so are the failures."""
    valid = _Valid(at, invitation.expires_at)
    _replace(conn, user_id, Purpose.REGISTRATION, [invitation.fingerprint], valid)


def forgive(conn: Connection, user_id: int, at: float) -> int:
    """Take the failures with all written codes of the user back; return how many purposes had any."""
    forgiven = conn.execute(
        update(attempts)
        .where(attempts.c.user_id == user_id, attempts.c.failures > 0)
        .values(failures=0, throttled_until=0.0, version=attempts.c.version + 1)
    ).rowcount
    if forgiven:
        _announce(conn, user_id, at)
    return forgiven


def lock_user(conn: Connection, user_id: int) -> int:
    """Make others wait who change the factors of this user, and return the user's organization's id.

    On SQLite every writer has waited already.
    """
    found = select(users.c.organization_id).where(users.c.id == user_id).with_for_update(key_share=True)
    return int(conn.execute(found).scalar_one())


def _codes_of(conn: Connection, user_id: int, purpose: Purpose) -> Sequence[Row[Any]]:
    found = select(one_time_codes).where(
        one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == purpose.value
    )
    return conn.execute(found.order_by(one_time_codes.c.id)).all()


def _attempts_of(conn: Connection, user_id: int, purpose: Purpose) -> Row[Any] | None:
    found = select(attempts).where(attempts.c.user_id == user_id, attempts.c.purpose == purpose.value)
    return conn.execute(found).one_or_none()


def _count(conn: Connection, user_id: int, purpose: Purpose, version: int, throttle: Throttle) -> bool:
    """Write the count of failures if its row still has this version; return whether it did."""
    statement = (
        update(attempts)
        .where(
            attempts.c.user_id == user_id,
            attempts.c.purpose == purpose.value,
            attempts.c.version == version,
        )
        .values(failures=throttle.failures, throttled_until=throttle.not_before, version=version + 1)
    )
    return conn.execute(statement).rowcount == 1


def _use(conn: Connection, row_id: int, at: float) -> bool:
    """Use a code up; return whether this was the one statement that did."""
    statement = (
        update(one_time_codes)
        .where(one_time_codes.c.id == row_id, one_time_codes.c.used_at.is_(None))
        .values(used_at=at)
    )
    return conn.execute(statement).rowcount == 1


def _replace(
    conn: Connection, user_id: int, purpose: Purpose, fingerprints: Sequence[bytes], valid: _Valid
) -> None:
    lock_user(conn, user_id)
    ours = (attempts.c.user_id == user_id, attempts.c.purpose == purpose.value)
    fresh = {"failures": 0, "throttled_until": 0.0}
    if not conn.execute(
        update(attempts).where(*ours).values(version=attempts.c.version + 1, **fresh)
    ).rowcount:
        conn.execute(insert(attempts).values(user_id=user_id, purpose=purpose.value, **fresh))
    conn.execute(
        delete(one_time_codes).where(
            one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == purpose.value
        )
    )
    rows = [_row(user_id, purpose, stored, valid) for stored in fingerprints]
    conn.execute(insert(one_time_codes), rows)
    _announce(conn, user_id, valid.since)


def _row(user_id: int, purpose: Purpose, stored: bytes, valid: _Valid) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "purpose": purpose.value,
        "salt": stored[:SALT_OCTETS],
        "fingerprint": stored[SALT_OCTETS:],
        "created_at": valid.since,
        "valid_until": valid.until,
    }


def _announce(conn: Connection, user_id: int, at: float) -> None:
    organization_id = conn.execute(select(users.c.organization_id).where(users.c.id == user_id)).scalar_one()
    feed.append(conn, feed.Topic.TOKEN, str(user_id), organization_id, at)
