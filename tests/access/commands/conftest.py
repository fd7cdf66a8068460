"""An installation that was migrated, and its command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from access.cli import main
from tests.access.conftest import Address
from tests.access.installation import write_config

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = write_config(tmp_path, address.url)
    assert main(["--config", str(path), "migrate"]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def officegate(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """officegate(argument, ...) -> status, what it printed, what it complained about."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["--config", str(config), *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run
