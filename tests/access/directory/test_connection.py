"""Opening connections: protection, refusals, time limits."""

import gc
import socket
from dataclasses import replace

import pytest

from access.directory import connection
from access.directory.connection import close, connect, connect_to_one, in_order, opened
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.settings import DirectorySettings, Kind, Tls
from tests.access.directory.companies import over_ldaps, over_starttls, settings_of
from tests.access.directory.silence import refuse_starttls, server_that
from tests.peers.certificates import create_authority
from tests.peers.ports import free_port

SOMEWHERE = DirectorySettings("ldap://127.0.0.1:1", "ou=people", "ou=groups", tls=Tls.NONE)


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [settings_of, over_starttls, over_ldaps])
def test_the_service_account_is_let_in(directory, protect):
    with opened(protect(directory.slapd, directory.hangang)) as connection:
        assert connection.bound


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [over_starttls, over_ldaps])
def test_a_certificate_of_another_authority_is_refused_before_any_password(directory, protect, tmp_path):
    stranger = create_authority(tmp_path, "A stranger")
    settings = replace(protect(directory.slapd, directory.hangang), ca_file=str(stranger.path))

    with pytest.raises(DirectoryMisconfigured, match="ca_file"):
        connect(settings)


@pytest.mark.peer("slapd")
@pytest.mark.parametrize("protect", [over_starttls, over_ldaps])
def test_a_certificate_for_another_name_is_refused(directory, protect):
    settings = protect(directory.slapd, directory.hangang)
    settings = replace(settings, url=settings.url.replace("127.0.0.1", "localhost"))

    with pytest.raises(DirectoryMisconfigured, match="localhost"):
        connect(settings)


@pytest.mark.peer("slapd")
def test_a_wrong_password_of_the_service_account_is_our_mistake(directory):
    settings = replace(settings_of(directory.slapd, directory.hangang), bind_password="guess")

    with pytest.raises(DirectoryMisconfigured, match="bind_dn and bind_password"), opened(settings):
        pass


@pytest.mark.peer("slapd")
def test_a_server_that_lets_nobody_in_unnamed_is_our_mistake(directory):
    settings = replace(settings_of(directory.slapd, directory.hangang), bind_dn="", bind_password="")

    with pytest.raises(DirectoryMisconfigured, match="set bind_dn"), opened(settings):
        pass


def test_an_account_without_a_password_is_never_sent():
    with server_that(None) as (port, heard):
        settings = replace(SOMEWHERE, url=f"ldap://127.0.0.1:{port}", bind_dn="cn=admin")

        with pytest.raises(DirectoryMisconfigured, match="bind_password"), opened(settings):
            pass

        assert b"cn=admin" not in b"".join(heard)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "ldap://directory.example"}, "in clear"),
        ({"url": "ldap://192.0.2.7:389"}, "in clear"),
        ({"url": "ldap://localhost.attacker.example"}, "in clear"),
        ({"url": "ldaps://127.0.0.1"}, "does not go with"),
        ({"url": "ldap://127.0.0.1", "tls": Tls.LDAPS}, "does not go with"),
        ({"url": "ldap://127.0.0.1:99999"}, "no address"),
        ({"url": "http://127.0.0.1"}, "does not go with"),
        ({"url": "directory"}, "does not go with"),
        ({"tls": Tls.STARTTLS, "ca_file": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"tls": Tls.STARTTLS, "ca_file": "/etc/hostname"}, "cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_do(changes, message):
    with pytest.raises(DirectoryMisconfigured, match=message):
        connect(replace(SOMEWHERE, **changes))


def test_a_server_that_is_down_is_the_worlds_fault():
    with pytest.raises(DirectoryUnavailable, match="does not answer"):
        connect(replace(SOMEWHERE, url=f"ldap://127.0.0.1:{free_port()}"))


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.STARTTLS, Tls.LDAPS])
def test_a_server_that_accepts_and_says_nothing_is_given_up(tls):
    with server_that(None) as (port, _):
        scheme = "ldaps" if tls is Tls.LDAPS else "ldap"
        settings = replace(
            SOMEWHERE,
            url=f"{scheme}://127.0.0.1:{port}",
            tls=tls,
            bind_dn="cn=admin",
            bind_password="secret",
            connect_timeout_s=0.2,
            receive_timeout_s=0.2,
        )

        with pytest.raises(DirectoryUnavailable), opened(settings):
            pass


