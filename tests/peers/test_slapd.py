"""The tests' slapd is a directory one can rely on."""

import ssl

import ldap3
import pytest

from tests.peers.people import hangang
from tests.peers.slapd import Options, Refused, Slapd

pytestmark = pytest.mark.peer("slapd")


def search(slapd, company, text, attributes):
    server = ldap3.Server(slapd.uri, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, slapd.admin_dn(company), slapd.admin_password, auto_bind=True)
    connection.search(company.suffix, text, attributes=attributes)
    entries = list(connection.entries)
    connection.unbind()
    return entries


def bind(address, user, password, tls=None, start_tls=False):
    server = ldap3.Server(address, get_info=ldap3.NONE, tls=tls)
    connection = ldap3.Connection(server, user, password)
    try:
        if start_tls:
            connection.start_tls()
        return connection.bind()
    finally:
        connection.unbind()


def trusting(directory):
    return ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=str(directory.slapd.certificates.authority),
        valid_names=["127.0.0.1"],
    )


def test_both_companies_are_there_with_their_korean_names(directory):
    for company in (directory.hangang, directory.namsan):
        people = search(directory.slapd, company, "(objectClass=inetOrgPerson)", ["displayName", "entryUUID"])

        assert {person.displayName.value for person in people} == {person.name for person in company.people}
        assert len({person.entryUUID.value for person in people}) == len(company.people)


def test_a_person_binds_with_the_right_password_only(directory):
    person = directory.hangang.person("gildong.hong")
    dn = directory.hangang.person_dn(person.uid)

    assert person.name == "홍길동"
    assert bind(directory.slapd.uri, dn, person.password)
    assert not bind(directory.slapd.uri, dn, person.password + "x")


def test_tls_and_starttls_verify_against_its_own_authority(directory):
    dn, password = directory.slapd.admin_dn(directory.hangang), directory.slapd.admin_password

    assert bind(directory.slapd.tls_uri, dn, password, trusting(directory))
    assert bind(directory.slapd.uri, dn, password, trusting(directory), start_tls=True)
    with pytest.raises(ldap3.core.exceptions.LDAPSocketOpenError, match="certificate verify failed"):
        bind(directory.slapd.tls_uri, dn, password, ldap3.Tls(validate=ssl.CERT_REQUIRED))


def test_entries_are_added_changed_renamed_and_deleted(directory):
    slapd, company = directory.slapd, directory.hangang
    dn = company.person_dn("new.person")

    slapd.add(dn, {"objectClass": ["inetOrgPerson"], "uid": ["new.person"], "cn": ["새 사람"], "sn": ["새"]})
    slapd.replace(dn, {"mail": ["new@hangang.example"]})
    slapd.rename(dn, "uid=renamed.person")

    assert [entry.mail.value for entry in search(slapd, company, "(uid=renamed.person)", ["mail"])] == [
        "new@hangang.example"
    ]
    slapd.delete(company.person_dn("renamed.person"))
    assert search(slapd, company, "(uid=renamed.person)", ["mail"]) == []
    with pytest.raises(Refused, match="noSuchObject"):
        slapd.delete(company.person_dn("renamed.person"))


def test_people_join_and_leave_groups(directory):
    slapd, company = directory.slapd, directory.hangang
    dn = company.person_dn("minjun.kim")

    slapd.join(company, "auditors", "minjun.kim")
    assert len(search(slapd, company, f"(&(cn=auditors)(member={dn}))", ["cn"])) == 1

    slapd.leave(company, "auditors", "minjun.kim")
    assert search(slapd, company, f"(&(cn=auditors)(member={dn}))", ["cn"]) == []


def test_what_was_written_survives_a_restart(directory):
    slapd, company = directory.slapd, directory.namsan
    slapd.delete(company.person_dn("minjun.kim"))

    slapd.restart()

    assert search(slapd, company, "(uid=minjun.kim)", ["uid"]) == []
    assert len(search(slapd, company, "(uid=seoyeon.lee)", ["uid"])) == 1


def test_a_password_policy_locks_after_its_failures():
    company = hangang()
    person = company.people[0]
    dn = company.person_dn(person.uid)

    with Slapd([company], Options(password_policy=True, lockout_after=3)) as slapd:
        assert bind(slapd.uri, dn, person.password)
        for _ in range(3):
            assert not bind(slapd.uri, dn, "wrong")

        assert not bind(slapd.uri, dn, person.password)


@pytest.mark.parametrize(("session_log", "offered"), [(1000, True), (0, True), (None, False)])
def test_syncrepl_is_offered_as_asked_for(session_log, offered):
    company = hangang()

    with Slapd([company], Options(session_log=session_log)) as slapd:
        server = ldap3.Server(slapd.uri, get_info=ldap3.DSA)
        ldap3.Connection(server, slapd.admin_dn(company), slapd.admin_password, auto_bind=True).unbind()

    assert (
        "1.3.6.1.4.1.4203.1.9.1.1" in {control[0] for control in server.info.supported_controls}
    ) is offered
