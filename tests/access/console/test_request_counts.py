"""Counts of requests: each window by itself, none longer than it lasts, and nothing is kept for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.console import request_counts
from access.console.limits import limiter
from access.console.request_counts import RequestCounts


class Clock:
    now = 1000.0

    def time(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    ticking = Clock()
    monkeypatch.setattr(request_counts, "time", ticking)
    return ticking


def test_requests_are_counted_until_their_window_ends(clock):
    counts = RequestCounts()
    assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 60)] == [1, 2, 1]

    clock.now += 59.9
    assert (counts.get("a"), counts.get_expiry("a")) == (2, 1060.0)

    clock.now += 0.1
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1


def test_a_window_does_not_begin_anew_with_each_request(clock):
    counts = RequestCounts()
    for _ in range(6):
        counts.incr("a", 60)
        clock.now += 11

    assert counts.get("a") == 0


def test_what_is_over_is_forgotten(clock):
    counts = RequestCounts()
    for number in range(1000):
        counts.incr(f"address {number}", 60)
    clock.now += 61

    counts.incr("another", 60)

    assert counts.reset() == 1


def test_what_nobody_asked_for_is_nothing(clock):
    counts = RequestCounts()
    counts.incr("a", 60)
    counts.clear("a")

    assert (counts.get("a"), counts.get_expiry("a"), counts.check()) == (0, clock.now, True)


def test_no_request_is_lost_between_threads_and_none_starts_a_thread():
    counts = RequestCounts()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.incr("a", 60), range(2000)))
        running = threading.active_count()
        counts.incr("a", 60)

        assert threading.active_count() == running

    assert counts.get("a") == 2001


def test_the_pages_count_by_them(pages):
    assert isinstance(limiter.storage, RequestCounts)
