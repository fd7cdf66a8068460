"""When entries changed."""

from datetime import UTC, datetime, timedelta

import pytest

from access.directory import stamps
from access.directory.entries import RawEntry

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20261122120000.123456Z#000000#001#000000", NOON),
        ("20261122120000Z", NOON.replace(microsecond=0)),
        ("20261122120000.0Z", NOON.replace(microsecond=0)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_stamp_is_a_moment_or_nothing(text, moment):
    assert stamps.parse(text) == moment


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("entryCSN", "(entryCSN>=20261122115930.123456Z#000000#000#000000)"),
        ("modifyTimestamp", "(modifyTimestamp>=20261122115930Z)"),
    ],
)
def test_the_filter_reaches_back_by_the_overlap(attribute, expected):
    assert stamps.changed_since(attribute, NOON, timedelta(seconds=30)) == expected


def test_the_finest_stamp_that_every_entry_has_is_taken():
    both = RawEntry(
        "1", "", {"entrycsn": (b"20261122120000.123456Z#",), "modifytimestamp": (b"20261122120000Z",)}
    )
    coarse = RawEntry("2", "", {"modifytimestamp": (b"20261122120001Z",)})

    assert stamps.attribute_of([both]) == "entryCSN"
    assert stamps.attribute_of([both, coarse]) == "modifyTimestamp"
    assert stamps.newest([both, coarse], "modifyTimestamp") == datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
