"""A worker's memory while more happens than it can take in at once."""

import itertools
from types import SimpleNamespace

import pytest

from access.logins.memory import Memory
from access.radius.radius_following import Following
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
def follow():
    made = []

    def begin(world: Busy) -> Following:
        ticks = itertools.count(100.0)
        following = Following(SimpleNamespace(clock=lambda: next(ticks)), world, Memory())
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


def test_very_much_is_not_waited_for_and_the_memory_is_known_to_be_old(follow):
    world = Busy(parts=float("inf"))
    following = follow(world)

    following.take_fresh()
    following.take_fresh()

    assert world.put
    assert following.freshness.true_at == 100.0
    assert following.freshness.away_at == float("-inf")
