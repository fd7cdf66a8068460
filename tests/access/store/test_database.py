import fcntl
import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from access.store.database import BULK_ROWS, Database, DatabaseUnavailable
from access.store.tables import settings
from access.store.write_lock import WriteLock, WriteLockBusy
from tests.access.conftest import Address
from tests.peers.postgres import Postgres
from tests.peers.waiting import wait_until

FORK = multiprocessing.get_context("fork")


def put(conn: Connection, name: str, value: str = "") -> None:
    conn.execute(insert(settings).values(name=name, value=value))


def names(database: Database) -> set[str]:
    with database.read() as conn:
        return set(conn.execute(select(settings.c.name)).scalars())


def test_what_was_written_is_there_for_the_next_reader(database: Database):
    with database.write() as conn:
        put(conn, "a")

    assert names(database) == {"a"}


def test_an_exception_takes_back_the_whole_transaction(database: Database):
    with pytest.raises(ZeroDivisionError), database.write() as conn:
        put(conn, "a")
        raise ZeroDivisionError

    assert names(database) == set()


def test_a_read_transaction_cannot_write(database: Database):
    with pytest.raises((DBAPIError, DatabaseUnavailable), match=r"(?i)read-?only"), database.read() as conn:
        put(conn, "a")

    assert names(database) == set()


def test_a_connection_that_has_read_can_write_later(database: Database):
    assert names(database) == set()

    with database.write() as conn:
        put(conn, "a")

    assert names(database) == {"a"}


def test_a_reader_sees_one_snapshot_while_others_write(database: Database):
    with database.read() as reading:
        count = select(func.count()).select_from(settings)
        before = reading.execute(count).scalar_one()
        with database.write() as writing:
            put(writing, "a")

        assert reading.execute(count).scalar_one() == before == 0
    assert names(database) == {"a"}


def test_what_must_be_unique_stays_our_own_error(database: Database):
    with database.write() as conn:
        put(conn, "a")

    with pytest.raises(IntegrityError), database.write() as conn:
        put(conn, "a")


def test_a_row_of_nobody_is_refused(database: Database):
    orphan = text("INSERT INTO directories (organization_id, url) VALUES (99, 'ldap://x')")

    with pytest.raises(IntegrityError), database.write() as conn:
        conn.execute(orphan)


