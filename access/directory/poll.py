"""Following a directory without syncrepl: every second what changed since, and who is no longer there. ◆

A look finds what changed, by its stamp. A sweep finds the rest, above all who was deleted; it reads a line
about everybody, which takes seconds for a large company, so a look comes between two pages whenever it is
due. All is asked over one connection: two might end at two servers, one of them behind.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import ldap3

from access.directory import stamps, usn
from access.directory.entries import GROUP_ATTRIBUTES, Position, RawEntry, Update, person_attributes
from access.directory.kinds import spoken
from access.directory.known import OVERLAP, Known
from access.directory.reading import update_of
from access.directory.search import CookieExpired, Query, ask, at_once, pages, read_all
from access.directory.settings import DirectorySettings, Kind
from access.directory.sweep import Sweep

EVERY_S = 1.0
# The sweep for deletions reads a line about everybody: it may take this share of the time.
SWEEP_SHARE = 0.05
LONGEST_BETWEEN_SWEEPS_S = 40.0
# A server that finds what changed by an index is asked more often: looking may take this share of the time.
LOOK_SHARE = 0.2
SHORTEST_PAUSE_S = 0.25
# Where a look finds more than these, it asks for stamps alone, and then for what has another one than before.
FEW = 100
UUIDS_AT_ONCE = 100
# More than these are not asked for one by one.
MANY = 1000
NOBODY: frozenset[str] = frozenset()


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
        poller = Poller(connection, found, clock)
        update = poller.read_all()
        yield replace(update, position=poller.position)
        while not stop.wait(poller.pause_s):
            if not poller.is_due:
                poller.read_page()
                continue
            changed = poller.changed()
            yield None if changed.empty else replace(changed, position=poller.position)


class Poller:
    """One connection to one server. pause_s: how long there is nothing to do."""

    def __init__(
        self, connection: ldap3.Connection, settings: DirectorySettings, clock: Callable[[], float]
    ) -> None:
        self._connection, self._settings, self._clock = connection, settings, clock
        people = person_attributes(settings.name_attribute, settings.stable_attribute, settings.attributes)
        self._people = Known(settings.user_base, settings.user_filter, people)
        self._groups = Known(settings.group_base, settings.group_filter, GROUP_ATTRIBUTES)
        self._parts = (self._people, self._groups)
        self._attribute = stamps.FINEST
        self._pages: Iterator[None] | None = None
        self._swept = False
        self._sweeping_s = 0.0
        self._next_look = self._next_sweep = 0.0

    @property
    def position(self) -> Position:
        """The newest change seen, for people to read."""
        newest = max((part.newest for part in self._parts if part.newest is not None), default=None)
        if newest is None:
            return Position()
        return Position(watermark=f"{self._attribute} {newest:%Y-%m-%d %H:%M:%S.%f}")

    @property
    def is_due(self) -> bool:
        """Whether it is time for a look."""
        return self._pages is None or self._clock() >= self._next_look

    @property
    def pause_s(self) -> float:
        """Return how long to wait; not at all while there are pages to read."""
        return max(0.0, self._next_look - self._clock()) if self._pages is None else 0.0

    def read_all(self) -> Update:
        """Return everyone and every group."""
        began = self._clock()
        update, raws = read_all(self._connection, self._settings)
        self._attribute = stamps.attribute_of(raws)
        unsure = timedelta(seconds=self._clock() - began)
        for part, told in ((self._people, update.people), (self._groups, update.groups)):
            shown = [raw for raw in raws if raw.uuid in (told.known or NOBODY)]
            part.begin(shown, self._attribute, unsure)
        self._pages, self._swept, self._next_look = None, False, self._clock()
        return update

    def changed(self) -> Update:
        """Return what is new since the last look, and who is gone where a sweep has come to its end."""
        began = self._clock()
        people, groups = self._look(self._people), self._look(self._groups)
        now = self._clock()
        self._next_look = now + min(EVERY_S, max(SHORTEST_PAUSE_S, (now - began) / LOOK_SHARE))
        if self._swept:
            return self._concluded(people, groups)
        if self._pages is None and now >= self._next_sweep:
            self._begin_to_sweep()
        return update_of((people, NOBODY, None), (groups, NOBODY, None), self._settings)

    def read_page(self) -> None:
        """Go on with the sweep by a page; after the last one a look is due."""
        assert self._pages is not None
        began = self._clock()
        self._swept = next(self._pages, self) is self
        now = self._clock()
        self._sweeping_s += now - began
        if self._swept:
            self._pages, self._next_look = None, now

    def _look(self, part: Known) -> list[RawEntry]:
        """Return what changed; by coarse stamps also what changed shortly before."""
        fine = self._attribute == stamps.FINEST
        stamps_first = fine and part.found > FEW
        attributes = ("entryUUID", self._attribute) if stamps_first else part.attributes
        found = self._found(Query(part.base, part.since(self._attribute), attributes))
        part.looked(found, self._attribute)
        # Two changes within one second carry the same stamp: whether it is news shows only by comparing.
        news = [raw for raw in found if part.seen.get(raw.uuid) != self._stamp(raw)] if fine else found
        read = self._read(part, [raw.uuid for raw in news], part.attributes) if stamps_first else news
        part.know((raw for raw in read if part.seen.get(raw.uuid) != self._stamp(raw)), self._attribute)
        return read

    def _stamp(self, raw: RawEntry) -> str:
        return stamps.stamp(raw, self._attribute)

    def _found(self, query: Query) -> list[RawEntry]:
        """Return what a query finds, if possible without the server forgetting the sweep."""
        found = at_once(self._connection, self._settings, query)
        return ask(self._connection, self._settings, query) if found is None else found

    def _read(self, part: Known, uuids: Sequence[str], attributes: tuple[str, ...]) -> list[RawEntry]:
        """Return these entries, as far as they are there."""
        found = []
        for at in range(0, len(uuids), UUIDS_AT_ONCE):
            named = "".join(f"(entryUUID={uuid})" for uuid in uuids[at : at + UUIDS_AT_ONCE])
            found += self._found(Query(part.base, f"(&{part.search_filter}(|{named}))", attributes))
        return found

    def _begin_to_sweep(self) -> None:
        for part in self._parts:
            part.sweep = Sweep(stamps.written(part.newest - OVERLAP) if part.newest else "")
        self._pages, self._sweeping_s = self._sweep(), 0.0

    def _sweep(self) -> Iterator[None]:
        """Read a line about everybody, a page for each next()."""
        for part in self._parts:
            query = Query(part.base, part.search_filter, ("entryUUID", self._attribute))
            try:
                for page in pages(self._connection, self._settings, query):
                    part.sweep.show((raw.uuid, self._stamp(raw)) for raw in page)
                    yield
            except CookieExpired:
                # Forgotten by the server, or for a look that needed pages: now in one go, or it never ends.
                everybody = ask(self._connection, self._settings, query)
                part.sweep.show((raw.uuid, self._stamp(raw)) for raw in everybody)
                yield

    def _concluded(self, people: list[RawEntry], groups: list[RawEntry]) -> Update:
        """Return what the sweep has found beside the last look."""
        self._swept = False
        self._next_sweep = self._clock() + min(self._sweeping_s / SWEEP_SHARE, LONGEST_BETWEEN_SWEEPS_S)
        late = [part.sweep.late(part.seen) for part in self._parts]
        if sum(map(len, late)) > MANY or any(part.sweep.has_strangers(part.seen) for part in self._parts):
            return self.read_all()
        for part, uuids, news in zip(self._parts, late, (people, groups), strict=True):
            news.extend(self._read_again(part, uuids))
        gone = [self._gone(part) for part in self._parts]
        return update_of(
            (people, NOBODY, frozenset(self._people.seen) if any(gone) else None),
            (groups, NOBODY, frozenset(self._groups.seen) if any(gone) else None),
            self._settings,
        )

    def _read_again(self, part: Known, uuids: Sequence[str]) -> list[RawEntry]:
        read = self._read(part, uuids, part.attributes)
        part.know(read, self._attribute)
        return read

    def _gone(self, part: Known) -> bool:
        """Forget who has left; return whether anyone has."""
        missing = part.sweep.missing(part.seen)
        gone = set(missing) - self._still_there(part, missing)
        for uuid in gone:
            del part.seen[uuid]
        return bool(gone)

    def _still_there(self, part: Known, missing: Sequence[str]) -> frozenset[str]:
        """Return who is there though no page showed them, as where a server counts from the first entry."""
        if len(missing) <= MANY:
            return frozenset(raw.uuid for raw in self._read(part, missing, ("entryUUID",)))
        query = Query(part.base, part.search_filter, ("entryUUID",))
        return frozenset(raw.uuid for raw in ask(self._connection, self._settings, query))
