"""Opens connections to directories: verified TLS before any password, every wait bounded. ◆"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import (
    LDAPException,
    LDAPInvalidDnError,
    LDAPInvalidFilterError,
    LDAPStartTLSError,
)

from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable, NoTls, Untrusted
from access.directory.settings import DirectorySettings, Kind, Tls, is_loopback

PORTS = {"ldap": 389, "ldaps": 636}
# ldap3's fast decoder lets these escape when a server sends what is no LDAP.
NOT_LDAP = (IndexError, KeyError, TypeError, ValueError)
SUCCESS = 0
# A server that did not answer is asked after the others for so long, whoever asks in this process.
SPARED_S = 30.0
TIMED_OUT = "timed out"
_spared_until: dict[str, float] = {}
# RFC 4511 appendix A.2: what each refusal of our own account means to an operator.
BIND_REFUSALS = {
    8: "wants a protected connection: set tls to starttls or ldaps",
    13: "wants a protected connection: set tls to starttls or ldaps",
    32: "does not know bind_dn: correct it",
    34: "finds that bind_dn is no distinguished name: correct it",
    48: "does not let this account in this way: set bind_dn and bind_password",
    49: "refuses bind_dn and bind_password: correct them",
    50: "does not let this account in: give it the right to read",
    53: "is not willing to let this account in: set bind_dn and bind_password",
}


class _VerifyingTls(ldap3.Tls):
    """TLS 1.2 or newer that checks the chain and the name, the name by OpenSSL itself.

    ldap3's own check runs after the handshake and by a function Python no longer has.
    """

    def __init__(self, ca_file: str, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._ca_file = ca_file
        self._host = host
        self.failure: Exception | None = None

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Put TLS over the connection's socket. Called by ldap3."""
        self.failure = None
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection.socket = _context(self._ca_file).wrap_socket(
                connection.socket, server_hostname=self._host, do_handshake_on_connect=do_handshake
            )
        except OSError as error:
            self.failure = error
            raise


class _Closing(ssl.SSLSocket):
    """Closed with whoever knows it: Python loses one that was reset before TLS began, and leaves it open."""

    def __del__(self) -> None:
        self.close()


@lru_cache(maxsize=64)
def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = _Closing
    return context


def connect(settings: DirectorySettings) -> ldap3.Connection:
    """Return an open connection with nobody bound, TLS on it if so set.

    Raises DirectoryUnavailable, and DirectoryMisconfigured where the settings forbid it or do not fit.
    """
    return connect_to_one(settings)[0]


def connect_to_one(settings: DirectorySettings) -> tuple[ldap3.Connection, DirectorySettings]:
    """Return the same, and the settings with the url of the server that it leads to.

    Raises what went wrong with the first of them where none of them can be had.
    """
    failures = []
    for url in in_order((settings.url, *settings.fallback_urls)):
        one = replace(settings, url=url)
        try:
            return _connect(one), one
        except (DirectoryUnavailable, DirectoryMisconfigured) as error:
            failures.append(error)
            spare(url)
    raise failures[0]


def spare(url: str) -> None:
    """Have the other servers asked first for a while: this one does not answer."""
    _spared_until[url] = time.monotonic() + SPARED_S


def may_return(url: str) -> bool:
    """Return whether a server that was spared may be tried again: true for one caller in so long."""
    if _spared_until.get(url, 0.0) > time.monotonic():
        return False
    spare(url)
    return True


def forgive(url: str) -> None:
    """Have a server asked in its turn again: it answers."""
    _spared_until.pop(url, None)


def in_order(urls: tuple[str, ...]) -> list[str]:
    """Return the servers as they are asked: those last that did not answer a short while ago."""
    now = time.monotonic()
    return sorted(urls, key=lambda url: _spared_until.get(url, 0.0) > now)


def _connect(settings: DirectorySettings) -> ldap3.Connection:
    scheme, host, port = _address(settings)
    _refuse_plaintext(settings, host)
    tls = _tls(settings, host)
    server = ldap3.Server(
        host,
        port=port,
        use_ssl=scheme == "ldaps",
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=settings.connect_timeout_s,
    )
    # We read raw attributes only: what ldap3 would make of them beside costs a third of a large reading.
    connection = ldap3.Connection(
        server,
        client_strategy=ldap3.SYNC,
        auto_referrals=False,
        # Of a group that goes away meanwhile it would show half: access.directory.search reads on itself.
        auto_range=False,
        raise_exceptions=False,
        check_names=False,
        return_empty_attributes=False,
    )
    try:
        with translated(settings):
            connection.open(read_server_info=False)
            connection.socket.settimeout(settings.receive_timeout_s)
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if settings.tls is Tls.STARTTLS and not connection.start_tls(read_server_info=False):
                raise NoTls(f"{settings.url} does not start TLS")
    except DirectoryUnavailable as error:
        close(connection)
        failure = tls.failure if tls is not None else None
        if isinstance(failure, ssl.SSLCertVerificationError):
            raise _untrusted(settings, host, failure) from error
        if failure is not None:
            raise NoTls(f"{settings.url} breaks TLS off: {failure}") from error
        raise
    return connection


