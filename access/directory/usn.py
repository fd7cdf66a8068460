"""Following Active Directory by uSNChanged: what changed at one domain controller, and who is gone. ◆

Each domain controller numbers the changes it has made or heard of by itself: a number means nothing at
another one, nor at the same one after its database was restored, which gives it another invocationId. So a
position is a number and the invocationId it belongs to; anywhere else everything is read.

DirSync, the other way, asks for the right to replicate the whole domain, passwords' metadata included, and
shows fragments of entries of the whole partition; this one needs no more than to read what is read.

A change shows in three searches for what is newer than the position: everything in the domain (GUIDs only,
deleted objects too), people, groups. Who is in the first and in neither of the others was deleted, has been
moved away or does not match any more. Where an organizational unit changed, everything is read: whoever is
below one that was renamed has another DN, and no newer number. Deleted objects show only to accounts that may
see them, and a filter may ask for what changes elsewhere (memberOf): a sweep over all GUIDs finds the rest.
"""

import json
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

import ldap3

from access.directory import active_directory
from access.directory.cookies import fingerprint
from access.directory.entries import GROUP_ATTRIBUTES, Position, RawEntry, Update, person_attributes
from access.directory.errors import DirectoryMisconfigured
from access.directory.names import normalise_dn
from access.directory.reading import update_of
from access.directory.search import Query, ask, read_all, read_one, read_root, search
from access.directory.settings import DirectorySettings

SHOW_DELETED = "1.2.840.113556.1.4.417"  # MS-ADTS section 3.1.1.3.4.1.14
# The sweep may take this share of the time, but a deletion is noticed within a minute.
SWEEP_SHARE = 0.05
LONGEST_BETWEEN_SWEEPS_S = 40.0
LONGEST_WATERMARK = 100
IDENTITY = ("objectGUID",)
TOUCHED = (*IDENTITY, "objectClass")
BRANCHES = frozenset((b"organizationalunit", b"container"))


class _BranchChanged(Exception):
    """An organizational unit was changed, perhaps renamed: everything below it is to be read again."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A domain controller: invocation is None where our account may not read it, newest its newest change."""

    name: str
    domain: str
    invocation: str | None
    newest: int


@dataclass(frozen=True, slots=True)
class Pauses:
    """How to wait between two looks. clock is monotonic seconds."""

    stop: threading.Event
    every_s: float
    clock: Callable[[], float]

    def wait(self) -> bool:
        """Wait for the next look; return whether there is one."""
        return not self.stop.wait(self.every_s)


def controller(connection: ldap3.Connection, settings: DirectorySettings) -> Controller:
    """Return which domain controller it is that we speak to, and how far it is."""
    told = read_root(
        connection, settings, "dsServiceName", "dnsHostName", "defaultNamingContext", "highestCommittedUSN"
    )
    service, newest = _text(told, "dsservicename"), _text(told, "highestcommittedusn")
    if not service or not newest.isdigit():
        raise DirectoryMisconfigured(
            f"{settings.url} does not say how far its changes are (highestCommittedUSN): it is no domain"
            " controller of Active Directory; set kind to openldap"
        )
    entry = read_one(connection, settings, service, "invocationId") or {}
    found = entry.get("invocationid", (b"",))[0]
    return Controller(
        _text(told, "dnshostname") or service,
        _text(told, "defaultnamingcontext"),
        active_directory.guid(found),
        int(newest),
    )


def deleted(here: Controller) -> Query:
    """Return what asks for deleted people and groups, but for the container that holds them."""
    wanted = "(&(isDeleted=TRUE)(|(objectClass=user)(objectClass=group)))"
    return Query(here.domain, wanted, IDENTITY, ((SHOW_DELETED, True, None),), identified=False)


def follow(
    connection: ldap3.Connection, settings: DirectorySettings, cookie: bytes | None, pauses: Pauses
) -> Generator[Update | None, None, None]:
    """Yield everything, or what changed since cookie; then what each look finds, None where it is nothing."""
    watch = _Watch(connection, settings, pauses.clock, controller(connection, settings))
    yield watch.begin(cookie)
    while pauses.wait():
        changed = watch.changed()
        yield None if changed.empty else replace(changed, position=watch.position)


