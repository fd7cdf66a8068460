import queue
import threading

from access.gateways.crew import Crew
from tests.peers.waiting import wait_until

SOON_S = 20.0


class Slow:
    """Work that goes on only when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Semaphore(0)

    def __call__(self, job: str) -> None:
        self.begun.append(job)
        self.go.acquire()


def test_a_job_that_waits_is_not_queued_twice_and_one_that_runs_is():
    work = Slow()
    crew = Crew("test", 1, work)
    crew.put("first")
    wait_until(lambda: work.begun == ["first"], "the first to begin")

    for job in ("second", "second", "first", "first"):
        crew.put(job)
    for _ in range(3):
        work.go.release()
    wait_until(lambda: len(work.begun) == 3, "the others")

    assert work.begun == ["first", "second", "first"]
    assert crew.close(SOON_S)


def test_as_many_work_at_once_as_there_are_threads():
    work = Slow()
    crew = Crew("test", 2, work)
    for job in "abc":
        crew.put(job)
    wait_until(lambda: len(work.begun) == 2, "two to begin")

    assert sorted(work.begun) == ["a", "b"]
    for _ in range(3):
        work.go.release()
    assert crew.close(SOON_S)


class Shared(queue.SimpleQueue):
    """A queue of which somebody else takes the last one just after it was seen to be there."""

    def empty(self) -> bool:
        there = not super().empty()
        if there:
            self.get()
        return not there


def test_a_job_that_is_taken_while_the_crew_is_closed_does_not_hold_that_up():
    work = Slow()
    crew = Crew("test", 1, work)
    crew.put("first")
    wait_until(lambda: bool(work.begun), "the first to begin")
    crew._jobs = Shared()
    crew.put("second")
    closed: list[bool] = []

    closing = threading.Thread(target=lambda: closed.append(crew.close(SOON_S)), daemon=True)
    closing.start()
    # Two: it may have been taken before.
    for _ in range(2):
        work.go.release()
    closing.join(SOON_S)

    assert closed == [True]


def test_closing_leaves_what_waits_and_does_not_wait_for_ever():
    work = Slow()
    crew = Crew("test", 1, work)
    crew.put("stuck")
    wait_until(lambda: bool(work.begun), "the first to begin")
    crew.put("never")

    assert not crew.close(0.05)
    work.go.release()
    assert crew.close(SOON_S)
    assert work.begun == ["stuck"]
