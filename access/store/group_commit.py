"""Small pieces of work of many threads, committed together. ◆

A commit waits for the disk, and one at a time that is all the codes a company can spend in a second. So
whoever comes while a transaction is being committed waits for the next one, which takes all of them:

    nobody at work    whoever comes leads: does the work of all who wait, theirs too, in one transaction
    somebody leads    whoever comes waits, and has their work done by the next leader
    a leader is done  tells everyone of its transaction, then the first who waits leads

Nobody is told anything before the transaction is committed. A piece that fails is taken back alone.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from access.store.database import Database

Result = TypeVar("Result")
Work = Callable[[Connection], Any]

# Of the locks that one transaction holds, and of the time until the first hears of it.
MOST_TOGETHER = 64


class _Piece:
    """One thread's work; called is set when it is done, or when its thread is to lead."""

    __slots__ = ("called", "future", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.called = Event()
        self.future: Future[Any] = Future()


class GroupCommit:
    """The queue of one database in one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._waiting: list[_Piece] = []
        self._led = False

    def do(self, work: Callable[[Connection], Result]) -> Result:
        """Return what work returned, once that is committed.

        What work raises is raised here, with nothing of it written. Raises DatabaseUnavailable.
        """
        piece = _Piece(work)
        with self._lock:
            self._waiting.append(piece)
            leads, self._led = not self._led, True
        if not leads:
            piece.called.wait()
        if not piece.future.done():
            self._lead()
        result: Result = piece.future.result()
        return result

    def _lead(self) -> None:
        with self._lock:
            together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        try:
            self._commit(together)
        finally:
            self._hand_over()
            for piece in together:
                piece.called.set()

    def _commit(self, together: list[_Piece]) -> None:
        """Do the work of all; each learns what became of theirs when it is certain."""
        try:
            with self._database.write() as conn:
                outcomes = [_attempt(piece.work, conn) for piece in together]
        except BaseException as error:
            # For everyone whose work it was: their threads raise it.
            for piece in together:
                piece.future.set_exception(error)
            return
        for piece, settle in zip(together, outcomes, strict=True):
            settle(piece.future)

    def _hand_over(self) -> None:
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
        if following is not None:
            following.called.set()


def _attempt(work: Work, conn: Connection) -> Callable[[Future[Any]], None]:
    """Do one piece; return how its thread is told, later."""
    try:
        with conn.begin_nested():
            result = work(conn)
    except Exception as error:
        # Belongs to the thread whose work it is, and is raised there.
        failure = error
        return lambda future: future.set_exception(failure)
    return lambda future: future.set_result(result)
