"""The wheel is whole: what stands beside our modules is in it, and the command works from it alone."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.access.installation import write_config
from tests.layering import PACKAGES, ROOT

SHIPPED = (*PACKAGES, "migrations")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
OFFLINE = ["--no-deps", "--no-index", "--root-user-action=ignore"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, so that what an earlier build left in the tree cannot get in."""
    directory = tmp_path_factory.mktemp("wheel")
    source = directory / "source"
    for name in SHIPPED:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    run(*PIP, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", directory, source)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The directory the wheel is installed in, its dependencies being those of this Python."""
    target = wheel.parent / "installed"
    run(*PIP, "install", *OFFLINE, "--target", target, wheel)
    return target


def run(*command: object, directory: Path | None = None, **variables: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=directory,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def sources(wheel: Path) -> set[str]:
    """Every file of our packages, by its path in the repository."""
    copied = wheel.parent / "source"
    files = (path for name in SHIPPED for path in (copied / name).rglob("*") if path.is_file())
    return {path.relative_to(copied).as_posix() for path in files}


def test_the_wheel_has_every_file_of_our_packages_and_nothing_else(wheel, sources):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    packed = {name for name in names if not PurePosixPath(name).parts[0].endswith(".dist-info")}

    assert sources - packed == set()
    assert packed - sources == set()


def test_among_them_is_what_is_no_python(sources):
    kinds = {PurePosixPath(name).suffix or PurePosixPath(name).name for name in sources}

    assert {".html", ".css", ".js", ".svg", ".po", ".ini", ".mako", ".ietf", "dictionary"} <= kinds


def test_the_installed_command_tells_its_version(installed, tmp_path):
    printed = run(
        installed / "bin" / "officegate", "--version", directory=tmp_path, PYTHONPATH=str(installed)
    )

    assert printed == "officegate, version 0.1.0\n"


def test_it_is_the_installed_modules_that_run(installed, tmp_path):
    where = "import access.cli, migrations; print(access.cli.__file__, migrations.__file__)"

    printed = run(sys.executable, "-c", where, directory=tmp_path, PYTHONPATH=str(installed))

    assert printed.split() == [f"{installed}/{name}" for name in ("access/cli.py", "migrations/__init__.py")]


def test_the_installed_command_makes_a_database(installed, tmp_path):
    config = write_config(tmp_path)
    officegate = (installed / "bin" / "officegate", "--config", config)

    migrated = run(*officegate, "migrate", directory=tmp_path, PYTHONPATH=str(installed))
    held = run(*officegate, "audit", "verify", directory=tmp_path, PYTHONPATH=str(installed))

    assert "companies changed: hangang" in migrated
    assert "the audit holds" in held


def test_the_installed_dictionaries_and_catalogues_are_read(installed, tmp_path):
    script = """if True:
        from access.console.languages import CATALOGUES, CompiledAtStart
        from radius.dictionary_files import load
        load()
        CompiledAtStart(CATALOGUES)
        print([path.name for path in CATALOGUES.iterdir()])
    """

    printed = run(sys.executable, "-c", script, directory=tmp_path, PYTHONPATH=str(installed))

    assert "ko.po" in printed
