"""Values are made quickly, and mypy holds them still."""

import subprocess
import sys
from dataclasses import field, replace

import pytest

from radius.frozen import value
from tests.layering import ROOT

CHANGES_ONE = """\
from radius.frozen import value

@value
class Point:
    x: int

def move(point: Point) -> None:
    point.x = 2
"""


@value
class Known:
    name: str
    secret: str = field(default="", repr=False)


def test_a_value_is_equal_to_one_with_the_same_fields_and_hashed_by_them():
    assert Known("kim", "s") == Known("kim", "s") != Known("kim", "t")
    assert len({Known("kim"), Known("kim"), replace(Known("kim"), name="lee")}) == 2


def test_what_is_secret_is_not_shown():
    assert "s3cret" not in repr(Known("kim", "s3cret"))


def test_a_value_has_room_for_nothing_but_its_fields():
    with pytest.raises(AttributeError):
        Known("kim").other = 1  # type: ignore[attr-defined]


def test_mypy_refuses_whoever_changes_one():
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", "--cache-dir=/dev/null", "-c", CHANGES_ONE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 'Property "x" defined in "Point" is read-only' in checked.stdout
