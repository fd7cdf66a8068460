"""What a directory is, and what follows where the settings leave it open."""

from dataclasses import replace

import pytest

from access.directory.kinds import decided, spoken
from access.directory.settings import DirectorySettings, Kind
from tests.access.directory.companies import settings_of

OPEN = DirectorySettings("ldap://localhost", "ou=people,dc=x", "ou=groups,dc=x")


@pytest.mark.parametrize(
    ("kind", "name_attribute", "user_filter"),
    [
        (Kind.OPENLDAP, "uid", "(objectClass=inetOrgPerson)"),
        (Kind.ACTIVE_DIRECTORY, "sAMAccountName", "(&(objectCategory=person)(objectClass=user))"),
    ],
)
def test_what_is_not_set_is_what_is_usual_there(kind, name_attribute, user_filter):
    found = decided(OPEN, kind)

    assert (found.kind, found.name_attribute, found.user_filter) == (kind, name_attribute, user_filter)


def test_what_is_set_stays():
    ours = replace(OPEN, user_filter="(a=b)", group_filter="(c=d)", name_attribute="userPrincipalName")

    assert replace(decided(ours, Kind.ACTIVE_DIRECTORY), kind=Kind.AUTO) == ours


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("kind", [Kind.AUTO, Kind.OPENLDAP, Kind.ACTIVE_DIRECTORY])
def test_the_server_is_asked_only_where_nothing_is_set(directory, kind):
    settings = replace(settings_of(directory.slapd, directory.hangang), kind=kind)

    with spoken(settings) as (connection, found):
        assert found.kind is (Kind.OPENLDAP if kind is Kind.AUTO else kind)
        assert connection.bound
