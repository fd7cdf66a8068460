from pathlib import Path

import pytest

from access.cli import main
from access.keys.keyfile import load_or_create
from access.store import audit, devices, work
from access.store.database import Database
from tests.access.conftest import Address
from tests.access.gatehouse import Gatehouse
from tests.access.installation import write_config

ADD = ["add", "gw-seoul", "--organization", "hangang", "--address", "netns:gw", "--pool", "10.8.0.0/24%tun*"]


class Desk:
    """An operator at the command line."""

    def __init__(self, directory: Path, address: Address, database: Database) -> None:
        self.config = write_config(directory, address.url)
        self.house = Gatehouse(database)
        self.database = database

    def run(self, *words: str) -> int:
        return main(["--config", str(self.config), "device", *words])

    def records(self):
        keyring = load_or_create(self.config.parent / "keys" / "keys")
        with self.database.read() as conn:
            return audit.records(conn, audit.Selection(kind="device"), keyring)


@pytest.fixture
def desk(tmp_path_factory, address, database) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"), address, database)


def test_a_gateway_that_is_added_is_to_be_made_whole_and_written_down(desk: Desk, capsys):
    assert desk.run(*ADD, "--pool", "fd00:8::/64", "--site", "seoul") == 0

    assert "gw-seoul is kept from now on" in capsys.readouterr().out
    with desk.database.read() as conn:
        known = devices.device_by_name(conn, "gw-seoul")
        (lane,) = work.lanes(conn)
    assert (known.site, known.kind, known.address) == ("seoul", "linux-nftables", "netns:gw")
    assert (lane.lane, lane.wanted) == ("structure", 1)
    (record,) = desk.records()
    assert record.reason == "DEVICE_ADDED"
    assert record.detail["pools"] == ["10.8.0.0/24%tun*", "fd00:8::/64"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--pool", "10.8.0.0/16"], "overlap"),
        (["--pool", "10.8.0.1/24"], "is no pool"),
        (["--pool", "10.9.0.0/24%"], "is no interface"),
        (["--pool", "10.9.0.0/24%a b"], "is no interface"),
        (["--pool", "10.9.0.0/24%aninterfacetoolong"], "is no interface"),
        (["--address", "ssh://gw"], "is no address of a device"),
        (["--organization", "namsan"], "There is no organization namsan"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_to_write(desk: Desk, capsys, words, why):
    assert desk.run(*ADD, *words) == 1

    assert why in capsys.readouterr().err
    with desk.database.read() as conn:
        assert devices.all_devices(conn) == []


def test_list_says_where_there_is_nothing_and_how_each_stands(desk: Desk, capsys):
    assert desk.run("list") == 0
    assert "officegate device add" in capsys.readouterr().out

    desk.run(*ADD)
    with desk.database.write() as conn:
        known = devices.device_by_name(conn, "gw-seoul")
        devices.record_failure(conn, known.id, "no answer", 100.0)
    capsys.readouterr()

    assert desk.run("list") == 0
    assert capsys.readouterr().out == "gw-seoul  linux-nftables  netns:gw  failing: no answer\n"


def test_show_says_what_each_lane_has_reached(desk: Desk, capsys):
    desk.run(*ADD)
    capsys.readouterr()

    assert desk.run("show", "gw-seoul") == 0

    out = capsys.readouterr().out
    assert "being changed" in out
    assert "pools: 10.8.0.0/24%tun*" in out
    assert "structure: confirmed 0 of 1, never" in out


def test_reconcile_has_a_gateway_read_now_whatever_failed(desk: Desk):
    desk.run(*ADD)
    with desk.database.write() as conn:
        (due,) = work.due(conn, 0.0)
        work.fail(conn, work.claim(conn, due, "a", 0.0, 1.0), "no answer", 1000.0, 1.0)

    assert desk.run("reconcile", "gw-seoul") == 0

    with desk.database.read() as conn:
        (lane,) = work.lanes(conn)
    assert (lane.wanted, lane.not_before) == (2, 0)


def test_remove_forgets_a_gateway_that_nothing_needs(desk: Desk, capsys):
    desk.run(*ADD)

    assert desk.run("remove", "gw-seoul") == 0
    assert "nft delete table inet officegate" in capsys.readouterr().out
    assert desk.run("remove", "gw-seoul") == 1
    assert "There is no device named gw-seoul" in capsys.readouterr().err
    assert [record.reason for record in desk.records()] == ["DEVICE_REMOVED", "DEVICE_ADDED"]
