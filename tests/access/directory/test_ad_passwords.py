"""Passwords checked at a real Active Directory: right, wrong, and why a right one may let nobody in."""

import time

import pytest

from access.directory.password import PasswordChecker
from access.directory.verdict import PasswordOutcome
from tests.access.directory.office_of_ad import DISABLED, PASSWORD, branch_of

pytestmark = pytest.mark.peer("samba")

LONG_AGO = "132223104000000000"  # 2020-01-01


@pytest.fixture(scope="module")
def branch(active_directory):
    with branch_of(active_directory) as made:
        yield made


@pytest.fixture
def check(branch):
    checker = PasswordChecker(branch.settings(), time.monotonic)
    yield checker.check
    checker.close()


def strict_policy(branch, name, **changes):
    """A policy for one person: these rules, and otherwise none."""
    dn = f"CN={branch.name(name)},CN=Password Settings Container,CN=System,{branch.ad.domain}"
    attributes = {
        "objectClass": ["msDS-PasswordSettings"],
        "msDS-PasswordSettingsPrecedence": ["1"],
        "msDS-PasswordReversibleEncryptionEnabled": ["FALSE"],
        "msDS-PasswordHistoryLength": ["0"],
        "msDS-PasswordComplexityEnabled": ["FALSE"],
        "msDS-MinimumPasswordLength": ["1"],
        "msDS-MinimumPasswordAge": ["0"],
        "msDS-MaximumPasswordAge": ["-9223372036854775808"],
        "msDS-LockoutThreshold": ["0"],
        "msDS-LockoutObservationWindow": ["-18000000000"],
        "msDS-LockoutDuration": ["-18000000000"],
        "msDS-PSOAppliesTo": [branch.person(name)],
    }
    branch.ad.add(dn, attributes | changes)


def test_a_right_password_is_told_from_a_wrong_one_and_a_stranger(branch, check):
    kim = branch.hire("kim")

    assert check(kim, PASSWORD) is PasswordOutcome.RIGHT
    assert check(kim, "wrong") is PasswordOutcome.WRONG
    assert check(kim, "") is PasswordOutcome.EMPTY
    assert check(branch.person("nobody"), PASSWORD) is PasswordOutcome.WRONG


@pytest.mark.parametrize(
    ("name", "state", "outcome"),
    [
        ("shut", {"userAccountControl": [DISABLED]}, PasswordOutcome.DISABLED),
        ("ended", {"accountExpires": [LONG_AGO]}, PasswordOutcome.DISABLED),
        ("fresh", {"pwdLastSet": ["0"]}, PasswordOutcome.MUST_CHANGE),
    ],
)
def test_a_right_password_of_an_account_that_may_not_is_told_with_its_reason(
    branch, check, name, state, outcome
):
    dn = branch.hire(name)
    branch.ad.replace(dn, state)

    assert check(dn, PASSWORD) is outcome
    assert check(dn, "wrong") is PasswordOutcome.WRONG


def test_a_password_that_is_too_old_is_told_from_one_to_be_changed(branch, check):
    dn = branch.hire("old")
    branch.ad.make_password_old(branch.name("old"), LONG_AGO)

    assert check(dn, PASSWORD) is PasswordOutcome.EXPIRED


def test_a_locked_account_is_told(branch, check):
    dn = branch.hire("locked")
    strict_policy(branch, "locked", **{"msDS-LockoutThreshold": ["2"]})
    for _ in range(2):
        check(dn, "wrong")

    assert check(dn, PASSWORD) is PasswordOutcome.LOCKED
