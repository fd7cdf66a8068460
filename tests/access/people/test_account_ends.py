"""Accounts end at their moment, on both databases, without a word from the directory."""

import threading
from functools import partial

import pytest
import structlog

from access.directory.fuse import Fuses
from access.directory.roster import Roster
from access.errors import Unavailable
from access.people.account_ends import watch
from access.people.provisioning import provision
from access.store import account_ends, feed, people
from access.store.feed import Topic
from access.store.rosters import RosterStore
from tests.access.provisioned import add_organization, changed, everything, person
from tests.peers.waiting import wait_until

NOW = 1_800_000_000.0


class Office:
    """kim leaves at NOW, lee a minute later, park stays."""

    def __init__(self, database):
        self.database = database
        self.organization = add_organization(database, "hangang")
        self.store, self.roster = RosterStore(database, self.organization.id, lambda _: None), Roster()
        people_here = (person("kim", expires_at=NOW), person("lee", expires_at=NOW + 60), person("park"))
        self.take(everything(*people_here), NOW - 10)

    def take(self, reading, now):
        provision(self.store, self.roster, reading, now, Fuses())

    def user(self, name):
        with self.database.read() as conn:
            return people.user_by_name(conn, self.organization.id, name)

    def enabled(self):
        return {name for name in ("kim", "lee", "park") if self.user(name).enabled}


@pytest.fixture
def office(database):
    return Office(database)


def test_an_account_ends_at_its_moment_and_the_feed_says_so(office):
    assert account_ends.end(office.database, NOW - 0.1) == 0
    assert office.enabled() == {"kim", "lee", "park"}
    with office.database.read() as conn:
        before = feed.head(conn)

    assert account_ends.end(office.database, NOW) == 1

    assert office.enabled() == {"lee", "park"}
    with office.database.read() as conn:
        heard = [(change.topic, change.key) for change in feed.since(conn, before)]
    assert heard == [(Topic.USER, str(office.user("kim").id))]
    assert account_ends.end(office.database, NOW) == 0


def test_a_reading_enables_nobody_whose_end_has_come(office):
    account_ends.end(office.database, NOW)

    office.take(changed(person("kim", expires_at=NOW, mail="kim@elsewhere.example")), NOW + 1)

    assert office.user("kim").mail == "kim@elsewhere.example"
    assert not office.user("kim").enabled


def test_an_account_that_is_extended_lives_again(office):
    account_ends.end(office.database, NOW)

    office.take(changed(person("kim", expires_at=NOW + 3600)), NOW + 1)

    assert office.user("kim").enabled


def test_after_a_restart_the_same_holds(office):
    account_ends.end(office.database, NOW)
    office.roster, _ = office.store.load()

    everyone = everything(
        person("kim", expires_at=NOW), person("lee", expires_at=NOW + 60), person("park", enabled=False)
    )
    office.take(everyone, NOW + 5)

    assert office.enabled() == {"lee"}


def test_it_happens_by_itself_and_a_database_that_is_away_is_waited_for(office):
    stop, asked = threading.Event(), []

    class Clock:
        def __call__(self):
            asked.append(None)
            if len(asked) == 1:
                raise Unavailable("the database is away")
            return NOW

    watching = threading.Thread(
        target=watch, args=(partial(account_ends.end, office.database), Clock(), stop)
    )
    with structlog.testing.capture_logs() as lines:
        watching.start()
        try:
            wait_until(lambda: office.enabled() == {"lee", "park"}, "the end of kim's account")
        finally:
            stop.set()
            watching.join(30)

    assert [line["event"] for line in lines] == ["accounts cannot be looked at", "accounts have ended"]


def test_a_mistake_does_not_end_the_watching(office, monkeypatch):
    monkeypatch.setattr("access.people.account_ends.LONGEST_PAUSE_S", 0.01)
    stop, asked = threading.Event(), []

    def end(now):
        asked.append(now)
        if len(asked) == 1:
            raise TypeError("what nobody thought of")
        return account_ends.end(office.database, now)

    watching = threading.Thread(target=watch, args=(end, lambda: NOW, stop))
    watching.start()
    try:
        wait_until(lambda: office.enabled() == {"lee", "park"}, "the end of kim's account")
    finally:
        stop.set()
        watching.join(30)
