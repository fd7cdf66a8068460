"""officegate status: what the workers tell, without a word to the database."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from access.radius.journal import Journal
from access.radius.loader import Diary, state_path
from tests.access.commands.conftest import Run

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
REALM = """
[realms.partner]
names = ["partner.example"]
[realms.partner.servers.first]
address = "127.0.0.1"
secret = "a secret of the partner"
[realms.partner.servers.second]
address = "127.0.0.2"
secret = "a secret of the partner"
"""
WELL: Mapping[str, Any] = {
    "directories": {"hangang": True},
    "directory_servers": {"hangang": "ldaps://dc2.hangang.example"},
    "logins": [["switch", "pap", "PERMITTED", 3]],
}


@pytest.fixture(autouse=True)
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEGATE_RADIUS__WORKERS", "2")


def tell(config: Path, name: str, **told: object) -> None:
    run = config.parent / "state" / "run"
    run.mkdir(parents=True, exist_ok=True)
    now = time.time()
    (run / f"{name}.json").write_text(json.dumps({"at": now, "began": now - 60, **WELL, **told}))


def wrong(shown: str) -> list[str]:
    return [line[2:] for line in shown.splitlines() if line.startswith("! ")]


def test_nothing_that_runs_is_wrong(officegate: Run) -> None:
    status, shown, _ = officegate("status")

    assert status == 1
    assert wrong(shown) == ["no RADIUS worker of this machine has told anything yet"]


def test_what_goes_well_is_added_up(officegate: Run, config: Path) -> None:
    tell(
        config,
        "radius-0",
        load={"questions": 1},
        strangers=4,
        stranger_addresses={"192.0.2.7": 3, "192.0.2.9": 1},
    )
    tell(
        config,
        "radius-1",
        load={"questions": 2},
        stranger_addresses={"192.0.2.9": 4},
        logins=[["switch", "pap", "WRONG_PASSWORD", 5]],
    )

    status, shown, _ = officegate("status")

    assert (status, wrong(shown)) == (0, [])
    assert "under way: 3 questions" in shown
    assert "logins: 5 WRONG_PASSWORD, 3 PERMITTED" in shown
    assert "addresses that are no NAS: 4, 5 from 192.0.2.9, 3 from 192.0.2.7" in shown
    assert "directory hangang: asked at ldaps://dc2.hangang.example" in shown
    assert "journals: nothing waits" in shown


def test_what_is_wrong_is_marked_and_decides_the_status(officegate: Run, config: Path) -> None:
    config.write_text(config.read_text("utf-8") + REALM, "utf-8")
    now = time.time()
    nas = {"switch": {"requests": 9, "bad_authenticators": 7, "bad_began": now - 90, "bad_last": now - 5}}
    homes = {"sent": 2, "states": {"partner/second": "dead"}}
    tell(config, "radius-0", nas=nas, homes=homes, directories={"hangang": False})
    tell(config, "radius-1", at=now - 60, troubles={"crashes": 0, "unrecorded": 1})
    journal = Journal(config.parent / "state" / "journal", "radius-0", "gate1", os.urandom)
    journal.append([{"kind": "accounting", "t": now}])
    journal.close()
    Diary(state_path(config.parent / "state" / "run"), lambda: now).failed("The database does not answer.")

    status, shown, _ = officegate("status")

    assert status == 1
    silent, secret, directory, home, troubles, journals = wrong(shown)
    assert silent.startswith("radius-1: silent since")
    assert secret.startswith("NAS switch: 7 packets made with another secret, from")
    assert directory == "directory hangang: spared, it does not answer"
    assert home == "home server partner/second: dead"
    assert troubles == "troubles: 1 unrecorded"
    assert journals.startswith("journals: 1 records wait, not loaded since")
    assert "  home server partner/first: alive" in shown


def test_what_a_worker_of_earlier_told_counts_no_more(officegate: Run, config: Path) -> None:
    tell(config, "radius-0")
    tell(config, "radius-2", at=time.time() - 4000, strangers=7)

    status, shown, _ = officegate("status")

    assert (status, wrong(shown)) == (0, [])
    assert "addresses that are no NAS: 0" in shown


def test_a_wrong_secret_of_long_ago_is_told_and_not_marked(officegate: Run, config: Path) -> None:
    then = time.time() - 4000
    tell(
        config, "radius-0", nas={"switch": {"bad_authenticators": 7, "bad_began": then, "bad_last": then + 9}}
    )

    status, shown, _ = officegate("status")

    assert (status, wrong(shown)) == (0, [])
    assert "NAS switch: 7 packets made with another secret" in shown


def test_remembered_passwords_are_told_where_a_company_wants_them(officegate: Run, config: Path) -> None:
    tell(config, "radius-0")
    tell(config, "radius-1")
    assert "remembered" not in officegate("status")[1]

    tell(config, "radius-0", passwords={"known": 12, "used": 3})
    tell(config, "radius-1", passwords={"known": 4, "used": 0})

    assert "  remembered passwords: 16 known, 3 used\n" in officegate("status")[1]


def test_a_database_that_is_away_is_told_with_who_is_refused_meanwhile(officegate: Run, config: Path) -> None:
    tell(config, "radius-0", memory={"age_s": 0.3, "refused": []})
    tell(config, "radius-1", memory={"age_s": 41.0, "refused": ["staleness_privileged_s"]})

    status, shown, _ = officegate("status")

    assert status == 1
    away = "database: away, decided from what was known 41 s ago; refused: administrators of devices"
    assert wrong(shown) == [away]


def test_a_database_that_answers_is_not_away(officegate: Run, config: Path) -> None:
    for name in ("radius-0", "radius-1"):
        tell(config, name, memory={"age_s": 0.3, "refused": []})

    status, shown, _ = officegate("status")

    assert (status, wrong(shown)) == (0, [])
    assert "  database: answers" in shown.splitlines()


def test_nobody_says_that_the_database_answers_who_is_not_heard_any_more(
    officegate: Run, config: Path
) -> None:
    for name in ("radius-0", "radius-1"):
        tell(config, name, at=time.time() - 60, memory={"age_s": 0.3, "refused": []})

    assert "database" not in officegate("status")[1]
