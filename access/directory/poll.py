"""Following a directory without syncrepl: every second what changed since, and who is no longer there. ◆"""

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
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
LONGEST_BETWEEN_SWEEPS_S = 40.0
# A server that finds what changed by an index is asked more often: looking may take this share of the time.
LOOK_SHARE = 0.2
SHORTEST_PAUSE_S = 0.25
# After a load of many entries at once, all lie within OVERLAP of the newest: too many to read each time.
WIDE = 1000
UUIDS_AT_ONCE = 100


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
        while not stop.wait(poller.pause_s):
            changed = poller.changed()
            yield None if changed.empty else replace(changed, position=poller.position)


@dataclass(slots=True)
class _Poller:
    connection: ldap3.Connection
    settings: DirectorySettings
    clock: Callable[[], float]
    attribute: str
    pause_s: float = EVERY_S
    _newest: datetime | None = None
    _newest_at: float = 0.0
    _wide: set[str] = field(default_factory=set)
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
        if newest is not None and (self._newest is None or newest - slack > self._newest):
            self._newest, self._newest_at = newest - slack, self.clock()

    def changed(self) -> Update:
        """Return what is new since the last time, and who is gone where a sweep was due."""
        settings = self.settings
        attributes = person_attributes(settings.name_attribute, settings.stable_attribute)
        began = self.clock()
        people = self._changed(settings.user_base, settings.user_filter, attributes)
        groups = self._changed(settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
        self.remember(people + groups, slack=timedelta())
        looked_s = self.clock() - began
        self.pause_s = min(EVERY_S, max(SHORTEST_PAUSE_S, looked_s / LOOK_SHARE))
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

    def _changed(self, base: str, search_filter: str, attributes: Sequence[str]) -> list[RawEntry]:
        wanted = search_filter
        if self._newest is not None:
            since = stamps.changed_since(self.attribute, self._newest, self._overlap(search_filter))
            wanted = f"(&{search_filter}{since})"
        if self.attribute != stamps.FINEST:
            # Two changes within one second carry the same stamp: whether it is news shows only by comparing.
            return self._found(search_filter, base, wanted, attributes)
        if search_filter not in self._wide:
            return self._news(self._found(search_filter, base, wanted, attributes))
        moved = self._news(self._found(search_filter, base, wanted, ("entryUUID", self.attribute)))
        return self._read(base, search_filter, [raw.uuid for raw in moved], attributes)

    def _overlap(self, search_filter: str) -> timedelta:
        """Return how far to look back; not at all once what is older has had its time, and is much."""
        had_its_time = self.clock() - self._newest_at > OVERLAP.total_seconds()
        return timedelta() if had_its_time and search_filter in self._wide else OVERLAP

    def _found(self, search_filter: str, base: str, wanted: str, attributes: Iterable[str]) -> list[RawEntry]:
        found = search(self.connection, self.settings, base, wanted, attributes)
        if len(found) > WIDE:
            self._wide.add(search_filter)
        return found

    def _news(self, found: Iterable[RawEntry]) -> list[RawEntry]:
        return [raw for raw in found if self._seen.get(raw.uuid) != stamps.stamp(raw, self.attribute)]

    def _read(
        self, base: str, search_filter: str, uuids: Sequence[str], attributes: Sequence[str]
    ) -> list[RawEntry]:
        """Return these entries whole."""
        found = []
        for at in range(0, len(uuids), UUIDS_AT_ONCE):
            named = "".join(f"(entryUUID={uuid})" for uuid in uuids[at : at + UUIDS_AT_ONCE])
            wanted = f"(&{search_filter}(|{named}))"
            found += search(self.connection, self.settings, base, wanted, attributes)
        return found

    def _sweep(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the UUIDs of all people and of all groups."""
        began = self.clock()
        settings = self.settings
        people = self._uuids(settings.user_base, settings.user_filter)
        groups = self._uuids(settings.group_base, settings.group_filter)
        took_s = self.clock() - began
        self._next_sweep = self.clock() + min(took_s / SWEEP_SHARE, LONGEST_BETWEEN_SWEEPS_S)
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
