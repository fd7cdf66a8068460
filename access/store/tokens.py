"""Tokens: the whole mutable part is compared and set in one statement, seeds are sealed. ◆"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ClauseElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    bindparam,
    case,
    column,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from access.keys.sealing import Keyring, SealBroken
from access.proof.factors import NewToken, Origin, SettledToken, StoredToken, TokenSummary
from access.store import feed, person_links
from access.store.database import DriverStatement
from access.store.tables import tokens
from otp.kinds import Algorithm, Kind
from otp.token import NEVER, State, Token

Random = Callable[[int], bytes]
LONGEST_PLACE = 400

_MUTABLE = (
    "state",
    "last_step",
    "failures",
    "throttled_until",
    "drift_steps",
    "missed_step",
    "missed_at",
)
# A code is spent with these, hundreds a second: they are built once.
_IN_STATE = (
    select(tokens)
    .where(tokens.c.user_id == bindparam("user_id"), tokens.c.state == bindparam("state"))
    .order_by(tokens.c.id)
)
_OF_PERSON = (
    select(tokens)
    .where(
        tokens.c.user_id.in_(union_all(select(bindparam("user_id", type_=Integer)), person_links.LINKED_TO)),
        tokens.c.state == bindparam("state"),
    )
    .order_by(tokens.c.user_id != bindparam("user_id"), tokens.c.user_id, tokens.c.id)
)
_OF_MANY = select(tokens).where(tokens.c.state == bindparam("state")).order_by(tokens.c.id)
_IDS = func.json_each(bindparam("user_ids"))
_OF_MANY_ON_SQLITE = _OF_MANY.where(tokens.c.user_id.in_(select(column("value")).select_from(_IDS)))
_OF_MANY_ON_POSTGRESQL = _OF_MANY.where(
    tokens.c.user_id == func.any(bindparam("user_ids", type_=ARRAY(Integer)))
)
_SETTLE = (
    update(tokens)
    .where(tokens.c.id == bindparam("row_id"), tokens.c.version == bindparam("read"))
    .values(
        version=tokens.c.version + 1,
        used_at=case((tokens.c.last_step < bindparam("step"), bindparam("now")), else_=tokens.c.used_at),
        used_place=case(
            (tokens.c.last_step < bindparam("step"), bindparam("place")), else_=tokens.c.used_place
        ),
        **{name: bindparam(name) for name in _MUTABLE},
    )
    .returning(tokens.c.user_id, tokens.c.organization_id)
)
_SETTLE_ACTIVE = _SETTLE.values(proven_at=func.coalesce(tokens.c.proven_at, bindparam("now")))


def _told(settle: ReturningUpdate[Any]) -> ClauseElement:
    """Return the statement that settles and tells the feed."""
    settled = settle.cte("settled")
    change = feed.change_of(feed.Topic.TOKEN, settled.c.user_id, settled.c.organization_id, bindparam("now"))
    told = change.cte("told")
    return select(settled.c.user_id, settled.c.organization_id).add_cte(told)


# By whether the token counts, and whether it is on SQLite.
_SETTLING: Mapping[tuple[bool, bool], ClauseElement] = {
    (True, True): _SETTLE_ACTIVE,
    (False, True): _SETTLE,
    (True, False): _told(_SETTLE_ACTIVE),
    (False, False): _told(_SETTLE),
}
_WRITTEN: dict[ClauseElement, DriverStatement] = {}


def tokens_of(conn: Connection, keyring: Keyring, user_id: int, state: State) -> tuple[StoredToken, ...]:
    """Return the user's tokens in one state, oldest first. Raises SealBroken if a seed is not this row's."""
    rows = conn.execute(_IN_STATE, {"user_id": user_id, "state": state.value}).mappings()
    return tuple(_stored(row, keyring) for row in rows)


def of_person() -> Select[Any]:
    """Return the question for the tokens in one state that count for a user_id: theirs, then linked ones."""
    return _OF_PERSON


def of_many(on_sqlite: bool) -> Select[Any]:
    """Return the question for the tokens in one state of many users, to be read with by_user.

    user_ids is a list; on SQLite, which has no such values, the text of one in JSON.
    """
    return _OF_MANY_ON_SQLITE if on_sqlite else _OF_MANY_ON_POSTGRESQL


def stored(rows: Iterable[Mapping[str, Any]], keyring: Keyring) -> tuple[StoredToken, ...]:
    """Return the tokens of rows. Raises SealBroken if a seed is not its row's."""
    return tuple(_stored(row, keyring) for row in rows)


