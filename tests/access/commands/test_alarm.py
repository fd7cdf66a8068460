"""officegate alarm: what somebody has to look at."""

from pathlib import Path

import pytest

from access.keys.keyfile import load_or_create
from access.records.alarms import Alarm, AlarmKind
from access.store.alarms import StoredAlarms
from access.store.database import Database
from tests.access.commands.conftest import Run
from tests.access.residents import NOW, Dice

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def test_an_alarm_is_listed_until_it_is_cleared(officegate: Run, config: Path, database: Database):
    assert officegate("alarm", "list")[1] == "No alarm is open.\n"
    keyring = load_or_create(config.parent / "keys" / "keys")
    with database.write() as conn:
        stored = StoredAlarms(conn, keyring, Dice(1), "test")
        stored.raise_alarm(Alarm(AlarmKind.NAS_STOPPED_SIGNING, "switch-2f", "from 10.1.2.3"), NOW)

    line = officegate("alarm", "list")[1]
    assert "switch-2f  A NAS that used to sign" in line
    assert "from 10.1.2.3" in line
    assert officegate("alarm", "clear", line.split()[0])[0] == 0

    assert officegate("alarm", "list")[1] == "No alarm is open.\n"
    assert "at the command line" in officegate("alarm", "list", "--cleared", "1")[1]
    status, _, said = officegate("alarm", "clear", line.split()[0])
    assert status == 1
    assert "is open" in said
