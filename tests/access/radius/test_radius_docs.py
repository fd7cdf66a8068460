import re

import pytest

from access.logins.network_session import End, State
from access.logins.radius_reasons import METHODS
from access.model import Reason
from access.nas.registry import Code, EapMethod, MessageAuthenticator
from access.radius.radius_health import TELLING
from radius.vendor.families import FAMILIES
from tests.layering import ROOT

RADIUS = (ROOT / "docs" / "radius.md").read_text("utf-8")
NAS = (ROOT / "docs" / "nas.md").read_text("utf-8")


@pytest.mark.parametrize("end", [*End, Reason.ADDRESS_TAKEN_OVER])
def test_every_end_of_a_session_is_explained(end):
    assert f"| `{end}` |" in RADIUS


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_session_is_explained(state):
    assert f"| `{state}` |" in RADIUS


@pytest.mark.parametrize("counter", [*TELLING, "strangers"])
def test_every_counter_that_is_logged_is_explained(counter):
    assert f"| `{counter}` |" in RADIUS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_named(method):
    assert re.search(rf"^\| {re.escape(method.value)} (\(`\w+`\) )?\|", RADIUS, re.MULTILINE)


@pytest.mark.parametrize("value", [*Code, *MessageAuthenticator, *EapMethod, *FAMILIES])
def test_every_way_to_set_a_nas_is_explained(value):
    assert f"| `{value}` |" in NAS
