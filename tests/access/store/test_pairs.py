from ipaddress import ip_address

import pytest

from access.gateways.pairbook import HeldPair
from access.store import pairs
from access.store.database import Database
from tests.access.gatehouse import Gatehouse
from vpn.grant import Pair

ADDRESS, OTHER = ip_address("10.8.0.2"), ip_address("fd00:8::2")


class Table:
    """The rows of one gateway."""

    def __init__(self, database: Database) -> None:
        self.database = database
        house = Gatehouse(database)
        self.device_id = house.gateway()
        self.session_id = house.session(house.user_id, house.nas(self.device_id))

    def row(self, atom: int, removed: bool = False, until: float | None = None, address=ADDRESS) -> HeldPair:
        return HeldPair(self.device_id, Pair(address, atom, until), self.session_id, removed)

    def put(self, generation: int, *rows: HeldPair) -> None:
        with self.database.write() as conn:
            pairs.put(conn, rows, {self.device_id: generation})

    def since(self, generation: int, upto: int | None = None) -> set[tuple[int, bool]]:
        with self.database.read() as conn:
            found = pairs.since(conn, self.device_id, generation, upto)
        return {(row.pair.atom, row.removed) for row in found}

    def standing(self) -> frozenset[Pair]:
        with self.database.read() as conn:
            return pairs.standing(conn, self.device_id)


@pytest.fixture
def table(database: Database) -> Table:
    return Table(database)


def test_a_row_comes_back_as_it_was_written(table: Table):
    table.put(3, table.row(5, until=1234.5678), table.row(6, address=OTHER))

    with table.database.read() as conn:
        found = {row.pair.atom: row for row in pairs.every(conn)}
    assert found[5] == HeldPair(table.device_id, Pair(ADDRESS, 5, 1234.5678), table.session_id, False, 3)
    assert found[6].pair.address == OTHER


def test_a_row_that_is_written_again_replaces_the_first(table: Table):
    table.put(1, table.row(5))
    table.put(2, table.row(5, removed=True))

    assert table.since(0) == {(5, True)}
    assert table.since(1) == {(5, True)}
    assert table.standing() == frozenset()


def test_only_what_was_written_since_is_told(table: Table):
    table.put(1, table.row(5))
    table.put(2, table.row(6))
    table.put(3, table.row(7))

    assert table.since(1) == {(6, False), (7, False)}
    assert table.since(1, upto=2) == {(6, False)}


def test_the_generation_of_a_row_tells_where_one_go_ends(table: Table):
    table.put(1, table.row(5), table.row(6))
    table.put(4, table.row(7))

    with table.database.read() as conn:
        found = [pairs.generation_of_row(conn, table.device_id, 0, number) for number in (1, 2, 3, 4)]
    assert found == [1, 1, 4, None]


def test_removed_rows_go_when_they_are_confirmed_and_not_before(table: Table):
    table.put(1, table.row(5, removed=True), table.row(6))
    table.put(2, table.row(7, removed=True))

    with table.database.write() as conn:
        assert pairs.drop_removed(conn, table.device_id, 1) == 1

    assert table.since(0) == {(6, False), (7, True)}


def test_touching_gives_a_new_generation_to_what_stands_and_to_nothing_else(table: Table):
    table.put(1, table.row(5), table.row(6, removed=True), table.row(7))

    with table.database.write() as conn:
        pairs.touch(conn, table.device_id, [Pair(ADDRESS, 5), Pair(ADDRESS, 6), Pair(ADDRESS, 9)], 2)

    assert table.since(1) == {(5, False)}


def test_what_stands_of_some_keys_has_the_end_of_the_table(table: Table):
    table.put(1, table.row(5, until=99.0), table.row(6, removed=True), table.row(7))

    with table.database.read() as conn:
        wanted = [Pair(ADDRESS, 5), Pair(ADDRESS, 6), Pair(OTHER, 7)]
        assert pairs.standing_of(conn, table.device_id, wanted) == {Pair(ADDRESS, 5, 99.0)}


def test_rows_of_a_device_without_a_generation_are_left_out(table: Table):
    with table.database.write() as conn:
        pairs.put(conn, [table.row(5)], {})

    assert table.since(0) == set()
