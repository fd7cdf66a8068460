"""One thread that does together what has come; what it waits for is an event of the test."""

import threading
from contextlib import contextmanager

from access.radius.gathering import MOST_TOGETHER, Gathering
from tests.peers.waiting import wait_until


class Door:
    """What work does: it waits until the door is open."""

    def __init__(self):
        self.open = threading.Event()
        self.begun, self.late = [], []

    def work(self, jobs):
        self.begun.append(list(jobs))
        self.open.wait()


@contextmanager
def gathering(most_waiting=100, patience_s=600.0):
    door = Door()
    opened = Gathering(door.work, door.late.append, most_waiting, patience_s)
    try:
        yield opened, door
    finally:
        opened.close()
        door.open.set()


def test_who_comes_while_it_is_at_work_is_done_together_next():
    with gathering() as (opened, door):
        opened.enter("first")
        wait_until(lambda: door.begun == [["first"]], "the first")
        for number in range(5):
            assert opened.enter(number)

        door.open.set()

        wait_until(lambda: len(door.begun) == 2, "the others")
        assert door.begun[1] == [0, 1, 2, 3, 4]


def test_no_more_are_done_together_than_a_transaction_may_hold():
    with gathering() as (opened, door):
        opened.enter("first")
        wait_until(lambda: door.begun == [["first"]], "the first")
        for number in range(MOST_TOGETHER + 3):
            opened.enter(number)

        door.open.set()

        wait_until(lambda: len(door.begun) == 3, "all of them")
        assert [len(jobs) for jobs in door.begun] == [1, MOST_TOGETHER, 3]


def test_who_finds_no_room_is_turned_away_at_once():
    with gathering(most_waiting=2) as (opened, door):
        opened.enter("first")
        wait_until(lambda: door.begun == [["first"]], "the first")

        assert [opened.enter(number) for number in range(3)] == [True, True, False]


def test_who_has_waited_too_long_is_turned_away_without_being_asked():
    with gathering(patience_s=-1.0) as (opened, door):
        opened.enter("late")

        wait_until(lambda: door.late == ["late"], "the late one")
        assert door.begun == []


def test_after_the_end_nobody_is_let_in():
    with gathering() as (opened, door):
        opened.enter("first")
        wait_until(lambda: door.begun == [["first"]], "the first")
        opened.enter("waiting")

        opened.close()
        door.open.set()

        assert not opened.enter("after")
        wait_until(lambda: not opened._thread.is_alive(), "the thread to end")
        assert door.begun == [["first"]]