@dataclass(slots=True)
class _Watch:
    """One connection to one domain controller. Everything up to the number done has been read."""

    connection: ldap3.Connection
    settings: DirectorySettings
    clock: Callable[[], float]
    here: Controller
    done: int = 0
    _seen: set[str] = field(default_factory=set)
    _unseen: frozenset[str] = frozenset()
    _next_sweep: float = 0.0

    @property
    def position(self) -> Position:
        """Where to go on at this controller; without its invocationId nowhere."""
        watermark = f"uSNChanged {self.done} at {self.here.name}"[:LONGEST_WATERMARK]
        if self.here.invocation is None:
            return Position(watermark=watermark)
        kept = {"searches": self._searches(), "invocation": self.here.invocation, "usn": self.done}
        return Position(json.dumps(kept).encode(), watermark)

    def begin(self, cookie: bytes | None) -> Update:
        """Return what changed since the cookie if it is of this controller, else everything."""
        kept = self._kept(cookie)
        if kept is None:
            update = self._read_all(self.here.newest)
        else:
            self.done = kept
            people, groups = self._changed_entries()
            people_there, groups_there = self._sweep()
            self.done, self._seen = self.here.newest, set(people_there | groups_there)
            nobody: frozenset[str] = frozenset()
            update = update_of((people, nobody, people_there), (groups, nobody, groups_there), self.settings)
        return replace(update, position=self.position)

    def changed(self) -> Update:
        """Return what is new since the last look, and who is gone."""
        newest = self._newest()
        try:
            people, groups, gone = self._news(newest)
        except _BranchChanged:
            return self._read_all(newest)
        if self.clock() < self._next_sweep:
            return update_of((people, gone, None), (groups, gone, None), self.settings)
        people_there, groups_there = self._sweep()
        there = people_there | groups_there
        if self._overlooked(there):
            return self._read_all(self.done)
        left = not self._seen <= there
        self._seen &= there
        return update_of(
            (people, gone, people_there if left else None),
            (groups, gone, groups_there if left else None),
            self.settings,
        )

    def _kept(self, cookie: bytes | None) -> int | None:
        """Return the number in the cookie, if it means something here."""
        kept = json.loads(cookie) if cookie is not None else {}
        ours = kept.get("searches") == self._searches() and self.here.invocation is not None
        if not ours or kept.get("invocation") != self.here.invocation:
            return None
        # A controller that is behind where it was has been put back, without saying so.
        return int(kept["usn"]) if int(kept["usn"]) <= self.here.newest else None

    def _searches(self) -> str:
        return fingerprint(replace(self.settings, url=""))

    def _newest(self) -> int:
        told = read_root(self.connection, self.settings, "highestCommittedUSN")
        return int(_text(told, "highestcommittedusn"))

    def _read_all(self, newest: int) -> Update:
        """Read everything; newest was the controller's newest change before that."""
        update, raws = read_all(self.connection, self.settings)
        self.done, self._seen = newest, {raw.uuid for raw in raws}
        self._unseen = frozenset()
        return update

    def _news(self, newest: int) -> tuple[list[RawEntry], list[RawEntry], frozenset[str]]:
        """Return people and groups that changed, and who changed and is not to be seen among them."""
        if newest == self.done:
            return [], [], frozenset()
        deleted_too = ((SHOW_DELETED, True, None),)
        query = Query(self.here.domain, self._since(), TOUCHED, deleted_too, identified=False)
        touched = ask(self.connection, self.settings, query)
        if any(map(self._is_branch, touched)):
            raise _BranchChanged
        people, groups = self._changed_entries()
        here = {raw.uuid for raw in people + groups}
        gone = frozenset({raw.uuid for raw in touched} - here) & self._seen
        self._seen = (self._seen | here) - gone
        self.done = newest
        return people, groups, gone

    def _is_branch(self, raw: RawEntry) -> bool:
        """Return whether people may hang below an entry, who have another DN now without having changed."""
        if BRANCHES.isdisjoint(value.lower() for value in raw.attributes.get("objectclass", ())):
            return False
        name = "," + normalise_dn(raw.dn)
        bases = (self.settings.user_base, self.settings.group_base)
        return any(name.endswith("," + normalise_dn(base)) for base in bases)

    def _changed_entries(self) -> tuple[list[RawEntry], list[RawEntry]]:
        settings, since = self.settings, self._since()
        attributes = person_attributes(
            settings.name_attribute, settings.stable_attribute, settings.attributes
        )
        people = search(
            self.connection, settings, settings.user_base, f"(&{settings.user_filter}{since})", attributes
        )
        groups = search(
            self.connection,
            settings,
            settings.group_base,
            f"(&{settings.group_filter}{since})",
            GROUP_ATTRIBUTES,
        )
        return people, groups

    def _since(self) -> str:
        return f"(uSNChanged>={self.done + 1})"

    def _sweep(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the GUIDs of all people and of all groups."""
        settings, began = self.settings, self.clock()
        people = self._guids(settings.user_base, settings.user_filter)
        groups = self._guids(settings.group_base, settings.group_filter)
        now = self.clock()
        self._next_sweep = now + min((now - began) / SWEEP_SHARE, LONGEST_BETWEEN_SWEEPS_S)
        return people, groups

    def _overlooked(self, there: frozenset[str]) -> bool:
        """Return whether an entry showed up under an old number, as when rights change: two sweeps see it."""
        unseen = there - self._seen
        twice = bool(unseen & self._unseen)
        self._unseen = unseen
        return twice

    def _guids(self, base: str, search_filter: str) -> frozenset[str]:
        found = search(self.connection, self.settings, base, search_filter, IDENTITY)
        return frozenset(raw.uuid for raw in found)


def _text(attributes: dict[str, tuple[bytes, ...]], name: str) -> str:
    values = attributes.get(name, ())
    return active_directory.plain(values[0].decode("utf-8", "replace")) if values else ""
