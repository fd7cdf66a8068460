"""After how many wrong passwords a directory says that it locks an account."""

from dataclasses import replace

import pytest

from access.commands.checks.network import directories
from access.commands.checks.verdict import Level
from access.config.values import OrganizationSettings, Settings
from access.directory.connection import opened
from access.directory.lockout import limit
from tests.access.directory.companies import settings_of
from tests.peers.people import hangang
from tests.peers.slapd import Options, Slapd


@pytest.fixture(scope="module")
def locking():
    company = hangang()
    with Slapd((company,), Options(password_policy=True, lockout_after=5)) as slapd:
        yield settings_of(slapd, company)


@pytest.mark.peer("slapd")
def test_the_limit_of_a_password_policy_is_read(locking):
    with opened(locking) as connection:
        assert limit(connection, locking) == 5


@pytest.mark.peer("slapd")
def test_a_directory_that_shows_no_policy_says_nothing(directory):
    settings = settings_of(directory.slapd, directory.hangang)
    with opened(settings) as connection:
        assert limit(connection, settings) is None


@pytest.mark.peer("slapd")
@pytest.mark.parametrize(("ours", "level"), [(10, Level.FAIL), (0, Level.FAIL), (5, Level.OK), (4, Level.OK)])
def test_ours_above_the_directorys_is_a_failure_that_says_what_to_set(locking, ours, level):
    company = OrganizationSettings("한강전자", "hangang.example", replace(locking, lockout_failures=ours))

    verdicts = {each.subject: each for each in directories(Settings({"hangang": company}))}

    told = verdicts["directory hangang lock-out"]
    assert told.level is level
    assert ("lockout_failures = 5" in told.advice) == (level is Level.FAIL)
