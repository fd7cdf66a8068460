"""A policy that takes long to be read, while everything else goes on."""

from collections.abc import Iterator
from functools import partial
from threading import Event

import pytest

from access.changes.publishing import Draft
from access.errors import Unavailable
from access.logins.memory import Memory
from access.policy.document import load
from access.policy.standing import EVERYTHING, Kept, Standing, StandingKind
from access.policy.vocabulary import PolicyErrors, Problem
from access.radius import policy_aside
from access.radius.policy_aside import PolicyAside
from access.store import standing
from access.store.database import Database
from access.store.feed import START
from access.store.policy_shelf import StoredPolicies
from access.store.world import Reading, open_world, read_policy
from access.words.phrase import say
from access.words.text_mistakes import TextMistake
from tests.access.store.test_world import DICE, KEYRING, NOW, settle_in
from tests.peers.waiting import wait_until

FIRST, SECOND = "version: 1\n", "version: 1\n# another\n"
CONTAINED = Standing(0, StandingKind.CONTAINMENT, ("user:kim@hangang",), (EVERYTHING,))


class Slow:
    """Reads the policy in force as soon as it is let, or fails while it has to."""

    def __init__(self) -> None:
        self.let, self.begun, self.failing = Event(), Event(), False

    def read(self, database: Database) -> Reading:
        found = read_policy(database)
        self.begun.set()
        assert self.let.wait(60)
        if self.failing:
            raise Unavailable("the disk is gone")
        return found


class Worker:
    """A memory kept true by a world that reads policies aside."""

    def __init__(self, database: Database, slow: Slow) -> None:
        settle_in(database)
        self.database = database
        self.aside = PolicyAside(partial(slow.read, database))
        self.world = open_world(database, KEYRING, self.aside)
        self.memory, self.reading = Memory(), False
        self.shelf = StoredPolicies(database, KEYRING, DICE, "t")
        self.publish(FIRST, None)
        first = self.world.all()
        for put in first.puts:
            put(self.memory)
        self.position = first.position
        self.aside.start()

    def publish(self, text: str, before: str | None) -> None:
        expected = load(before).revision if before is not None else None
        assert self.shelf.put_in_force(Draft(text, "t", expected), load(text).revision, NOW)

    def follow(self) -> None:
        news = self.world.since(self.position)
        for put in news.puts:
            put(self.memory)
        self.position, self.reading = news.position, news.reading

    def contain(self) -> None:
        with self.database.write() as conn:
            standing.add(conn, Kept(CONTAINED, organization_id=1), NOW)

    @property
    def revision(self) -> str:
        assert self.memory.policy is not None
        return self.memory.policy.revision

    def knows(self, text: str) -> bool:
        self.follow()
        return self.revision == load(text).revision


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def worker(database: Database, slow: Slow) -> Iterator[Worker]:
    worker = Worker(database, slow)
    yield worker
    slow.let.set()
    worker.aside.stop()
    worker.world.glance.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_aside, "PATIENCE_S", 0.0)


def test_a_policy_that_is_read_soon_counts_at_the_next_look(
    worker: Worker, slow: Slow, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(policy_aside, "PATIENCE_S", 60.0)
    slow.let.set()
    worker.publish(SECOND, FIRST)

    worker.follow()

    assert (worker.revision, worker.reading) == (load(SECOND).revision, False)


@pytest.mark.usefixtures("impatient")
def test_the_policy_before_counts_until_the_new_one_is_read_and_is_known_to_be_old(
    worker: Worker, slow: Slow
):
    worker.publish(SECOND, FIRST)

    worker.follow()
    assert (worker.revision, worker.reading) == (load(FIRST).revision, True)
    worker.follow()
    assert (worker.revision, worker.reading) == (load(FIRST).revision, True)

    slow.let.set()
    wait_until(lambda: worker.knows(SECOND), "the policy to be read")
    assert not worker.reading


@pytest.mark.usefixtures("impatient")
def test_a_containment_counts_at_once_while_a_policy_is_read_and_beside_it_afterwards(
    worker: Worker, slow: Slow
):
    worker.publish(SECOND, FIRST)
    worker.follow()
    assert slow.begun.wait(60)

    worker.contain()
    worker.follow()
    assert worker.revision == load(FIRST).revision
    assert len(worker.memory.policy.beside.rules) == 1

    slow.let.set()
    wait_until(lambda: worker.knows(SECOND), "the policy to be read")
    assert len(worker.memory.policy.beside.rules) == 1


@pytest.mark.usefixtures("impatient")
def test_a_policy_that_was_overtaken_while_it_was_read_never_counts(worker: Worker, slow: Slow):
    worker.publish(SECOND, FIRST)
    worker.follow()
    assert slow.begun.wait(60)
    third = "version: 1\n# a third\n"
    worker.publish(third, SECOND)
    worker.follow()
    seen = set()

    slow.let.set()

    def arrived() -> bool:
        worker.follow()
        seen.add(worker.revision)
        return not worker.reading

    wait_until(arrived, "the policy to be read")
    assert worker.revision == load(third).revision
    assert load(SECOND).revision not in seen


@pytest.mark.usefixtures("impatient")
def test_a_policy_that_cannot_be_read_is_tried_again(worker: Worker, slow: Slow):
    slow.failing = True
    slow.let.set()
    worker.publish(SECOND, FIRST)
    worker.follow()
    slow.begun.wait(60)
    for _ in range(3):
        worker.follow()
        assert (worker.revision, worker.reading) == (load(FIRST).revision, True)

    slow.failing = False

    wait_until(lambda: worker.knows(SECOND), "the policy to be read")
    assert not worker.reading


def test_a_text_that_this_version_cannot_read_is_not_read_again_and_again(monkeypatch: pytest.MonkeyPatch):
    """It stays what it is, and to find that out takes a large one a second of the worker's CPU."""

    def read() -> Reading:
        raise PolicyErrors([Problem(1, say(TextMistake.UNKNOWN_VERSION, version="2"))])

    monkeypatch.setattr(policy_aside, "PATIENCE_S", 60.0)
    aside, asked = PolicyAside(read), []
    aside.start()
    try:
        aside.noticed(START)
        monkeypatch.setattr(aside._lookout, "fresh_news", lambda patience_s: asked.append(patience_s) or [])
        found = [aside.found() for _ in range(5)]

        assert (found, asked, aside.behind) == ([None] * 5, [], True)
        aside.noticed(START)
        assert asked == [60.0]
    finally:
        aside.stop()
