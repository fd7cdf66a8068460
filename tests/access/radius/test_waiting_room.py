"""Threads that wait for others, in lanes; what they wait for is an event of the test."""

import threading
from contextlib import contextmanager

from access.logins.login_ports import CERTIFICATES, DATABASE, waiting_of
from access.model import Reason
from access.radius.waiting_room import WaitingRoom
from radius.questions import CheckPassword, Method, SpendCode
from tests.access.doors import SWITCH, Doors
from tests.peers.waiting import wait_until


class Door:
    """What work does: it waits until the door is open, then is done."""

    def __init__(self):
        self.open = threading.Event()
        self.begun, self.done, self.late = [], [], []
        self._lock = threading.Lock()

    def work(self, job):
        with self._lock:
            self.begun.append(job)
        if job.startswith("slow"):
            self.open.wait()
        with self._lock:
            self.done.append(job)

    def turn_away(self, job):
        with self._lock:
            self.late.append(job)


@contextmanager
def room(**limits):
    door = Door()
    opened = WaitingRoom(door.work, door.turn_away, **limits)
    try:
        yield opened, door
    finally:
        opened.close()
        door.open.set()


def test_a_lane_that_does_not_answer_holds_up_no_other():
    with room(most_threads=2, most_waiting=10) as (waiting, door):
        for number in range(5):
            assert waiting.enter("dead", f"slow {number}", newly=False)
        assert waiting.enter("well", "quick", newly=False)

        wait_until(lambda: "quick" in door.done, "the quick one")
        wait_until(lambda: len(door.begun) == 3, "two of the dead lane's")


def test_a_slow_one_does_not_hold_up_the_others_of_its_lane_either():
    with room(most_threads=8) as (waiting, door):
        waiting.enter("lane", "slow", newly=False)
        for number in range(20):
            waiting.enter("lane", f"{number}", newly=False)

        wait_until(lambda: len(door.done) == 20, "all but the slow one")


def test_newcomers_are_turned_away_before_those_with_a_conversation_behind_them():
    with room(most_threads=1, most_waiting=4) as (waiting, door):
        waiting.enter("lane", "slow", newly=False)
        wait_until(lambda: door.begun == ["slow"], "the thread to be busy")

        newly = [waiting.enter("lane", "slow", newly=True) for _ in range(4)]
        longer = [waiting.enter("lane", "slow", newly=False) for _ in range(4)]

    assert newly == [True, True, False, False]
    assert longer == [True, True, False, False]


def test_who_has_waited_too_long_is_turned_away_unasked():
    with room(most_threads=1, patience_s=0.0) as (waiting, door):
        waiting.enter("lane", "slow", newly=False)
        waiting.enter("lane", "waited", newly=False)
        door.open.set()

        wait_until(lambda: "waited" in door.late, "the one that waited")
        assert "waited" not in door.begun


def test_there_are_never_more_threads_than_allowed():
    with room(most_threads=3, most_waiting=100) as (waiting, door):
        for number in range(50):
            waiting.enter("lane", f"slow {number}", newly=False)
        wait_until(lambda: len(door.begun) == 3, "three threads")
        door.open.set()

        wait_until(lambda: len(door.done) == 50, "everybody")


def test_closed_it_answers_nobody_any_more():
    with room(most_threads=1) as (waiting, door):
        waiting.enter("lane", "slow", newly=False)
        wait_until(lambda: door.begun == ["slow"], "the thread to be busy")
        waiting.enter("lane", "never", newly=False)
        waiting.close()
        door.open.set()
        wait_until(lambda: door.done == ["slow"], "what was begun")

    assert "never" not in door.begun + door.late


def test_each_companys_directory_has_a_lane_and_codes_have_another():
    memory = Doors().memory
    lanes = {
        waiting_of(CheckPassword(str(SWITCH.id), name, "x", "", method), memory)
        for name, method in (("kim", Method.PAP), ("kim@namsan", Method.EAP_TTLS_PAP))
    }

    assert {(each.lane, each.newly) for each in lanes} == {
        ("directory hangang", True),
        ("directory namsan", False),
    }
    assert waiting_of(SpendCode("3", "7", "1", ""), memory).lane == DATABASE != CERTIFICATES


def test_turned_away_is_a_refusal_that_says_so():
    doors = Doors()

    busy = doors.logins.turn_away(CheckPassword("3", "minjun.kim", "x", ""), doors.now)
    code = doors.logins.turn_away(SpendCode("3", "7", "1", ""), doors.now)

    assert busy.record["entry"]["reason"] == Reason.DIRECTORY_BUSY
    assert busy.record["entry"]["user"] == 7
    assert code.record["entry"]["reason"] == Reason.CODE_UNPROVABLE
    assert "at the moment" in busy.message
