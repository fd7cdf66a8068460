"""RADIUS over TLS (RFC 6614): the connections that NASes make, in a thread of their own ◆

A connection, from its first octet to its end:

    state        what happens                                         then
    handshake    a certificate that is a NAS's                        open
                 anything else, or ten seconds                        closed, counted
    open         a packet                                             handed to the server
                 an answer to a request of ours (RFC 5176)            handed to who asked
                 a packet that breaks the rules                       closed: only this connection
                 a peer that does not read                            nothing more is read from it; after a
                                                                      while, or when too much waits, closed
                 nothing for a long time                              closed
                 its certificate is not the NAS's any more            closed, at the next look, within seconds

The UDP loop never waits for any of it: packets go to it through a bounded queue, replies come back as orders.
"""

import logging
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from itertools import count
from typing import Protocol

from radius.authenticator import renumber_hashed_request
from radius.effects import Role, Source
from radius.limits import RADSEC_SECRET
from radius.nas import IPAddress, Nas
from radius.packet import BadPacket, Code, decode
from radius.secret import shared_secret
from radius.tls_link import LinkEnded, TlsLink
from radius.tls_peers import Credential, Examination, TlsEnds
from radius.turns import Turns

log = logging.getLogger(__name__)

_ANSWERS = frozenset({Code.DISCONNECT_ACK, Code.DISCONNECT_NAK, Code.COA_ACK, Code.COA_NAK})
# What answers the question whether a NAS has a connection here.
QUESTION, HERE = b"?", b"!"
_IDENTIFIERS = 256
# To verify a thousand chains takes a while; a list of revocations may run out between two looks at the file.
VOUCH_AGAIN_S = 60.0


class Guests(Protocol):
    """Who may connect; asked from the thread of the connections."""

    def find(self, credential: Credential) -> Nas | None:
        """Return the NAS whose certificate this is, with the secret that RadSec uses."""


@dataclass(frozen=True, slots=True)
class RadSecLimits:
    """How many connections there may be, and how long each may be silent, in seconds."""

    connections: int = 1024
    connections_per_nas: int = 32
    handshakes: int = 128
    handshakes_per_address: int = 16
    handshake_s: float = 10.0
    idle_s: float = 900.0
    stalled_s: float = 30.0


@dataclass(slots=True)
class RadSecCounters:
    """What became of connections since the worker started."""

    opened: int = 0
    open: int = 0
    refused: int = 0
    failed_handshakes: int = 0
    closed_for_bad_packets: int = 0
    closed_for_not_reading: int = 0
    closed_for_silence: int = 0
    closed_for_credentials: int = 0


@dataclass(slots=True, eq=False)
class _Connection:
    link: TlsLink
    source: Source
    examination: Examination
    nas: Nas | None = None
    vouched_by: int = -1
    vouch_again_at: float = 0.0
    asked: dict[int, tuple[bytes, "Answered"]] = field(default_factory=dict)
    next_identifier: int = 0


# The request as it was sent, and the answer; both empty where there is no connection to ask over.
Answered = Callable[[bytes, bytes], None]
Deliver = Callable[[Nas, bytes, Source], None]
_DEFAULTS = RadSecLimits()


