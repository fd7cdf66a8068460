import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.layering import PACKAGES, ROOT

VERSIONS = ROOT / "migrations" / "versions"


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("0*.py")), ids=lambda path: path.stem)
def test_a_revision_depends_on_no_code_that_may_change(path: Path):
    imports = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    modules = {name for node in imports for name in (getattr(node, "module", None) or node.names[0].name,)}
    assert modules - sys.stdlib_module_names <= {"sqlalchemy", "alembic"}


def test_the_revisions_are_shipped(tmp_path: Path):
    source = tmp_path / "source"
    for package in (*PACKAGES, "migrations"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(tmp_path)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True, capture_output=True
    )

    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {f"migrations/versions/{path.name}" for path in VERSIONS.glob("*.py")}
    assert ours | {"migrations/env.py", "migrations/script.py.mako"} <= names


# First of all: where two branches took one number, whatever migrates fails as well, and does not say why.
@pytest.mark.core
def test_the_revisions_form_one_chain_in_the_order_of_their_files():
    chain = []
    for path in sorted(VERSIONS.glob("0*.py")):
        said = dict(
            re.findall(r'^(revision|down_revision) = (?:"(\d+)"|None)', path.read_text(), re.MULTILINE)
        )
        chain.append((path.stem[:4], said["revision"], said["down_revision"]))

    numbers = [number for number, *_ in chain]
    assert chain == list(zip(numbers, numbers, ["", *numbers[:-1]], strict=True))
