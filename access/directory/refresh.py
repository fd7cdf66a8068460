"""One search under content synchronization, as a state machine (RFC 4533 section 3.3).

    REFRESH: entries, present and gone UUIDs come in any mix, until a phase ends with "done".
    PERSIST: from then on every message is a change that has just happened.

Without a cookie the refresh shows everything; with one it shows what changed since, and who is gone either by
name (delete phase) or by not being mentioned (present phase). drain() returns what came since its last call.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from access.directory.entries import RawEntry
from access.directory.errors import DirectoryMisconfigured, DirectoryUnavailable, RefreshRequired
from access.directory.syncrepl_codec import (
    Disconnection,
    Done,
    Event,
    IdSet,
    Ignored,
    NewCookie,
    PhaseEnd,
    State,
    SyncEntry,
)

Made = TypeVar("Made")

REFRESH_REQUIRED = 4096
UNAVAILABLE_CRITICAL_EXTENSION = 12
NO_SUCH_OBJECT = 32
INSUFFICIENT_ACCESS = 50


class SyncNotOffered(DirectoryMisconfigured):
    """The server has no syncrepl for this base."""


@dataclass(slots=True)
class Refresh(Generic[Made]):
    """The state of one search. cookie: where it stands, to be kept with what drain() returned.

    make: what becomes of an entry as soon as it has come. As octets, 100,000 of them would take 200 MB.
    """

    make: Callable[[RawEntry], Made]
    cookie: bytes | None = None
    done: bool = False
    _complete: bool = field(init=False)
    _entries: dict[str, Made] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _mentioned: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._complete = self.cookie is None

    def take_in(self, event: Event) -> None:
        """Take one message in. Raises what ends the search."""
        match event:
            case SyncEntry():
                self._take_entry(event)
            case IdSet(uuids, gone):
                self._take_ids(uuids, gone)
            case PhaseEnd(present, done):
                self._complete |= present
                self.done |= done
            case Done():
                raise _ended(event)
            case Disconnection(diagnostic):
                raise DirectoryUnavailable(f"The directory is closing the connection: {diagnostic}")
            case NewCookie() | Ignored():
                pass
        cookie = getattr(event, "cookie", None)
        if cookie is not None:
            self.cookie = cookie

    def drain(self) -> tuple[tuple[Made, ...], frozenset[str], frozenset[str] | None]:
        """Return (entries, gone, known) and forget them. known is None where others may exist too.

        Not before the refresh is done: half a refresh says nothing about who is gone.
        """
        assert self.done
        known = frozenset(self._mentioned) if self._complete else None
        drained = tuple(self._entries.values()), frozenset(self._gone), known
        self._entries, self._gone, self._mentioned, self._complete = {}, set(), set(), False
        return drained

    def has_news(self) -> bool:
        """Return whether drain() would return any entry."""
        return self._complete or bool(self._entries) or bool(self._gone)

    def _take_entry(self, event: SyncEntry) -> None:
        if event.state is State.DELETE:
            self._take_ids(frozenset((event.uuid,)), gone=True)
            return
        self._mentioned.add(event.uuid)
        self._gone.discard(event.uuid)
        if event.state is not State.PRESENT:
            self._entries[event.uuid] = self.make(RawEntry(event.uuid, event.dn, event.attributes))

    def _take_ids(self, uuids: frozenset[str], gone: bool) -> None:
        if not gone:
            self._mentioned |= uuids
            self._gone -= uuids
            return
        self._gone |= uuids
        self._mentioned -= uuids
        for uuid in uuids:
            self._entries.pop(uuid, None)


def _ended(event: Done) -> Exception:
    if event.code == REFRESH_REQUIRED:
        return RefreshRequired("The directory no longer knows our position; everything is read again")
    if event.code == UNAVAILABLE_CRITICAL_EXTENSION:
        return SyncNotOffered("The directory offers no syncrepl here: set sync to poll")
    if event.code in (NO_SUCH_OBJECT, INSUFFICIENT_ACCESS):
        return DirectoryMisconfigured(
            f"The directory does not show user_base or group_base (result {event.code}): correct them"
        )
    return DirectoryUnavailable(f"The directory ended the search (result {event.code}): {event.diagnostic}")
