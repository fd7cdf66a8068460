from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from access.store import feed
from access.store.database import Database
from access.store.feed import START, Change, Position, Pruned, Topic
from tests.access.conftest import Address


def add(database: Database, *keys: str, at: float = 100.0) -> None:
    for key in keys:
        with database.write() as conn:
            feed.append(conn, Topic.USER, key, 1, at)


def keys(changes: list[Change]) -> list[str]:
    return [change.key for change in changes]


def read(database: Database, position: Position = START, limit: int = 1000) -> list[Change]:
    with database.read() as conn:
        return feed.since(conn, position, limit)


def test_a_new_feed_is_empty_and_its_head_is_the_start(database: Database):
    with database.read() as conn:
        assert feed.head(conn) == START
        assert feed.since(conn, START) == []


def test_changes_come_back_in_order_with_all_they_carry(database: Database):
    with database.write() as conn:
        feed.append(conn, Topic.SESSION, "7", 3, 12.5)
        feed.append(conn, Topic.POLICY, "abc", None, 13.0)

    first, second = read(database)

    assert (first.topic, first.key, first.organization_id, first.at) == (Topic.SESSION, "7", 3, 12.5)
    assert (second.topic, second.key, second.organization_id, second.at) == (Topic.POLICY, "abc", None, 13.0)
    assert START < first.position < second.position


def test_many_changes_of_one_kind_come_back_in_the_order_they_were_given(database: Database):
    with database.write() as conn:
        feed.append_many(conn, Topic.USER, (str(number) for number in range(1200)), 3, 12.5)
        feed.append_many(conn, Topic.GROUP, [], 3, 12.5)

    seen = read(database, limit=2000)

    assert keys(seen) == [str(number) for number in range(1200)]
    assert {(each.topic, each.organization_id, each.at) for each in seen} == {(Topic.USER, 3, 12.5)}


def test_a_reader_goes_on_where_it_stopped(database: Database):
    add(database, "1", "2", "3")

    seen = read(database, limit=2)
    rest = read(database, seen[-1].position)

    assert keys(seen) == ["1", "2"]
    assert keys(rest) == ["3"]
    assert read(database, rest[-1].position) == []


def test_the_head_is_the_newest_change(database: Database):
    add(database, "1", "2")

    with database.read() as conn:
        assert feed.head(conn) == feed.since(conn, START)[-1].position


def test_a_change_taken_back_is_never_told(database: Database):
    with pytest.raises(ZeroDivisionError), database.write() as conn:
        feed.append(conn, Topic.USER, "1", 1, 1.0)
        raise ZeroDivisionError
    add(database, "2")

    assert keys(read(database)) == ["2"]


def test_pruning_forgets_the_old_and_says_so_to_who_has_not_read_it(database: Database):
    add(database, "1", "2", at=10.0)
    late = read(database)[0].position
    in_time = read(database)[1].position
    add(database, "3", at=20.0)

    with database.write() as conn:
        assert feed.prune(conn, before=15.0) == 2

    assert keys(read(database, in_time)) == ["3"]
    for position in (START, late):
        with pytest.raises(Pruned):
            read(database, position)


def test_pruning_keeps_the_newest_change_so_that_the_head_stays(database: Database):
    add(database, "1", "2", at=10.0)
    with database.read() as conn:
        head = feed.head(conn)

    with database.write() as conn:
        assert feed.prune(conn, before=99.0) == 1
        assert feed.prune(conn, before=99.0) == 0

    with database.read() as conn:
        assert feed.head(conn) == head
        assert feed.since(conn, head) == []


@pytest.fixture
def engine(address: Address) -> Iterator[Engine]:
    if not address.url.startswith("postgresql"):
        pytest.fail("only for PostgreSQL")
    engine = create_engine(address.url)
    yield engine
    engine.dispose()


only_postgresql = pytest.mark.parametrize(
    "address", [pytest.param("postgresql", marks=pytest.mark.peer("postgres"))], indirect=True
)


@only_postgresql
def test_a_transaction_that_commits_late_is_not_skipped(database: Database, engine: Engine):
    with engine.connect() as slow:
        feed.append(slow, Topic.USER, "slow", 1, 1.0)
        add(database, "quick")
        early = read(database)
        with database.read() as conn:
            early_head = feed.head(conn)
        slow.commit()

    assert early == []
    assert early_head == START
    assert keys(read(database)) == ["slow", "quick"]


@only_postgresql
def test_a_late_row_with_a_high_number_comes_before_later_transactions(database: Database, engine: Engine):
    with engine.connect() as first, engine.connect() as second:
        first.execute(text("SELECT pg_current_xact_id()"))
        feed.append(second, Topic.USER, "second", 1, 1.0)
        feed.append(first, Topic.USER, "first", 1, 1.0)
        second.commit()
        between = read(database)
        first.commit()

    changes = read(database)
    assert between == []
    assert keys(changes) == ["first", "second"]
    assert changes[0].position.seq > changes[1].position.seq


@only_postgresql
def test_no_reader_misses_a_change_whatever_the_order_of_commits(database: Database, engine: Engine):
    seen: list[str] = []
    position = START
    open_ones = [engine.connect() for _ in range(4)]
    for number, conn in enumerate(open_ones):
        feed.append(conn, Topic.USER, f"{number}", 1, 1.0)
    for order in (2, 0, 3, 1):
        open_ones[order].commit()
        changes = read(database, position)
        seen += keys(changes)
        position = changes[-1].position if changes else position
    for conn in open_ones:
        conn.close()

    assert seen == ["0", "1", "2", "3"]
