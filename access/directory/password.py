"""Checks passwords by binding as the person, on connections that are kept. ◆"""

import os
import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from ldap3.core.exceptions import LDAPException
from ldap3.protocol.sasl.sasl import sasl_prep

from access.directory.binding import Binding, Broken
from access.directory.breaker import Breaker
from access.directory.connection import bind, close, connect_to_one, forgive, may_return, spare
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable
from access.directory.settings import DirectorySettings
from access.directory.silences import NEVER
from access.directory.verdict import PasswordOutcome

# Connections that wait for the next password; one that more would need is closed after its bind.
MOST_IDLE = 96
# A firewall forgets a connection that nobody uses and tells neither end: the next bind on it would hang.
LONGEST_IDLE_S = 120.0
# How long what a directory did not say counts where nobody wants to wait for it, and how often one looks.
SILENT_FOR_S = 15.0
LOOK_EVERY_S = 2.0


class Silence(Protocol):
    """What all processes of a machine know of one directory: when it last said nothing."""

    def last(self) -> float:
        """Return the moment, in monotonic seconds; -inf where there is none."""

    def tell(self, at: float) -> None:
        """Have all know that it said nothing at a moment; at -inf, that it answers."""


class PasswordChecker:
    """Password checks against one directory. Safe to share between threads, and usable after a fork.

    clock is monotonic seconds. shared: where processes tell one another; None: this one is alone.
    """

    def __init__(
        self, settings: DirectorySettings, clock: Callable[[], float], shared: Silence | None = None
    ) -> None:
        self._settings, self._shared = settings, shared
        self._clock = clock
        self._lock = threading.Lock()
        self._breaker = Breaker()
        self._process = os.getpid()
        self._idle: list[Binding] = []
        self._opened: set[Binding] = set()
        self._server = settings.url
        self._failed_at = self._answered_at = NEVER
        self._looked_at = NEVER
        self._looking = False

    def check(self, dn: str, password: str) -> PasswordOutcome:
        """Return whether password is the password of the entry dn.

        An empty one is refused before anything is sent: to a server it means "let me in as nobody", which
        succeeds (RFC 4513 section 5.1.2). Returns within connect_timeout_s plus a few receive_timeout_s.
        """
        prepared = self._prepared(dn, password)
        if isinstance(prepared, PasswordOutcome):
            return prepared
        kept = self._take()
        if kept is not None:
            self._look_for_the_first(kept)
            try:
                return self._bound(kept, dn, prepared)
            except Broken:
                # The server may close a connection it thinks idle: that says nothing yet.
                pass
        return self._bound_anew(dn, prepared)

    @property
    def is_asked(self) -> bool:
        """Return whether the directory answers, as far as was seen: one that hangs is spared for a while."""
        with self._lock:
            return self._breaker.closed

    def is_silent(self) -> bool:
        """Return whether the directory said nothing when it was last asked, a short while ago.

        By this process or another one of the machine. A thread of its own looks whether it answers again, so
        that nobody has to wait for finding out.
        """
        told_at = self._shared.last() if self._shared is not None else NEVER
        with self._lock:
            now = self._clock()
            failed = self._breaker.failures > 0
            silent = failed and (self._looking or now - self._failed_at < SILENT_FOR_S)
            # What this process has been answered since is newer than what another one was not.
            silent = silent or (self._answered_at < told_at <= now < told_at + SILENT_FOR_S)
            looks = silent and not self._looking and now - self._looked_at >= LOOK_EVERY_S
            if looks:
                self._looking, self._looked_at = True, now
        if looks:
            threading.Thread(target=self._look, name="directory-again", daemon=True).start()
        return silent

    def _look(self) -> None:
        outcome = PasswordOutcome.UNAVAILABLE
        try:
            connection, found = connect_to_one(self._settings)
            try:
                bind(connection, found)
                outcome = PasswordOutcome.RIGHT
            finally:
                close(connection)
        except DirectoryMisconfigured:
            outcome = PasswordOutcome.WRONG  # it says so, and would answer others
        except DirectoryUnavailable:
            pass
        finally:
            self._noted(outcome)
            with self._lock:
                self._looking = False

    @property
    def server(self) -> str:
        """Return the url of the server that was asked last."""
        return self._server

    def close(self) -> None:
        """Close every connection. Nobody may be checking."""
        with self._lock:
            opened, self._opened, self._idle = self._opened, set(), []
        for binding in opened:
            binding.close()

    def _prepared(self, dn: str, password: str) -> bytes | PasswordOutcome:
        """Return the octets to send, or the outcome where nothing is to be sent."""
        prepared = _prepare(password)
        if prepared is None or not dn:
            return PasswordOutcome.WRONG
        if not prepared:
            return PasswordOutcome.EMPTY
        with self._lock:
            may, self._breaker = self._breaker.may_ask(self._clock())
        return prepared if may else PasswordOutcome.UNAVAILABLE

    def _noted(self, outcome: PasswordOutcome) -> PasswordOutcome:
        """Return it, and know whether the directory answers."""
        silent = outcome is PasswordOutcome.UNAVAILABLE
        with self._lock:
            now, failed = self._clock(), self._breaker.failures > 0
            if silent:
                self._failed_at = now
            else:
                self._answered_at = now
            self._breaker = self._breaker.failed(now) if silent else self._breaker.answered()
        if self._shared is not None and (silent or failed):
            self._shared.tell(now if silent else NEVER)
        return outcome

    def _bound_anew(self, dn: str, password: bytes) -> PasswordOutcome:
        try:
            fresh = self._fresh()
        except (DirectoryUnavailable, DirectoryMisconfigured):
            return self._noted(PasswordOutcome.UNAVAILABLE)
        try:
            return self._bound(fresh, dn, password)
        except Broken:
            self._leave(fresh.url)
            return self._noted(PasswordOutcome.UNAVAILABLE)

    def _bound(self, binding: Binding, dn: str, password: bytes) -> PasswordOutcome:
        """Return what a bind comes to. Raises Broken."""
        try:
            self._server = binding.url
            outcome = binding.bind(dn, password, self._clock, self._settings.receive_timeout_s)
        except Broken:
            self._retire(binding)
            raise
        if outcome is None:
            # One that hangs would hang again, for longer than a NAS has patience.
            self._retire(binding)
            self._leave(binding.url)
            return self._noted(PasswordOutcome.UNAVAILABLE)
        self._give_back(binding)
        return self._noted(outcome)

    def _take(self) -> Binding | None:
        """Return a connection that nobody uses, the last used first; None where there is none of ours."""
        with self._lock:
            if self._process != os.getpid():
                # Those of the parent stay open, and the parent's.
                self._process, self._idle, self._opened = os.getpid(), [], set()
            forgotten = self._forgotten()
            found = self._idle.pop() if self._idle else None
        for binding in forgotten:
            self._retire(binding)
        return found

    def _forgotten(self) -> list[Binding]:
        """Take those out that were idle for too long, and return them. They lie as they were given back."""
        oldest = self._clock() - LONGEST_IDLE_S
        count = bisect_left(self._idle, oldest, key=lambda each: each.idle_since)
        forgotten, self._idle = self._idle[:count], self._idle[count:]
        return forgotten

    def _give_back(self, binding: Binding) -> None:
        with self._lock:
            binding.idle_since = self._clock()
            kept = len(self._idle) < MOST_IDLE
            if kept:
                self._idle.append(binding)
        if not kept:
            self._retire(binding)

    def _retire(self, binding: Binding) -> None:
        with self._lock:
            self._opened.discard(binding)
        binding.close()

    def _leave(self, url: str) -> None:
        """Have another server asked where there is one: this one would let the next one hang as well."""
        if not self._settings.fallback_urls:
            return
        spare(url)
        with self._lock:
            left = [binding for binding in self._idle if binding.url == url]
            self._idle = [binding for binding in self._idle if binding.url != url]
        for binding in left:
            self._retire(binding)

    def _look_for_the_first(self, kept: Binding) -> None:
        """Where another server is asked than the first, see now and then whether the first answers again.

        In a thread of its own: nobody who logs in waits for a server that may still hang.
        """
        if kept.url != self._settings.url and may_return(self._settings.url):
            threading.Thread(target=self._return_to_the_first, name="directory-first", daemon=True).start()

    def _return_to_the_first(self) -> None:
        first = replace(self._settings, fallback_urls=())
        try:
            connection, _ = connect_to_one(first)
        except (DirectoryUnavailable, DirectoryMisconfigured):
            return
        try:
            bind(connection, first)
        except (DirectoryUnavailable, DirectoryMisconfigured):
            spare(first.url)
            return
        finally:
            close(connection)
        forgive(first.url)
        with self._lock:
            others = [binding for binding in self._idle if binding.url != first.url]
            self._idle = [binding for binding in self._idle if binding.url == first.url]
        for binding in others:
            self._retire(binding)

    def _fresh(self) -> Binding:
        connection, found = connect_to_one(self._settings)
        binding = Binding(connection, found.url)
        with self._lock:
            self._opened.add(binding)
        return binding


def _prepare(password: str) -> bytes | None:
    """Return the octets to send (SASLprep, RFC 4013); None for what cannot stand in a password.

    Emptiness is judged afterwards: SASLprep maps soft hyphens and their like to nothing.
    """
    if password.isascii() and password.isprintable():
        # SASLprep leaves these as they are, and takes long to say so.
        return password.encode()
    try:
        prepared = sasl_prep(password) if password else ""  # type: ignore[no-untyped-call]
    except (LDAPException, ValueError):
        return None
    return prepared if isinstance(prepared, bytes) else str(prepared).encode()
