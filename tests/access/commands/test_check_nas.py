"""What `officegate check` says of the NAS clients that are stored."""

from pathlib import Path

import pytest
from sqlalchemy import update

from access.store.database import Database
from access.store.tables import nas
from tests.access.commands.conftest import Run
from tests.access.commands.test_check_service import lines_about

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
WORDS = ("--organization", "hangang", "--via", "vpn")


def test_nas_that_can_work_are_counted(officegate: Run):
    officegate("nas", "add", "vpn-1", "--address", "192.0.2.1", *WORDS)

    assert lines_about(officegate("check")[1], "NAS") == ["ok    NAS: 1 may ask"]


def test_what_is_stored_and_cannot_work_is_named_with_its_reason(officegate: Run, database: Database):
    officegate("nas", "add", "vpn-1", "--address", "192.0.2.1", *WORDS)
    with database.write() as conn:
        conn.execute(
            update(nas).values(eap_methods="md5", network="192.0.2.0/24", message_authenticator="auto")
        )

    status, printed, _ = officegate("check")

    assert status == 1
    network, method, hashes = lines_about(printed, "NAS")
    assert network.startswith("FAIL  NAS vpn-1: 192.0.2.0/24 is many devices")
    assert method.startswith("FAIL  NAS vpn-1: md5 sends a hash of the password")
    assert hashes.startswith("FAIL  NAS vpn-1: Nobody could log in by md5 at --via vpn")


def test_a_secret_that_two_have_is_said_and_not_shown(officegate: Run, tmp_path: Path):
    file = tmp_path / "secret"
    file.write_text("correct-horse-battery-staple")
    for number in (1, 2):
        address = f"192.0.2.{number}"
        words = ("--address", address, *WORDS, "--secret-file", str(file))
        officegate("nas", "add", f"vpn-{number}", *words)

    _, printed, _ = officegate("check")

    assert lines_about(printed, "NAS")[0] == (
        "warn  NAS vpn-1: has the same secret as vpn-2; run: officegate nas rotate vpn-1"
    )
    assert "battery" not in printed
