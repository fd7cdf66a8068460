"""What `officegate run` says before it starts anything."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.cli import main
from tests.access.installation import write_config


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
