"""Many threads' work in one transaction: each learns of its own, and only once it is committed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

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


def while_one_commits(counting, works):
    """The outcomes of works that all came while a transaction was under way."""
    together = GroupCommit(counting)
    with ThreadPoolExecutor(THREADS + 1) as pool:
        first = pool.submit(together.do, counting.hold)
        assert counting.begun.wait(20)
        others = [pool.submit(together.do, work) for work in works]
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
