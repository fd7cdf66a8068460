"""Complete reads of a real directory."""

from dataclasses import replace

import pytest

from access.directory import search as subject
from access.directory.connection import opened
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.kinds import decided
from access.directory.names import escape_filter, normalise_dn
from access.directory.search import offers, read_all, search
from access.directory.settings import Kind
from tests.access.directory.companies import settings_of

pytestmark = pytest.mark.peer("slapd")


def known(directory):
    return decided(settings_of(directory.slapd, directory.hangang), Kind.OPENLDAP)


def test_everyone_and_every_group_is_read(directory):
    settings = known(directory)

    with opened(settings) as connection:
        update, _ = read_all(connection, settings)

    people = {person.name: person for person in update.people.entries}
    assert people.keys() == {person.uid for person in directory.hangang.people}
    assert update.people.known == {person.uuid for person in update.people.entries}
    first = directory.hangang.people[0]
    found = people[first.uid]
    assert (found.display_name, found.mail, found.employee_number, found.language) == (
        first.name,
        first.mail,
        first.number,
        first.language,
    )
    groups = {group.name: group for group in update.groups.entries}
    assert groups.keys() == {group.name for group in directory.hangang.groups}
    vpn = directory.hangang.group("vpn-users")
    expected = {directory.hangang.person_dn(uid) for uid in vpn.people}
    expected |= {directory.hangang.group_dn(name) for name in vpn.groups}
    assert groups["vpn-users"].members == {normalise_dn(dn) for dn in expected}


def test_many_pages_are_one_reading(directory, monkeypatch):
    monkeypatch.setattr(subject, "PAGE_ENTRIES", 7)
    settings = known(directory)

    with opened(settings) as connection:
        update, _ = read_all(connection, settings)
        assert connection.strategy._outstanding == {}, "ldap3 remembers no question for ever"

    assert len(update.people.entries) == len(directory.hangang.people)


def test_a_paged_search_whose_cookie_the_server_forgot_starts_again(directory, monkeypatch):
    monkeypatch.setattr(subject, "PAGE_ENTRIES", 7)
    settings = known(directory)
    forgotten = []

    def forget_once(page):
        if forgotten or not page.cookie:
            return page.cookie
        forgotten.append(page.cookie)
        return b"\x01" * len(page.cookie)

    monkeypatch.setattr(subject, "_next_cookie", forget_once)
    with opened(settings) as connection:
        update, _ = read_all(connection, settings)

    assert forgotten
    assert len(update.people.known) == len(update.people.entries) == len(directory.hangang.people)


@pytest.mark.parametrize("base", ["ou=nobody,dc=hangang,dc=example", "not a name"])
def test_a_base_that_is_not_there_is_an_error_and_not_an_empty_company(directory, base):
    settings = replace(known(directory), user_base=base)

    with opened(settings) as connection, pytest.raises(DirectoryMisconfigured, match="base"):
        read_all(connection, settings)


def test_a_filter_that_is_none_is_our_mistake(directory):
    settings = replace(known(directory), user_filter="(uid=")

    with opened(settings) as connection, pytest.raises(DirectoryMisconfigured, match="filter"):
        read_all(connection, settings)


def test_a_read_that_breaks_off_raises(directory, monkeypatch):
    monkeypatch.setattr(subject, "PAGE_ENTRIES", 7)
    settings = known(directory)
    with opened(settings) as connection:
        real = subject._next_cookie

        def stop_the_server(page):
            directory.slapd.daemon.stop()
            return real(page)

        monkeypatch.setattr(subject, "_next_cookie", stop_the_server)
        with pytest.raises(DirectoryUnavailable):
            read_all(connection, settings)


def test_an_escaped_value_finds_exactly_its_entry(directory):
    settings = known(directory)
    name = "별*표(괄호)\\빗금"
    dn = f"uid=star,ou=people,{directory.hangang.suffix}"
    directory.slapd.add(dn, {"objectClass": ["inetOrgPerson"], "uid": ["star"], "cn": [name], "sn": ["x"]})

    with opened(settings) as connection:
        exact = search(connection, settings, settings.user_base, f"(cn={escape_filter(name)})", ["entryUUID"])
        injected = search(
            connection, settings, settings.user_base, f"(cn={escape_filter('*)(uid=*')})", ["entryUUID"]
        )

    assert [raw.dn for raw in exact] == [dn]
    assert injected == []


def test_syncrepl_is_seen_in_the_root_entry(directory):
    settings = known(directory)

    with opened(settings) as connection:
        assert offers(connection, settings, "1.3.6.1.4.1.4203.1.9.1.1")
        assert not offers(connection, settings, "1.2.3.4")
