"""RadSec in a RADIUS worker: its connections, and the door for requests of other processes. ◆"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import socket
from typing import Any

from OpenSSL import SSL

from access.errors import Misconfigured
from access.memory import Memory
from radius.effects import Source
from radius.nas import Nas
from radius.radsec import RadSec
from radius.radsec_door import Door
from radius.tls_peers import Credential, TlsEnds, TlsFiles
from radius.turns import Turns


class BadTlsFiles(Misconfigured):
    """RadSec cannot be served with these certificates."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which worker it is, the sockets it listens on, and where other processes reach it."""

    worker: int
    sockets: tuple[socket, ...]
    door: Path


class RadSecService:
    """One worker's RadSec: a thread of its own; without sockets nobody can connect."""

    def __init__(self, files: TlsFiles, memory: Memory, place: Place) -> None:
        """Raises BadTlsFiles."""
        self._memory, self._sockets = memory, place.sockets
        self._turns = Turns("radsec")
        self.connections: RadSec | None = None
        if place.sockets:
            self.connections = RadSec(self._turns, _ends(files), self, place.worker)
            Door(self._turns, self.connections, place.door)

    def find(self, credential: Credential) -> Nas | None:
        """Return the NAS that a certificate is of."""
        return self._memory.connecting(credential.fingerprint, credential.names)

    def start(self, deliver: Callable[[Nas, bytes, Source], None]) -> None:
        """Begin; each packet goes to deliver()."""
        if self.connections is not None:
            self.connections.serve(self._sockets, deliver)
        self._turns.start()

    def stop(self) -> None:
        """Close every connection."""
        self._turns.stop()

    def counters(self) -> dict[str, Any]:
        """Return what became of connections."""
        return asdict(self.connections.counters) if self.connections is not None else {}


def _ends(files: TlsFiles) -> TlsEnds:
    try:
        return TlsEnds(files)
    except (SSL.Error, OSError) as error:
        raise BadTlsFiles(
            f"RadSec cannot use {files.certificate} with {files.private_key}, or the authority"
            f" {files.authority}: {error}. See: officegate check"
        ) from error
