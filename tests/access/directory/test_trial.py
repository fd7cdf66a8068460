"""A directory is tried step by step: the one that fails is named, with what to change."""

from dataclasses import replace

import pytest

from access.directory import usn
from access.directory.settings import DirectorySettings, Tls
from access.directory.trial import Mark, try_steps
from tests.access.directory.companies import over_ldaps, over_starttls, settings_of
from tests.access.directory.office_of_ad import branch_of
from tests.access.directory.silence import refuse_starttls, server_that
from tests.peers.certificates import create_authority
from tests.peers.ports import free_port

SOMEWHERE = DirectorySettings("ldap://127.0.0.1:1", "ou=people", "ou=groups", tls=Tls.NONE)


def tried(settings):
    return [(step.mark, step.name, step.text) for step in try_steps(settings)]


def marks(settings):
    return [(str(mark), name) for mark, name, _ in tried(settings)]


def texts(settings, name):
    return [text for _, tried_name, text in tried(settings) if tried_name == name]


def test_a_server_that_is_down_fails_at_connect():
    settings = replace(SOMEWHERE, url=f"ldap://127.0.0.1:{free_port()}")

    assert marks(settings) == [("FAIL", "connect")]


def test_a_server_that_refuses_tls_fails_at_tls():
    with server_that(refuse_starttls) as (port, _):
        settings = replace(SOMEWHERE, url=f"ldap://127.0.0.1:{port}", tls=Tls.STARTTLS, receive_timeout_s=5.0)

        assert marks(settings) == [("FAIL", "tls")]


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [over_starttls, over_ldaps])
def test_a_certificate_that_is_not_trusted_fails_at_tls(directory, protect, tmp_path):
    stranger = str(create_authority(tmp_path, "A stranger").path)
    settings = protect(directory.slapd, directory.hangang)

    assert marks(replace(settings, ca_file=stranger)) == [("FAIL", "tls")]
    assert marks(replace(settings, ca_file="/nowhere.pem")) == [("FAIL", "tls")]
    assert marks(settings)[:3] == [("ok", "connect"), ("ok", "tls"), ("ok", "bind")]


@pytest.mark.peer("slapd")
def test_searches_that_find_nobody_are_noted_with_what_to_correct(directory):
    settings = settings_of(directory.slapd, directory.hangang)
    empty = replace(settings, user_filter="(uid=nobody)", group_filter="(cn=nothing)")

    steps = {name: (mark, text) for mark, name, text in tried(empty)}

    assert steps["people"][0] is steps["groups"][0] is Mark.NOTE
    assert "user_filter" in steps["people"][1]
    assert "group_filter" in steps["groups"][1]


@pytest.mark.peer("slapd")
def test_whoever_cannot_be_used_is_shown_with_the_reason(directory):
    settings = replace(settings_of(directory.slapd, directory.hangang), name_attribute="mail")

    assert any("mail" in text and "cannot be a user name" in text for text in texts(settings, "people"))


@pytest.mark.peer("slapd")
def test_every_other_server_is_tried_too(directory):
    settings = settings_of(directory.slapd, directory.hangang)
    down = f"ldap://127.0.0.1:{free_port()}"

    steps = marks(replace(settings, fallback_urls=(settings.url, down)))

    assert steps[-2:] == [("ok", "fallback"), ("FAIL", "fallback")]


@pytest.fixture
def branch(active_directory):
    with branch_of(active_directory) as made:
        made.hire("kim")
        made.found("vpn", made.person("kim"))
        yield made


@pytest.mark.peer("samba")
def test_an_active_directory_is_recognised_and_what_its_account_cannot_see_is_noted(branch):
    settings = branch.settings()

    steps = tried(settings)

    assert [name for mark, name, _ in steps if mark is not Mark.OK] == ["changes"]
    said = {name: text for _, name, text in steps}
    assert "Active Directory: dc1.hangang.test of DC=hangang,DC=test" in said["kind"]
    assert branch.name("kim") in said["people"]
    assert "1 below" in said["groups"] and "0 of them empty" in said["groups"]
    assert "CN=Deleted Objects" in said["changes"]


@pytest.mark.peer("samba")
def test_an_account_that_sees_deleted_objects_is_told_so(branch):
    branch.ad.delete(branch.hire("lee"))
    branch.may_see_the_deleted()

    assert all(mark is Mark.OK for mark, _, _ in tried(branch.settings()))
    assert "deletions are noticed within a second" in texts(branch.settings(), "changes")[-1]


@pytest.mark.peer("samba")
def test_an_invocation_id_that_is_not_shown_is_noted(branch, monkeypatch):
    real = usn.controller
    monkeypatch.setattr(usn, "controller", lambda *args: replace(real(*args), invocation=None))

    assert any("CN=NTDS Settings" in text for text in texts(branch.settings(), "changes"))


@pytest.mark.peer("samba")
@pytest.mark.parametrize(
    ("changes", "name", "what_to_do"),
    [
        ({"bind_password": "wrong"}, "bind", "bind_dn and bind_password"),
        ({"user_base": "OU=nowhere,DC=hangang,DC=test"}, "people", "user_base"),
        ({"ca_file": ""}, "tls", "ca_file"),
    ],
)
def test_the_step_that_fails_at_an_active_directory_is_named(branch, changes, name, what_to_do):
    mark, failed, text = tried(replace(branch.settings(), **changes))[-1]

    assert (mark, failed) == (Mark.FAIL, name)
    assert what_to_do in text
