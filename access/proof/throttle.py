"""How many wrong passwords are looked at before somebody has to wait.

Failures are counted in several ways at once:

pair     one name from one source (an address, or a RADIUS calling station): five are free, as for codes
source   everything from one source, whatever the names: stops one machine that tries one password for all
name     everything against one name from sources where it never succeeded
own      everything against one name from sources where it has

Where the directory locks an account after so many failures, `name` and `own` together stay below that: a
bit less than half of them are for strangers, the rest is for the owner's own endpoints. Whoever has used up
a share waits until no failure at all has come for as long as the directory remembers one. So nobody who
guesses gets the account locked, and a stranger who guesses shuts out other strangers, not the owner at the
usual desk.

A password that the directory has just called wrong is known to be wrong: the same one from the same source
is answered from memory, without asking again and without counting again. An endpoint that goes on trying an
old password for weeks costs nothing, and locks nothing. What is remembered is a keyed hash.

A try counts before the password is looked at and is taken back if it was right, so that many tries at once
gain nothing. Names that nobody has count like any other: to be held up tells nothing about who exists.

`spread` counts the different names that were wrong at one place: a spray of one password over many people.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

from otp.throttle import FREE_FAILURES, wait_after
from radius.frozen import value

# After this long without a failure a count begins anew.
FORGET_S = 2 * 3600.0
# A source where a name has succeeded is one of its own for this long.
KNOWN_S = 90 * 86400.0
# How long a password that was wrong is known to be: a directory that says when it changed is believed longer.
WRONG_S = 900.0
WRONG_WITH_STAMP_S = 3600.0
SPREAD_S = 600.0
# Wrong tries with less than this between them are counted together.
TRIES_S = 3600.0
MOST_KEYS = 100_000
# Sources that are remembered in their one spelling.
NORMALISED = 4096


class Scope(StrEnum):
    """What a count is kept for."""

    PAIR = "pair"
    SOURCE = "source"
    NAME = "name"
    OWN = "own"
    KNOWN = "known"
    WRONG = "wrong"
    SPREAD = "spread"
    MARK = "mark"
    TRIES = "tries"


FREE: Mapping[Scope, int] = MappingProxyType(
    {Scope.PAIR: FREE_FAILURES, Scope.SOURCE: 50, Scope.NAME: 20, Scope.OWN: 20}
)

Key = tuple[Scope, str, str]


@value
class Count:
    """Failures in a row, when the next try is looked at, and when the last one was."""

    failures: int = 0
    not_before: float = 0.0
    at: float = 0.0


NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Lockout:
    """After how many failures a directory locks an account (0: never), and for how long it remembers one."""

    failures: int = 10
    window_s: float = 1800.0

    @property
    def strangers(self) -> int:
        """How many of them strangers may use up."""
        return max(1, (self.failures - 1) // 2)

    @property
    def own(self) -> int:
        """How many are left for the owner's own endpoints, one less than would lock."""
        return max(1, self.failures - 1 - self.strangers)


NEVER = Lockout(0)


class Counts(Protocol):
    """Where counts are kept; what was not put lately may be forgotten."""

    def get(self, key: Key) -> Count:
        """Return what was put last, or nothing."""

    def put(self, key: Key, count: Count) -> None:
        """Keep a count."""


class OwnCounts:
    """Counts in a dictionary, the oldest forgotten first."""

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._most_keys = most_keys
        self._counts: dict[Key, Count] = {}

    def get(self, key: Key) -> Count:
        """Return what was put last, or nothing."""
        return self._counts.get(key, NOTHING)

    def put(self, key: Key, count: Count) -> None:
        """Keep a count."""
        self._counts.pop(key, None)
        self._counts[key] = count
        while len(self._counts) > self._most_keys:
            del self._counts[next(iter(self._counts))]

    def __len__(self) -> int:
        return len(self._counts)


