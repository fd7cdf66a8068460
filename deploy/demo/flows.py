"""Real traffic between two namespaces: connections that run until somebody cuts them.

Each record says when its sending began: when somebody reads it depends on what else the machine does.
"""

import math
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.peers.office_net import OfficeNet
from tests.peers.waiting import wait_until

BEAT_S = 0.002
NO_ANSWER_S = 0.5
PEER_S = 20.0
OCTETS = 65536
RECORD = struct.Struct("!Qd84x")
ROOM_OCTETS = 8 << 20
SO_RCVBUFFORCE = 33  # socket(7); the module socket does not name it
Address = tuple[str, int]


@dataclass
class Direction:
    """One way of a flow: a record is sent every BEAT_S.

    sent has when the sending of each was over, arrivals when something was read, heard what that was.
    """

    send: Callable[[bytes], object]
    receive: Callable[[int], bytes]
    sent: list[float] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)

    def is_cut_at(self, moment: float, within_s: float) -> bool:
        """Whether all that was sent until so long before a moment arrived, and nothing from so long after it.

        Of records that arrived in order: the first that did not is the one after the last that did.
        """
        end = len(self.heard) // RECORD.size * RECORD.size
        number, begun = RECORD.unpack(self.heard[end - RECORD.size : end])
        first_lost = self.sent[number + 1] if number + 1 < len(self.sent) else math.inf
        return bool(begun < moment + within_s and first_lost > moment - within_s)

    def send_until(self, ended: threading.Event) -> None:
        while not ended.wait(BEAT_S):
            try:
                self.send(RECORD.pack(len(self.sent), time.time()))
            except OSError:
                continue  # a full window: nobody hears us any more, and that is what is being watched
            self.sent.append(time.time())

    def receive_until(self, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                heard = self.receive(OCTETS)
            except OSError:
                continue
            if not heard:
                return
            self.heard += heard
            self.arrivals.append(time.time())


class Flow:
    """Two ends that talk until closed. `directions` are client to server and server to client."""

    def __init__(self, name: str, sockets: list[socket.socket], directions: list[Direction]) -> None:
        self.name = name
        self.directions = directions
        self._sockets = sockets
        self._hushed, self._ended = threading.Event(), threading.Event()
        self._senders = [_thread(each.send_until, self._hushed) for each in directions]
        self._receivers = [_thread(each.receive_until, self._ended) for each in directions]

    def __enter__(self) -> Self:
        for thread in (*self._receivers, *self._senders):
            thread.start()
        try:
            wait_until(self._flows, f"{self.name} to flow")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hush(self) -> None:
        """Send nothing more, and hear what is still on its way."""
        self._hushed.set()
        for thread in self._senders:
            thread.join()

    def close(self) -> None:
        self.hush()
        self._ended.set()
        for thread in self._receivers:
            thread.join()
        for each in self._sockets:
            each.close()

    @property
    def last_arrival(self) -> float:
        """When the last packet was read, in either direction."""
        return max(direction.arrivals[-1] for direction in self.directions)

    def is_cut_at(self, moment: float, within_s: float = 1.0) -> bool:
        """Whether both directions were cut then, however late somebody read what had come through."""
        return all(direction.is_cut_at(moment, within_s) for direction in self.directions)

    def silent_for(self, quiet_s: float) -> bool:
        return time.time() - self.last_arrival > quiet_s

    def _flows(self) -> bool:
        return all(len(direction.arrivals) > 20 for direction in self.directions)


def _thread(job: Callable[[threading.Event], None], until: threading.Event) -> threading.Thread:
    return threading.Thread(target=job, args=(until,), daemon=True)


def tcp_flow(net: OfficeNet, client: str, server: Address) -> Flow:
    """A TCP connection on which both ends talk. Raises TimeoutError if it cannot be opened."""
    with net.open_socket(net.server, socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(server)
        listener.listen()
        listener.settimeout(PEER_S)
        near = _connect(net, client, server)
        far, _ = listener.accept()
    for end in (near, far):
        end.settimeout(0.05)
    ways = [Direction(near.send, far.recv), Direction(far.send, near.recv)]
    return Flow(f"TCP to {server[0]}:{server[1]}", [near, far], ways)


def udp_stream(net: OfficeNet, client: str, server: Address) -> Flow:
    """A stream that the server pushes, once the client has asked for it with one datagram."""
    far = net.open_socket(net.server, socket.AF_INET, socket.SOCK_DGRAM)
    near = net.open_socket(net.client, socket.AF_INET, socket.SOCK_DGRAM)
    # Nothing may be lost at an end that gets no time: what is lost, the gateway has dropped.
    near.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM_OCTETS)
    far.bind(server)
    near.bind((client, 0))
    far.settimeout(PEER_S)
    near.sendto(b"start", server)
    _, asked_by = far.recvfrom(OCTETS)
    near.settimeout(0.05)
    way = Direction(lambda data: far.sendto(data, asked_by), near.recv)
    return Flow(f"UDP stream from {server[0]}:{server[1]}", [near, far], [way])


def connects(net: OfficeNet, client: str, server: Address, timeout_s: float = NO_ANSWER_S) -> bool:
    """Whether a TCP connection opens; a server listens there, so only the gateway can be in the way."""
    with net.open_socket(net.server, socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(server)
        listener.listen()
        try:
            _connect(net, client, server, timeout_s).close()
        except TimeoutError:
            return False
        return True


def _connect(net: OfficeNet, client: str, server: Address, timeout_s: float = PEER_S) -> socket.socket:
    near = net.open_socket(net.client, socket.AF_INET, socket.SOCK_STREAM)
    near.settimeout(timeout_s)
    near.bind((client, 0))
    try:
        near.connect(server)
    except OSError:
        near.close()
        raise
    return near
