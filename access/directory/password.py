"""Checks passwords by binding as the person, on one connection a thread. ◆"""

import os
import threading
from collections.abc import Callable

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.protocol.sasl.sasl import sasl_prep

from access.directory.breaker import Breaker
from access.directory.connection import NOT_LDAP, close, connect
from access.directory.errors import BadMessage, DirectoryMisconfigured, DirectoryUnavailable
from access.directory.settings import DirectorySettings
from access.directory.verdict import PASSWORD_POLICY, PasswordOutcome, verdict

DISCONNECTED = (LDAPException, OSError, *NOT_LDAP)


class PasswordChecker:
    """Password checks against one directory. Safe to share between threads, and usable after a fork.

    clock is monotonic seconds.
    """

    def __init__(self, settings: DirectorySettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._own = threading.local()
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._opened: list[ldap3.Connection] = []

    def check(self, dn: str, password: str) -> PasswordOutcome:
        """Return whether password is the password of the entry dn.

        An empty one is refused before anything is sent: to a server it means "let me in as nobody", which
        succeeds (RFC 4513 section 5.1.2). Returns within connect_timeout_s plus a few receive_timeout_s.
        """
        prepared = _prepare(password)
        if prepared is None or not dn:
            return PasswordOutcome.WRONG
        if not prepared:
            return PasswordOutcome.EMPTY
        if not self._may_ask():
            return PasswordOutcome.UNAVAILABLE
        outcome = self._ask(dn, prepared)
        with self._lock:
            silent = outcome is PasswordOutcome.UNAVAILABLE
            self._breaker = self._breaker.failed(self._clock()) if silent else self._breaker.answered()
        return outcome

    @property
    def is_asked(self) -> bool:
        """Return whether the directory answers, as far as was seen: one that hangs is spared for a while."""
        with self._lock:
            return self._breaker.closed

    def close(self) -> None:
        """Close every connection of every thread. Nobody may be checking."""
        with self._lock:
            opened, self._opened = self._opened, []
        for connection in opened:
            close(connection)
        self._own = threading.local()

    def _may_ask(self) -> bool:
        with self._lock:
            may, self._breaker = self._breaker.may_ask(self._clock())
        return may

    def _ask(self, dn: str, password: bytes) -> PasswordOutcome:
        try:
            kept = self._kept()
            if kept is not None:
                asked_at = self._clock()
                outcome = self._bind(kept, dn, password)
                if outcome is not None:
                    return outcome
                # One that hangs would hang again, for longer than a NAS has patience.
                if self._clock() - asked_at >= self._settings.receive_timeout_s:
                    return PasswordOutcome.UNAVAILABLE
            # The server may close a connection it thinks idle: that says nothing yet.
            return self._bind(self._fresh(), dn, password) or PasswordOutcome.UNAVAILABLE
        except (DirectoryUnavailable, DirectoryMisconfigured):
            return PasswordOutcome.UNAVAILABLE

    def _kept(self) -> ldap3.Connection | None:
        """Return this thread's connection if it is open and this process's own."""
        connection: ldap3.Connection | None = getattr(self._own, "connection", None)
        # ldap3 would open a closed connection again by itself, and without StartTLS.
        ours = connection is not None and self._own.process == os.getpid() and not connection.closed
        return connection if ours else None

    def _fresh(self) -> ldap3.Connection:
        connection = connect(self._settings)
        self._own.connection, self._own.process = connection, os.getpid()
        with self._lock:
            self._opened = [known for known in self._opened if not known.closed]
            self._opened.append(connection)
        return connection

    def _bind(self, connection: ldap3.Connection, dn: str, password: bytes) -> PasswordOutcome | None:
        """Return what the server says; None if the connection broke."""
        connection.user, connection.password, connection.authentication = dn, password, ldap3.SIMPLE
        try:
            connection.bind(read_server_info=False, controls=[(PASSWORD_POLICY, False, None)])
            result = connection.result
            controls = result.get("controls") or {}
            policy = controls.get(PASSWORD_POLICY, {}).get("value")
            return verdict(result["result"], result["message"] or "", policy)
        except (BadMessage, *DISCONNECTED):
            close(connection)
            return None
        finally:
            connection.password = None


def _prepare(password: str) -> bytes | None:
    """Return the octets to send (SASLprep, RFC 4013); None for what cannot stand in a password.

    Emptiness is judged afterwards: SASLprep maps soft hyphens and their like to nothing.
    """
    try:
        prepared = sasl_prep(password) if password else ""  # type: ignore[no-untyped-call]
    except (LDAPException, ValueError):
        return None
    return prepared if isinstance(prepared, bytes) else str(prepared).encode()