def by_user(rows: Iterable[Mapping[str, Any]], keyring: Keyring) -> dict[int, tuple[StoredToken, ...]]:
    """Return tokens by their user. Raises SealBroken if a seed is not its row's."""
    found: dict[int, tuple[StoredToken, ...]] = {}
    for row in rows:
        found[row["user_id"]] = (*found.get(row["user_id"], ()), _stored(row, keyring))
    return found


def summaries_of(conn: Connection, user_id: int) -> tuple[TokenSummary, ...]:
    """Return what may be shown of all the user's tokens, oldest first; no seed is opened."""
    found = select(tokens).where(tokens.c.user_id == user_id).order_by(tokens.c.id)
    return tuple(summary(row) for row in conn.execute(found).mappings())


def compare_and_set(conn: Connection, settled: SettledToken, at: float) -> bool:
    """Write the whole mutable token if its row is still as it was read; return whether it did.

    One statement for success and failure alike: of any number of writers that read the same row exactly one
    is told True. The caller acts on an outcome only then, and only after the commit.
    """
    on_sqlite = conn.dialect.name == "sqlite"
    statement, values = settling(settled, at, on_sqlite)
    if statement not in _WRITTEN:
        _WRITTEN[statement] = DriverStatement(statement, conn.dialect)
    rows = conn.exec_driver_sql(*_WRITTEN[statement].told(values)).all()
    for user_id, organization_id in rows if on_sqlite else ():
        if user_id is not None:
            feed.append(conn, feed.Topic.TOKEN, str(user_id), organization_id, at)
    return len(rows) > 0


def settling(settled: SettledToken, at: float, on_sqlite: bool) -> tuple[ClauseElement, dict[str, Any]]:
    """Return the one statement of compare_and_set, with its values: (user, organization) if it wrote.

    On PostgreSQL it tells the feed as well, and is one turn to the server; on SQLite its caller does.
    """
    token = settled.judged
    values = {
        "row_id": settled.read.id,
        "read": settled.read.version,
        "now": at,
        "step": token.last_step,
        "place": settled.place[:LONGEST_PLACE],
        **_mutable(token),
    }
    return _SETTLING[token.state is State.ACTIVE, on_sqlite], values


def add(conn: Connection, keyring: Keyring, new: NewToken, organization_id: int, random: Random) -> int:
    """Insert a token under a fresh binding and return its id."""
    binding = str(UUID(bytes=random(16), version=4))
    sealed = keyring.seal(new.token.secret, bound_to(binding, organization_id, new.user_id), random)
    row = {
        "user_id": new.user_id,
        "organization_id": organization_id,
        "binding": binding,
        "kind": new.token.kind.value,
        "nickname": new.nickname,
        "secret": sealed,
        "digits": new.token.digits,
        "period_s": new.token.period_s,
        "algorithm": new.token.algorithm.value,
        "created_at": new.created_at,
        "proven_at": new.created_at if new.token.state is State.ACTIVE else None,
        "serial": new.serial,
        "origin": new.origin.value,
    }
    added = conn.execute(insert(tokens).values(**row, **_mutable(new.token)).returning(tokens.c.id))
    if new.user_id is not None:
        feed.append(conn, feed.Topic.TOKEN, str(new.user_id), organization_id, new.created_at)
    return int(added.scalar_one())


def by_serial(conn: Connection, keyring: Keyring, organization_id: int, serial: str) -> StoredToken | None:
    """Return the hardware token with this serial number, whoever has it. Raises SealBroken."""
    found = select(tokens).where(tokens.c.organization_id == organization_id, tokens.c.serial == serial)
    row = conn.execute(found).mappings().one_or_none()
    return _stored(row, keyring) if row else None