def bind(connection: ldap3.Connection, settings: DirectorySettings) -> None:
    """Bind as the service account of the settings. Raises DirectoryMisconfigured and DirectoryUnavailable."""
    if settings.bind_dn:
        if not settings.bind_password:
            raise DirectoryMisconfigured(
                f"{settings.url}: bind_password is empty: set it, or clear bind_dn to bind anonymously"
            )
        connection.user, connection.password = settings.bind_dn, settings.bind_password
        connection.authentication = ldap3.SIMPLE
    try:
        with translated(settings):
            connection.bind(read_server_info=False)
    except DirectoryUnavailable:
        spare(settings.url)
        raise
    result = connection.result
    if result["result"] in BIND_REFUSALS:
        raise DirectoryMisconfigured(f"{settings.url} {BIND_REFUSALS[result['result']]}")
    if result["result"] != SUCCESS:
        raise DirectoryUnavailable(f"{settings.url} does not let us in: {result['description']}")


@contextmanager
def opened(settings: DirectorySettings) -> Iterator[ldap3.Connection]:
    """A connection bound as the service account, closed at the end."""
    connection, found = connect_to_one(settings)
    try:
        bind(connection, found)
        yield connection
    finally:
        close(connection)


def close(connection: ldap3.Connection) -> None:
    """Close a connection, whatever state it is in."""
    with suppress(LDAPException, OSError):
        connection.unbind()
    # ldap3 forgets a socket whose connecting or handshake failed.
    if connection.socket is not None:
        connection.socket.close()


@contextmanager
def translated(settings: DirectorySettings) -> Iterator[None]:
    """Turn what ldap3 and the socket raise into this package's errors."""
    try:
        yield
    except (LDAPInvalidFilterError, LDAPInvalidDnError) as error:
        raise DirectoryMisconfigured(f"{settings.url}: a base or a filter is wrong: {error}") from error
    except LDAPStartTLSError as error:
        raise NoTls(f"{settings.url} does not start TLS: {error}") from error
    except (LDAPException, OSError) as error:
        # One that closed a connection it thought idle is asked again; one that hangs would hang again.
        if TIMED_OUT in str(error):
            spare(settings.url)
        raise DirectoryUnavailable(f"{settings.url} does not answer: {error}") from error
    except NOT_LDAP as error:
        spare(settings.url)
        raise DirectoryUnavailable(f"{settings.url} answers something that is no LDAP") from error


def _address(settings: DirectorySettings) -> tuple[str, str, int]:
    wanted = "ldaps" if settings.tls is Tls.LDAPS else "ldap"
    try:
        parts = urlsplit(settings.url)
        port = parts.port or PORTS[wanted]
    except ValueError:
        raise DirectoryMisconfigured(f"{settings.url!r} is no address: write {wanted}://HOST:PORT") from None
    if parts.scheme != wanted or not parts.hostname:
        raise DirectoryMisconfigured(
            f"{settings.url!r} does not go with tls = {settings.tls.value!r}: write {wanted}://HOST:PORT"
        )
    return parts.scheme, parts.hostname, port


def _refuse_plaintext(settings: DirectorySettings, host: str) -> None:
    if settings.tls is not Tls.NONE or is_loopback(host):
        return
    if settings.kind is Kind.ACTIVE_DIRECTORY:
        raise DirectoryMisconfigured(
            f"{settings.url}: passwords of the domain would cross the network in clear:"
            " set tls to starttls or ldaps"
        )
    if not settings.plaintext_allowed:
        raise DirectoryMisconfigured(
            f"{settings.url}: passwords would cross the network in clear: set tls to starttls or ldaps"
            " (or plaintext_allowed = true, if you must)"
        )


def _tls(settings: DirectorySettings, host: str) -> _VerifyingTls | None:
    if settings.tls is Tls.NONE:
        return None
    if settings.ca_file and not Path(settings.ca_file).is_file():
        raise Untrusted(f"{settings.url}: there is no file {settings.ca_file} (ca_file)")
    try:
        _context(settings.ca_file)
    except (ssl.SSLError, OSError) as error:
        raise Untrusted(f"{settings.url}: {settings.ca_file} (ca_file) cannot be used: {error}") from error
    return _VerifyingTls(settings.ca_file, host)


def _untrusted(settings: DirectorySettings, host: str, failure: ssl.SSLCertVerificationError) -> Untrusted:
    return Untrusted(
        f"{settings.url}: the certificate is not trusted for {host}: {failure.verify_message}."
        " Set ca_file to the authority that issued it, and url to a name it carries."
    )
