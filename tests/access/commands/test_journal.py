"""officegate journal: what waits, without a word to the database."""

import json
import os
from pathlib import Path

import pytest

from access.radius.journal import Journal
from access.radius.loader import Diary, state_path
from tests.access.commands.conftest import Run

AT = 1795669200.0


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_what_waits_is_told_and_why_it_is_not_loaded(officegate: Run, config: Path):
    assert officegate("journal", "show")[:2] == (0, "Nothing waits.\nThe loader was last heard: never\n")
    journal = Journal(config.parent / "state" / "journal", "radius-0", "gate1", os.urandom)
    journal.append([{"kind": "accounting", "t": AT}, {"kind": "accounting", "t": AT + 1}])
    journal.close()
    run = config.parent / "state" / "run"
    run.mkdir(parents=True, exist_ok=True)
    diary = Diary(state_path(run), lambda: AT + 5)
    diary.failed("The database does not answer.")

    status, shown, _ = officegate("journal", "show")

    assert status == 1
    assert shown.startswith("2 records in ")
    assert "the oldest of 2026-11-26 14:00:00+09:00" in shown
    assert "It cannot load since 2026-11-26 14:00:05+09:00: The database does not answer." in shown


def test_what_is_loaded_is_written_at_most_once_a_second_and_at_once_after_a_failure(tmp_path: Path):
    now = [AT]
    diary = Diary(tmp_path / "loader.json", lambda: now[0])

    def written() -> dict:
        return json.loads((tmp_path / "loader.json").read_text())

    diary.loaded(lambda: {"a": 1})
    now[0] += 0.5
    diary.loaded(lambda: {"a": 2})
    assert written()["loaded"] == {"a": 1}
    diary.failed("away")
    assert (written()["failing_since"], written()["loaded"]) == (AT + 0.5, {"a": 1})
    now[0] += 0.1
    diary.loaded(lambda: {"a": 3})

    assert written() == {"at": AT + 0.6, "loaded": {"a": 3}, "failing_since": None, "why": ""}
