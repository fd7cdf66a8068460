"""Written codes of every purpose: fingerprints only, and one conditional statement decides the single use. ◆

Guesses are counted in `attempts`, one row for each user and purpose, whose version goes up with every guess
and every new set of codes: who judged a code against an older version has to read again.

The column `fingerprint` is the id of the key it was made with, a zero octet and the 32 octets of the hash, so
that codes on paper outlive a change of keys.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from access.proof.factors import Purpose, SettledIssued, StoredInvitation, StoredIssued, StoredRecovery
from access.store import feed
from access.store.tables import attempts, one_time_codes, users
from otp.issued import IssuedCode
from otp.mailed import HOUR_S
from otp.recovery import RecoveryCodes
from otp.registration import Invitation
from otp.throttle import Throttle
from otp.written_code import SALT_OCTETS

_HASH_OCTETS = 32
# Oldest first, so that the newest of each purpose is the last.
_ISSUED = (
    select(one_time_codes, attempts.c.version, attempts.c.failures, attempts.c.throttled_until)
    .join(
        attempts,
        (attempts.c.user_id == one_time_codes.c.user_id) & (attempts.c.purpose == one_time_codes.c.purpose),
    )
    .where(
        one_time_codes.c.user_id == bindparam("user_id"),
        one_time_codes.c.purpose.in_([Purpose.BYPASS.value, Purpose.E_MAIL.value]),
    )
    .order_by(one_time_codes.c.id)
)

_ORGANIZATION_IDS = select(users.c.id, users.c.organization_id).where(
    users.c.id.in_(bindparam("user_ids", expanding=True))
)


def recovery_of(conn: Connection, user_id: int) -> StoredRecovery | None:
    """Return the user's recovery codes, spent ones included; None if there never were any."""
    rows = _codes_of(conn, user_id, Purpose.RECOVERY)
    count = _attempts_of(conn, user_id, Purpose.RECOVERY)
    if not rows or count is None:
        return None
    codes = RecoveryCodes(
        fingerprints=tuple(row.salt + _split(row.fingerprint)[1] for row in rows),
        spent=frozenset(position for position, row in enumerate(rows) if row.used_at is not None),
        throttle=Throttle(count.failures, count.throttled_until),
    )
    key_id, _ = _split(rows[0].fingerprint)
    return StoredRecovery(user_id, count.version, tuple(row.id for row in rows), key_id, codes)


def newest_recovery(conn: Connection, owners: Collection[int]) -> StoredRecovery | None:
    """Return the set of recovery codes of somebody that was made last, whichever membership made it."""
    if len(owners) == 1:
        return recovery_of(conn, *owners)
    made = (
        select(one_time_codes.c.user_id)
        .where(one_time_codes.c.user_id.in_(owners), one_time_codes.c.purpose == Purpose.RECOVERY.value)
        .order_by(one_time_codes.c.created_at.desc(), one_time_codes.c.id.desc())
        .limit(1)
    )
    owner = conn.execute(made).scalar()
    return recovery_of(conn, owner) if owner is not None else None


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
    key_id, hashed = _split(row.fingerprint)
    invitation = Invitation(
        row.salt + hashed, row.valid_until, spent=row.used_at is not None, failures=count.failures
    )
    return StoredInvitation(row.id, user_id, count.version, key_id, invitation, bool(row.issued_by))


def settle_invitation(conn: Connection, read: StoredInvitation, judged: Invitation, at: float) -> bool:
    """Do for a registration code what settle_recovery does for recovery codes."""
    if not _count(conn, read.user_id, Purpose.REGISTRATION, read.version, Throttle(judged.failures)):
        return False
    _announce(conn, read.user_id, at)
    return not judged.spent or read.invitation.spent or _use(conn, read.id, at)


def issued_of(conn: Connection, user_id: int) -> tuple[StoredIssued, ...]:
    """Return the newest bypass code and the newest code by e-mail of a user, good or not."""
    rows = {Purpose(row.purpose): row for row in conn.execute(_ISSUED, {"user_id": user_id})}
    return tuple(_issued(purpose, row) for purpose, row in rows.items())


