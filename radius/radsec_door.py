"""How another process sends a request over a connection that a RADIUS worker has with a NAS ◆

A datagram to the worker's unix socket, one back:

    to the worker    the length of the NAS's key (1), the key, the signed request; without a request it is
                     the question whether the NAS has a connection
    back             the length of the request as it was sent (2), the request, the NAS's answer;
                     nothing at all where the NAS has no connection with this worker
"""

import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radius.packet import MAX_OCTETS
from radius.radsec import RadSec
from radius.turns import Turns

_ERRAND_OCTETS = MAX_OCTETS + 256
_BACK_OCTETS = 2 * MAX_OCTETS + 2
_ERRANDS_PER_TURN = 64


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it was sent, under the identifier it got, and the octets that answered it."""

    request: bytes
    answer: bytes


class Door:
    """A worker's end: it stands open while its Turns run."""

    def __init__(self, turns: Turns, radsec: RadSec, path: Path) -> None:
        self._radsec, self._path = radsec, path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.setblocking(False)
        turns.selector.register(self._socket, selectors.EVENT_READ, lambda _mask: self._hear())
        turns.at_end(self._close)

    def _hear(self) -> None:
        for _ in range(_ERRANDS_PER_TURN):
            try:
                octets, back = self._socket.recvfrom(_ERRAND_OCTETS)
            except OSError:
                return
            if not octets or not back:
                continue
            key, request = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
            self._radsec.ask(key.decode(errors="replace"), request, self._teller(back))

    def _teller(self, back: str) -> "_Teller":
        return _Teller(self._socket, back)

    def _close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells who asked what the NAS said; one who has gone is not waited for."""

    socket: socket.socket
    back: str

    def __call__(self, request: bytes, answer: bytes) -> None:
        told = len(request).to_bytes(2, "big") + request + answer if answer else b""
        try:
            self.socket.sendto(told, self.back)
        except OSError:
            return


def ask_over(doors: Iterable[Path], nas: str, request: bytes, deadline_s: float) -> Exchange | None:
    """Return what a NAS answered over its connection with one of the workers; None where it has none.

    Raises TimeoutError where it has one and says nothing.
    """
    deadline = time.monotonic() + deadline_s
    key = nas.encode()
    errand = bytes((len(key),)) + key + request
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        # An address that the kernel makes up, so that the answer finds us.
        own.bind("")
        for door in doors:
            try:
                own.settimeout(max(deadline - time.monotonic(), 0.001))
                own.sendto(errand, str(door))
            except (FileNotFoundError, ConnectionRefusedError):
                # A worker that has ended.
                continue
            told = own.recv(_BACK_OCTETS)
            if told:
                size = int.from_bytes(told[:2], "big")
                return Exchange(told[2 : 2 + size], told[2 + size :])
    return None


def is_reached(doors: Iterable[Path], nas: str, deadline_s: float) -> bool:
    """Return whether a NAS has a connection with one of the workers."""
    try:
        return ask_over(doors, nas, b"", deadline_s) is not None
    except TimeoutError:
        return False
