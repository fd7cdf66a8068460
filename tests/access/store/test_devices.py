from ipaddress import ip_address

import pytest
from sqlalchemy import update

from access.gateways.lanes import Lane
from access.gateways.pairbook import HeldPair
from access.nas.pools import read
from access.store import devices, pairs, work
from access.store.database import Database
from access.store.devices import DeviceRow, NoSuchDevice
from access.store.tables import nas
from tests.access.gatehouse import Gatehouse
from tests.access.residents import changes
from vpn.grant import Pair

NEW = DeviceRow(0, 1, "gw-seoul", "linux-nftables", "netns:gw", (read("10.8.0.0/24%tun0"), read("fd00::/64")))


@pytest.fixture
def house(database: Database) -> Gatehouse:
    return Gatehouse(database)


def add(house: Gatehouse, new: DeviceRow = NEW) -> int:
    with house.database.write() as conn:
        return devices.add(conn, new, 100.0)


def test_a_device_comes_back_as_it_was_added_and_the_feed_tells(house: Gatehouse):
    device_id = add(house)

    with house.database.read() as conn:
        known = devices.device_by_name(conn, "gw-seoul")
        assert devices.all_devices(conn) == [known]
        assert devices.device_by_id(conn, device_id) == known
    assert known.pools == NEW.pools
    assert known.gateway.name == "gw-seoul"
    assert changes(house.database)[-1] == ("device", str(device_id))


def test_a_name_is_given_once(house: Gatehouse):
    add(house)

    with pytest.raises(NoSuchDevice, match="already"):
        add(house)


def test_a_device_nobody_knows_says_where_to_look(house: Gatehouse):
    with house.database.read() as conn, pytest.raises(NoSuchDevice, match="officegate device list"):
        devices.device_by_name(conn, "gw")


def test_a_device_goes_with_its_lanes_and_rows(house: Gatehouse):
    device_id = add(house)
    other = house.gateway("gw-2", pools=["10.7.0.0/24"])
    session_id = house.session(house.user_id, house.nas(other))
    with house.database.write() as conn:
        work.want(conn, device_id, Lane.STRUCTURE)
        row = HeldPair(device_id, Pair(ip_address("10.8.0.2"), 5), session_id)
        pairs.put(conn, [row], {device_id: 1})
        devices.remove(conn, devices.device_by_name(conn, "gw-seoul"), 200.0)

    with house.database.read() as conn:
        assert devices.device_by_id(conn, device_id) is None
        assert (work.lanes(conn), pairs.every(conn)) == ([], [])
    assert changes(house.database)[-1] == ("device", str(device_id))


def test_a_gateway_of_a_nas_or_with_history_stays(house: Gatehouse):
    device_id = add(house)
    nas_id = house.nas(device_id)
    with house.database.write() as conn, pytest.raises(NoSuchDevice, match="Remove that NAS first"):
        devices.remove(conn, devices.device_by_name(conn, "gw-seoul"), 200.0)

    house.session(house.user_id, nas_id)
    with house.database.write() as conn:
        conn.execute(update(nas).values(enabled=False))
        with pytest.raises(NoSuchDevice, match="history"):
            devices.remove(conn, devices.device_by_name(conn, "gw-seoul"), 200.0)


def test_what_happens_to_a_device_is_kept(house: Gatehouse):
    device_id = add(house)

    with house.database.write() as conn:
        devices.record_failure(conn, device_id, "no answer", 110.0)
        devices.record_drift(conn, device_id, 3, 111.0)
        failed = devices.device_by_id(conn, device_id)
        devices.record_seen(conn, device_id, 120.0)
        seen = devices.device_by_id(conn, device_id)

    assert (failed.failure, failed.failed_at, failed.drift, failed.drift_at) == ("no answer", 110.0, 3, 111.0)
    assert (seen.failure, seen.failed_at, seen.seen_at, seen.drift) == ("", None, 120.0, 3)
