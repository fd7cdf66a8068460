"""What is under way to home servers: each under an identifier of its lane, with a moment to look at it."""

import heapq
from collections.abc import Iterator
from itertools import count
from typing import Generic, Protocol, TypeVar

from radius.effects import Lane
from radius.home import HomeServer, Transport
from radius.identifiers import Identifiers


class Flying(Protocol):
    """A request that was sent: by which lane, and its octets, of which the second is its identifier."""

    lane: Lane | None
    wire: bytes


F = TypeVar("F", bound=Flying)


class Flights(Generic[F]):
    """The requests that are under way."""

    def __init__(self) -> None:
        self._identifiers: dict[tuple[str, bool], Identifiers] = {}
        self._under_way: dict[tuple[Lane | None, int], F] = {}
        self._timers: list[tuple[float, int, F]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._under_way)

    def __iter__(self) -> Iterator[F]:
        return iter(self._under_way.values())

    def reserve(self, server: HomeServer, *, accounting: bool) -> tuple[Lane, int] | None:
        """Return a lane to a server and an identifier that is free there; None where all are taken."""
        # One connection carries both.
        accounting = accounting and server.transport is Transport.UDP
        taken = self._identifiers.setdefault((server.key, accounting), Identifiers()).take()
        return None if taken is None else (Lane(server, accounting, taken[0]), taken[1])

    def give_back(self, lane: Lane, identifier: int) -> None:
        """Let an identifier be used again."""
        self._identifiers[(lane.server.key, lane.accounting)].give_back(lane.slot, identifier)

    def take_off(self, flying: F, look_at: float) -> None:
        """Know a request by its lane and identifier."""
        self._under_way[(flying.lane, flying.wire[1])] = flying
        self.wait(flying, look_at)

    def wait(self, flying: F, look_at: float) -> None:
        """Look at it at another moment too."""
        heapq.heappush(self._timers, (look_at, next(self._order), flying))

    def find(self, lane: Lane, data: bytes) -> F | None:
        """Return the request that a packet may answer."""
        return self._under_way.get((lane, data[1])) if len(data) > 1 else None

    def land(self, flying: F) -> None:
        """Forget one that was answered or given up."""
        assert flying.lane is not None
        del self._under_way[(flying.lane, flying.wire[1])]
        self.give_back(flying.lane, flying.wire[1])

    def due(self, now: float) -> list[F]:
        """Return those to look at now that are still under way."""
        found = []
        while self._timers and self._timers[0][0] <= now:
            _, _, flying = heapq.heappop(self._timers)
            if self._under_way.get((flying.lane, flying.wire[1])) is flying:
                found.append(flying)
        return found

    def next_timer(self) -> float | None:
        """Return when due() has something."""
        return self._timers[0][0] if self._timers else None
