"""The one place where lengths that somebody else sent are believed or not.

Every parser of this package reads through a Cursor: it goes from left to right, yields octets, and raises
Overrun rather than read past the end or loop without moving. The parser turns that into its own error.
"""

from collections.abc import Callable
from typing import TypeVar

from radius.errors import RadiusError

T = TypeVar("T")


class Overrun(RadiusError):
    """The octets end before what they announce, or announce what cannot be."""


class Cursor:
    """A place in some octets."""

    __slots__ = ("_at", "_data", "_end")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at
        self._end = len(data)

    @property
    def left(self) -> int:
        """How many octets follow."""
        return self._end - self._at

    def take(self, count: int) -> bytes:
        """Return the next octets. Raises Overrun."""
        after = self._at + count
        if count < 0 or after > self._end:
            raise Overrun(f"{count} octets announced, {self.left} left")
        taken = self._data[self._at : after]
        self._at = after
        return taken

    def number(self, octets: int) -> int:
        """Return the next octets as an unsigned number. Raises Overrun."""
        return int.from_bytes(self.take(octets), "big")

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(self.left)

    def pairs(
        self,
        make: Callable[[tuple[int, bytes, int]], T],
        vendor: int = 0,
        watched: frozenset[int] = frozenset(),
    ) -> tuple[list[T], list[tuple[int, int]]]:
        """Return make((type, value, vendor)) of everything left, and where watched types are among them.

        Each has one octet of type and one of length, which counts both; there is no type 0. Where is an index
        and the octet at which the value begins. Raises Overrun. This is items(1, 1), but every packet goes
        through it, so it is written out and asked for no more than once.
        """
        data, at, end = self._data, self._at, self._end
        found: list[T] = []
        places = []
        while at + 2 <= end:
            kind = data[at]
            size = data[at + 1]
            after = at + size
            if after > end or size < 2 or not kind:
                raise Overrun(f"type {kind} of length {size} with {end - at} octets left")
            if kind in watched:
                places.append((len(found), at + 2))
            found.append(make((kind, data[at + 2 : after], vendor)))
            at = after
        if at != end:
            raise Overrun("a type without room for its length")
        self._at = at
        return found, places

    def items(self, type_octets: int, length_octets: int) -> list[tuple[int, bytes]]:
        """Return type and value of everything left. Raises Overrun.

        Where there is no length one item takes it all.
        """
        found = []
        while self.left:
            kind = self.number(type_octets)
            header = type_octets + length_octets
            size = self.number(length_octets) if length_octets else self.left + header
            if not kind:
                raise Overrun("type 0")
            found.append((kind, self.take(size - header)))
        return found