class PasswordThrottle:
    """The rules over some counts. Not for two threads at once: its owner holds a lock.

    lockouts stand under the keys of organizations, which names end in; key hides passwords that were wrong.
    """

    def __init__(
        self, counts: Counts | None = None, lockouts: Mapping[str, Lockout] | None = None, key: bytes = b"k"
    ) -> None:
        self._counts = OwnCounts() if counts is None else counts
        self._lockouts = lockouts or {}
        self._key = key

    def admit(self, name: str, source: str, now: float) -> float:
        """Return 0 and count a try, or return the seconds to wait and count nothing."""
        keys = self._keys(name, normalised(source), now)
        wait_s = max(self._wait_s(key, name, now) for key in keys)
        if wait_s > 0:
            return wait_s
        for key in keys:
            self._counts.put(key, _after_failure(self._count(key, name, now), FREE[key[0]], now))
        return 0.0

    def waiting_s(self, name: str, source: str, now: float) -> float:
        """Return the seconds until a try would be looked at, and count nothing."""
        return max(self._wait_s(key, name, now) for key in self._keys(name, normalised(source), now))

    def succeed(self, name: str, source: str, now: float) -> None:
        """Take a try back that was right, and know the source from now on."""
        source = normalised(source)
        for key in self._keys(name, source, now):
            self._take_back(key, name, now)
        self._counts.put((Scope.PAIR, name, source), NOTHING)
        self._counts.put((Scope.OWN, name, ""), NOTHING)
        self._counts.put((Scope.KNOWN, name, source), Count(1, 0.0, now))

    def take_back(self, name: str, source: str, now: float) -> None:
        """Forget a try that was not looked at, the directory being away."""
        for key in self._keys(name, normalised(source), now):
            self._take_back(key, name, now)

    def is_wrong(self, name: str, source: str, password: str, now: float) -> bool:
        """Return whether this password from this source was called wrong a short while ago."""
        known = self._counts.get(self._wrong(name, source, password))
        return known.failures > 0 and now - known.at >= 0 and now < known.not_before

    def remember_wrong(self, name: str, source: str, password: str, lasts_s: float, now: float) -> None:
        """Know a password to be wrong for a while."""
        self._counts.put(self._wrong(name, source, password), Count(1, now + lasts_s, now))

    def spread(self, place: str, name: str, now: float) -> int:
        """Count a failure of name at a place, and return how many names have lately failed there."""
        mark, key = (Scope.MARK, place, name), (Scope.SPREAD, place, "")
        marked, known = self._counts.get(mark), self._counts.get(key)
        failures = known.failures if abs(now - known.at) <= SPREAD_S else 0
        if abs(now - marked.at) > SPREAD_S or not failures:
            failures += 1
        self._counts.put(mark, Count(1, 0.0, now))
        self._counts.put(key, Count(failures, 0.0, now))
        return failures

    def wrong_try(self, name: str, now: float) -> None:
        """Count a wrong password or code of name, wherever it came from; a right one takes nothing back."""
        self._counts.put((Scope.TRIES, name, ""), Count(self.wrong_tries(name, now) + 1, 0.0, now))

    def wrong_tries(self, name: str, now: float) -> int:
        """Return how many wrong tries there were, without an hour between two of them."""
        known = self._counts.get((Scope.TRIES, name, ""))
        return known.failures if abs(now - known.at) <= TRIES_S else 0

    def _keys(self, name: str, source: str, now: float) -> tuple[Key, ...]:
        pair = (Scope.PAIR, name, source)
        known = self._counts.get((Scope.KNOWN, name, source))
        if known.failures and abs(now - known.at) <= KNOWN_S:
            return (pair, (Scope.OWN, name, ""))
        return (pair, (Scope.SOURCE, "", source), (Scope.NAME, name, ""))

    def _wrong(self, name: str, source: str, password: str) -> Key:
        mark = hashlib.blake2b(password.encode("utf-8", "surrogatepass"), key=self._key[:64], digest_size=16)
        return (Scope.WRONG, f"{name}\n{normalised(source)}", mark.hexdigest())

    def _lockout(self, name: str) -> Lockout:
        return self._lockouts.get(name.rpartition("@")[2], NEVER)

    def _share(self, key: Key, name: str) -> int:
        """Return how many failures the directory leaves for a count; 0: it does not limit this one."""
        lockout = self._lockout(name)
        if not lockout.failures:
            return 0
        if key[0] is Scope.NAME:
            return lockout.strangers
        return lockout.own if key[0] is Scope.OWN else 0

    def _last_failure(self, name: str) -> float:
        """Return when the directory last heard a wrong password for a name, whoever sent it."""
        return max(self._counts.get((scope, name, "")).at for scope in (Scope.NAME, Scope.OWN))

    def _wait_s(self, key: Key, name: str, now: float) -> float:
        count = self._count(key, name, now)
        share = self._share(key, name)
        if not share:
            return count.not_before - now
        until = self._last_failure(name) + self._lockout(name).window_s
        return until - now if count.failures >= share else 0.0

    def _count(self, key: Key, name: str, now: float) -> Count:
        count = self._counts.get(key)
        if self._share(key, name):
            quiet_s = abs(now - self._last_failure(name))
            return NOTHING if quiet_s > self._lockout(name).window_s else count
        return NOTHING if abs(now - count.at) > FORGET_S else count

    def _take_back(self, key: Key, name: str, now: float) -> None:
        count = self._count(key, name, now)
        if count.failures:
            failures = count.failures - 1
            wait_s = wait_after(failures - FREE[key[0]] + FREE_FAILURES)
            before = Count(failures, count.not_before if wait_s else 0.0, count.at)
            self._counts.put(key, before if failures else NOTHING)


@lru_cache(NORMALISED)
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
