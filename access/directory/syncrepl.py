"""Following a directory by refreshAndPersist (RFC 4533): a search for people and one for groups. ◆

ldap3 opens, protects and binds the connection and sends the two searches; from then on this module reads the
socket itself, because ldap3 shows the entries of a search only once it has ended, and this one never does.
"""

import json
import select
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ldap3
from ldap3.operation.extended import extended_operation
from ldap3.operation.search import search_operation

from access.directory.connection import translated
from access.directory.cookies import fingerprint
from access.directory.entries import GROUP_ATTRIBUTES, Position, Update, group, person, person_attributes
from access.directory.errors import BadMessage, DirectoryUnavailable
from access.directory.kinds import spoken
from access.directory.reading import put_together
from access.directory.refresh import Refresh, SyncNotOffered
from access.directory.settings import DirectorySettings, Kind
from access.directory.syncrepl_codec import (
    SYNC_REQUEST,
    Disconnection,
    decode_message,
    encode_request,
    read_message,
)

WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"  # RFC 4532
RECEIVE_BYTES = 256 * 1024
KEEP_ALIVE_AFTER_S = 10.0
STOP_NOTICED_WITHIN_S = 0.5
BURST_MESSAGES = 2000
# The control of every entry has its UUID, and when it changed nobody asks who is told of each change.
SAID_ANYWAY = frozenset(("entryUUID", "objectGUID", "entryCSN", "modifyTimestamp"))


def follow(
    settings: DirectorySettings, cookie: bytes | None, stop: threading.Event, clock: Callable[[], float]
) -> Generator[Update | None, None, None]:
    """Yield the refresh as one Update, then each change within milliseconds; None at least every half second.

    cookie: of the last Update that was taken over; None reads everything. Ends when stop is set, otherwise
    only by an error: DirectoryUnavailable, RefreshRequired (begin again without a cookie), SyncNotOffered,
    DirectoryMisconfigured.
    """
    with spoken(settings) as (connection, found):
        if found.kind is Kind.ACTIVE_DIRECTORY:
            raise SyncNotOffered("Active Directory has no syncrepl: set sync to auto or poll")
        stream = _Stream(connection, found, clock)
        people_cookie, groups_cookie = _unpack(cookie, found)
        people = Refresh(
            partial(
                person,
                name_attribute=found.name_attribute,
                stable_attribute=found.stable_attribute,
                kept_for_rules=found.attributes,
            ),
            people_cookie,
        )
        groups = Refresh(group, groups_cookie)
        attributes = person_attributes(found.name_attribute, found.stable_attribute, found.attributes)
        people_search = (found.user_base, found.user_filter, attributes)
        groups_search = (found.group_base, found.group_filter, GROUP_ATTRIBUTES)
        searches: dict[int, Refresh[Any]] = {
            stream.search(people_search, people.cookie): people,
            stream.search(groups_search, groups.cookie): groups,
        }
        refreshed = False
        while not stop.is_set():
            stream.receive(searches)
            if not (people.done and groups.done) or (refreshed and not _news(people, groups)):
                yield None
                continue
            # The refresh is told of also where it brought nothing: whoever follows is in step from here on.
            refreshed = True
            update = put_together(people.drain(), groups.drain())
            yield replace(update, position=Position(cookie=_pack(people.cookie, groups.cookie, found)))


def _news(people: Refresh[Any], groups: Refresh[Any]) -> bool:
    return people.has_news() or groups.has_news()


@dataclass(slots=True)
class _Stream:
    """The messages of one connection, in the order the server sends them."""

    connection: ldap3.Connection
    settings: DirectorySettings
    clock: Callable[[], float]
    received: bytearray
    heard_at: float
    asked_id: int | None

    def __init__(
        self, connection: ldap3.Connection, settings: DirectorySettings, clock: Callable[[], float]
    ) -> None:
        self.connection, self.settings, self.clock = connection, settings, clock
        self.received, self.heard_at, self.asked_id = bytearray(), clock(), None

    def search(self, what: tuple[str, str, tuple[str, ...]], cookie: bytes | None) -> int:
        """Send a search that persists, and return its message id."""
        base, search_filter, attributes = what
        wanted = [name for name in attributes if name not in SAID_ANYWAY]
        request = search_operation(
            base, search_filter, ldap3.SUBTREE, ldap3.DEREF_NEVER, wanted, 0, 0, False, None, None
        )
        control = (SYNC_REQUEST, True, encode_request(cookie))
        return self._send("searchRequest", request, [control])

    def receive(self, searches: Mapping[int, Refresh[Any]]) -> None:
        """Hand everything that has arrived to its search; wait a moment if nothing has."""
        taken = 0
        wait_s = STOP_NOTICED_WITHIN_S
        while taken < BURST_MESSAGES and self._fill(wait_s):
            while (message := read_message(self.received)) is not None:
                self._hand_over(message, searches)
                taken += 1
            # What belongs together often comes in a row: take it as one change.
            wait_s = 0.0
        self._check_alive()

    def _hand_over(self, message: bytes, searches: Mapping[int, Refresh[Any]]) -> None:
        message_id, event = decode_message(message)
        if message_id in searches:
            searches[message_id].take_in(event)
        elif message_id == 0 and isinstance(event, Disconnection):
            raise DirectoryUnavailable(f"{self.settings.url} is closing the connection: {event.diagnostic}")
        elif message_id == self.asked_id:
            self.asked_id = None
        else:
            raise BadMessage(f"{self.settings.url} answers a question that nobody asked")

    def _fill(self, wait_s: float) -> bool:
        """Read once what has arrived; return whether anything has."""
        sock = self.connection.socket
        with translated(self.settings):
            waiting = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
            if not waiting and not select.select([sock], [], [], wait_s)[0]:
                return False
            octets = sock.recv(RECEIVE_BYTES)
        if not octets:
            raise DirectoryUnavailable(f"{self.settings.url} closed the connection")
        self.received += octets
        self.heard_at = self.clock()
        return True

    def _check_alive(self) -> None:
        """Ask a server that has been silent for long whether it is still there."""
        silent_s = self.clock() - self.heard_at
        if self.asked_id is not None and silent_s > KEEP_ALIVE_AFTER_S + self.settings.receive_timeout_s:
            raise DirectoryUnavailable(f"{self.settings.url} has fallen silent")
        if self.asked_id is None and silent_s > KEEP_ALIVE_AFTER_S:
            self.asked_id = self._send("extendedReq", extended_operation(WHO_AM_I), None)

    def _send(self, kind: str, request: object, controls: list[tuple[str, bool, bytes]] | None) -> int:
        with translated(self.settings):
            return int(self.connection.send(kind, request, controls))


def _pack(people: bytes | None, groups: bytes | None, settings: DirectorySettings) -> bytes | None:
    """Return both cookies as one, bound to the searches they belong to; None while one is missing."""
    if people is None or groups is None:
        return None
    kept = {"searches": fingerprint(settings), "people": people.hex(), "groups": groups.hex()}
    return json.dumps(kept).encode()


def _unpack(cookie: bytes | None, settings: DirectorySettings) -> tuple[bytes | None, bytes | None]:
    if cookie is None:
        return None, None
    kept = json.loads(cookie)
    if kept["searches"] != fingerprint(settings):
        return None, None
    return bytes.fromhex(kept["people"]), bytes.fromhex(kept["groups"])
