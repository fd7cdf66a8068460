"""The supervisor against real processes that die, hang and leave others behind."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from access.supervision.sockets import reuseport_sockets
from tests.peers.leftovers import running
from tests.peers.ports import free_port
from tests.peers.waiting import PATIENCE_S

CHILD = """
import os, signal, socket, sys, time
from access.lifeline import die_with_parent, ready
die_with_parent()
{before}
ready()
while True:
    signal.pause()
"""
# One that can step aside, and writes down what it is told.
ASIDE = """
def note(what):
    with open({notes!r}, "a") as notes:
        notes.write(what + " " + " ".join(sys.argv[1:]) + "\\n")
def aside(*_):
    note("aside")
    {then}
signal.signal(signal.SIGUSR1, lambda *_: note("begin"))
signal.signal(signal.SIGUSR2, aside)
note("start")
"""


class Supervised:
    """A supervisor in a process of its own over children that run the given snippets."""

    def __init__(
        self,
        run_dir: Path,
        snippets: dict[str, str],
        stop_timeout_s: float = 60.0,
        notify_socket: str = "",
        aside: tuple[str, ...] = (),
    ) -> None:
        self.run_dir = run_dir
        self.want(snippets, aside)
        script = textwrap.dedent(f"""
            import json, sys
            from pathlib import Path
            from access.supervision.child import Program
            from access.errors import Misconfigured
            from access.lifeline import notify
            from access.supervision.supervisor import Supervisor
            def plan():
                wanted = json.loads(Path({str(run_dir / "wanted")!r}).read_text())
                if not wanted:
                    raise Misconfigured("a mistake in the configuration")
                return [Program(name, tuple(words), aside_s=aside_s) for name, words, aside_s in wanted]
            supervisor = Supervisor(plan(), Path({str(run_dir)!r}), notify, plan, {stop_timeout_s})
            sys.exit(supervisor.run("all ready"))
        """)
        self.log = (run_dir / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=os.environ | {"NOTIFY_SOCKET": notify_socket},
            stdout=self.log,
            stderr=self.log,
        )

    def want(self, snippets: dict[str, str], aside: tuple[str, ...] = ()) -> None:
        """What is to run from the start, or from the next reload on; aside: those that can step aside."""
        wanted = [
            (name, (sys.executable, "-c", CHILD.format(before=before)), 60.0 if name in aside else None)
            for name, before in snippets.items()
        ]
        (self.run_dir / "wanted").write_text(json.dumps(wanted))

    def reload(self) -> tuple[int, str]:
        """The exit status of a reload, and what is said of it."""
        eventually(lambda: "all ready" in self.said(), "the announcement")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asker:
            asker.settimeout(60)
            asker.bind("")
            asker.sendto(b"RELOAD=1", str(self.run_dir / "supervisor.sock"))
            status, _, text = asker.recv(4096).decode().removeprefix("RELOADED=").partition("\n")
        return int(status), text

    def said(self) -> str:
        return (self.run_dir / "log").read_text()

    def pids(self) -> dict[str, int]:
        path = self.run_dir / "pids"
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(90)
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


def eventually(condition: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        pause.wait(0.01)


def alive(pid: int) -> bool:
    return pid in running()


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
    port = free_port()
    with ExitStack() as opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sockets = [opened.enter_context(each) for each in reuseport_sockets("127.0.0.1", port, 4)]
        sender.connect(("127.0.0.1", port))
        sender.send(b"first")
        sender.send(b"second")

        (reader,), _, _ = select.select(sockets, (), (), PATIENCE_S)
        reader.settimeout(PATIENCE_S)
        assert [reader.recv(100), reader.recv(100)] == [b"first", b"second"]


def test_all_of_ipv6_leaves_ipv4_to_another_address_unless_it_is_alone():
    port = free_port()
    (four,) = reuseport_sockets("127.0.0.1", port, 1, alone=False)
    (six,) = reuseport_sockets("::", port, 1, alone=False)
    (both,) = reuseport_sockets("::", free_port(), 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"to IPv4", ("127.0.0.1", port))
        sender.sendto(b"to all", ("127.0.0.1", both.getsockname()[1]))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"to IPv6", ("::1", port))

    for sock, octets in ((four, b"to IPv4"), (six, b"to IPv6"), (both, b"to all")):
        with sock:
            sock.settimeout(30)
            assert sock.recv(100) == octets


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


def stepping_aside(notes: Path, then: str = "sys.exit()") -> str:
    return ASIDE.format(notes=str(notes), then=then)


def test_a_reload_replaces_every_child_one_after_the_other(supervise):
    supervised = supervise({"a": "", "b": ""})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    before = supervised.pids()
    supervised.want({"a": "", "b": "print('b is new', flush=True)"})

    assert supervised.reload() == (0, "everything runs with the new configuration")

    eventually(lambda: len(set(supervised.pids().items()) - set(before.items())) == 2, "two new pids")
    assert not any(alive(pid) for pid in before.values())
    assert "b is new" in supervised.said()
    assert "died" not in supervised.said()


def test_one_that_can_step_aside_does_so_for_a_successor_that_is_ready(supervise, notes):
    supervised = supervise({"a": stepping_aside(notes)}, aside=("a",))

    assert supervised.reload()[0] == 0
    eventually(lambda: len(notes.read_text().splitlines()) == 4, "the successor to hear that it begins")
    assert supervised.reload()[0] == 0
    eventually(lambda: len(notes.read_text().splitlines()) == 7, "its own successor to hear the same")

    assert notes.read_text().splitlines() == [
        "start --turn 0",
        "start --turn 1 --stand-by",
        "aside --turn 0",
        "begin --turn 1 --stand-by",
        "start --turn 0 --stand-by",
        "aside --turn 1 --stand-by",
        "begin --turn 0 --stand-by",
    ]


def test_a_successor_begins_too_where_who_steps_aside_is_killed(supervise, notes):
    supervised = supervise({"a": stepping_aside(notes, then="pass")}, aside=("a",))
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    before = supervised.pids()["a"]
    supervised.process.send_signal(signal.SIGHUP)
    eventually(lambda: "aside --turn 0" in notes.read_text(), "it to step aside")

    os.kill(before, signal.SIGKILL)

    eventually(lambda: "begin --turn 1" in notes.read_text(), "its successor to begin")


def test_a_successor_that_dies_later_comes_back_without_standing_by(supervise, notes):
    supervised = supervise({"a": stepping_aside(notes)}, aside=("a",))
    supervised.reload()

    eventually(lambda: "a" in supervised.pids() and "begin" in notes.read_text(), "the successor")
    os.kill(supervised.pids()["a"], signal.SIGKILL)

    eventually(lambda: notes.read_text().endswith("start --turn 1\n"), "it to come back")


def test_a_mistake_changes_nothing_and_is_said(supervise):
    supervised = supervise({"a": "", "b": ""})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    before = supervised.pids()
    supervised.want({})

    assert supervised.reload() == (2, "a mistake in the configuration")

    assert supervised.pids() == before
    assert all(alive(pid) for pid in before.values())
    assert "a mistake in the configuration" in supervised.said()


def test_a_successor_that_does_not_start_leaves_who_serves_where_it_is(supervise, notes):
    supervised = supervise({"a": stepping_aside(notes), "b": ""}, aside=("a",))
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    before = supervised.pids()
    supervised.want({"a": "sys.exit(3)", "b": ""}, aside=("a",))

    status, text = supervised.reload()

    assert (status, "a does not start with the new configuration: exit status 3" in text) == (1, True)
    assert supervised.pids() == before
    assert notes.read_text() == "start --turn 0\n"


def test_one_that_was_stopped_for_a_successor_that_does_not_start_comes_back(supervise):
    supervised = supervise({"a": "print('a as it was', flush=True)"})
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    supervised.want({"a": "sys.exit(3)"})

    assert supervised.reload()[0] == 1

    eventually(lambda: supervised.said().count("a as it was") == 2, "it to come back")


def test_a_stop_in_the_middle_of_a_reload_leaves_nobody_behind(supervise, notes):
    supervised = supervise({"a": stepping_aside(notes, then="pass")}, aside=("a",))
    eventually(lambda: "all ready" in supervised.said(), "the announcement")
    before = supervised.pids()["a"]
    supervised.process.send_signal(signal.SIGHUP)
    eventually(lambda: supervised.pids().get("a", before) != before, "a successor")
    after = supervised.pids()["a"]

    assert supervised.stop() == 0
    assert not any(alive(pid) for pid in (before, after))
