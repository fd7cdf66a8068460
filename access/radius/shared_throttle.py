"""The password throttle of this machine, for all of its processes and their threads. ◆"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from access.proof.throttle import Counts, Lockout, PasswordThrottle


class SharedTable(Counts, Protocol):
    """Counts that others put into as well (access.radius.shared_counts)."""

    def locked(self) -> AbstractContextManager[None]:
        """Hold the table against the others."""

    def close(self) -> None:
        """Let go of it."""


class SharedThrottle:
    """A PasswordThrottle over counts that are shared; see there. key hides passwords that were wrong.

    What only looks takes no lock: a loop that must not wait asks it.
    """

    def __init__(self, counts: SharedTable, lockouts: Mapping[str, Lockout], key: bytes) -> None:
        self._counts = counts
        self._throttle = PasswordThrottle(counts, lockouts, key)

    def admit(self, name: str, source: str, now: float) -> float:
        """Return 0 and count a try, or return the seconds to wait and count nothing."""
        with self._counts.locked():
            return self._throttle.admit(name, source, now)

    def waiting_s(self, name: str, source: str, now: float) -> float:
        """Return the seconds until a try would be looked at, and count nothing."""
        return self._throttle.waiting_s(name, source, now)

    def succeed(self, name: str, source: str, now: float) -> None:
        """Take a try back that was right, and know the source from now on."""
        with self._counts.locked():
            self._throttle.succeed(name, source, now)

    def take_back(self, name: str, source: str, now: float) -> None:
        """Forget a try that was not looked at, the directory being away."""
        with self._counts.locked():
            self._throttle.take_back(name, source, now)

    def is_wrong(self, name: str, source: str, password: str, now: float) -> bool:
        """Return whether this password from this source was called wrong a short while ago."""
        return self._throttle.is_wrong(name, source, password, now)

    def remember_wrong(self, name: str, source: str, password: str, lasts_s: float, now: float) -> None:
        """Know a password to be wrong for a while."""
        with self._counts.locked():
            self._throttle.remember_wrong(name, source, password, lasts_s, now)

    def spread(self, place: str, name: str, now: float) -> int:
        """Count a failure of name at a place, and return how many names have lately failed there."""
        with self._counts.locked():
            return self._throttle.spread(place, name, now)

    def wrong_try(self, name: str, now: float) -> None:
        """Count a wrong password or code of name."""
        with self._counts.locked():
            self._throttle.wrong_try(name, now)

    def wrong_tries(self, name: str, now: float) -> int:
        """Return how many wrong tries there were lately."""
        return self._throttle.wrong_tries(name, now)

    def close(self) -> None:
        """Let go of the counts."""
        self._counts.close()
