"""A worker's memory while more happens than it can take in at once."""

import itertools
from types import SimpleNamespace

import pytest

from access.logins.memory import Memory
from access.radius.radius_following import Following, Sighting
from access.store.world import News


class Busy:
    """A world in which so many looks bring a part of what has happened, and the next one the rest."""

    def __init__(self, parts: float) -> None:
        self.parts, self.put = parts, []

    def all(self) -> News:
        return News(0)

    def since(self, position: int) -> News:
        here = position + 1
        return News(here, (lambda _memory: self.put.append(here),), behind=here < self.parts)


@pytest.fixture
def follow(monkeypatch):
    # A busy machine is no database that is away.
    monkeypatch.setattr("access.radius.radius_following.LOOK_PATIENCE_S", 60.0)
    made = []

    def begin(world: Busy, glance=None) -> Following:
        ticks = itertools.count(100.0)
        following = Following(SimpleNamespace(clock=lambda: next(ticks)), world, Memory(), glance)
        following.start()
        made.append(following)
        return following

    yield begin
    for following in made:
        following.stop()


def test_a_decision_waits_for_all_that_has_happened(follow, monkeypatch):
    monkeypatch.setattr("access.radius.radius_following.CATCH_UP_S", 30.0)
    world = Busy(parts=5)
    following = follow(world)

    following.take_fresh()

    assert world.put[:5] == [1, 2, 3, 4, 5]
    assert following.freshness.true_at > 100.0


class Glances:
    """Sees nothing new, a step further each time; None: does not know."""

    def __init__(self, knows):
        self.knows, self.asked = knows, []

    def nothing_until(self, position):
        self.asked.append(position)
        return position + 1 if self.knows else None


def test_where_a_glance_sees_nothing_new_nobody_else_is_asked_and_the_memory_is_true():
    world, ticks, glance = Busy(parts=5), itertools.count(100.0), Glances(knows=True)
    following = Following(SimpleNamespace(clock=lambda: next(ticks)), world, Memory(), glance)
    began_at = following.freshness.true_at

    following.take_fresh()
    following.take_fresh()

    assert (world.put, glance.asked) == ([], [0, 1])
    assert following.freshness.true_at > began_at


def test_what_a_glance_cannot_tell_is_looked_for(follow, monkeypatch):
    monkeypatch.setattr("access.radius.radius_following.CATCH_UP_S", 30.0)
    world = Busy(parts=5)
    following = follow(world, Glances(knows=False))

    following.take_fresh()

    assert world.put[:5] == [1, 2, 3, 4, 5]
    assert following.freshness.world >= 5


def test_very_much_is_not_waited_for_and_the_memory_is_known_to_be_old(follow):
    world = Busy(parts=float("inf"))
    following = follow(world)

    following.take_fresh()
    following.take_fresh()

    assert world.put
    assert following.freshness.true_at == 100.0
    assert following.freshness.away_at == float("-inf")


class Reads(Busy):
    """A world in which a policy is being read, however often one looks."""

    def since(self, position: int) -> News:
        return News(position, reading=True)


class Read(Reads):
    """The same, until it has been read."""

    read = False

    def since(self, position: int) -> News:
        if not self.read:
            return super().since(position)
        return News(position, (lambda _memory: self.put.append("policy"),))


def test_while_a_policy_is_being_read_a_glance_makes_nothing_true_and_it_is_put_in_once_it_is_read(follow):
    world = Read(parts=0)
    following = follow(world, Glances(knows=True))
    following._see(Sighting(101.0, world.since(0)))

    following.take_fresh()
    assert following.freshness.true_at == 100.0
    world.read = True
    following.take_fresh()

    assert world.put
    assert following.freshness.true_at > 100.0


def test_a_policy_that_is_being_read_makes_the_memory_old_and_the_database_is_there(follow):
    following = follow(Reads(parts=0))

    following.take_fresh()
    following.take_fresh()

    assert following.freshness.true_at == 100.0
    assert following.freshness.away_at == float("-inf")
