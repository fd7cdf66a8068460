"""Free loopback ports, outside the range the kernel hands out by itself."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Linux gives outgoing connections 32768-60999: a port of ours would be taken from us there.
FIRST, LAST = 20000, 32000
_given: set[int] = set()


class NoFreePort(RuntimeError):
    """Hundreds of tries found none: something on this machine holds them all."""


def free_port(adjacent: int = 1) -> int:
    """A port free on 127.0.0.1 for TCP and UDP, with the `adjacent - 1` after it; never given twice."""
    for _ in range(500):
        port = random.randrange(FIRST, LAST - adjacent)
        wanted = range(port, port + adjacent)
        if _given.isdisjoint(wanted) and all(is_free(each) for each in wanted):
            _given.update(wanted)
            return port
    raise NoFreePort(f"no {adjacent} free ports in {FIRST}-{LAST}")


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
