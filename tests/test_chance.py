"""No test draws: what one run tries the next one tries too, or a failure could not be looked at again."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.layering import ROOT

DRAWING = {
    *(f"random.{name}" for name in ("choice", "choices", "getrandbits", "randbytes", "randint", "random")),
    *(f"random.{name}" for name in ("randrange", "sample", "shuffle", "uniform", "SystemRandom")),
    *(f"secrets.{name}" for name in ("choice", "randbelow", "randbits")),
    *(f"secrets.token_{name}" for name in ("bytes", "hex", "urlsafe")),
    *("os.urandom", "uuid.uuid1", "uuid.uuid4"),
}
SUSPECT = re.compile(r"\b(random|secrets|urandom|uuid)\b")
# Octets to be unlike any others, which no test compares with anything but themselves.
UNLIKE_ANY_OTHER = {
    "tests/conftest.py": "the name of a database",
    "tests/peers/ports.py": "which ports this process has",
    "tests/access/directory/test_usn.py": "the invocation of a controller that was restored",
    "tests/access/people/test_active_directory_sync.py": "the invocation of a controller that was restored",
    "tests/access/keys/test_keysource.py": "nonces of a wrapped key",
}


def drawings(source: str) -> Iterator[str]:
    """Each call that draws, as "LINE CALL"; a generator without a seed is one. Octets may be handed on."""
    tree = ast.parse(source)
    modules = {name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names}
    named = {
        name.asname or name.name: f"{each.module}.{name.name}"
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom)
        for name in each.names
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        spelt = ast.unparse(call.func)
        asked = spelt if spelt.partition(".")[0] in modules else named.get(spelt, "")
        seedless = asked == "random.Random" and not call.args
        if seedless or asked in DRAWING:
            yield f"{call.lineno} {asked}"


def test_no_test_draws() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): drawn
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if not {"bench", "soak"}.intersection(path.relative_to(ROOT).parts)
        # To parse them all would take seconds.
        and SUSPECT.search(text := path.read_text("utf-8"))
        and (drawn := list(drawings(text)))
    }

    assert {path: drawn for path, drawn in found.items() if path not in UNLIKE_ANY_OTHER} == {}
    assert UNLIKE_ANY_OTHER.keys() <= found.keys()


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("import random\nrandom.choice('ab')", ["2 random.choice"]),
        ("import random\nrandom.Random()", ["2 random.Random"]),
        ("from random import Random\nRandom().random()", ["2 random.Random"]),
        ("from uuid import uuid4 as new\nnew()", ["2 uuid.uuid4"]),
        ("import os\nos.urandom(4)", ["2 os.urandom"]),
        ("import secrets\nx = secrets.token_hex()", ["2 secrets.token_hex"]),
        ("import random\nrandom.Random(7).choice('ab')", []),
        ("from random import Random\ndef drawn(random: Random):\n    return random.choice('ab')", []),
        ("import os\nseal(b'x', os.urandom)", []),
    ],
    ids=range(9),
)
def test_a_call_that_draws_is_found(source: str, drawn: list[str]) -> None:
    assert list(drawings(source)) == drawn
