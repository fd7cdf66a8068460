"""Many threads' work in one transaction: each learns of its own, and only once it is committed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from access.store import single_values
from access.store.database import DatabaseUnavailable
from access.store.group_commit import GroupCommit
from access.store.tables import settings

THREADS = 16


class Counting:
    """A database that counts its transactions, and may hold the first one up until it is told."""

    def __init__(self, database):
        self.database = database
        self.transactions = 0
        self.go_on = threading.Event()
        self.begun = threading.Event()

    def write(self):
        self.transactions += 1
        return self.database.write()

    def hold(self, conn):
        single_values.put(conn, "first", "1")
        self.begun.set()
        assert self.go_on.wait(20)
        return "held"


@pytest.fixture
def counting(database):
    return Counting(database)


def kept(database):
    with database.read() as conn:
        return {row.name for row in conn.execute(select(settings))}


def putting(name):
    def put(conn):
        single_values.put(conn, name, "1")
        return name

    return put


def failing(conn):
    single_values.put(conn, "of one who fails", "1")
    raise ZeroDivisionError


def while_one_commits(counting, works, record=None):
    """The outcomes of works that all came while a transaction was under way; arguments of do() beside one."""
    together = GroupCommit(counting, record)
    with ThreadPoolExecutor(THREADS + 1) as pool:
        first = pool.submit(together.do, counting.hold)
        assert counting.begun.wait(20)
        others = [pool.submit(together.do, *(work if isinstance(work, tuple) else (work,))) for work in works]
        while len(together._waiting) < len(works):
            threading.Event().wait(0.001)
        counting.go_on.set()
        assert first.result(20) == "held"
        return [other.exception(20) or other.result() for other in others]


def test_who_comes_while_one_commits_is_committed_together(counting):
    names = [f"name {number}" for number in range(THREADS)]

    assert while_one_commits(counting, [putting(name) for name in names]) == names

    assert counting.transactions == 2
    assert kept(counting.database) >= set(names)


def test_a_piece_that_fails_is_taken_back_alone(counting):
    outcomes = while_one_commits(counting, [putting("before"), failing, putting("after")])

    assert [outcomes[0], outcomes[2]] == ["before", "after"]
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert {"before", "after"} <= kept(counting.database)
    assert "of one who fails" not in kept(counting.database)


def test_nobody_is_told_that_it_went_well_where_the_commit_failed(counting):
    def lost():
        raise DatabaseUnavailable("gone")

    together = GroupCommit(counting)
    counting.write = lost

    with pytest.raises(DatabaseUnavailable):
        together.do(putting("never"))

    assert "never" not in kept(counting.database)


def test_the_next_one_is_served_after_a_failure(counting):
    together = GroupCommit(counting)

    with pytest.raises(ZeroDivisionError):
        together.do(failing)

    assert together.do(putting("next")) == "next"
    assert "next" in kept(counting.database)


def test_everyone_is_served_however_many_come(counting):
    together = GroupCommit(counting)
    names = [f"name {number}" for number in range(200)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(lambda name: together.do(putting(name)), names)) == names

    assert kept(counting.database) >= set(names)
    assert counting.transactions <= len(names)


class Book:
    """Where events are recorded, in the transaction of what they tell about."""

    def __init__(self):
        self.calls = 0

    def record(self, conn, events):
        self.calls += 1
        for event in events:
            if event == "unwritable":
                raise ZeroDivisionError
            single_values.put(conn, f"event {event}", "1")


def lost(_conn):
    return False


def broken(conn):
    """A statement that ends the whole transaction on PostgreSQL."""
    conn.execute(insert(settings).values(name="of one who breaks", value=None))


def recorded(counting):
    return {name.removeprefix("event ") for name in kept(counting.database) if name.startswith("event ")}


def test_what_is_recorded_of_many_is_recorded_at_once(counting):
    book = Book()
    works = [(putting(f"row {number}"), f"of {number}", number) for number in range(THREADS)]

    while_one_commits(counting, works, book.record)

    assert recorded(counting) == {f"of {number}" for number in range(THREADS)}
    assert book.calls == 1
    assert counting.transactions == 2


def test_of_what_was_not_written_nothing_is_recorded(counting):
    works = [(lost, "lost", 1), (failing, "failed"), (putting("row"), "won", 2), (putting("more"), "also")]

    outcomes = while_one_commits(counting, works, Book().record)

    assert [outcomes[0], *outcomes[2:]] == [False, "row", "more"]
    assert recorded(counting) == {"won", "also"}


def test_one_that_breaks_the_transaction_fails_alone(counting):
    works = [(putting("before"), "before", 1), (broken, "broken", 2), (putting("after"), "after", 3)]

    outcomes = while_one_commits(counting, works, Book().record)

    assert [outcomes[0], outcomes[2]] == ["before", "after"]
    assert isinstance(outcomes[1], IntegrityError)
    assert kept(counting.database) >= {"before", "after"}
    assert recorded(counting) == {"before", "after"}


def test_where_something_cannot_be_recorded_it_is_not_done_and_the_others_are(counting):
    works = [(putting("one"), "one", 1), (putting("two"), "unwritable", 2), (putting("three"), "three", 3)]

    outcomes = while_one_commits(counting, works, Book().record)

    assert isinstance(outcomes[1], ZeroDivisionError)
    assert {"one", "three"} <= kept(counting.database)
    assert "two" not in kept(counting.database)


def test_nothing_is_tried_again_where_the_database_went_away(counting):
    def away(_conn):
        raise DatabaseUnavailable("gone")

    outcomes = while_one_commits(counting, [(putting("one"), "one", 1), (away, "away", 2)], Book().record)

    assert all(isinstance(each, DatabaseUnavailable) for each in outcomes)
    assert recorded(counting) == set()
    assert counting.transactions == 2


def test_rows_are_locked_in_their_order_whoever_came_first(counting):
    order = []

    def at(number):
        return lambda _conn: order.append(number) or True

    while_one_commits(counting, [(at(3), None, 3), (at(1), None, 1), at("last"), (at(2), None, 2)])

    assert order == [1, 2, 3, "last"]
