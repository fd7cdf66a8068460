"""The supervisor against real processes that die, hang and leave others behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from access.supervisor import reuseport_sockets

CHILD = """
import os, signal, socket, sys, time
from access.lifeline import die_with_parent, ready
die_with_parent()
{before}
ready()
signal.pause()
"""


class Supervised:
    """A supervisor in a process of its own over children that run the given snippets."""

    def __init__(
        self, run_dir: Path, snippets: dict[str, str], stop_timeout_s: float = 10.0, notify_socket: str = ""
    ) -> None:
        self.run_dir = run_dir
        programs = {
            name: (sys.executable, "-c", CHILD.format(before=before)) for name, before in snippets.items()
        }
        script = textwrap.dedent(f"""
            import sys
            from pathlib import Path
            from access.lifeline import notify
            from access.supervisor import Program, Supervisor
            programs = [Program(name, command) for name, command in {programs!r}.items()]
            supervisor = Supervisor(programs, Path({str(run_dir)!r}), notify, {stop_timeout_s})
            sys.exit(supervisor.run("all ready"))
        """)
        self.log = (run_dir / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=os.environ | {"NOTIFY_SOCKET": notify_socket},
            stdout=self.log,
            stderr=self.log,
        )

    def said(self) -> str:
        return (self.run_dir / "log").read_text()

    def pids(self) -> dict[str, int]:
        path = self.run_dir / "pids"
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(30)
        self.log.close()
        return code


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(snippets: dict[str, str], **how: Any) -> Supervised:
        started.append(Supervised(tmp_path, snippets, **how))
        return started[-1]

    yield start
    for supervised in started:
        supervised.stop()


def eventually(condition: Callable[[], bool], what: str, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        pause.wait(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_it_says_when_every_child_is_ready(supervise):
    supervised = supervise({"a": "", "b": ""})

    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    assert set(supervised.pids()) == {"a", "b"}


def test_a_child_that_is_killed_is_noticed_said_and_started_again(supervise):
    supervised = supervise({"a": ""})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    first = supervised.pids()["a"]

    os.kill(first, signal.SIGKILL)

    eventually(lambda: supervised.pids().get("a", first) != first, "a new pid")
    eventually(lambda: "is back" in supervised.said(), "the all-clear")
    assert "killed by SIGKILL" in supervised.said()


def test_what_a_killed_child_leaves_running_is_killed_before_it_starts_again(supervise, tmp_path):
    note = str(tmp_path / "orphan")
    orphan = f"pid = os.fork()\nif pid == 0:\n    signal.pause()\nopen({note!r}, 'a').write(f'{{pid}}\\n')"
    supervised = supervise({"a": orphan})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    left_behind = int((tmp_path / "orphan").read_text().split()[0])

    os.kill(supervised.pids()["a"], signal.SIGKILL)

    eventually(lambda: not alive(left_behind), "the orphan's end")


def test_terminate_stops_every_child_and_ends_with_status_0(supervise):
    supervised = supervise({"a": "", "b": ""})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    pids = supervised.pids().values()

    assert supervised.stop() == 0
    assert not any(alive(pid) for pid in pids)
    assert not (supervised.run_dir / "supervisor.sock").exists()


def test_a_child_that_ignores_terminate_is_killed_and_the_status_says_so(supervise):
    supervised = supervise({"deaf": "signal.signal(signal.SIGTERM, signal.SIG_IGN)"}, stop_timeout_s=0.3)
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    pid = supervised.pids()["deaf"]

    assert supervised.stop() == 1
    assert not alive(pid)
    assert "killed it" in supervised.said()


def test_children_do_not_outlive_a_supervisor_that_is_killed(supervise):
    supervised = supervise({"a": ""})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    pid = supervised.pids()["a"]

    supervised.process.kill()

    eventually(lambda: not alive(pid), "the child's end")


def test_a_service_manager_hears_once_that_all_are_ready_and_then_of_the_stop(supervise):
    with tempfile.TemporaryDirectory(prefix="og-") as short:
        address = f"{short}/manager"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(30)

            supervised = supervise({"a": "", "b": ""}, notify_socket=address)
            ready = manager.recv(4096).decode().splitlines()
            supervised.stop()
            then = manager.recv(4096)
            manager.settimeout(0)
            with pytest.raises(BlockingIOError):
                manager.recv(4096)

    assert ready == ["READY=1", f"MAINPID={supervised.process.pid}", "STATUS=all ready"]
    assert then == b"STOPPING=1"


def test_a_flow_keeps_its_socket_while_its_reader_is_away():
    sockets = reuseport_sockets("127.0.0.1", 0, 1)
    port = sockets[0].getsockname()[1]
    sockets += reuseport_sockets("127.0.0.1", port, 3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        sender.send(b"first")
        sender.send(b"second")
        for sock in sockets:
            sock.settimeout(0.05)
        heard = [_all_of(sock) for sock in sockets]
    for sock in sockets:
        sock.close()

    assert sorted(heard) == [[], [], [], [b"first", b"second"]]


def test_all_of_ipv6_leaves_ipv4_to_another_address_unless_it_is_alone():
    (four,) = reuseport_sockets("127.0.0.1", 0, 1, alone=False)
    port = four.getsockname()[1]
    (six,) = reuseport_sockets("::", port, 1, alone=False)
    (both,) = reuseport_sockets("::", 0, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"to IPv4", ("127.0.0.1", port))
        sender.sendto(b"to all", ("127.0.0.1", both.getsockname()[1]))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"to IPv6", ("::1", port))

    for sock, octets in ((four, b"to IPv4"), (six, b"to IPv6"), (both, b"to all")):
        with sock:
            sock.settimeout(30)
            assert sock.recv(100) == octets


def _all_of(sock: socket.socket) -> list[bytes]:
    heard = []
    while True:
        try:
            heard.append(sock.recv(100))
        except TimeoutError:
            return heard
