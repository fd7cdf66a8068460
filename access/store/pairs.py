"""The pairs that gateways should hold: one row each, removed ones until the gateway has confirmed. ◆

A row carries the generation of its device's membership lane in which it was last written. The enforcer alone
writes rows; a worker that has confirmed a generation drops the removed ones of it.
"""

from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, text, update

from access.gateways.pairbook import HeldPair
from access.store.tables import pairs
from vpn.grant import Pair

# Both databases understand it.
_PUT = text(
    """
    INSERT INTO pairs (device_id, address, atom, session_id, valid_until, removed, generation)
    VALUES (:device_id, :address, :atom, :session_id, :valid_until, :removed, :generation)
    ON CONFLICT (device_id, address, atom) DO UPDATE SET
        session_id = excluded.session_id, valid_until = excluded.valid_until,
        removed = excluded.removed, generation = excluded.generation
    """
)
_ATOMS_AT_ONCE = 500


def put(conn: Connection, rows: Iterable[HeldPair], generations: Mapping[int, int]) -> None:
    """Write rows, each with the generation of its device; rows of other devices are left out."""
    values = [
        {
            "device_id": row.device_id,
            "address": str(row.pair.address),
            "atom": row.pair.atom,
            "session_id": row.session_id,
            "valid_until": row.pair.until,
            "removed": row.removed,
            "generation": generations[row.device_id],
        }
        for row in rows
        if row.device_id in generations
    ]
    if values:
        conn.execute(_PUT, values)


def every(conn: Connection) -> list[HeldPair]:
    """Every row of every device."""
    return [_row(row) for row in conn.execute(select(pairs))]


def since(conn: Connection, device_id: int, generation: int, upto: int | None = None) -> list[HeldPair]:
    """The rows of a device that were written after a generation, removed ones too; upto: and not later."""
    query = _of(device_id).where(pairs.c.generation > generation)
    return _rows(conn, query if upto is None else query.where(pairs.c.generation <= upto))


def generation_of_row(conn: Connection, device_id: int, generation: int, number: int) -> int | None:
    """The generation of the row that is so many rows after a generation; None where there are fewer."""
    later = select(pairs.c.generation).where(pairs.c.device_id == device_id, pairs.c.generation > generation)
    return conn.execute(later.order_by(pairs.c.generation).offset(number - 1).limit(1)).scalar()


def standing(conn: Connection, device_id: int) -> frozenset[Pair]:
    """What the device should hold."""
    return frozenset(row.pair for row in _rows(conn, _of(device_id).where(~pairs.c.removed)))


def standing_of(conn: Connection, device_id: int, wanted: Iterable[Pair]) -> frozenset[Pair]:
    """What the device should hold now of the keys of these pairs."""
    keys = {pair.key for pair in wanted}
    addresses = sorted({str(address) for address, _ in keys})
    found: set[Pair] = set()
    for start in range(0, len(addresses), _ATOMS_AT_ONCE):
        some = addresses[start : start + _ATOMS_AT_ONCE]
        query = _of(device_id).where(pairs.c.address.in_(some), ~pairs.c.removed)
        found |= {row.pair for row in _rows(conn, query) if row.pair.key in keys}
    return frozenset(found)


def touch(conn: Connection, device_id: int, wanted: Collection[Pair], generation: int) -> None:
    """Give the rows of these pairs that stand a new generation, so that they are carried out again."""
    row = (pairs.c.device_id == device_id) & ~pairs.c.removed
    for pair in wanted:
        here = (pairs.c.address == str(pair.address)) & (pairs.c.atom == pair.atom)
        conn.execute(update(pairs).where(row, here).values(generation=generation))


def drop_removed(conn: Connection, device_id: int, generation: int) -> int:
    """Forget the removed rows up to a generation that the device has confirmed, and return how many."""
    confirmed = (pairs.c.device_id == device_id) & pairs.c.removed & (pairs.c.generation <= generation)
    return conn.execute(delete(pairs).where(confirmed)).rowcount


def _of(device_id: int) -> Select[Any]:
    return select(pairs).where(pairs.c.device_id == device_id)


def _rows(conn: Connection, query: Select[Any]) -> list[HeldPair]:
    return [_row(row) for row in conn.execute(query)]


def _row(row: Row[Any]) -> HeldPair:
    pair = Pair(ip_address(row.address), row.atom, row.valid_until)
    return HeldPair(row.device_id, pair, row.session_id, row.removed, row.generation)
