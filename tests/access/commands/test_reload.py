"""What `officegate reload` says where there is nothing to reload; the rest is in access/radius."""

import socket
import tempfile
from pathlib import Path

import pytest

from access.cli import main
from tests.access.installation import write_config


def test_where_nothing_runs_that_is_said(tmp_path, capsys):
    assert main(["--config", str(write_config(tmp_path)), "reload"]) == 1

    assert "supervisor.sock: No such file or directory" in capsys.readouterr().err


@pytest.fixture
def directory():
    """One with a short name: sockets are bound below it."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def test_a_supervisor_that_was_killed_is_not_waited_for(directory, capsys):
    run_dir = directory / "state" / "run"
    run_dir.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as killed:
        killed.bind(str(run_dir / "supervisor.sock"))

    assert main(["--config", str(write_config(directory)), "reload"]) == 1

    assert "Connection refused" in capsys.readouterr().err


def test_a_mistake_is_said_without_asking_anybody(tmp_path, capsys):
    config = write_config(tmp_path)
    config.write_text(config.read_text("utf-8").replace("[radius]", "[radius]\nworkers = 1000"), "utf-8")

    assert main(["--config", str(config), "reload"]) == 2

    assert "radius.workers" in capsys.readouterr().err
