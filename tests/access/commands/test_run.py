"""`officegate run` as a whole: what it says before it starts anything, what is killed, and Ctrl-C."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from access.cli import main
from tests.access.installation import write_config
from tests.peers import leftovers
from tests.peers.waiting import wait_until

# A dozen processes of ours start at once, on a machine that may be busy with others.
STARTING_S = 120.0
CHILDREN = {"radius-0", "loader", "web", "directory", "enforce", "worker"}


@pytest.fixture
def directory() -> Iterator[Path]:
    """One with a short name: sockets are bound below it."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def migrated(config: Path) -> Path:
    assert main(["--config", str(config), "migrate"]) == 0
    return config


@pytest.mark.parametrize("command", ["run", "radius"])
def test_a_state_directory_with_too_long_a_name_is_named_with_what_would_fit(directory, command, capsys):
    deep = directory / ("x" * 90)
    deep.mkdir()

    assert main(["--config", str(migrated(write_config(deep))), command]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    over = len(f"{deep}/state/run/supervisor.sock") - 107
    assert said.startswith(f"officegate: The sockets in {deep}/state/run ")
    assert said.endswith(f"{over} octets shorter.")


def test_a_port_that_is_taken_is_named_with_the_settings_to_change(directory, capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

        assert main(["--config", str(migrated(write_config(directory, auth_port=port))), "radius"]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    assert f"port {port}: Address already in use" in said
    assert "[radius] listen, auth_port, acct_port or radsec_port" in said


@pytest.mark.parametrize("command", ["run", "radius"])
def test_a_second_one_in_the_same_state_directory_is_refused(directory, command, capsys):
    config = migrated(write_config(directory))
    run = directory / "state" / "run"
    run.mkdir(parents=True, exist_ok=True)
    with (run / "supervisor.lock").open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        assert main(["--config", str(config), command]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(
        f"officegate: Officegate runs already in {directory / 'state'}, or is still stopping."
    )


@dataclass
class Service:
    """`officegate run` in a process group of its own, as a shell would start it."""

    process: subprocess.Popen[bytes]
    directory: Path

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def pids(self) -> dict[str, int]:
        lines = (self.directory / "state" / "run" / "pids").read_text().splitlines()
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def says(self, what: str, times: int = 1) -> None:
        def said() -> bool:
            assert self.process.poll() is None, self.log
            return self.log.count(what) >= times

        wait_until(said, what, STARTING_S)


@contextmanager
def running(directory: Path) -> Iterator[Service]:
    """An installation with one RADIUS worker whose directory is away."""
    command = [sys.executable, "-m", "access.cli", "--config", migrated(write_config(directory)), "run"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=os.environ | {"OFFICEGATE_RADIUS__WORKERS": "1"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield Service(process, directory)
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(4 * STARTING_S)
def test_whatever_is_killed_comes_back_and_ctrl_c_ends_everything(directory):
    with running(directory) as service:
        service.says("officegate is ready")
        first = service.pids()
        # A second one would get half of the packets.
        assert main(["--config", str(directory / "officegate.toml"), "run"]) == 2
        assert first.keys() == CHILDREN

        for pid in first.values():
            os.kill(pid, signal.SIGKILL)

        service.says("is back", times=len(CHILDREN))
        assert service.log.count("killed by SIGKILL") == len(CHILDREN)
        assert not set(first.values()) & set(service.pids().values())

        everything = leftovers.descendants(service.process.pid)
        # A terminal sends it to all of them at once.
        os.killpg(service.process.pid, signal.SIGINT)

        assert service.process.wait(STARTING_S) == 0
        assert "Traceback" not in service.log
        wait_until(lambda: not everything & leftovers.running().keys(), "every process to be gone")
