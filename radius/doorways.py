"""The unix datagram sockets through which workers hand each other packets, and replies on their way back ◆"""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from radius import forward
from radius.forward import Forwarded

# A successor reads what it is told as fast as it can; one that reads nothing for so long stands still.
PATIENCE_S = 5.0


class Handed(Enum):
    """What became of what a worker was handed: it has it; it has too much to do; it is gone for good."""

    OVER = auto()
    BUSY = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Our socket, and the paths of all of them by their number.

    shared is that of whichever process is this worker, where processes replace each other.
    """

    own: socket.socket
    peers: Mapping[int, str] = field(default_factory=dict)
    shared: socket.socket | None = None

    def hand(self, number: int, forwarded: Forwarded) -> Handed:
        """Hand something to another worker, without waiting."""
        path = self.peers.get(number)
        if path is None:
            return Handed.BUSY
        try:
            self.own.sendto(forward.encode(forwarded), path)
        except (FileNotFoundError, ConnectionRefusedError):
            return Handed.GONE
        except OSError:
            return Handed.BUSY
        return Handed.OVER

    def tell(self, number: int, everything: Iterable[Forwarded]) -> bool:
        """Hand over everything, and wait for room; False where it could not all be handed over."""
        self.own.settimeout(PATIENCE_S)
        try:
            for each in everything:
                self.own.sendto(forward.encode(each), self.peers[number])
        except OSError:
            return False
        finally:
            self.own.setblocking(False)
        return True
