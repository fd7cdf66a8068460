"""A loopback port that leads into another network namespace, to a server there that has fixed ports."""

import ctypes
import os
import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.peers.ports import LOOPBACK

CLONE_NEWNET = 0x40000000
STOPS_WITHIN_S = 30.0
CHUNK = 65536


class WayIn:
    """Connections to port on the loopback go to address in the network namespace of a process.

    A socket belongs to the namespace its thread is in when it is made: the one that listens is of here, those
    that the thread opens are of there. Leaving the block closes the port and every connection through it.
    """

    def __init__(self, pid: int, address: tuple[str, int]) -> None:
        self._pid, self._address = pid, address
        self._peer: dict[socket.socket, socket.socket] = {}

    def __enter__(self) -> Self:
        self._listening = socket.create_server((LOOPBACK, 0))
        self.port = int(self._listening.getsockname()[1])
        self._told, self._tell = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the port and what goes through it; twice is once."""
        self._tell.close()
        self._thread.join(STOPS_WITHIN_S)
        for each in (self._listening, self._told, *self._peer):
            each.close()

    def _run(self) -> None:
        _enter_network_of(self._pid)
        with selectors.DefaultSelector() as self._selector:
            for own in (self._listening, self._told):
                self._selector.register(own, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in self._selector.select()]
                if self._told in ready:
                    return
                for each in ready:
                    assert isinstance(each, socket.socket)
                    if each is self._listening:
                        self._accept()
                    elif each in self._peer:
                        self._pass_on(each)

    def _accept(self) -> None:
        client, _ = self._listening.accept()
        try:
            server = socket.create_connection(self._address)
        except OSError:
            client.close()
            return
        self._peer |= {client: server, server: client}
        for each in (client, server):
            self._selector.register(each, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        other = self._peer[end]
        with suppress(OSError):
            octets = end.recv(CHUNK)
            if octets:
                other.sendall(octets)
                return
        for each in (end, other):
            self._selector.unregister(each)
            self._peer.pop(each).close()
            each.close()


def _enter_network_of(pid: int) -> None:
    """Move the calling thread, and no other, into the process's network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter the network namespace of {pid}")
    finally:
        os.close(handle)
