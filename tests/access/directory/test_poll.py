"""Looks and pages of a sweep in turn, at a real directory that changes between two of them."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from access.directory import known, poll, search
from access.directory.errors import DirectoryUnavailable
from access.directory.kinds import spoken
from access.directory.roster import Roster
from tests.access.directory.companies import settings_of

pytestmark = pytest.mark.peer("slapd")

GILDONG = {"objectClass": ["inetOrgPerson"], "uid": ["gildong"], "cn": ["홍길동"], "sn": ["홍"]}


@dataclass
class Polled:
    """A poller, and a roster that takes over what it finds."""

    poller: poll.Poller
    roster: Roster

    def look(self):
        """Look once; what changed."""
        return self.roster.absorb(self.poller.changed())

    def page(self):
        """Read a page of the sweep, which a look has begun."""
        assert not self.poller.is_due
        self.poller.read_page()

    def rest(self):
        """Read the sweep to its end, and look: what changed."""
        return self.roster.absorb(self.rest_untaken())

    def rest_untaken(self):
        """The same, but nothing of it is taken over."""
        while not self.poller.is_due:
            self.poller.read_page()
        return self.poller.changed()

    def sweep(self):
        """Sweep whole; what changed."""
        self.begin()
        return self.rest()

    def begin(self):
        """Look until a sweep has begun."""
        self.look()
        assert not self.poller.is_due

    def uuid(self, uid):
        return next(uuid for uuid in self.roster._people if self.roster.name_of(uuid) == uid)

    def uids(self):
        return {self.roster.name_of(uuid) for uuid in self.roster._people}


@pytest.fixture(params=["entryCSN", "modifyTimestamp"])
def stamped(request, monkeypatch):
    """By which stamp changes are found."""
    monkeypatch.setattr(poll.stamps, "attribute_of", lambda raws: request.param)
    return request.param


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    """A page is a few entries, looks are due after the sweep, and one sweep follows the other."""
    monkeypatch.setattr(search, "PAGE_ENTRIES", 7)
    monkeypatch.setattr(poll, "SHORTEST_PAUSE_S", 3600.0)
    monkeypatch.setattr(poll, "EVERY_S", 3600.0)
    monkeypatch.setattr(poll, "LONGEST_BETWEEN_SWEEPS_S", 0.0)


@contextmanager
def polled(directory):
    settings = settings_of(directory.slapd, directory.hangang)
    with spoken(settings) as (connection, found):
        poller = poll.Poller(connection, found, time.monotonic)
        here = Polled(poller, Roster())
        here.roster.absorb(poller.read_all())
        yield here


def dn_of(directory, uid):
    return directory.hangang.person_dn(uid)


@pytest.mark.usefixtures("stamped")
def test_a_change_is_noticed_between_two_pages(directory):
    uid = directory.hangang.people[0].uid
    with polled(directory) as here:
        here.begin()
        here.page()
        directory.slapd.replace(dn_of(directory, uid), {"displayName": ["새 이름"]})

        changes = here.look()
        rest = here.rest()

    assert [person.display_name for person in changes.people.values()] == ["새 이름"]
    assert not rest.vanished
    assert not rest.people


@pytest.mark.usefixtures("stamped")
def test_somebody_who_comes_between_two_pages_is_not_gone_at_the_end(directory):
    with polled(directory) as here:
        here.begin()
        here.page()
        directory.slapd.add(dn_of(directory, "gildong"), GILDONG)
        came = here.look()

        changes = here.rest()
        after = here.sweep()

    assert [person.name for person in came.people.values()] == ["gildong"]
    assert not changes.vanished
    assert not after.vanished


@pytest.mark.usefixtures("stamped")
def test_somebody_who_comes_after_the_last_page_is_not_gone(directory):
    with polled(directory) as here:
        here.begin()
        while not here.poller.is_due:
            here.page()
        directory.slapd.add(dn_of(directory, "gildong"), GILDONG)

        changes = here.look()

    assert [person.name for person in changes.people.values()] == ["gildong"]
    assert not changes.vanished


@pytest.mark.usefixtures("stamped")
def test_somebody_renamed_between_two_pages_is_still_there(directory):
    first, last = directory.hangang.people[0].uid, directory.hangang.people[-1].uid
    with polled(directory) as here:
        kept = here.uuid(first), here.uuid(last)
        here.begin()
        here.page()
        directory.slapd.rename(dn_of(directory, first), "uid=zzz")
        directory.slapd.rename(dn_of(directory, last), "uid=aaa")

        changes = here.rest()
        after = here.sweep()

    assert not changes.vanished
    assert not after.vanished
    assert [changes.people[uuid].name for uuid in kept] == ["zzz", "aaa"]


@pytest.mark.usefixtures("stamped")
def test_a_deletion_between_two_pages_is_seen_at_the_end_of_this_sweep_or_the_next(directory):
    first, last = directory.hangang.people[0].uid, directory.hangang.people[-1].uid
    with polled(directory) as here:
        before = here.uuid(first), here.uuid(last)
        here.begin()
        here.page()
        directory.slapd.delete(dn_of(directory, first))
        directory.slapd.delete(dn_of(directory, last))

        this, following = here.rest(), here.sweep()

    assert this.vanished == {before[1]}
    assert following.vanished == {before[0]}


def test_somebody_who_changes_and_is_deleted_while_a_sweep_is_on_is_gone_by_the_next(directory):
    uid = directory.hangang.people[-1].uid
    with polled(directory) as here:
        uuid = here.uuid(uid)
        here.begin()
        directory.slapd.replace(dn_of(directory, uid), {"displayName": ["새 이름"]})
        here.look()
        directory.slapd.delete(dn_of(directory, uid))

        this, following = here.rest(), here.sweep()

    assert not this.vanished
    assert following.vanished == {uuid}


def test_a_group_deleted_between_two_pages_is_gone_at_the_end(directory):
    with polled(directory) as here:
        here.begin()
        here.page()
        directory.slapd.delete(directory.hangang.group_dn("vdi-dev"))

        changes = here.rest()

    assert len(changes.groups_gone) == 1
    assert not changes.vanished


def test_nothing_is_told_until_a_sweep_has_come_to_its_end(directory):
    with polled(directory) as here:
        directory.slapd.delete(dn_of(directory, directory.hangang.people[0].uid))
        here.begin()
        here.page()

        between = here.poller.changed()

    assert between.people.known is None
    assert between.groups.known is None


def test_a_look_that_needs_pages_makes_the_server_forget_the_sweep_and_nobody_is_gone(directory, monkeypatch):
    uid = directory.hangang.people[0].uid
    with polled(directory) as here:
        here.begin()
        here.page()
        with monkeypatch.context() as less:
            less.setattr(poll, "at_once", lambda connection, settings, query: None)
            directory.slapd.replace(dn_of(directory, uid), {"displayName": ["새 이름"]})
            changes = here.look()
        directory.slapd.delete(dn_of(directory, uid))

        rest = here.rest()

    assert len(changes.people) == 1
    assert not rest.people
    assert {*here.uids()} >= {person.uid for person in directory.hangang.people[1:]}


def test_a_cookie_that_the_server_forgot_starts_the_sweep_again(directory, monkeypatch):
    leaves = directory.hangang.people[-1].uid
    real, forgotten = search._next_cookie, []

    def forget_once(page):
        if forgotten or not page.cookie:
            return real(page)
        forgotten.append(page.cookie)
        return b"\x01" * len(page.cookie)

    with polled(directory) as here:
        directory.slapd.delete(dn_of(directory, leaves))
        here.begin()
        monkeypatch.setattr(search, "_next_cookie", forget_once)

        changes = here.rest()

    assert forgotten
    assert len(changes.vanished) == 1


@pytest.mark.parametrize("many", [1000, 0])
def test_somebody_whom_a_page_leaves_out_is_asked_for_and_still_there(directory, monkeypatch, many):
    monkeypatch.setattr(known, "OVERLAP", timedelta())
    monkeypatch.setattr(poll, "MANY", many)
    monkeypatch.setattr(poll, "pages", leaving_out)
    with polled(directory) as here:
        here.look()
        directory.slapd.delete(dn_of(directory, directory.hangang.people[10].uid))

        changes = here.rest()

    assert len(changes.vanished) == 1


def leaving_out(connection, settings, query):
    """The first of each page is not on it."""
    for page in search.pages(connection, settings, query):
        yield page[1:]


def test_a_change_that_no_look_saw_is_found_by_the_sweep(directory, monkeypatch):
    monkeypatch.setattr(known, "OVERLAP", timedelta())
    with polled(directory) as here:
        uuid = here.uuid(directory.hangang.people[0].uid)
        here.look()
        here.poller._people.seen[uuid] = "20261126080000.000000Z#000000#000#000000"
        told = here.poller.changed()

        update = here.rest_untaken()

    assert uuid not in {person.uuid for person in told.people.entries}
    assert [person.uuid for person in update.people.entries] == [uuid]
    assert update.people.known is None


def test_a_stranger_under_an_old_stamp_has_everybody_read_again(directory, monkeypatch):
    monkeypatch.setattr(known, "OVERLAP", timedelta())
    monkeypatch.setattr(poll, "OVERLAP", -timedelta(days=1))
    with polled(directory) as here:
        uuid = here.uuid(directory.hangang.people[0].uid)
        here.look()
        del here.poller._people.seen[uuid]

        update = here.rest_untaken()

    assert len(update.people.entries) == len(directory.hangang.people)
    assert len(update.people.known) == len(directory.hangang.people)


def test_a_server_that_stops_between_two_pages_ends_the_following(directory):
    with polled(directory) as here:
        here.begin()
        here.page()
        directory.slapd.daemon.stop()

        with pytest.raises(DirectoryUnavailable):
            here.page()
