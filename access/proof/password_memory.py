"""Passwords that a directory has called right a short while ago, for the time it does not answer at all.

Kept is BLAKE2b (RFC 7693) of person and password, keyed with a subkey of the keyring, in this process and
nowhere else: no file, no row, no feed. So the throttle does it too; HMAC-SHA256 costs a login twice as much.
Not argon2id, for three reasons. A hash that is meant to be slow costs 20 ms and 19 MiB on every login, for an
outage that nearly no login sees. A stolen disk or database has nothing to try passwords on. And whoever reads
the memory of this process reads passwords as people type them, before any hash. So a restart forgets, and
each worker knows whom it has let in itself.

An entry counts while it is younger than its company's setting, its owner is enabled and the password has
not been changed since, as far as the directory has said. Any answer of the directory about that very
password other than "right" ends it; nobody with a role above an employee's has one.

Who guesses against an entry is told what everybody is told while the directory is away, and no count of
the throttle grows, so that nothing shows who has an entry, and nobody has to wait once the directory is back.
That would be guessing without end: after MOST_GUESSES different wrong passwords an entry counts no longer,
until the directory has called one right again. An endpoint that repeats one old password uses up one.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from access.directory.verdict import PasswordOutcome
from access.model import User, Via

MOST_ENTRIES = 200_000
MOST_GUESSES = 5
DOORS = frozenset({Via.VPN, Via.WIRED, Via.WIRELESS, Via.PORTAL})
# How a step of a login, and the event of a sign-in, say that no directory was asked.
REMEMBERED = "remembered"


@dataclass(slots=True)
class _Entry:
    """A right password of somebody: when, and of which change; guesses: wrong ones compared with it."""

    digest: bytes = field(repr=False)
    at: float
    changed_at: float | None
    guesses: set[bytes] = field(default_factory=set, repr=False)


class PasswordMemory:
    """What one process remembers. lasts_s by company's key; who is in one of privileged (groups) never is.

    Safe from any thread: every change is one operation of a dictionary or a set.
    """

    def __init__(
        self,
        key: bytes,
        lasts_s: Mapping[str, float],
        privileged: frozenset[str] = frozenset(),
        most: int = MOST_ENTRIES,
    ) -> None:
        self._key, self._lasts_s, self._privileged, self._most = key, lasts_s, privileged, most
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        # next() is one step for every thread; two at once may tell one less for a moment.
        self._used, self._uses = 0, count(1)

    def counts(self) -> dict[str, int]:
        """Return how many people have a password here, and how often one has let its owner in."""
        return {"known": len(self), "used": self._used}

    def __len__(self) -> int:
        return len(self._entries)

    def told(self, user: User, password: str, outcome: PasswordOutcome, now: float) -> None:
        """Learn what the directory has said about a password."""
        if outcome is PasswordOutcome.RIGHT:
            self._remember(user, password, now)
        elif user.id in self._entries and outcome is not PasswordOutcome.UNAVAILABLE:
            known = self._entries.get(user.id)
            if known is not None and hmac.compare_digest(known.digest, self._digest(user, password)):
                self._entries.pop(user.id, None)

    def proven_at(self, user: User, password: str, now: float) -> float | None:
        """Return when the directory called this password right; None where that counts no longer."""
        digest = self._digest(user, password)
        known = self._entries.get(user.id)
        if known is None:
            return None
        if not self._counts(known, user, now):
            self._entries.pop(user.id, None)
            return None
        # Counted before it is compared, so that many guesses at once gain nothing.
        known.guesses.add(digest)
        if len(known.guesses) > MOST_GUESSES:
            known.guesses.discard(digest)
            return None
        if not hmac.compare_digest(known.digest, digest):
            return None
        known.guesses.discard(digest)
        self._used = next(self._uses)
        return known.at

    def saw(self, user_id: int, user: User | None) -> None:
        """Forget somebody who has been disabled, given a role or another password, or is nobody any more."""
        known = self._entries.get(user_id)
        if known is not None and (user is None or not self._stands(known, user)):
            self._entries.pop(user_id, None)

    def look_over(self, find: Callable[[int], User | None]) -> None:
        """The same for everybody, by who they are now."""
        for user_id in tuple(self._entries):
            self.saw(user_id, find(user_id))

    def _remember(self, user: User, password: str, now: float) -> None:
        if user.organization not in self._lasts_s or not self._may(user) or user.is_over(now):
            return
        entry = _Entry(self._digest(user, password), now, user.password_changed_at)
        entries = self._entries
        # At the end again: whoever has not been here for longest is the first to be forgotten.
        entries.pop(user.id, None)
        entries[user.id] = entry
        if len(entries) > self._most:
            entries.popitem(last=False)

    def _counts(self, known: _Entry, user: User, now: float) -> bool:
        lasts_s = self._lasts_s.get(user.organization, 0.0)
        return 0 <= now - known.at < lasts_s and not user.is_over(now) and self._stands(known, user)

    def _stands(self, known: _Entry, user: User) -> bool:
        return user.enabled and self._may(user) and known.changed_at == user.password_changed_at

    def _may(self, user: User) -> bool:
        return not user.is_local and self._privileged.isdisjoint(user.groups)

    def _digest(self, user: User, password: str) -> bytes:
        text = f"{user.id} {password}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()
