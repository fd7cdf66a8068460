import pytest

from access.gateways.lanes import Due, Lane
from access.nas.disconnect import PROOF_S
from access.store import sweeping, work
from access.store.database import Database
from tests.access.gatehouse import Gatehouse

RUNG = sweeping.RUNG_FOR_S


@pytest.fixture
def house(database: Database) -> Gatehouse:
    return Gatehouse(database)


def unread(house: Gatehouse, before: float) -> list[int]:
    with house.database.read() as conn:
        return sweeping.unread(conn, before)


def ends(house: Gatehouse, now: float) -> list[int]:
    with house.database.read() as conn:
        return sweeping.unanswered_ends(conn, now)


def test_a_gateway_that_was_never_read_is_to_be_read(house: Gatehouse):
    device_id = house.gateway()

    assert unread(house, house.now) == [device_id]


def test_a_gateway_that_was_read_is_to_be_read_again_after_a_while_and_asked_for_once(house: Gatehouse):
    due = Due(house.gateway(), Lane.STRUCTURE)
    with house.database.write() as conn:
        work.want(conn, due.device_id, due.lane)
        assert sweeping.unread(conn, house.now) == []
        claim = work.claim(conn, due, "a", house.now, 10)
        work.finish(conn, claim, 1, house.now)

    assert unread(house, house.now) == []
    assert unread(house, house.now + 1) == [due.device_id]


@pytest.mark.parametrize(
    ("wish", "after_s", "found"),
    [
        ({}, 1000, False),
        ({"disconnect": "wanted"}, RUNG / 2, False),
        ({"disconnect": "wanted"}, RUNG + 1, True),
        ({"disconnect": "wanted", "state": "ended"}, RUNG + 1, True),
        ({"disconnect": "silent"}, -1, False),
        ({"disconnect": "silent"}, 0, True),
        ({"disconnect": "silent", "state": "ended"}, 0, False),
        ({"disconnect": "acked"}, PROOF_S - 1, False),
        ({"disconnect": "acked", "state": "ended"}, PROOF_S + 1, True),
        ({"disconnect": "unproven"}, 1000, False),
        ({"disconnect": "proven"}, 1000, False),
        ({"disconnect": "naked"}, 1000, False),
    ],
)
def test_a_wish_to_disconnect_is_taken_up_when_its_time_has_come(house: Gatehouse, wish, after_s, found):
    values = {"disconnect_at": house.now, **wish}
    session_id = house.session(house.user_id, house.nas(None), **values)

    assert ends(house, house.now + after_s) == ([session_id] if found else [])