def spares(conn: Connection, keyring: Keyring, organization_id: int) -> tuple[StoredToken, ...]:
    """Return the hardware tokens of a company that nobody has, by serial number. Raises SealBroken."""
    found = select(tokens).where(
        tokens.c.organization_id == organization_id, tokens.c.state == State.SPARE.value
    )
    rows = conn.execute(found.order_by(tokens.c.serial)).mappings()
    return tuple(_stored(row, keyring) for row in rows)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A hardware token that nobody has, what it becomes, whose it becomes, and how they come by it."""

    settled: SettledToken
    user_id: int
    organization_id: int
    origin: Origin


def hand_out(conn: Connection, keyring: Keyring, random: Random, handed: HandedOut, at: float) -> bool:
    """Give a hardware token to a user, if it is still as it was read; return whether that was done.

    Its seed is sealed anew, for its owner. One that was given back has no name of its last owner's any more;
    its spent codes stay spent.
    """
    settled, user_id = handed.settled, handed.user_id
    binding = str(UUID(bytes=random(16), version=4))
    place = bound_to(binding, handed.organization_id, user_id)
    statement = (
        update(tokens)
        .where(
            tokens.c.id == settled.read.id,
            tokens.c.organization_id == handed.organization_id,
            tokens.c.version == settled.read.version,
            tokens.c.state.in_([State.SPARE.value, State.REVOKED.value]),
        )
        .values(
            user_id=user_id,
            binding=binding,
            secret=keyring.seal(settled.read.token.secret, place, random),
            origin=handed.origin.value,
            nickname="",
            proven_at=at,
            lost_at=None,
            used_at=None,
            used_place="",
            version=tokens.c.version + 1,
            **_mutable(settled.judged),
        )
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    return _announced(conn, statement, at) == 1


def rename(conn: Connection, user_id: int, token_id: int, nickname: str) -> bool:
    """Call a token of a user by another name; return whether there was one."""
    statement = (
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.user_id == user_id, tokens.c.state == State.ACTIVE.value)
        .values(nickname=nickname)
    )
    return conn.execute(statement).rowcount == 1


def revoke(conn: Connection, user_id: int, at: float, only: int | None = None, but: int | None = None) -> int:
    """Revoke the user's tokens (one, all, or all but one) whatever their state; return how many there were.

    No seed is opened: also a token that no longer can be is revoked.
    """
    statement = (
        update(tokens)
        .where(tokens.c.user_id == user_id, tokens.c.state != State.REVOKED.value)
        .values(state=State.REVOKED.value, version=tokens.c.version + 1)
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    if only is not None:
        statement = statement.where(tokens.c.id == only)
    if but is not None:
        statement = statement.where(tokens.c.id != but)
    return _announced(conn, statement, at)


def report_lost(conn: Connection, user_id: int, at: float) -> int:
    """Revoke all that makes codes for the user, to be given back within a while; return how many."""
    statement = (
        update(tokens)
        .where(tokens.c.user_id == user_id, tokens.c.state == State.ACTIVE.value)
        .values(state=State.REVOKED.value, lost_at=at, version=tokens.c.version + 1)
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    return _announced(conn, statement, at)


def give_back(conn: Connection, user_id: int, token_id: int, since: float, at: float) -> int:
    """Make a token that was reported lost after since count again; return how many that were."""
    mine = (tokens.c.id == token_id, tokens.c.user_id == user_id, tokens.c.state == State.REVOKED.value)
    statement = (
        update(tokens)
        .where(*mine, tokens.c.lost_at > since)
        .values(state=State.ACTIVE.value, lost_at=None, version=tokens.c.version + 1)
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    return _announced(conn, statement, at)


def lost_for_good(conn: Connection, user_id: int) -> None:
    """Let nothing of the user that was reported lost be given back any more."""
    lost = update(tokens).where(tokens.c.user_id == user_id, tokens.c.lost_at.is_not(None))
    conn.execute(lost.values(lost_at=None))


def revoke_pending(conn: Connection, at: float, before: float, user_id: int | None = None) -> int:
    """Revoke tokens begun until a moment and never proven, of one user or of all; return how many."""
    statement = (
        update(tokens)
        .where(tokens.c.state == State.PENDING.value, tokens.c.created_at <= before)
        .values(state=State.REVOKED.value, version=tokens.c.version + 1)
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    if user_id is not None:
        statement = statement.where(tokens.c.user_id == user_id)
    return _announced(conn, statement, at)


def ever_proven(conn: Connection, user_id: int) -> bool:
    """Return whether a user has, or had, a phone or hardware token whose code was right once."""
    mine = select(tokens.c.id).where(tokens.c.user_id == user_id, tokens.c.proven_at.is_not(None))
    return conn.execute(mine.limit(1)).first() is not None


def forgive(conn: Connection, user_id: int, at: float) -> int:
    """Take the failures of the user's tokens back, their owner being recognised; return how many had any."""
    statement = (
        update(tokens)
        .where(tokens.c.user_id == user_id, tokens.c.failures > 0)
        .values(failures=0, throttled_until=0.0, missed_step=NEVER, version=tokens.c.version + 1)
        .returning(tokens.c.user_id, tokens.c.organization_id)
    )
    return _announced(conn, statement, at)


