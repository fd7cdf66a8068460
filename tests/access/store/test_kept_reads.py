"""Single statements over connections that are kept: one that broke is left, and nobody hears of it."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.people.naming import spell
from access.store import organizations, people, tokens
from access.store.database import Database, DatabaseUnavailable
from tests.access.residents import KEYRING, give_phone, settle_in


def keys(database):
    return [found.key for found in organizations.of_rows(database.rows(organizations.ALL, {}))]


@pytest.fixture
def office(database):
    settle_in(database)
    return database


def test_what_others_have_written_since_is_read(office):
    before = keys(office)
    settle_in(office, "gildong", "namsan")

    assert keys(office) == sorted([*before, "namsan"])


def test_a_connection_is_kept_and_used_again(office):
    keys(office)
    kept = office._reads._idle[0]

    keys(office)

    assert office._reads._idle == [kept]


def test_a_connection_that_broke_is_left_and_nobody_hears_of_it(office):
    before = keys(office)
    office._reads._idle[0].close()

    assert keys(office) == before


def test_many_threads_read_at_once(office):
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: keys(office), range(100)))

    assert told == [["hangang"]] * 100
    assert len(office._reads._idle) <= 8


def test_a_database_that_is_away_is_the_worlds_fault(tmp_path):
    nowhere = Database(f"sqlite:///{tmp_path}/no/such/folder/gate.sqlite", tmp_path / "lock")

    with pytest.raises(DatabaseUnavailable):
        keys(nowhere)


def test_a_child_reads_over_connections_of_its_own(office):
    before = keys(office)
    child = os.fork()
    if child == 0:
        os._exit(0 if keys(office) == before and len(office._reads._idle) == 1 else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert keys(office) == before


def test_somebody_is_found_by_name_with_all_their_groups(office):
    user_id = settle_in(office, "mina.park")
    with office.read() as conn:
        known = people.user_by_id(conn, user_id)

    named = {"organization_id": 1, "name": spell("Mina.Park")}
    [row] = office.rows(people.by_name(office.is_sqlite), named)

    assert people.user_of(row) == known


def test_nobody_is_found_by_a_name_that_nobody_has(office):
    assert office.rows(people.by_name(office.is_sqlite), {"organization_id": 1, "name": "nobody"}) == []


def test_nobody_elses_tokens_are_found(office):
    mine, theirs = settle_in(office, "mina.park"), settle_in(office, "jiwoo.han")
    for user_id in (mine, theirs):
        give_phone(office, user_id)

    rows = office.rows(tokens.of_person(), {"user_id": mine, "state": "active"})

    assert [each.user_id for each in tokens.stored(rows, KEYRING)] == [mine]
