import json
from dataclasses import asdict
from ipaddress import ip_address

import pytest
import structlog

from access.radius.radius_health import Counting, Health
from radius.counters import Counters
from radius.server import Server
from radius.surroundings import Troubles


@pytest.fixture
def server():
    server = Server(lambda _address: None, bytes, {})
    server.counters["3"] = Counters(requests=5, accepts=4)
    return server


def told(health):
    """What the worker logs when it is stopped."""
    with structlog.testing.capture_logs() as lines:
        health.start()
        health.stop()
    return lines


def test_the_counters_can_be_read_by_the_name_of_the_nas(server, tmp_path):
    health = Health(
        Counting(server, Troubles(crashes=1)), tmp_path / "radius-0.json", {"3": "vpn"}.__getitem__
    )
    told(health)

    counted = json.loads((tmp_path / "radius-0.json").read_text())
    assert counted["nas"]["vpn"] == asdict(server.counters["3"])
    assert (counted["strangers"], counted["troubles"]["crashes"]) == (0, 1)


def test_where_all_is_well_nothing_is_logged(server, tmp_path):
    assert told(Health(Counting(server, Troubles()), tmp_path / "radius-0.json", str)) == []


def test_what_has_risen_is_logged_with_what_to_look_at(server, tmp_path):
    server.counters["3"].bad_authenticators = 7
    for address in ("192.0.2.7", "192.0.2.7", "192.0.2.9"):
        server.strangers.count(ip_address(address))

    of_nas, other = told(
        Health(Counting(server, Troubles()), tmp_path / "radius-0.json", {"3": "vpn"}.__getitem__)
    )

    assert (of_nas["nas"], of_nas["bad_authenticators"]) == ("vpn", "7 (another shared secret than ours)")
    assert other["strangers"].startswith("3 (")
    assert other["addresses"] == "192.0.2.7 192.0.2.9"
    counted = json.loads((tmp_path / "radius-0.json").read_text())
    assert counted["stranger_addresses"] == {"192.0.2.7": 2, "192.0.2.9": 1}


def test_a_nas_that_was_removed_is_not_told_again_and_every_line_can_be_written(server, tmp_path):
    names = {"3": "vpn"}
    health = Health(
        Counting(server, Troubles()), tmp_path / "radius-0.json", lambda key: names.get(key, f"removed {key}")
    )
    server.counters["3"].bad_authenticators = 7
    with structlog.testing.capture_logs() as lines:
        health._tell(health.counters())
        names.clear()
        health._tell(health.counters())
        server.counters["3"].bad_authenticators = 8
        health._tell(health.counters())

    first, second = (structlog.processors.LogfmtRenderer()(None, "", line) for line in lines)
    assert 'nas=vpn bad_authenticators="7 (' in first
    assert 'nas="removed 3" bad_authenticators="1 (' in second


def test_a_disk_that_is_full_stops_nobody(server, tmp_path):
    (line,) = told(Health(Counting(server, Troubles()), tmp_path / "nowhere" / "radius-0.json", str))

    assert line["event"] == "counters not written"


def test_a_home_server_that_falls_silent_is_told_in_the_file_and_in_the_log(server, tmp_path):
    homes = {"sent": 4, "states": {"partner/first": "zombie"}}
    file = tmp_path / "radius-0.json"

    (line,) = told(Health(Counting(server, Troubles(), homes=lambda: homes), file, str))

    assert (line["log_level"], line["server"], line["state"]) == ("warning", "partner/first", "zombie")
    assert json.loads(file.read_text())["homes"] == homes


def test_who_is_refused_because_what_is_known_is_too_old_is_told_once(server, tmp_path):
    memory = {"age_s": 31.2, "refused": ["staleness_privileged_s"]}
    health = Health(Counting(server, Troubles(), memory=lambda: memory), tmp_path / "radius-0.json", str)
    with structlog.testing.capture_logs() as lines:
        for more in ([], ["staleness_s"], []):
            memory["refused"] = memory["refused"] + more
            health._tell_of_memory(memory)
        health._tell_of_memory({"age_s": 0.1, "refused": []})
        health._tell_of_memory(memory)

    assert [(line["log_level"], line["who"], line["setting"], line["age_s"]) for line in lines[:2]] == [
        ("error", "administrators of devices", "radius.staleness_privileged_s", 31),
        ("error", "the VPN, and logins with a code", "radius.staleness_s", 31),
    ]
    assert len(lines) == 4, "the next time that the database is away it is told again"
    told(health)
    assert json.loads((tmp_path / "radius-0.json").read_text())["memory"] == memory