def bound_to(binding: str, organization_id: int, user_id: int | None) -> bytes:
    """Return what a sealed seed is bound to: it opens in no other row, for no other company and person.

    Whoever gives a token from stock to somebody seals its seed anew; a row whose user was changed in the
    database opens nothing.
    """
    return f"{_bound_before(binding, organization_id).decode()}:{user_id or 'stock'}".encode()


def open_seed(row: RowMapping | Mapping[str, Any], keyring: Keyring) -> bytes:
    """Return the seed of a row. Raises SealBroken."""
    try:
        return keyring.open_sealed(
            row["secret"], bound_to(row["binding"], row["organization_id"], row["user_id"])
        )
    except SealBroken as broken:
        try:
            return keyring.open_sealed(row["secret"], _bound_before(row["binding"], row["organization_id"]))
        except SealBroken:
            raise broken from None


def _bound_before(binding: str, organization_id: int) -> bytes:
    """Return what seeds were bound to before persons were part of it; the next change of keys ends it."""
    return f"token:{binding}:{organization_id}".encode()


def _announced(conn: Connection, statement: Any, at: float) -> int:
    """Execute an UPDATE that returns (user, organization) and tell the feed; return how many rows it hit."""
    rows = conn.execute(statement).all()
    for user_id, organization_id in set(rows):
        feed.append(conn, feed.Topic.TOKEN, str(user_id), organization_id, at)
    return len(rows)


def _mutable(token: Token) -> Mapping[str, Any]:
    return {
        "state": token.state.value,
        "last_step": token.last_step,
        "failures": token.failures,
        "throttled_until": token.not_before,
        "drift_steps": token.drift_steps,
        "missed_step": token.missed_step,
        "missed_at": token.missed_at,
    }


def _stored(row: RowMapping | Mapping[str, Any], keyring: Keyring) -> StoredToken:
    token = Token(
        secret=open_seed(row, keyring),
        kind=Kind(row["kind"]),
        digits=row["digits"],
        period_s=row["period_s"],
        algorithm=Algorithm(row["algorithm"]),
        state=State(row["state"]),
        last_step=row["last_step"],
        failures=row["failures"],
        not_before=row["throttled_until"],
        drift_steps=row["drift_steps"],
        missed_step=row["missed_step"],
        missed_at=row["missed_at"],
    )
    return StoredToken(
        row["id"],
        row["user_id"] or 0,
        row["version"],
        token,
        row["nickname"],
        row["created_at"],
        Origin(row["origin"]),
        row["serial"],
    )


def summary(row: RowMapping) -> TokenSummary:
    """Return what may be shown of the token of a row."""
    return TokenSummary(
        id=row["id"],
        nickname=row["nickname"],
        kind=row["kind"],
        state=State(row["state"]),
        failures=row["failures"],
        throttled_until=row["throttled_until"],
        created_at=row["created_at"],
        proven_at=row["proven_at"],
        used_at=row["used_at"],
        used_place=row["used_place"],
        serial=row["serial"],
        origin=Origin(row["origin"]),
        lost_at=row["lost_at"],
    )
