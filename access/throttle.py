"""How many wrong passwords are looked at before somebody has to wait.

Failures are counted three ways at once:

pair     one name from one source (an address, or a RADIUS calling station): five are free, as for codes. Only
         this count can hold up somebody who has signed in from that source before.
source   everything from one source, whatever the names: stops one machine that tries one password for all.
name     everything against one name from sources where it never succeeded: holds a guesser with many
         addresses below the limit at which the directory would lock the account for its owner too.

So a stranger who keeps guessing shuts out other strangers, not the owner at the usual desk. A try counts
before the password is looked at and is taken back if it was right, so that many tries at once gain nothing.
Names that nobody has count like any other: to be held up tells nothing about who exists. Counts live in
memory: each process has its own, and a restart forgives.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from otp.throttle import FREE_FAILURES, wait_after

# After this long without a failure a count begins anew.
FORGET_S = 2 * 3600.0
MOST_KEYS = 100_000


class Scope(Enum):
    """What a count is kept for."""

    PAIR = "pair"
    SOURCE = "source"
    NAME = "name"


FREE: Mapping[Scope, int] = MappingProxyType({Scope.PAIR: FREE_FAILURES, Scope.SOURCE: 50, Scope.NAME: 20})

Key = tuple[Scope, str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """Failures in a row, when the next try is looked at, and when the last one was."""

    failures: int = 0
    not_before: float = 0.0
    at: float = 0.0


class PasswordThrottle:
    """The counts of one process. Not for two threads at once: its owner holds a lock."""

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._most_keys = most_keys
        self._counts: dict[Key, Count] = {}
        self._known: dict[tuple[str, str], None] = {}

    def admit(self, name: str, source: str, now: float) -> float:
        """Return 0 and count a try, or return the seconds to wait and count nothing."""
        keys = self._keys(name, normalised(source))
        wait_s = max(self._count(key, now).not_before - now for key in keys)
        if wait_s > 0:
            return wait_s
        for key in keys:
            self._set(key, _after_failure(self._count(key, now), FREE[key[0]], now))
        return 0.0

    def succeed(self, name: str, source: str) -> None:
        """Take a try back that was right, and know the source from now on."""
        source = normalised(source)
        for key in self._keys(name, source):
            self._take_back(key)
        self._counts.pop((Scope.PAIR, name, source), None)
        self._known.pop((name, source), None)
        self._known[name, source] = None
        _keep(self._known, self._most_keys)

    def take_back(self, name: str, source: str) -> None:
        """Forget a try that was not looked at, the directory being away."""
        for key in self._keys(name, normalised(source)):
            self._take_back(key)

    def _keys(self, name: str, source: str) -> tuple[Key, ...]:
        pair = (Scope.PAIR, name, source)
        if (name, source) in self._known:
            return (pair,)
        return (pair, (Scope.SOURCE, "", source), (Scope.NAME, name, ""))

    def _count(self, key: Key, now: float) -> Count:
        count = self._counts.get(key, Count())
        return Count() if abs(now - count.at) > FORGET_S else count

    def _set(self, key: Key, count: Count) -> None:
        self._counts.pop(key, None)
        self._counts[key] = count
        _keep(self._counts, self._most_keys)

    def _take_back(self, key: Key) -> None:
        count = self._counts.get(key)
        if count:
            failures = max(0, count.failures - 1)
            wait_s = wait_after(failures - FREE[key[0]] + FREE_FAILURES)
            self._counts[key] = Count(failures, count.not_before if wait_s else 0.0, count.at)


def normalised(source: str) -> str:
    """Return what stands for a source: of an IPv6 address its /64, which one subscriber owns whole."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))


def _after_failure(count: Count, free: int, now: float) -> Count:
    failures = count.failures + 1
    wait_s = wait_after(failures - free + FREE_FAILURES)
    return Count(failures, now + wait_s if wait_s else 0.0, now)


def _keep(entries: dict[Key, Count] | dict[tuple[str, str], None], most: int) -> None:
    """Drop the oldest, entries being in the order in which they were last set."""
    while len(entries) > most:
        del entries[next(iter(entries))]  # type: ignore[arg-type]
