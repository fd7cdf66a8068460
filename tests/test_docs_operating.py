"""docs/operating.md: what it tells an operator to type, to look for and to expect is true."""

import configparser
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from access.cli import main
from tests.access.installation import write_config
from tests.layering import ROOT

TEXT = (ROOT / "docs" / "operating.md").read_text("utf-8")
CODE = "\n".join(
    path.read_text("utf-8")
    for path in sorted([*(ROOT / "access").rglob("*.py"), *(ROOT / "radius").rglob("*.py")])
)
EVENTS = re.findall(r"^\| `([a-zA-Z][^`]*)` \|", TEXT.partition("\n## The log\n")[2], re.MULTILINE)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_of_the_log_that_is_explained_is_one_we_write(event):
    assert f'"{event}"' in CODE


def test_every_file_that_is_installed_is_there():
    named = re.findall(r"\bdeploy/[\w.-]+", TEXT)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_unit_runs_what_is_installed_where_it_is_installed():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "deploy" / "officegate.service", "utf-8")
    program, *words = unit["Service"]["ExecStart"].split()

    assert f"venv {Path(program).parents[1]}\n" in TEXT
    assert words[1] in TEXT
    assert (
        f"useradd --system --home-dir /var/lib/officegate --shell /usr/sbin/nologin {unit['Service']['User']}"
        in TEXT
    )


def test_a_backup_made_as_told_is_whole_while_something_is_being_written(tmp_path, capsys):
    (statement,) = re.findall(r'"(VACUUM INTO .*)"', TEXT)
    origin, copy = tmp_path / "origin", tmp_path / "copy"
    origin.mkdir()
    copy.mkdir()
    config = write_config(origin)
    assert main(["--config", str(config), "migrate"]) == 0
    (database,) = (origin / "db").glob("*.sqlite")
    restored = copy / "db" / database.name
    restored.parent.mkdir()

    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE not_yet (number INTEGER)")
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute(re.sub(r"'.*'", f"'{restored}'", statement))
        writer.execute("COMMIT")

    (copy / "keys").mkdir()
    (copy / "keys" / "keys").write_bytes((origin / "keys" / "keys").read_bytes())
    (copy / "keys" / "keys").chmod(0o600)
    assert main(["--config", str(write_config(copy, f"sqlite:///{restored}")), "audit", "verify"]) == 0
    assert "the audit holds" in capsys.readouterr().out


def test_what_a_first_command_makes_has_the_modes_of_the_page(tmp_path):
    assert main(["--config", str(write_config(tmp_path)), "migrate"]) == 0

    assert mode(tmp_path / "keys" / "keys") == 0o600
    assert mode(tmp_path / "db") == 0o700
    assert "| `/etc/officegate/keys` | 0600 |" in TEXT
    assert "| `/var/lib/officegate/database/` | 0700 |" in TEXT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
