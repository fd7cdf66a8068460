import threading

from access.store import leases
from access.store.database import Database


def acquire(database: Database, owner: str, now: float, ttl_s: float = 10.0) -> int | None:
    with database.write() as conn:
        return leases.acquire(conn, "enforce", owner, now, ttl_s)


def test_the_first_to_ask_leads(database: Database):
    assert acquire(database, "a", now=100) == 1
    assert acquire(database, "b", now=105) is None


def test_a_leader_that_renews_in_time_keeps_its_fence(database: Database):
    assert acquire(database, "a", now=100) == 1
    assert acquire(database, "a", now=109) == 1
    assert acquire(database, "b", now=118) is None


def test_a_lease_that_ran_out_goes_to_who_asks_with_a_higher_fence(database: Database):
    acquire(database, "a", now=100)

    assert acquire(database, "b", now=110.5) == 2
    assert acquire(database, "a", now=111) is None


def test_a_leader_that_comes_too_late_has_a_new_fence_even_if_nobody_else_led(database: Database):
    acquire(database, "a", now=100)

    assert acquire(database, "a", now=200) == 2


def test_a_released_lease_is_free_at_once_and_the_fence_still_rises(database: Database):
    acquire(database, "a", now=100)
    with database.write() as conn:
        leases.release(conn, "enforce", "a")

    assert acquire(database, "b", now=101) == 2


def test_nobody_releases_the_lease_of_another(database: Database):
    acquire(database, "a", now=100)
    with database.write() as conn:
        leases.release(conn, "enforce", "b")

    assert acquire(database, "b", now=101) is None


def test_leases_of_other_names_are_apart(database: Database):
    acquire(database, "a", now=100)

    with database.write() as conn:
        assert leases.acquire(conn, "seal", "b", 100, 10) == 1


def test_of_many_who_ask_at_once_one_leads(database: Database):
    fences: list[int | None] = []
    threads = [
        threading.Thread(target=lambda owner=f"{n}": fences.append(acquire(database, owner, now=100)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(fences, key=str) == [1] + [None] * 7
