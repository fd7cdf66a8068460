"""A small office in network namespaces: a client, the gateway between, a server. Needs root and iproute2.

    client  office  -- clients  gateway  servers --  office  server
    10.8.0.2 to .9     10.8.0.1          10.99.0.1      10.99.0.2, .3
    fd00:8::2 to ::9   fd00:8::1         fd00:99::1     fd00:99::2, ::3

The gateway forwards, and checks no source by itself (rp_filter is off): whatever refuses a packet is the
gateway's table.
"""

import ctypes
import os
import socket
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.peers.available import program
from tests.peers.leftovers import scope

CLONE_NEWNET = 0x40000000
POOL4, POOL6 = "10.8.0.0/24", "fd00:8::/64"
CLIENTS4, CLIENTS6 = [f"10.8.0.{n}" for n in range(2, 10)], [f"fd00:8::{n}" for n in range(2, 10)]
SERVERS4, SERVERS6 = ["10.99.0.2", "10.99.0.3"], ["fd00:99::2", "fd00:99::3"]
CLIENT_SIDE, SERVER_SIDE = "clients", "servers"

numbers = count(1)
Result = TypeVar("Result")


class OfficeNet:
    """The office; as a context it is built and, whatever happens, taken away.

    `client`, `gateway` and `server` are the names of the namespaces, different for every instance.
    """

    def __init__(self) -> None:
        number = next(numbers)
        self.client, self.gateway, self.server = (
            f"{scope()}-{number}-{place}" for place in ("client", "gateway", "server")
        )
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            for name in (self.client, self.gateway, self.server):
                ip("netns", "add", name)
                ending.callback(ip, "netns", "delete", name)
            self._wire(
                self.client, CLIENT_SIDE, [f"{a}/24" for a in CLIENTS4] + [f"{a}/64" for a in CLIENTS6]
            )
            self._wire(
                self.server, SERVER_SIDE, [f"{a}/24" for a in SERVERS4] + [f"{a}/64" for a in SERVERS6]
            )
            for setting in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
                self.configure(self.gateway, setting, "1")
            self._ending = ending.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def run(self, ns: str, cmd: Sequence[str], *, check: bool = True) -> str:
        """What the command prints, run in the namespace of this name; raises CalledProcessError."""
        words = [program("ip"), "netns", "exec", ns, *cmd]
        return subprocess.run(words, capture_output=True, text=True, check=check, timeout=30).stdout

    def popen(self, ns: str, cmd: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
        """The command, running in the namespace: `ip netns exec` becomes it, so its pid is the command's."""
        return subprocess.Popen([program("ip"), "netns", "exec", ns, *cmd], **options)

    def open_socket(self, ns: str, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket that lives in the namespace, for use from here."""
        return self.inside(ns, lambda: socket.socket(family, kind, protocol))

    def inside(self, ns: str, action: Callable[[], Result]) -> Result:
        """What the action returns, run in a thread that is in the namespace."""
        return inside(ns, action)

    def configure(self, ns: str, setting: str, value: str) -> None:
        """Write /proc/sys/net/SETTING of the namespace."""
        path = Path("/proc/sys/net") / setting
        inside(ns, lambda: path.write_text(value))

    def _wire(self, ns: str, side: str, addresses: list[str]) -> None:
        gateway4, gateway6 = ("10.8.0.1", "fd00:8::1") if side == CLIENT_SIDE else ("10.99.0.1", "fd00:99::1")
        ip("link", "add", side, "netns", self.gateway, "type", "veth", "peer", "office", "netns", ns)
        self._set_up(self.gateway, side, [f"{gateway4}/24", f"{gateway6}/64"])
        self._set_up(ns, "office", addresses)
        ip("-n", ns, "route", "add", "default", "via", gateway4)
        ip("-n", ns, "-6", "route", "add", "default", "via", gateway6)
        self.configure(ns, "ipv4/ping_group_range", "0 2147483647")

    def _set_up(self, ns: str, link: str, addresses: list[str]) -> None:
        # Without duplicate address detection an IPv6 address works at once.
        for setting in (
            "ipv4/conf/all/rp_filter",
            f"ipv4/conf/{link}/rp_filter",
            f"ipv6/conf/{link}/accept_dad",
        ):
            self.configure(ns, setting, "0")
        for name in ("lo", link):
            ip("-n", ns, "link", "set", name, "up")
        for address in addresses:
            ip("-n", ns, "address", "add", address, "dev", link, *(["nodad"] if ":" in address else []))


def ip(*words: str) -> None:
    """Run iproute2; what it complains about is in the error."""
    done = subprocess.run([program("ip"), *words], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def inside(ns: str, action: Callable[[], Result]) -> Result:
    """What the action returns, run in a thread that has entered the namespace of this name."""

    def enter_and_act() -> Result:
        enter(ns)
        return action()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(enter_and_act).result()


def enter(ns: str) -> None:
    """Move the calling thread into the namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/run/netns/{ns}", os.O_RDONLY)
    try:
        if libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns", ns)
    finally:
        os.close(handle)
