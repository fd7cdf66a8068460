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
from tests.peers.samba_ad import DOMAIN
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


@pytest.mark.peer("slapd")
def test_a_directory_that_shows_nobodys_hash_is_a_warning():
    company = hangang()
    with Slapd((company,), Options(samba=True)) as slapd:
        settings = replace(settings_of(slapd, company), mschap=("sambaNTPassword",), lockout_failures=0)
        known = Settings({"hangang": OrganizationSettings("한강전자", "hangang.example", settings)})
        before = {each.subject: each.level for each in directories(known)}
        slapd.add_values(
            company.person_dn("minjun.kim"),
            {"objectClass": ["sambaSamAccount"], "sambaNTPassword": ["0" * 32]},
        )
        after = {each.subject: each.level for each in directories(known)}

    subject = "directory hangang sambaNTPassword"
    assert (before[subject], after[subject]) == (Level.WARN, Level.OK)


@pytest.mark.peer("samba")
def test_winbind_that_answers_is_told_from_one_that_does_not(active_directory, directory):
    base = settings_of(directory.slapd, directory.hangang)
    levels = []
    for program in (active_directory.ntlm_auth, "/nowhere/ntlm_auth"):
        settings = replace(base, mschap=("ntlm_auth",), ntlm_domain=DOMAIN, ntlm_auth=program)
        known = Settings({"hangang": OrganizationSettings("한강전자", "hangang.example", settings)})
        told = {each.subject: each.level for each in directories(known)}
        levels.append(told["directory hangang ntlm_auth"])

    assert levels == [Level.OK, Level.FAIL]
