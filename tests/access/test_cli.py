import re
import subprocess
import sys
from pathlib import Path

import pytest

from access.cli import COMMANDS, Commands, main
from tests.access.conftest import Address
from tests.access.installation import write_config


@pytest.fixture
def config(empty_address: Address, tmp_path: Path) -> Path:
    return write_config(tmp_path, empty_address.url)


def run(config: Path, *arguments: str) -> int:
    return main(["--config", str(config), *arguments])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]):
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: officegate {name}")


def test_the_table_is_the_whole_list(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    listed = re.findall(r"^  ([a-z-]+)  ", capsys.readouterr().out.partition("Commands:")[2], re.MULTILINE)

    # The supervisor alone starts these two.
    assert listed == sorted(COMMANDS.keys() - {"radius-loader", "radius-worker"})
    assert Commands().get_command(None, "os") is None  # type: ignore[arg-type]


def test_an_unknown_command_is_called_wrongly(capsys: pytest.CaptureFixture[str]):
    assert main(["migrat"]) == 2
    assert "No such command 'migrat'" in capsys.readouterr().err


def test_every_mistake_of_the_configuration_is_a_line_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config = write_config(tmp_path, web_port=99999, auth_port='"x"')

    assert run(config, "migrate") == 2

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"officegate: {config}: ") for line in lines)


def test_migrate_makes_the_tables_and_the_companies(config: Path, capsys: pytest.CaptureFixture[str]):
    assert run(config, "migrate") == 0
    said = capsys.readouterr().out
    assert said.startswith("database made at ")
    assert said.endswith("companies changed: hangang\n")

    assert run(config, "migrate") == 0
    assert capsys.readouterr().out.endswith("already; companies changed: none\n")


def test_a_command_on_an_unmigrated_database_says_what_to_run(
    config: Path, capsys: pytest.CaptureFixture[str]
):
    assert run(config, "audit", "verify") == 2

    assert "Run: officegate migrate" in capsys.readouterr().err


def test_a_server_that_is_away_is_one_line_and_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = write_config(tmp_path, "postgresql+psycopg://gate:hidden-word@127.0.0.1:9/gate")

    assert run(config, "audit", "verify") == 1

    assert (
        "officegate: The database postgresql+psycopg://gate:***@127.0.0.1:9/gate failed"
        in capsys.readouterr().err
    )


def test_a_key_file_open_to_others_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = write_config(tmp_path)
    assert run(config, "migrate") == 0
    (tmp_path / "keys" / "keys").chmod(0o644)

    assert run(config, "audit", "verify") == 2
    assert "chmod 600" in capsys.readouterr().err


def test_the_configuration_is_found_by_its_variable_or_in_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = write_config(tmp_path)
    monkeypatch.setenv("OFFICEGATE_CONFIG", str(config))
    assert main(["migrate"]) == 0

    monkeypatch.delenv("OFFICEGATE_CONFIG")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate"]) == 0


def test_the_installed_command_runs(tmp_path: Path):
    command = Path(sys.executable).with_name("officegate")
    done = subprocess.run(
        [command, "--config", tmp_path / "absent.toml", "check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "absent.toml: No such file or directory" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_command_loads_no_library_it_has_no_use_for():
    code = "import sys, access.cli; print([m for m in ('flask', 'celery') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_command_that_is_done_does_not_tidy_up_what_goes_with_it():
    code = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0));"
        "from access.cli import main; main(['migrate', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "True"
