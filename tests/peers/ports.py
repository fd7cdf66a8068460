"""Free loopback ports, outside the range the kernel hands out by itself.

A port is free until somebody binds it, and whoever was given one takes a moment to do so. Each process
therefore has a part of the range for itself, as long as it lives: an abstract socket of that name says so.
"""

import atexit
import random
import socket

LOOPBACK = "127.0.0.1"
# Linux gives outgoing connections 32768-60999: a port of ours would be taken from us there.
FIRST, LAST = 20000, 32000
PART = 400


class NoFreePort(RuntimeError):
    """Something on this machine holds all that we may have."""


class Ports:
    """The ports of one process, each given anew only after all the others."""

    def __init__(self, ours: range, first: int) -> None:
        self._ours = ours
        self._next = first

    def give(self, adjacent: int) -> int:
        for _ in self._ours:
            port = self._next
            wanted = range(port, port + adjacent)
            whole = wanted[-1] in self._ours
            free = whole and all(is_free(each) for each in wanted)
            self._next = wanted[-1] + 1 if free else port + 1
            if self._next not in self._ours:
                self._next = self._ours[0]
            if free:
                return port
        raise NoFreePort(f"no {adjacent} free ports in {self._ours[0]}-{self._ours[-1]}")


def reserve() -> range:
    """A part that no other process has; the whole where every part is somebody's."""
    starts = range(FIRST, LAST, PART)
    for start in random.sample(starts, len(starts)):
        held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            held.bind(f"\0officegate-test-ports-{start}")
        except OSError:
            held.close()
            continue
        atexit.register(held.close)
        return range(start, start + PART)
    return range(FIRST, LAST)


_ports: list[Ports] = []


def free_port(adjacent: int = 1) -> int:
    """A port free on 127.0.0.1 for TCP and UDP, with the `adjacent - 1` after it."""
    if not _ports:
        ours = reserve()
        # Not always the same one first: what a process before had there may linger.
        _ports.append(Ports(ours, random.choice(ours)))
    return _ports[0].give(adjacent)


def is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether something accepts TCP connections there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
