"""Duplicate detection (RFC 5080 section 2.2.2).

A NAS that hears nothing sends the same octets again. The same authenticator under the same key is a
duplicate: while we work on the first it is dropped, afterwards it gets the same reply. Another authenticator
under the same key is a new request, and the old one is forgotten: the NAS has given it up.

Only packets that were proven to come from the NAS get here, or a forger could fill this.

Who takes over from another process gets its replies, and the requests that it still works on: a duplicate of
those is for that process while it is there.
"""

from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum, auto

from radius.effects import Send, Source
from radius.frozen import value
from radius.packet import Code


def request_key(source: Source, identifier: int, code: Code) -> bytes:
    """Return what a NAS may use again only for another request.

    As octets, because those keep their hash and a request looks itself up many times.
    """
    ends = bytes((source.port >> 8, source.port & 255, source.endpoint, identifier, code))
    if source.connection:
        return ends + source.connection.to_bytes(4, "big") + source.address.packed
    return ends + source.address.packed


class Sighting(Enum):
    """What a request is to this cache."""

    NEW = auto()
    IN_PROGRESS = auto()
    ELSEWHERE = auto()


@value
class Kept:
    """A request under its key, and the reply it had; None while it is worked on."""

    key: bytes
    authenticator: bytes
    send: Send | None


@value
class _Reply:
    authenticator: bytes
    send: Send
    expires: float


class Duplicates:
    """The requests in progress, and the replies of the last seconds."""

    __slots__ = ("_elsewhere", "_in_progress", "_keep_s", "_max_replies", "_replies")

    def __init__(self, keep_s: float, max_replies: int) -> None:
        self._keep_s = keep_s
        self._max_replies = max_replies
        self._in_progress: dict[bytes, bytes] = {}
        self._replies: OrderedDict[bytes, _Reply] = OrderedDict()
        self._elsewhere: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()

    def sight(self, key: bytes, authenticator: bytes, now: float) -> Sighting | Send:
        """Return what this request is; a Send is the reply it had. A new one is in progress from now on."""
        if self._in_progress.get(key) == authenticator:
            return Sighting.IN_PROGRESS
        reply = self._replies.get(key)
        if reply is not None and reply.authenticator == authenticator and now < reply.expires:
            return reply.send
        if self._elsewhere.get(key, (b"", 0.0))[0] == authenticator:
            return Sighting.ELSEWHERE
        self._replies.pop(key, None)
        self._elsewhere.pop(key, None)
        self._in_progress[key] = authenticator
        return Sighting.NEW

    def orphaned(self, key: bytes) -> None:
        """Have a request be new here: the process that worked on it is gone."""
        self._elsewhere.pop(key, None)

    def kept(self) -> Iterator[Kept]:
        """Yield everything that a successor has to know."""
        for key, reply in self._replies.items():
            yield Kept(key, reply.authenticator, reply.send)
        for key, authenticator in self._in_progress.items():
            yield Kept(key, authenticator, None)

    def inherit(self, kept: Kept, now: float) -> None:
        """Take over what the process before knows; what is newer here stands."""
        if kept.key in self._in_progress or kept.key in self._replies:
            return
        self._elsewhere.pop(kept.key, None)
        if kept.send is None:
            self._elsewhere[kept.key] = kept.authenticator, now + self._keep_s
        else:
            self._replies[kept.key] = _Reply(kept.authenticator, kept.send, now + self._keep_s)

    def is_current(self, key: bytes, authenticator: bytes) -> bool:
        """Return whether the NAS still waits for this request."""
        return self._in_progress.get(key) == authenticator

    def answered(self, key: bytes, send: Send, now: float) -> None:
        """Keep the reply of the request in progress under this key."""
        authenticator = self._in_progress.pop(key)
        self._replies[key] = _Reply(authenticator, send, now + self._keep_s)
        if len(self._replies) > self._max_replies:
            self._replies.popitem(last=False)

    def reopen(self, key: bytes, authenticator: bytes) -> bool:
        """Forget a reply that has not left, and return whether the NAS still waits for one."""
        reply = self._replies.get(key)
        if reply is not None and reply.authenticator == authenticator:
            del self._replies[key]
            self._in_progress[key] = authenticator
            return True
        return False

    def dropped(self, key: bytes, authenticator: bytes) -> None:
        """Forget a request that gets no reply."""
        if self._in_progress.get(key) == authenticator:
            del self._in_progress[key]

    def forget_replies(self) -> None:
        """Forget every reply: none may leave again."""
        self._replies.clear()

    def expire(self, now: float) -> None:
        """Forget replies that are too old."""
        while (expires := self.next_timer()) is not None and expires <= now:
            self._replies.popitem(last=False)
        while self._elsewhere and next(iter(self._elsewhere.values()))[1] <= now:
            self._elsewhere.popitem(last=False)

    def next_timer(self) -> float | None:
        """Return when the oldest reply expires."""
        for reply in self._replies.values():
            return reply.expires
        return None
