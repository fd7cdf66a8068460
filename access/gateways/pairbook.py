"""The pairs that the gateways were told to hold, and what has to change for the wanted ones.

The book mirrors the table of pairs. Two rules order what it asks for:
- An address that goes to another session is empty first. As long as a pair of the former session stands
  there, or its removal is not confirmed, the new session gets none.
- A later end alone is written only when the present one would come before somebody looks again: an end that
  is too early is safe, and clocks would otherwise rewrite every pair again and again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vpn.atoms import Address
from vpn.grant import Pair


class Place(NamedTuple):
    """An address at a gateway."""

    device_id: int
    address: Address


@dataclass(frozen=True, slots=True)
class HeldPair:
    """A row of the table: a pair that a gateway should hold, or whose removal it has yet to confirm."""

    device_id: int
    pair: Pair
    session_id: int
    removed: bool = False
    generation: int = 0

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.device_id, self.pair.address)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be at one place: the pairs of one session, judged anew at look_again at the latest."""

    session_id: int
    pairs: frozenset[Pair]
    look_again: float | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What to write for one place. waits: more can be written once removals are confirmed."""

    changes: tuple[HeldPair, ...] = ()
    waits: bool = False


class PairBook:
    """The rows of the table by place and atom."""

    def __init__(self, rows: Iterable[HeldPair] = ()) -> None:
        self._held: dict[Place, dict[int, HeldPair]] = defaultdict(dict)
        self._leaving: dict[int, set[Place]] = defaultdict(set)
        self.enter(rows)

    def enter(self, rows: Iterable[HeldPair]) -> None:
        """Take over rows as they were written."""
        for row in rows:
            self._held[row.place][row.pair.atom] = row
            if row.removed:
                self._leaving[row.device_id].add(row.place)

    def places(self) -> list[Place]:
        """Where there is any row."""
        return list(self._held)

    def forget(self, device_id: int) -> None:
        """A gateway is gone, and its rows with it."""
        self._leaving.pop(device_id, None)
        for place in [place for place in self._held if place.device_id == device_id]:
            del self._held[place]

    def confirm(self, device_id: int, generation: int) -> set[Place]:
        """Drop the removed rows that a gateway has confirmed; the places that had any."""
        emptied = set()
        for place in list(self._leaving[device_id]):
            rows = self._held.get(place, {})
            gone = [atom for atom, row in rows.items() if row.removed and row.generation <= generation]
            for atom in gone:
                del rows[atom]
            if gone:
                emptied.add(place)
            if not any(row.removed for row in rows.values()):
                self._leaving[device_id].discard(place)
            if not rows:
                self._held.pop(place, None)
        return emptied

    def standing(self, device_id: int) -> frozenset[Pair]:
        """The pairs a device was told to hold."""
        here = (rows for place, rows in self._held.items() if place.device_id == device_id)
        return frozenset(row.pair for rows in here for row in rows.values() if not row.removed)

    def settle(self, place: Place, wanted: Wanted | None, keep: Collection[int] = frozenset()) -> Settlement:
        """What has to be written for what is wanted at a place; None: nothing is.

        keep: atoms that are not wanted any more, but stay for the moment where the session stays.
        """
        rows = self._held.get(place, {})
        ends = {pair.atom: pair for pair in wanted.pairs} if wanted else {}
        removals = [
            _removal(row)
            for atom, row in rows.items()
            if not row.removed
            and not (wanted and row.session_id == wanted.session_id and (atom in ends or atom in keep))
        ]
        if wanted is None:
            return Settlement(tuple(removals))
        if any(row.session_id != wanted.session_id for row in rows.values()):
            return Settlement(tuple(removals), waits=bool(ends))
        additions = [
            HeldPair(place.device_id, pair, wanted.session_id)
            for atom, pair in ends.items()
            if _differs(rows.get(atom), pair, wanted.look_again)
        ]
        return Settlement((*removals, *additions))

    def rows(self) -> Mapping[tuple[int, Address, int], HeldPair]:
        """Every row by its key in the table."""
        return {
            (place.device_id, place.address, atom): row
            for place, rows in self._held.items()
            for atom, row in rows.items()
        }


def _removal(row: HeldPair) -> HeldPair:
    return HeldPair(row.device_id, row.pair, row.session_id, removed=True)


def _differs(row: HeldPair | None, pair: Pair, look_again: float | None) -> bool:
    """Whether the pair has to be written over its row."""
    if row is None or row.removed:
        return True
    held, wanted = row.pair.until, pair.until
    if held == wanted:
        return False
    later = held is not None and (wanted is None or wanted > held)
    return not later or look_again is None or held is None or held <= look_again
