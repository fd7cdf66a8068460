"""Sockets that a supervisor keeps open over the life and death of the processes that read them. ◆"""

import ctypes
import socket
import struct
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

BACKLOG = 128
# asm-generic/socket.h; the socket module has no name for it.
_ATTACH_REUSEPORT_CBPF = 51
# struct sock_fprog: how many instructions, and where they are.
_PROGRAM = struct.Struct("@HP")
_INSTRUCTION_OCTETS = 8


def reuseport_sockets(address: str, port: int, count: int, alone: bool = True) -> list[socket.socket]:
    """Return count UDP sockets that share one address and port, each with its own share of the flows.

    "::" takes IPv4 as well, unless it is not alone. Raises OSError, and then none of them stays open.
    """
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(address, socket.SOCK_DGRAM, alone)) for _ in range(count)]
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            sock.bind((address, port))
        opened.pop_all()
    return sockets


def steer(sock: socket.socket, program: bytes) -> bool:
    """Have a program choose which of the sockets gets a packet; return whether the kernel takes it.

    sock is any of those that share an address and port. The program (classic BPF, struct sock_filter after
    struct sock_filter) returns their place in the order in which they were bound.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    head = _PROGRAM.pack(len(program) // _INSTRUCTION_OCTETS, ctypes.addressof(instructions))
    try:
        sock.setsockopt(socket.SOL_SOCKET, _ATTACH_REUSEPORT_CBPF, head)
    except OSError:
        return False
    return True


def listening_sockets(address: str, port: int, count: int, alone: bool = True) -> list[socket.socket]:
    """Return count TCP sockets that share one address and port, each with its own share of the connections.

    None for port 0. "::" takes IPv4 as well, unless it is not alone. Raises OSError, and then none of them
    stays open.
    """
    wanted = count if port else 0
    with ExitStack() as opened:
        sockets = [opened.enter_context(_socket(address, socket.SOCK_STREAM, alone)) for _ in range(wanted)]
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind((address, port))
            sock.listen(BACKLOG)
        opened.pop_all()
    return sockets


def _socket(address: str, kind: socket.SocketKind, alone: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not alone)
    return sock


def doorway(path: Path) -> socket.socket:
    """Return a unix datagram socket bound at path, replacing what an earlier run left there."""
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(path))
    path.chmod(0o600)
    return sock


def close_all(sockets: Iterable[socket.socket]) -> None:
    """Close every socket."""
    for sock in sockets:
        sock.close()
