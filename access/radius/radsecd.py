"""A RADIUS worker's connections with NASes and home servers, and its door for other processes. ◆"""

from dataclasses import asdict, dataclass
from pathlib import Path
from socket import socket
from typing import Any

from OpenSSL import SSL, crypto

from access.errors import Misconfigured
from access.logins.memory import Memory
from radius.effects import Lane, Source
from radius.listener import Listener
from radius.nas import Nas
from radius.radsec import RadSec
from radius.radsec_door import Door
from radius.tls_peers import Credential, TlsEnds, TlsFiles
from radius.turns import Turns
from radius.upstream import Upstream


class BadTlsFiles(Misconfigured):
    """RadSec cannot be served with these certificates."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which worker it is, the sockets it listens on, and where other processes reach it."""

    worker: int
    sockets: tuple[socket, ...]
    door: Path


class Outside:
    """One worker's connections: with NASes that come by RadSec, and with home servers. A thread of its own.

    Without sockets no NAS can connect.
    """

    def __init__(self, files: TlsFiles, memory: Memory, place: Place) -> None:
        """Raises BadTlsFiles."""
        self.worker = place.worker
        self._memory, self._sockets, self._files = memory, place.sockets, files
        self._turns = Turns("radsec")
        self._ends: TlsEnds | None = None
        self._radsec: RadSec | None = None
        if place.sockets:
            self._radsec = RadSec(self._turns, self._tls_ends(), self, place.worker)
            Door(self._turns, self._radsec, place.door)
        self._upstream = Upstream(self._turns, self._tls_ends)

    def find(self, credential: Credential) -> Nas | None:
        """Return the NAS that a certificate is of."""
        return self._memory.connecting(credential.fingerprint, credential.names)

    def start(self, listener: Listener) -> None:
        """Begin; what comes goes to the listener."""
        if self._radsec is not None:
            self._radsec.serve(self._sockets, listener.deliver)
        self._upstream.serve(listener.deliver_reply)
        self._turns.start()

    def stop(self) -> None:
        """Close every connection."""
        self._turns.stop()

    def send(self, to: Source, data: bytes) -> None:
        """Send a reply over the connection of its request."""
        if self._radsec is not None:
            self._radsec.send(to, data)

    def close(self, source: Source) -> None:
        """End the connection of a packet that broke the rules."""
        if self._radsec is not None:
            self._radsec.close(source)

    def admit(self, admits: bool) -> None:
        """Take new connections from now on, or none."""
        if self._radsec is not None:
            self._radsec.admit(admits)

    def relay(self, lane: Lane, data: bytes) -> None:
        """Send a request to a home server."""
        self._upstream.relay(lane, data)

    def counters(self) -> dict[str, Any]:
        """Return what became of the connections of NASes."""
        return asdict(self._radsec.counters) if self._radsec is not None else {}

    def _tls_ends(self) -> TlsEnds:
        self._ends = self._ends or _ends(self._files)
        return self._ends


def _ends(files: TlsFiles) -> TlsEnds:
    try:
        return TlsEnds(files)
    except (SSL.Error, crypto.Error, OSError) as error:
        raise BadTlsFiles(
            f"RadSec cannot use {files.certificate} with {files.private_key}, or the authority"
            f" {files.authority}: {error}. See: officegate check"
        ) from error