def settle_issued(conn: Connection, settled: SettledIssued, at: float) -> bool:
    """Do for an issued code what settle_recovery does for recovery codes."""
    read, judged = settled.read, settled.judged
    if not _count(conn, read.user_id, read.purpose, read.version, judged.throttle):
        return False
    _announce(conn, read.user_id, at)
    if judged.uses_left == read.issued.uses_left:
        return True
    statement = (
        update(one_time_codes)
        .where(one_time_codes.c.id == read.id, one_time_codes.c.uses_left == read.issued.uses_left)
        .values(uses_left=judged.uses_left, used_at=at)
    )
    return conn.execute(statement).rowcount == 1


def replace_bypass(
    conn: Connection, user_id: int, new: IssuedCode, maker: tuple[str, str], at: float
) -> None:
    """Make this the user's bypass code; an older one is gone, and so are the failures.

    maker: the id of the key it was fingerprinted with, and who issued it.
    """
    key_id, issued_by = maker
    stored = _issued_row(user_id, Purpose.BYPASS, key_id, new) | {"issued_by": issued_by[:200]}
    _replace(conn, user_id, Purpose.BYPASS, [stored], at)


def add_mailed(conn: Connection, user_id: int, new: IssuedCode, key_id: str, at: float) -> None:
    """Make this the user's code by e-mail. Failures go on counting; those sent within the hour are kept."""
    _begin_to_count(conn, user_id, Purpose.E_MAIL, {})
    older = (one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == Purpose.E_MAIL.value)
    conn.execute(delete(one_time_codes).where(*older, one_time_codes.c.created_at <= at - HOUR_S))
    row = _issued_row(user_id, Purpose.E_MAIL, key_id, new)
    conn.execute(insert(one_time_codes).values(**row, created_at=at))
    _announce(conn, user_id, at)


def mailed_at(conn: Connection, user_id: int) -> tuple[float, ...]:
    """Return when the last codes by e-mail were sent to a user."""
    return tuple(row.created_at for row in _codes_of(conn, user_id, Purpose.E_MAIL))


def issued_by(conn: Connection, code_id: int) -> str:
    """Return who issued a code."""
    found = select(one_time_codes.c.issued_by).where(one_time_codes.c.id == code_id)
    return str(conn.execute(found).scalar() or "")


def replace_recovery(conn: Connection, user_id: int, codes: RecoveryCodes, key_id: str, at: float) -> None:
    """Make these the user's recovery codes; older ones are gone, and so are the failures."""
    stored = [_row(user_id, Purpose.RECOVERY, key_id, printed) for printed in codes.fingerprints]
    _replace(conn, user_id, Purpose.RECOVERY, stored, at)


def remove_recovery(conn: Connection, user_id: int, at: float) -> None:
    """Take the user's recovery codes away: somebody linked to them has made newer ones for both."""
    mine = (attempts.c.user_id == user_id, attempts.c.purpose == Purpose.RECOVERY.value)
    conn.execute(update(attempts).where(*mine).values(version=attempts.c.version + 1))
    older = (one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == Purpose.RECOVERY.value)
    if conn.execute(delete(one_time_codes).where(*older)).rowcount:
        _announce(conn, user_id, at)


def ever_recovery(conn: Connection, user_id: int) -> bool:
    """Return whether a user has, or had, recovery codes: the count of wrong ones outlives them."""
    return _attempts_of(conn, user_id, Purpose.RECOVERY) is not None


def replace_invitation(
    conn: Connection, user_id: int, invitation: Invitation, maker: tuple[str, str], at: float
) -> None:
    """Make this the user's registration code; an older one is gone, and so are the failures.

    maker: the id of the key it was fingerprinted with, and whose pass of the helpdesk it is, "" for none.
    """
    key_id, helpers = maker
    stored = _row(user_id, Purpose.REGISTRATION, key_id, invitation.fingerprint)
    more = {"valid_until": invitation.expires_at, "issued_by": helpers[:200]}
    _replace(conn, user_id, Purpose.REGISTRATION, [stored | more], at)


