"""Sessions in memory, found by their Class, their endpoint, their name at the NAS and their addresses.

What a batch of records is about lies here between being read and being written. Whoever asks sees every
change at once; lists are by id, as a database would give them.
"""

from collections.abc import Hashable, Iterator

from access.logins.network_session import NetworkSession


def _keys(session: NetworkSession) -> Iterator[tuple[str, Hashable]]:
    """Yield what a session is found by."""
    if session.calling_station:
        yield "station", session.calling_station
    if session.acct_session_id:
        yield "name", (session.nas_id, session.acct_session_id)
    if session.address4:
        yield "address", session.address4
    if session.address6:
        yield "address", session.address6


class Shelf:
    """Sessions as they are at the moment, each once."""

    def __init__(self) -> None:
        self._sessions: dict[int, NetworkSession] = {}
        self._of_classes: dict[bytes, int] = {}
        self._found_by: dict[tuple[str, Hashable], set[int]] = {}

    def __contains__(self, session_id: int) -> bool:
        """Whether a session lies here."""
        return session_id in self._sessions

    def __getitem__(self, session_id: int) -> NetworkSession:
        """Return a session that lies here."""
        return self._sessions[session_id]

    def put(self, session: NetworkSession) -> None:
        """Keep a session as it is now."""
        before = self._sessions.get(session.id)
        if before is not None:
            for key in _keys(before):
                self._found_by[key].discard(session.id)
        self._sessions[session.id] = session
        self._of_classes[session.class_] = session.id
        for key in _keys(session):
            self._found_by.setdefault(key, set()).add(session.id)

    def of_class(self, class_: bytes) -> NetworkSession | None:
        """Return the session with this Class."""
        session_id = self._of_classes.get(class_)
        return None if session_id is None else self._sessions[session_id]

    def from_station(self, station: str) -> list[NetworkSession]:
        """Return the sessions of a Calling-Station-Id."""
        return self._by("station", station)

    def named(self, nas_id: int, acct_session_id: str) -> list[NetworkSession]:
        """Return the sessions that a NAS calls by this name."""
        return self._by("name", (nas_id, acct_session_id))

    def with_address(self, address: str) -> list[NetworkSession]:
        """Return the sessions that have an address."""
        return self._by("address", address)

    def _by(self, what: str, key: Hashable) -> list[NetworkSession]:
        return [self._sessions[each] for each in sorted(self._found_by.get((what, key), ()))]
