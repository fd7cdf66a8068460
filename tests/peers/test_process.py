"""A daemon of the tests starts by condition, ends by pid, and says why when it cannot."""

import signal
import subprocess
import sys

import pytest

from tests.layering import ROOT
from tests.peers import process
from tests.peers.leftovers import running
from tests.peers.ports import answers, free_port
from tests.peers.process import Daemon, Died
from tests.peers.waiting import NotInTime, wait_until


def test_it_is_ready_when_its_condition_is_and_gone_after_stop(tmp_path):
    port = free_port()
    command = ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)]

    with Daemon(command, tmp_path, ready=lambda: answers(port)) as daemon:
        assert answers(port)
        pid = daemon.pid

    assert not answers(port)
    assert not is_alive(pid)


def test_one_that_ends_at_once_is_told_with_its_log(tmp_path):
    with pytest.raises(Died, match=r"ended with status 3\nno room"):
        Daemon(["sh", "-c", "echo no room; exit 3"], tmp_path, ready=lambda: False).start()


def test_one_that_never_gets_ready_is_stopped_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "READY_S", 0.1)
    spoken = lambda: wait_until(lambda: "thinking" in daemon.log, "it to say something")  # noqa: E731
    daemon = Daemon(["sh", "-c", "echo thinking; exec sleep 60"], tmp_path, ready=lambda: spoken() < 0)

    with pytest.raises(Died, match=r"to be ready\nthinking"):
        daemon.start()

    assert not daemon.is_running()


def test_what_it_forked_ends_with_it(tmp_path):
    child = tmp_path / "child"
    script = f"sleep 60 & echo $! > {child}; wait"

    with Daemon(["sh", "-c", script], tmp_path, ready=lambda: child.exists() and bool(child.read_text())):
        forked = int(child.read_text())

    assert not is_alive(forked)


def test_one_that_will_not_leave_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "STOP_S", 0.1)
    deaf = tmp_path / "deaf"
    script = f"trap '' TERM; touch {deaf}; while :; do sleep 0.05; done"
    daemon = Daemon(["sh", "-c", script], tmp_path, ready=deaf.exists)
    daemon.start()
    pid = daemon.pid

    daemon.stop()

    assert not is_alive(pid)


PARENT = """
import os, signal, sys
from pathlib import Path
from tests.peers.process import Daemon

directory = Path(sys.argv[1])
# Not before setpriv has become sleep: only then is the end of the parent noticed.
name = lambda: Path(f"/proc/{daemon.pid}/comm").read_text()
daemon = Daemon(["sleep", "60"], directory, ready=lambda: name() == "sleep\\n")
daemon.start()
(directory / "pid").write_text(str(daemon.pid))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_dies_with_the_process_that_started_it(tmp_path):
    killed = subprocess.run([sys.executable, "-c", PARENT, tmp_path], cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    orphan = int((tmp_path / "pid").read_text())
    wait_until(lambda: not is_alive(orphan), "the orphan to end")


def test_waiting_names_what_did_not_come():
    with pytest.raises(NotInTime, match=r"waited 0.02 s for the bus"):
        wait_until(lambda: False, "the bus", 0.02)


def test_ports_are_free_distinct_and_adjacent_when_asked():
    ports = [free_port(2) for _ in range(20)]

    assert len(set(ports) | {port + 1 for port in ports}) == 40


def is_alive(pid):
    return pid in running()