def remove_invitation(conn: Connection, user_id: int) -> None:
    """Take the user's registration code away."""
    mine = (one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == Purpose.REGISTRATION.value)
    conn.execute(delete(one_time_codes).where(*mine))


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


def remove(conn: Connection, user_id: int, at: float) -> int:
    """Take all written codes of the user away; return how many there were, spent ones included."""
    counted = update(attempts).where(attempts.c.user_id == user_id)
    conn.execute(counted.values(version=attempts.c.version + 1))
    removed = conn.execute(delete(one_time_codes).where(one_time_codes.c.user_id == user_id)).rowcount
    if removed:
        _announce(conn, user_id, at)
    return removed


def organization_id_of(conn: Connection, user_id: int) -> int:
    """Return the id of the user's organization."""
    return int(conn.execute(select(users.c.organization_id).where(users.c.id == user_id)).scalar_one())


def organization_ids_of(conn: Connection, user_ids: Collection[int]) -> dict[int, int]:
    """Return the ids of these users' organizations, by the users'."""
    if not user_ids:
        return {}
    found = conn.execute(_ORGANIZATION_IDS, {"user_ids": sorted(user_ids)})
    return {row.id: row.organization_id for row in found}


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
    conn: Connection, user_id: int, purpose: Purpose, rows: Sequence[Mapping[str, Any]], at: float
) -> None:
    _begin_to_count(conn, user_id, purpose, {"failures": 0, "throttled_until": 0.0})
    older = (one_time_codes.c.user_id == user_id, one_time_codes.c.purpose == purpose.value)
    conn.execute(delete(one_time_codes).where(*older))
    conn.execute(insert(one_time_codes), [{**row, "created_at": at} for row in rows])
    _announce(conn, user_id, at)


def _begin_to_count(conn: Connection, user_id: int, purpose: Purpose, fresh: Mapping[str, float]) -> None:
    """See that guesses at a new code are counted; whoever judged one against an older code reads again."""
    lock_user(conn, user_id)
    counted = (attempts.c.user_id == user_id, attempts.c.purpose == purpose.value)
    statement = update(attempts).where(*counted).values(version=attempts.c.version + 1, **fresh)
    if not conn.execute(statement).rowcount:
        conn.execute(insert(attempts).values(user_id=user_id, purpose=purpose.value))


def _issued(purpose: Purpose, row: Row[Any]) -> StoredIssued:
    key_id, hashed = _split(row.fingerprint)
    issued = IssuedCode(
        fingerprint=row.salt + hashed,
        expires_at=row.valid_until,
        uses_left=row.uses_left,
        doors=frozenset(row.via.split()),
        throttle=Throttle(row.failures, row.throttled_until),
    )
    return StoredIssued(row.id, row.user_id, row.version, purpose, key_id, issued)


def _issued_row(user_id: int, purpose: Purpose, key_id: str, new: IssuedCode) -> dict[str, Any]:
    limits = {"valid_until": new.expires_at, "uses_left": new.uses_left, "via": " ".join(sorted(new.doors))}
    return _row(user_id, purpose, key_id, new.fingerprint) | limits


def _row(user_id: int, purpose: Purpose, key_id: str, printed: bytes) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "purpose": purpose.value,
        "salt": printed[:SALT_OCTETS],
        "fingerprint": key_id.encode() + b"\0" + printed[SALT_OCTETS:],
    }


def _split(fingerprint: bytes) -> tuple[str, bytes]:
    """Return the id of the key and the hash."""
    return fingerprint[: -_HASH_OCTETS - 1].decode(), fingerprint[-_HASH_OCTETS:]


def _announce(conn: Connection, user_id: int, at: float) -> None:
    feed.append(conn, feed.Topic.TOKEN, str(user_id), organization_id_of(conn, user_id), at)