def test_a_connection_that_is_reset_before_tls_begins_is_closed(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = replace(SOMEWHERE, url=f"ldaps://127.0.0.1:{listening.getsockname()[1]}", tls=Tls.LDAPS)

        def after_a_reset(*how, **more):
            """Whoever waits to be accepted when nobody listens any more is reset."""
            listening.close()
            wrap_socket(*how, **more)

        wrap_socket = connection._VerifyingTls.wrap_socket
        monkeypatch.setattr(connection._VerifyingTls, "wrap_socket", after_a_reset)

        # Warnings are errors: one that was left open would be warned of.
        with pytest.raises(DirectoryUnavailable, match="reset"):
            connect(settings)
        gc.collect()


@pytest.mark.parametrize(
    "answers",
    [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x03\x02\x01\x01", b"\x30\x05\x02\x01\x01\x61\x00"],
)
def test_a_server_that_speaks_something_else_is_the_worlds_fault(answers):
    with server_that(answers) as (port, _):
        settings = replace(
            SOMEWHERE,
            url=f"ldap://127.0.0.1:{port}",
            bind_dn="cn=admin",
            bind_password="secret",
            receive_timeout_s=0.3,
        )

        with pytest.raises(DirectoryUnavailable), opened(settings):
            pass


def test_a_server_that_refuses_starttls_hears_no_password():
    with server_that(refuse_starttls) as (port, heard):
        settings = replace(
            SOMEWHERE,
            url=f"ldap://127.0.0.1:{port}",
            tls=Tls.STARTTLS,
            bind_dn="cn=admin",
            bind_password="secret",
            receive_timeout_s=30,
        )

        with pytest.raises(DirectoryUnavailable, match="TLS"), opened(settings):
            pass

        assert heard
        assert b"secret" not in b"".join(heard)


def test_a_domains_passwords_never_cross_a_network_in_clear_whatever_is_allowed():
    settings = replace(SOMEWHERE, url="ldap://192.0.2.7", kind=Kind.ACTIVE_DIRECTORY, plaintext_allowed=True)

    with pytest.raises(DirectoryMisconfigured, match="of the domain"):
        connect(settings)


@pytest.mark.peer("slapd")
def test_another_server_is_asked_where_the_first_is_down_and_then_first_for_a_while(directory):
    down = f"ldap://127.0.0.1:{free_port()}"
    settings = settings_of(directory.slapd, directory.hangang)
    settings = replace(settings, url=down, fallback_urls=(directory.slapd.uri,))

    connection, found = connect_to_one(settings)
    close(connection)

    assert found.url == directory.slapd.uri
    assert list(in_order((down, directory.slapd.uri))) == [directory.slapd.uri, down]
    with opened(settings) as connection:
        assert connection.bound


def test_where_none_can_be_had_the_first_one_says_why():
    first, second = free_port(), free_port()
    settings = replace(
        SOMEWHERE, url=f"ldap://127.0.0.1:{first}", fallback_urls=(f"ldap://127.0.0.1:{second}",)
    )

    with pytest.raises(DirectoryUnavailable, match=str(first)):
        connect(settings)


def test_a_server_that_hangs_is_not_the_first_to_be_asked_again():
    with server_that(None) as (port, _):
        url = f"ldap://127.0.0.1:{port}"
        settings = replace(SOMEWHERE, url=url, bind_dn="cn=admin", bind_password="x", receive_timeout_s=0.2)
        with pytest.raises(DirectoryUnavailable), opened(settings):
            pass

        assert list(in_order((url, "ldap://second.example"))) == ["ldap://second.example", url]


@pytest.mark.peer("slapd")
def test_a_server_with_a_wrong_certificate_is_passed_over_for_one_with_a_right_one(directory):
    settings = over_ldaps(directory.slapd, directory.hangang)
    wrong = settings.url.replace("127.0.0.1", "localhost")

    connection, found = connect_to_one(replace(settings, url=wrong, fallback_urls=(settings.url,)))
    close(connection)

    assert found.url == settings.url
