"""Which of several workers one is, and by which numbers workers reach each other.

A worker has an index, which stays while processes come and go: packets for its index wait for whoever is
that worker at the moment. A process that can be replaced while it serves also has a turn, 0 or 1, and with
it a number of its own: its States begin with it, so that they find the process that made them while its
successor, which has the other turn, takes everything new.

    0 to count - 1              a worker by its index, whichever process that is
    count to 2 * count - 1      the processes of turn 0
    2 * count to 3 * count - 1  those of turn 1
"""

from dataclasses import dataclass, field

# A number is one octet.
MAX_WORKERS = 256 // 3


@dataclass(frozen=True, slots=True)
class Worker:
    """One process of a worker; with turn None it is the only one there will be, and its index its number.

    key is the same for all of them, at most 64 octets. Without it nobody can name MAC addresses that all
    begin at one worker, and so fill that one while the others idle.
    """

    index: int = 0
    count: int = 1
    key: bytes = field(default=b"", repr=False)
    turn: int | None = None

    @property
    def number(self) -> int:
        """The number of this process."""
        return self._number(self.turn)

    @property
    def other(self) -> int:
        """The number of the process that this one replaces, and of the one that replaces it."""
        return self._number(None if self.turn is None else 1 - self.turn)

    @property
    def numbers(self) -> int:
        """How many numbers there are."""
        return self.count if self.turn is None else 3 * self.count

    def _number(self, turn: int | None) -> int:
        return self.index if turn is None else (1 + turn) * self.count + self.index
