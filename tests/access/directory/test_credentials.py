"""Passwords of two companies, against the directory of each."""

import time
from dataclasses import replace

import pytest

from access.directory.credentials import Credentials, open_credentials
from access.directory.verdict import PasswordOutcome
from access.model import User
from tests.access.directory.companies import settings_of
from tests.peers.ports import free_port

HANGANG, NAMSAN = "hangang", "namsan"


@pytest.fixture
def credentials(directory):
    opened = open_credentials(
        {
            HANGANG: settings_of(directory.slapd, directory.hangang),
            NAMSAN: settings_of(directory.slapd, directory.namsan),
        },
        time.monotonic,
    )
    yield opened
    opened.close()


def user_of(company, key):
    person = company.people[0]
    return User(1, key, person.uid, company.person_dn(person.uid)), person.password


@pytest.mark.peer("slapd")
def test_each_company_is_asked_at_its_own_directory(directory, credentials):
    for company, key in ((directory.hangang, HANGANG), (directory.namsan, NAMSAN)):
        user, password = user_of(company, key)

        assert credentials.check(key, user, password) is PasswordOutcome.RIGHT
        assert credentials.check(key, user, password + "x") is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("organization", [HANGANG, "no such company", None])
def test_nobody_has_a_password_that_is_right(directory, credentials, organization):
    _, password = user_of(directory.hangang, HANGANG)

    assert credentials.check(organization, None, password) is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_user_of_a_company_without_a_directory_is_refused(directory, credentials):
    user, password = user_of(directory.hangang, HANGANG)

    assert credentials.check("sold company", user, password) is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_directory_that_is_away_is_away_for_nobody_too(directory):
    settings = settings_of(directory.slapd, directory.hangang)
    gone = {HANGANG: replace(settings, url=f"ldap://127.0.0.1:{free_port()}")}
    credentials = open_credentials(gone, time.monotonic)
    user, password = user_of(directory.hangang, HANGANG)

    answers = {credentials.check(HANGANG, user, password), credentials.check(HANGANG, None, password)}
    credentials.close()

    assert answers == {PasswordOutcome.UNAVAILABLE}


def test_without_any_directory_nobody_is_let_in():
    assert Credentials({}, {}).check(HANGANG, None, "x") is PasswordOutcome.WRONG


@pytest.mark.peer("slapd")
def test_a_name_nobody_has_takes_as_long_as_a_wrong_password(directory, credentials):
    user, _ = user_of(directory.hangang, HANGANG)
    real: list[float] = []
    unreal: list[float] = []
    for _ in range(100):
        for claimed, took in ((user, real), (None, unreal)):
            began = time.perf_counter()
            credentials.check(HANGANG, claimed, "guess")
            took.append(time.perf_counter() - began)

    # The quickest: the others have waited for whatever else the machine does.
    assert 1 / 3 < min(real) / min(unreal) < 3
