"""Following a directory without syncrepl: every second what changed since, and who is no longer there. ◆"""

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import ldap3

from access.directory import stamps, usn
from access.directory.entries import GROUP_ATTRIBUTES, Position, RawEntry, Update, person_attributes
from access.directory.kinds import spoken
from access.directory.reading import update_of
from access.directory.search import read_all, search
from access.directory.settings import DirectorySettings, Kind

EVERY_S = 1.0
# Two servers behind one name, or two writers in one, need not show changes in the order of their stamps.
OVERLAP = timedelta(seconds=30)
# The sweep for deletions reads every UUID: it may take this share of the time.
SWEEP_SHARE = 0.05


def follow(
    settings: DirectorySettings, cookie: bytes | None, stop: threading.Event, clock: Callable[[], float]
) -> Generator[Update | None, None, None]:
    """Yield everything, then what changed, each second; None where nothing did.

    cookie: of the last Update that was taken over; only Active Directory is gone on with by it. clock is
    monotonic seconds. Ends when stop is set, otherwise only by DirectoryUnavailable or
    DirectoryMisconfigured.
    """
    with spoken(settings) as (connection, found):
        if found.kind is Kind.ACTIVE_DIRECTORY:
            pauses = usn.Pauses(stop, EVERY_S, clock)
            yield from usn.follow(connection, found, cookie, pauses)
            return
        began = clock()
        update, raws = read_all(connection, found)
        poller = _Poller(connection, found, clock, stamps.attribute_of(raws))
        poller.remember(raws, slack=timedelta(seconds=clock() - began))
        yield replace(update, position=poller.position)
        while not stop.wait(EVERY_S):
            changed = poller.changed()
            yield None if changed.empty else replace(changed, position=poller.position)


@dataclass(slots=True)
class _Poller:
    connection: ldap3.Connection
    settings: DirectorySettings
    clock: Callable[[], float]
    attribute: str
    _newest: datetime | None = None
    _seen: dict[str, str] = field(default_factory=dict)
    _unseen: frozenset[str] = frozenset()
    _next_sweep: float = 0.0

    @property
    def position(self) -> Position:
        """The newest change seen, for people to read."""
        if self._newest is None:
            return Position()
        return Position(watermark=f"{self.attribute} {self._newest:%Y-%m-%d %H:%M:%S.%f}")

    def remember(self, raws: Iterable[RawEntry], slack: timedelta) -> None:
        """Keep how far we have seen. slack: how long reading took; what changed meanwhile may be unseen."""
        seen = list(raws)
        self._seen |= {raw.uuid: stamps.stamp(raw, self.attribute) for raw in seen}
        newest = stamps.newest(seen, self.attribute)
        if newest is not None:
            self._newest = max(self._newest or newest - slack, newest - slack)

    def changed(self) -> Update:
        """Return what is new since the last time, and who is gone where a sweep was due."""
        settings = self.settings
        attributes = person_attributes(settings.name_attribute)
        people = self._changed(settings.user_base, settings.user_filter, attributes)
        groups = self._changed(settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
        self.remember(people + groups, slack=timedelta())
        if self.clock() < self._next_sweep:
            return update_of((people, frozenset(), None), (groups, frozenset(), None), settings)
        people_there, groups_there = self._sweep()
        if self._overlooked(people_there | groups_there):
            update, raws = read_all(self.connection, settings)
            self.remember(raws, slack=timedelta())
            return update
        left = self._forget(people_there | groups_there)
        return update_of(
            (people, frozenset(), people_there if left else None),
            (groups, frozenset(), groups_there if left else None),
            settings,
        )

    def _changed(self, base: str, search_filter: str, attributes: Iterable[str]) -> list[RawEntry]:
        if self._newest is None:
            wanted = search_filter
        else:
            since = stamps.changed_since(self.attribute, self._newest, OVERLAP)
            wanted = f"(&{search_filter}{since})"
        found = search(self.connection, self.settings, base, wanted, attributes)
        if self.attribute != stamps.FINEST:
            # Two changes within one second carry the same stamp: whether it is news shows only by comparing.
            return found
        return [raw for raw in found if self._seen.get(raw.uuid) != stamps.stamp(raw, self.attribute)]

    def _sweep(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the UUIDs of all people and of all groups."""
        began = self.clock()
        settings = self.settings
        people = self._uuids(settings.user_base, settings.user_filter)
        groups = self._uuids(settings.group_base, settings.group_filter)
        took_s = self.clock() - began
        self._next_sweep = self.clock() + took_s / SWEEP_SHARE
        return people, groups

    def _overlooked(self, known: frozenset[str]) -> bool:
        """Return whether an entry showed up under an old stamp, as when rights change: two sweeps see it."""
        unseen = known - self._seen.keys()
        twice = bool(unseen & self._unseen)
        self._unseen = unseen
        return twice

    def _forget(self, known: frozenset[str]) -> bool:
        """Forget who has left; return whether anyone has."""
        left = self._seen.keys() - known
        for uuid in left:
            del self._seen[uuid]
        return bool(left)

    def _uuids(self, base: str, search_filter: str) -> frozenset[str]:
        found = search(self.connection, self.settings, base, search_filter, ("entryUUID",))
        return frozenset(raw.uuid for raw in found)