def test_sqlite_commits_are_durable_and_readers_do_not_wait(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")

    with database.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_a_bulk_commits_in_small_transactions(database: Database):
    sizes: list[int] = []

    def write(conn: Connection, chunk: object) -> None:
        assert isinstance(chunk, list)
        sizes.append(len(chunk))
        conn.execute(insert(settings), [{"name": f"{item}", "value": ""} for item in chunk])

    count = database.bulk(iter(range(BULK_ROWS * 2 + 1)), write)

    assert count == BULK_ROWS * 2 + 1
    assert sizes == [BULK_ROWS, BULK_ROWS, 1]
    assert len(names(database)) == count


def test_a_database_that_is_not_there_is_the_worlds_fault_and_named_without_its_password(tmp_path: Path):
    url = "postgresql+psycopg://gate:hidden-word@127.0.0.1:9/gate"  # port 9: nobody listens
    database = Database(url, tmp_path / "lock")

    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1") as caught, database.read():
        pass

    assert "hidden-word" not in str(caught.value)


def test_a_file_that_is_no_database_is_reported_as_such(tmp_path: Path):
    (tmp_path / "gate.sqlite").write_text("This is a letter, not a database. " * 100)
    database = Database(f"sqlite:///{tmp_path}/gate.sqlite", tmp_path / "lock")

    with pytest.raises(DatabaseUnavailable, match="not a database"), database.read():
        pass


@pytest.mark.peer("postgres")
def test_a_server_that_comes_back_is_used_again_without_an_error():
    with Postgres() as cluster:
        database = Database(cluster.url("postgres"), Path("unused"))
        with database.read() as conn:
            conn.execute(text("SELECT 1"))

        cluster.restart()

        with database.read() as conn:
            assert conn.execute(text("SELECT 1")).scalar() == 1
        database.close()


def count_up(address: Address, rounds: int) -> None:
    database = address.open()
    for _ in range(rounds):
        with database.write() as conn:
            value = conn.execute(select(settings.c.value).where(settings.c.name == "n")).scalar_one()
            conn.execute(settings.update().where(settings.c.name == "n").values(value=str(int(value) + 1)))
    database.close()


@pytest.fixture
def sqlite_address(tmp_path: Path, migrated_sqlite: Path) -> Address:
    path = tmp_path / "race.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    return Address(f"sqlite:///{path}", tmp_path / "lock")


@pytest.fixture
def sqlite_database(sqlite_address: Address) -> Iterator[Database]:
    database = sqlite_address.open()
    yield database
    database.close()


def test_writers_in_several_processes_and_threads_lose_no_update(
    sqlite_address: Address, sqlite_database: Database
):
    with sqlite_database.write() as conn:
        put(conn, "n", "0")

    def two_threads() -> None:
        threads = [threading.Thread(target=count_up, args=(sqlite_address, 25)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    processes = [FORK.Process(target=two_threads) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    with sqlite_database.read() as conn:
        assert conn.execute(select(settings.c.value)).scalar_one() == "200"


def test_a_child_made_while_we_hold_the_lock_waits_for_it_and_gets_it(tmp_path: Path):
    lock = WriteLock(tmp_path / "lock", patience_s=10)
    order = FORK.SimpleQueue()

    def take() -> None:
        with lock.held():
            order.put("child")

    with lock.held():
        child = FORK.Process(target=take)
        child.start()
        order.put("parent")
    child.join(30)

    assert child.exitcode == 0
    assert (order.get(), order.get()) == ("parent", "child")


def test_a_database_opened_before_a_fork_works_on_both_sides(database: Database):
    def write_from_child() -> None:
        for number in range(20):
            with database.write() as conn:
                put(conn, f"child {number}")

    assert names(database) == set()
    child = FORK.Process(target=write_from_child)
    child.start()
    for number in range(20):
        with database.write() as conn:
            put(conn, f"parent {number}")
    child.join(30)

    assert child.exitcode == 0
    assert len(names(database)) == 40


def test_a_killed_writer_lets_go_of_the_lock(sqlite_address: Address, sqlite_database: Database):
    holding = FORK.Event()

    def hold_for_ever() -> None:
        with sqlite_address.open().write() as conn:
            put(conn, "never")
            holding.set()
            threading.Event().wait()

    child = FORK.Process(target=hold_for_ever)
    child.start()
    assert holding.wait(30)
    child.kill()
    child.join(30)
    with sqlite_database.write() as conn:
        put(conn, "after")

    assert names(sqlite_database) == {"after"}


def test_a_writer_that_never_ends_makes_others_give_up_in_time(tmp_path: Path):
    lock = WriteLock(tmp_path / "lock", patience_s=0.05)

    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(WriteLockBusy, match="lock file"), lock.held():
            pass
    with lock.held():
        pass


def test_a_thread_that_never_ends_makes_others_give_up_in_time(tmp_path: Path):
    lock = WriteLock(tmp_path / "lock", patience_s=0.05)
    complaints: list[WriteLockBusy] = []

    def ask() -> None:
        try:
            with lock.held():
                pass
        except WriteLockBusy as busy:
            complaints.append(busy)

    with lock.held():
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(30)

    assert len(complaints) == 1


def test_whoever_holds_the_lock_sees_whether_somebody_waits_for_it(tmp_path: Path):
    lock, elsewhere = (WriteLock(tmp_path / "lock", patience_s=30) for _ in range(2))

    def ask(which: WriteLock) -> None:
        with which.held():
            pass

    for which in (lock, elsewhere):
        asking = threading.Thread(target=ask, args=(which,))
        with lock.held():
            assert not lock.is_wanted()
            asking.start()
            wait_until(lock.is_wanted, "the other one to be seen to wait")
        asking.join(30)

        assert not asking.is_alive()
        assert not lock.is_wanted()