class RadSec:
    """The connections of one worker. send(), close() and ask() may come from any thread."""

    def __init__(
        self, turns: Turns, ends: TlsEnds, guests: Guests, worker: int = 0, limits: RadSecLimits = _DEFAULTS
    ) -> None:
        self.counters = RadSecCounters()
        self.worker = worker
        self._turns, self._ends, self._guests, self._limits = turns, ends, guests, limits
        self._numbers = count(1)
        self._connections: dict[int, _Connection] = {}
        self._deliver: Deliver = _nowhere
        self._sockets: tuple[socket.socket, ...] = ()
        self._trouble = ""
        turns.every_tick(self._tick)
        turns.at_end(self._end)

    def serve(self, sockets: tuple[socket.socket, ...], deliver: Deliver) -> None:
        """Serve from now on; deliver() gets each packet with who sent it and may make us wait.

        Connections are taken from the sockets while admit() says so.
        """
        self._deliver, self._sockets = deliver, sockets

    def admit(self, admits: bool) -> None:
        """Take new connections from now on, or none."""
        self._turns.call(lambda: self._admit(admits))

    def send(self, to: Source, data: bytes) -> None:
        """Send a reply over the connection that its request came by, if that is still there."""
        self._turns.call(lambda: self._send(to.connection, data))

    def close(self, source: Source) -> None:
        """End the connection of who sent a packet that breaks the rules."""
        self._turns.call(lambda: self._offended(source.connection))

    def ask(self, nas: str, request: bytes, answered: Answered) -> None:
        """Send a signed request of RFC 5176 to a NAS over the connection it has with us.

        Without a request only whether it has one is answered.
        """
        self._turns.call(lambda: self._ask(nas, request, answered))

    def _admit(self, admits: bool) -> None:
        selector = self._turns.selector
        for each in self._sockets:
            each.setblocking(False)
            if admits and each not in selector.get_map():
                selector.register(each, selectors.EVENT_READ, lambda _mask, each=each: self._accept(each))
            elif not admits and each in selector.get_map():
                selector.unregister(each)

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, peer = listening.accept()
        except OSError:
            # Another worker has taken it, or the peer is gone already.
            return
        address = _address(peer[0])
        if self._is_crowded(address):
            self.counters.refused += 1
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = next(self._numbers)
        source = Source(address, peer[1], self.worker, Role.RADSEC, number)
        examination = Examination(lambda credential: self._guests.find(credential) is not None)
        link = TlsLink(sock, self._ends.server(examination), time.monotonic())
        self._connections[number] = _Connection(link, source, examination)
        self._turns.selector.register(sock, selectors.EVENT_READ, lambda mask: self._ready(number, mask))

    def _is_crowded(self, address: IPAddress) -> bool:
        beginning = [each for each in self._connections.values() if each.nas is None]
        here = sum(each.source.address == address for each in beginning)
        limits = self._limits
        return (
            len(self._connections) >= limits.connections
            or len(beginning) >= limits.handshakes
            or here >= limits.handshakes_per_address
        )

    def _ready(self, number: int, mask: int) -> None:
        connection = self._connections.get(number)
        if connection is None:
            return
        try:
            if mask & selectors.EVENT_WRITE:
                connection.link.flush(time.monotonic())
            if mask & selectors.EVENT_READ:
                self._read(number, connection)
        except LinkEnded as ended:
            self._drop(number, str(ended))
            return
        self._watch(connection)

    def _read(self, number: int, connection: _Connection) -> None:
        packets = connection.link.read(time.monotonic())
        if connection.nas is None and connection.link.established:
            self._open(number, connection)
        for packet in packets:
            if number not in self._connections or connection.nas is None:
                return
            if packet[0] in _ANSWERS:
                self._answered(connection, packet)
            else:
                self._deliver(connection.nas, packet, connection.source)

    def _open(self, number: int, connection: _Connection) -> None:
        credential = connection.examination.credential
        connection.nas = None if credential is None else self._guests.find(credential)
        if connection.nas is None:
            raise LinkEnded("no certificate of a NAS")
        of_nas = Counter(each.nas.key for each in self._connections.values() if each.nas is not None)
        if of_nas[connection.nas.key] > self._limits.connections_per_nas:
            self._drop(self._most_silent(connection.nas.key, number), "the NAS has too many connections")
            self.counters.refused += 1
        self.counters.opened += 1
        self.counters.open += 1
        log.info("RadSec: %s connects from %s with %s", *_who(connection), connection.link.version)

    def _most_silent(self, nas: str, newest: int) -> int:
        of_nas = [
            (each.link.heard_at, number)
            for number, each in self._connections.items()
            if number != newest and each.nas is not None and each.nas.key == nas
        ]
        return min(of_nas)[1]

    def _watch(self, connection: _Connection) -> None:
        """Wait for what the connection can do now: not for more requests where the replies are not read."""
        link = connection.link
        if connection.source.connection not in self._connections:
            return
        wanted = 0 if link.is_full else selectors.EVENT_READ
        wanted |= selectors.EVENT_WRITE if link.waiting else 0
        known = self._turns.selector.get_key(link.socket)
        if known.events != wanted:
            self._turns.selector.modify(link.socket, wanted, known.data)

    def _send(self, number: int, data: bytes) -> None:
        connection = self._connections.get(number)
        if connection is None:
            return
        try:
            connection.link.write(data, time.monotonic())
        except LinkEnded as ended:
            self.counters.closed_for_not_reading += 1
            self._drop(number, str(ended))
            return
        self._watch(connection)

    def _offended(self, number: int) -> None:
        if number in self._connections:
            self.counters.closed_for_bad_packets += 1
            self._drop(number, "a packet that breaks the rules")

    def _ask(self, nas: str, request: bytes, answered: Answered) -> None:
        of_nas = [each for each in self._connections.values() if each.nas is not None and each.nas.key == nas]
        if not request:
            answered(*((QUESTION, HERE) if of_nas else (b"", b"")))
            return
        try:
            packet = decode(request)
        except BadPacket:
            of_nas = []
        if not of_nas:
            answered(b"", b"")
            return
        connection = max(of_nas, key=lambda each: each.link.heard_at)
        identifier = connection.next_identifier
        connection.next_identifier = (identifier + 1) % _IDENTIFIERS
        signed = renumber_hashed_request(packet, identifier, shared_secret(RADSEC_SECRET))
        connection.asked[identifier] = (signed, answered)
        self._send(connection.source.connection, signed)

    def _answered(self, connection: _Connection, packet: bytes) -> None:
        request, answered = connection.asked.pop(packet[1], (b"", None))
        if answered is not None:
            answered(request, packet)

    def _tick(self, now: float) -> None:
        trouble = self._ends.refresh()
        if trouble and trouble != self._trouble:
            log.error("RadSec: the new certificate cannot be used, the old one stays: %s", trouble)
        self._trouble = trouble
        for number, connection in list(self._connections.items()):
            why = self._is_over(connection, now)
            if why:
                self._drop(number, why)

    def _is_over(self, connection: _Connection, now: float) -> str:
        """Return why a connection has to end now, '' where it goes on."""
        link, limits, counters = connection.link, self._limits, self.counters
        if connection.nas is None:
            return "no handshake in time" if now - link.began_at > limits.handshake_s else ""
        if link.stalled_s(now) > limits.stalled_s:
            counters.closed_for_not_reading += 1
            return "the peer does not read"
        if now - link.heard_at > limits.idle_s:
            counters.closed_for_silence += 1
            return "silence"
        if not self._is_still_theirs(connection, now):
            counters.closed_for_credentials += 1
            return "its certificate is not the NAS's any more"
        return ""

    def _is_still_theirs(self, connection: _Connection, now: float) -> bool:
        """Return whether a certificate is still the NAS's; what its authority says is asked less often."""
        credential = connection.examination.credential
        assert credential is not None and connection.nas is not None
        nas = self._guests.find(credential)
        if nas is None or nas.key != connection.nas.key:
            return False
        connection.nas = nas
        if datetime.now(UTC) > credential.until:
            return False
        generation = self._ends.generation
        if connection.vouched_by == generation and now < connection.vouch_again_at:
            return True
        connection.vouched_by, connection.vouch_again_at = generation, now + VOUCH_AGAIN_S
        return credential.holds(self._ends.store, datetime.now(UTC))

    def _drop(self, number: int, why: str) -> None:
        connection = self._connections.pop(number)
        self._turns.selector.unregister(connection.link.socket)
        if connection.nas is None:
            self.counters.failed_handshakes += 1
            log.warning("RadSec: no connection with %s: %s", connection.source.address, why)
        else:
            self.counters.open -= 1
            log.info("RadSec: %s from %s is closed: %s", *_who(connection), why)
        connection.link.close()

    def _end(self) -> None:
        for number in list(self._connections):
            self._drop(number, "we stop")


def _who(connection: _Connection) -> tuple[str, IPAddress]:
    assert connection.nas is not None
    return connection.nas.name, connection.source.address


def _address(host: str) -> IPAddress:
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _nowhere(_nas: Nas, _data: bytes, _source: Source) -> None:
    """Take packets before anybody serves."""
