"""Identifiers of requests that we send on: 256 a socket, and as many sockets as it takes, up to a bound."""

from collections import deque

_IDENTIFIERS = 256
MAX_SLOTS = 16


class Identifiers:
    """The free ones of one server; a slot is a socket or a connection of ours.

    One that was given back comes last, so that a late reply meets nobody for as long as can be.
    """

    __slots__ = ("_free",)

    def __init__(self) -> None:
        self._free: list[deque[int]] = []

    def take(self) -> tuple[int, int] | None:
        """Return a slot and an identifier that is free there; None where all are taken."""
        for slot, free in enumerate(self._free):
            if free:
                return slot, free.popleft()
        if len(self._free) >= MAX_SLOTS:
            return None
        self._free.append(deque(range(1, _IDENTIFIERS)))
        return len(self._free) - 1, 0

    def give_back(self, slot: int, identifier: int) -> None:
        """Let an identifier be used again."""
        self._free[slot].append(identifier)
