"""Our sockets and connections to home servers, in the thread that the connections of NASes have too ◆

A lane is a socket of its own by UDP, and a connection of its own over TLS, made when it is first needed. One
that ends is made again when there is something to send, not sooner than a second after.
"""

import logging
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from radius.effects import Lane
from radius.home import HomeServer, Transport
from radius.packet import MAX_OCTETS
from radius.tls_link import FULL_OCTETS, LinkEnded, TlsLink
from radius.tls_peers import Credential, Examination, TlsEnds
from radius.turns import Turns

log = logging.getLogger(__name__)

DATAGRAMS_PER_TURN = 64
AGAIN_S = 1.0
HANDSHAKE_S = 10.0
IDLE_S = 600.0
STALLED_S = 30.0

Deliver = Callable[[Lane, bytes], None]


@dataclass(slots=True, eq=False)
class _Connection:
    """waiting is what came before the connection stood."""

    lane: Lane
    link: TlsLink
    begun: bool = False
    waiting: list[bytes] = field(default_factory=list)


class Upstream:
    """The ways to home servers of one worker. relay() may come from any thread."""

    def __init__(self, turns: Turns, ends: Callable[[], TlsEnds]) -> None:
        """ends() is asked when a server is first to be reached over TLS."""
        self.failures = 0
        self._turns, self._ends = turns, ends
        self._deliver: Deliver = _nowhere
        self._datagrams: dict[Lane, socket.socket] = {}
        self._connections: dict[Lane, _Connection] = {}
        self._not_before: dict[Lane, float] = {}
        turns.every_tick(self._tick)
        turns.at_end(self._end)

    def serve(self, deliver: Deliver) -> None:
        """Hand what home servers send to deliver(), which may make us wait."""
        self._deliver = deliver

    def relay(self, lane: Lane, data: bytes) -> None:
        """Send a packet to a home server, soon."""
        send = self._send_over if lane.server.transport is Transport.RADSEC else self._send_datagram
        self._turns.call(lambda: send(lane, data))

    def _send_datagram(self, lane: Lane, data: bytes) -> None:
        try:
            known = self._datagrams.get(lane) or self._open_datagram(lane)
            known.send(data)
        except OSError:
            # Nobody listens there, or no way leads there: the silence will tell.
            self.failures += 1

    def _open_datagram(self, lane: Lane) -> socket.socket:
        server = lane.server
        family = socket.AF_INET6 if server.address.version == 6 else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        port = server.accounting_port if lane.accounting else server.port
        try:
            # Connected, so that nobody else's packets reach it.
            opened.connect((str(server.address), port))
        except OSError:
            opened.close()
            raise
        self._datagrams[lane] = opened
        self._turns.selector.register(opened, selectors.EVENT_READ, lambda _mask: self._hear(lane, opened))
        return opened

    def _hear(self, lane: Lane, opened: socket.socket) -> None:
        for _ in range(DATAGRAMS_PER_TURN):
            try:
                data = opened.recv(MAX_OCTETS)
            except OSError:
                # Nothing more, or nobody listens there.
                return
            self._deliver(lane, data)

    def _send_over(self, lane: Lane, data: bytes) -> None:
        connection = self._connections.get(lane) or self._connect(lane)
        if connection is None:
            return
        if not connection.link.established:
            if sum(map(len, connection.waiting)) < FULL_OCTETS:
                connection.waiting.append(data)
            return
        try:
            connection.link.write(data, time.monotonic())
        except LinkEnded as ended:
            self._drop(connection, str(ended))
            return
        self._watch(connection)

    def _connect(self, lane: Lane) -> _Connection | None:
        now = time.monotonic()
        if now < self._not_before.get(lane, 0.0):
            return None
        self._not_before[lane] = now + AGAIN_S
        server = lane.server
        tls = self._ends().client(Examination(lambda credential: _is(server, credential)))
        sock = socket.socket(socket.AF_INET6 if server.address.version == 6 else socket.AF_INET)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex((str(server.address), server.port))
        connection = _Connection(lane, TlsLink(sock, tls, now))
        self._connections[lane] = connection
        self._turns.selector.register(sock, selectors.EVENT_WRITE, lambda mask: self._ready(connection, mask))
        return connection

    def _ready(self, connection: _Connection, mask: int) -> None:
        now = time.monotonic()
        try:
            if not connection.begun:
                _check(connection.link.socket)
                connection.begun = True
                connection.link.begin(now)
            elif mask & selectors.EVENT_WRITE:
                connection.link.flush(now)
            if mask & selectors.EVENT_READ:
                self._read(connection, now)
        except LinkEnded as ended:
            self._drop(connection, str(ended))
            return
        self._watch(connection)

    def _read(self, connection: _Connection, now: float) -> None:
        packets = connection.link.read(now)
        if connection.link.established and connection.waiting:
            waiting, connection.waiting = connection.waiting, []
            for data in waiting:
                connection.link.write(data, now)
        for packet in packets:
            self._deliver(connection.lane, packet)

    def _watch(self, connection: _Connection) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.link.waiting else 0)
        known = self._turns.selector.get_key(connection.link.socket)
        if known.events != wanted:
            self._turns.selector.modify(connection.link.socket, wanted, known.data)

    def _tick(self, now: float) -> None:
        for connection in list(self._connections.values()):
            link = connection.link
            if not link.established:
                over = now - link.began_at > HANDSHAKE_S
            else:
                over = now - link.heard_at > IDLE_S or link.stalled_s(now) > STALLED_S
            if over:
                self._drop(connection, "no handshake in time" if not link.established else "silence")

    def _drop(self, connection: _Connection, why: str) -> None:
        del self._connections[connection.lane]
        self._turns.selector.unregister(connection.link.socket)
        if not connection.link.established:
            self.failures += 1
        log.info("RadSec: the connection with home server %s ended: %s", connection.lane.server.key, why)
        connection.link.close()

    def _end(self) -> None:
        for opened in self._datagrams.values():
            opened.close()
        for connection in list(self._connections.values()):
            self._drop(connection, "we stop")


def _check(sock: socket.socket) -> None:
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise LinkEnded(f"no connection: error {error}")


def _is(server: HomeServer, credential: Credential) -> bool:
    """Return whether a certificate is the server's: by its fingerprint, or by a name vouched for."""
    return server.certificate in (credential.fingerprint, *credential.names) and bool(server.certificate)


def _nowhere(_lane: Lane, _data: bytes) -> None:
    """Take packets before anybody serves."""
