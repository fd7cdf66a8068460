import threading

import pytest

from access.radius.lookout import Lookout
from tests.peers.waiting import wait_until

FOREVER_S = 3600.0


class Window:
    """What is looked at: counts looks, and can be shut."""

    def __init__(self):
        self.looks = 0
        self.open = threading.Event()
        self.open.set()

    def look(self):
        self.open.wait()
        self.looks += 1
        return self.looks


@pytest.fixture
def window():
    return Window()


@pytest.fixture
def lookout(window):
    lookout = Lookout(window.look, FOREVER_S)
    lookout.start()
    yield lookout
    window.open.set()
    lookout.stop()


def test_whoever_asks_gets_a_look_that_began_afterwards(lookout, window):
    assert [lookout.fresh_news(30.0) for _ in range(3)] == [[1], [2], [3]]


def test_news_are_handed_out_once_and_waited_for_by_nobody(lookout):
    assert lookout.news() == []
    lookout.fresh_news(30.0)
    assert lookout.news() == []


def test_a_window_that_is_shut_is_waited_for_only_so_long(lookout, window):
    window.open.clear()

    assert lookout.fresh_news(0.05) == []
    assert lookout.fresh_news(0.0) == []
    window.open.set()
    wait_until(lookout.news, "what the late looks saw")


def test_a_look_that_was_under_way_is_not_fresh_enough(lookout, window):
    window.open.clear()
    lookout.fresh_news(0.0)
    answers = []
    asking = threading.Thread(target=lambda: answers.extend(lookout.fresh_news(30.0)))
    wait_until(lambda: lookout._begun == 1, "the first look to begin")
    asking.start()
    wait_until(lambda: lookout._wanted == 1, "somebody to ask")
    window.open.set()
    asking.join()

    assert answers == [1, 2]


def test_it_looks_by_itself():
    window = Window()
    lookout = Lookout(window.look, 0.001)
    lookout.start()
    wait_until(lambda: window.looks > 2, "three looks")
    lookout.stop()

    looks = window.looks
    assert lookout.news() == list(range(1, looks + 1))


def test_nobody_looks_after_the_end():
    window = Window()
    lookout = Lookout(window.look, FOREVER_S)
    lookout.start()
    lookout.stop()

    assert lookout.fresh_news(0.0) == []
    assert window.looks == 0
