"""Fetches NT hashes at need, as the service account, on one connection a thread; nothing is kept. ◆"""

import os
import threading
import time
from collections.abc import Callable

import ldap3

from access.directory.breaker import Breaker
from access.directory.connection import SUCCESS, bind, close, connect, translated
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.mschap import MschapAnswer
from access.directory.samba_hash import ATTRIBUTES, HASH, judge
from access.directory.settings import DirectorySettings
from access.directory.verdict import PasswordOutcome
from radius.questions import MschapExchange

NO_SUCH_OBJECT = 32
UNAVAILABLE = MschapAnswer(PasswordOutcome.UNAVAILABLE)


def shows_hashes(connection: ldap3.Connection, settings: DirectorySettings) -> bool:
    """Return whether our account sees the hash of anybody at all. Raises DirectoryUnavailable."""
    with translated(settings):
        connection.search(
            settings.user_base, f"({HASH}=*)", ldap3.SUBTREE, attributes=[ldap3.NO_ATTRIBUTES], size_limit=1
        )
    return any(raw["type"] == "searchResEntry" for raw in connection.response or ())


class SambaPasswords:
    """The hashes of one directory. Safe to share between threads. clock is monotonic seconds."""

    def __init__(self, settings: DirectorySettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._own = threading.local()
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._opened: list[ldap3.Connection] = []

    def check(self, dn: str, exchange: MschapExchange) -> MschapAnswer:
        """Return whether a response was made with the NT hash of the entry dn."""
        with self._lock:
            may, self._breaker = self._breaker.may_ask(self._clock())
        if not may or not dn:
            return UNAVAILABLE
        try:
            attributes = self._fetch(dn)
        except (DirectoryUnavailable, DirectoryMisconfigured):
            with self._lock:
                self._breaker = self._breaker.failed(self._clock())
            return UNAVAILABLE
        with self._lock:
            self._breaker = self._breaker.answered()
        return judge(attributes, exchange, time.time())

    def close(self) -> None:
        """Close every connection of every thread. Nobody may be checking."""
        with self._lock:
            opened, self._opened = self._opened, []
        for connection in opened:
            close(connection)
        self._own = threading.local()

    def _fetch(self, dn: str) -> dict[str, str]:
        kept = getattr(self._own, "connection", None)
        if kept is not None and self._own.process == os.getpid() and not kept.closed:
            try:
                return self._read(kept, dn)
            except DirectoryUnavailable:
                # The server may close a connection it thinks idle: that says nothing yet.
                close(kept)
        return self._read(self._fresh(), dn)

    def _fresh(self) -> ldap3.Connection:
        connection = connect(self._settings)
        try:
            bind(connection, self._settings)
        except BaseException:
            close(connection)
            raise
        self._own.connection, self._own.process = connection, os.getpid()
        with self._lock:
            self._opened = [known for known in self._opened if not known.closed]
            self._opened.append(connection)
        return connection

    def _read(self, connection: ldap3.Connection, dn: str) -> dict[str, str]:
        """Return what the entry has, nothing where there is none. Raises DirectoryUnavailable."""
        with translated(self._settings):
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(ATTRIBUTES))
        code = connection.result["result"]
        if code not in (SUCCESS, NO_SUCH_OBJECT):
            raise DirectoryUnavailable(f"{self._settings.url} refused to show {dn!r}")
        for raw in connection.response or ():
            if raw["type"] == "searchResEntry":
                found = raw["raw_attributes"]
                return {
                    name.lower(): values[0].decode("ascii", "replace")
                    for name, values in found.items()
                    if values
                }
        return {}
