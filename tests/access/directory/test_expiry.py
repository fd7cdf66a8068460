"""Accounts whose end has come, as a reading brings them."""

import pytest

from access.directory.expiry import in_force
from access.directory.roster import Changes
from tests.access.provisioned import person

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("ends_at", "enabled"), [(None, True), (NOW + 0.1, True), (NOW, False), (NOW - 86400, False)]
)
def test_nobody_is_enabled_from_their_end_on(ends_at, enabled):
    kim = person("kim", expires_at=ends_at)

    (after,) = in_force(Changes(people={kim.uuid: kim}), NOW).people.values()

    assert after.enabled is enabled
    assert after.expires_at == ends_at


def test_whoever_is_disabled_stays_so_whenever_they_end():
    kim = person("kim", enabled=False, expires_at=NOW + 5)

    assert in_force(Changes(people={kim.uuid: kim}), NOW).people == {kim.uuid: kim}
