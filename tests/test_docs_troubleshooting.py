"""docs/troubleshooting.md: what it tells an operator to look for is what we say."""

import re

import pytest

from access.model import Reason
from access.radius.radius_health import TELLING
from radius.surroundings import Troubles
from tests.layering import ROOT

TEXT = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
CODE = "\n".join(
    path.read_text("utf-8")
    for package in ("access", "radius")
    for path in sorted((ROOT / package).rglob("*.py"))
)
SPANS = set(re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL)))
# With a blank, no command and no words of a document: an event of the log.
EVENTS = {span for span in SPANS if " " in span and not re.match(r"officegate |gives:|--", span)}
COUNTERS = {span for span in SPANS if re.fullmatch(r"[a-z]+_[a-z_]+|strangers|unrecorded", span)}


def test_every_reason_that_is_named_is_one():
    named = {span for span in SPANS if re.fullmatch(r"[A-Z]+_[A-Z_]+", span)}

    assert "NO_PERMIT" in named
    assert named <= set(Reason.__members__)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_that_is_named_is_one_we_write(event):
    assert f'"{event}"' in CODE


def test_every_counter_that_is_named_is_counted():
    assert {*TELLING, "strangers", *Troubles.__dataclass_fields__} >= COUNTERS
    assert "bad_authenticators" in COUNTERS
