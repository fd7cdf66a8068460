"""Small pieces of work of many threads, committed together. ◆

A commit waits for the disk, and one at a time that is all the codes a company can spend in a second. So
whoever comes while a transaction is being committed waits for the next one, which takes all of them:

    nobody at work    whoever comes leads: does the work of all who wait, theirs too, in one transaction
    somebody leads    whoever comes waits, and has their work done by the next leader
    a leader is done  tells everyone of its transaction, then the first who waits leads

Nobody is told anything before the transaction is committed. A piece that fails is taken back alone: to its
savepoint, or, if it is one statement and has none, by doing all pieces again, each in a transaction of its
own. What is to be recorded about the pieces is written last and at once, so that the row that numbers the
records of a process is locked no longer than the commit takes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from access.errors import Unavailable
from access.store.database import Database

Result = TypeVar("Result")
Work = Callable[[Connection], Any]
Record = Callable[[Connection, Sequence[Any]], None]

# Of the locks that one transaction holds, and of the time until the first hears of it.
MOST_TOGETHER = 64


@dataclass(eq=False, slots=True)
class _Piece:
    """One thread's work; called is set when it is done, or when its thread is to lead."""

    work: Work
    event: Any
    row: int | None
    called: Event = field(default_factory=Event)
    future: Future[Any] = field(default_factory=Future)

    @property
    def place(self) -> tuple[bool, int]:
        """Rows are locked in their order, so that two processes never wait for each other."""
        return self.row is None, self.row or 0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a piece. written: whether anything of it was; settle tells its thread."""

    piece: _Piece
    written: bool
    settle: Callable[[Future[Any]], None]


class GroupCommit:
    """The queue of one database in one process. record writes down the events of what was done."""

    def __init__(self, database: Database, record: Record | None = None) -> None:
        self._database = database
        self._record = record
        self._lock = Lock()
        self._waiting: list[_Piece] = []
        self._led = False

    def do(
        self, work: Callable[[Connection], Result], event: object = None, row: int | None = None
    ) -> Result:
        """Return what work returned, once that is committed.

        event: what is recorded in the same transaction. row: work is one statement about this row, which
        has written nothing where it returns False; its event is not recorded then. Without it work may be
        many, behind a savepoint. What work raises is
        raised here, with nothing of it written. Raises DatabaseUnavailable.
        """
        piece = _Piece(work, event, row)
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
            outcomes = self._carry_out(together)
        except Exception as error:
            if isinstance(error, Unavailable) or len(together) == 1:
                _fail(together, error)
                return
            # Nothing was written, because of one of them: now each for itself.
            for piece in together:
                self._commit([piece])
        except BaseException as error:
            _fail(together, error)
        else:
            for outcome in outcomes:
                outcome.settle(outcome.piece.future)

    def _carry_out(self, together: list[_Piece]) -> list[_Outcome]:
        with self._database.write() as conn:
            outcomes = [_attempt(piece, conn) for piece in sorted(together, key=lambda each: each.place)]
            written = (outcome.piece.event for outcome in outcomes if outcome.written)
            events = [event for event in written if event is not None]
            if events and self._record is not None:
                self._record(conn, events)
        return outcomes

    def _hand_over(self) -> None:
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
        if following is not None:
            following.called.set()


def _attempt(piece: _Piece, conn: Connection) -> _Outcome:
    """Do one piece; its thread is told later."""
    if piece.row is not None:
        result = piece.work(conn)
        return _Outcome(piece, bool(result), lambda future: future.set_result(result))
    try:
        with conn.begin_nested():
            result = piece.work(conn)
    except Exception as error:
        # Belongs to the thread whose work it is, and is raised there.
        failure = error
        return _Outcome(piece, False, lambda future: future.set_exception(failure))
    return _Outcome(piece, True, lambda future: future.set_result(result))


def _fail(together: list[_Piece], error: BaseException) -> None:
    """Have everyone whose work it was raise it."""
    for piece in together:
        piece.future.set_exception(error)
