"""What leaves the record by the command line: copies, what is too old, what must not be read any more."""

import json
import os
import time
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import insert

from access.config import load
from access.keys.keyfile import load_or_create
from access.keys.sealing import Keyring
from access.records.audit import GENESIS, AuditEntry
from access.store import audit
from access.store.audit_chain import seal
from access.store.database import Database
from access.store.tables import users
from tests.access.commands.conftest import Run

DAY_S = 86400.0
LONG_AGO = 1262304000.0


@pytest.fixture
def keyring(config: Path) -> Keyring:
    return load_or_create(load(config, {}).keys.file)


@pytest.fixture
def recorded(database: Database, config: Path, keyring: Keyring) -> Database:
    """Two logins of minjun.kim in 2010 and a change of a NAS now, sealed."""
    person = {"id": 1, "organization_id": 1, "entry_uuid": "u", "name": "minjun.kim", "dn": "d"}
    entries = [
        AuditEntry("login", LONG_AGO, "PERMITTED", 1, 1, detail={"nas": "vpn-1"}),
        AuditEntry("login", LONG_AGO + DAY_S, "WRONG_CODE", 1, 1, detail={"nas": "vpn-2"}),
        AuditEntry("nas", time.time(), "added", 1, detail={"nas": "vpn-3"}),
    ]
    with database.write() as conn:
        conn.execute(insert(users).values(person))
        for entry in entries:
            audit.record(conn, "radius-1", entry, keyring, os.urandom)
    seal(database, keyring, load(config, {}).audit.heads_dir, "test", 1.0)
    return database


def test_records_are_exported_as_lines_of_json(officegate: Run, recorded: Database):
    status, printed, _ = officegate("audit", "export", "--organization", "hangang")

    lines = [json.loads(line) for line in printed.splitlines()]
    assert status == 0
    assert [(line["position"], line["kind"], line["detail"]["nas"]) for line in lines] == [
        (1, "login", "vpn-1"),
        (2, "login", "vpn-2"),
        (3, "nas", "vpn-3"),
    ]
    assert lines[0]["at"] == "2010-01-01T00:00:00.000000Z"
    assert lines[0]["who"] == "minjun.kim@hangang"


def test_a_copy_with_its_proof_can_be_verified_without_the_database(officegate: Run, recorded: Database):
    _, printed, _ = officegate("audit", "export", "--proof")

    previous = GENESIS
    for line in map(json.loads, printed.splitlines()):
        if line["organization"] == "hangang":
            previous = sha256(previous + b64decode(line["octets"])).digest()
            assert previous.hex() == line["hash"]


def test_a_time_can_be_chosen(officegate: Run, recorded: Database):
    _, printed, _ = officegate(
        "audit", "export", "--since", "2010-01-01T09:00:01+09:00", "--until", "2011-01-01"
    )

    assert [json.loads(line)["position"] for line in printed.splitlines()] == [2]


def test_an_export_is_itself_recorded(officegate: Run, recorded: Database):
    officegate("audit", "export", "--organization", "hangang")

    _, printed, _ = officegate("audit", "show", "--limit", "1")
    assert '"audit.exported"' in printed
    assert "at the command line" in printed


def test_a_file_is_the_owners_alone_and_never_written_over(
    officegate: Run, recorded: Database, tmp_path: Path
):
    copy = tmp_path / "copy.jsonl"

    assert officegate("audit", "export", "--output", copy)[0] == 0
    before = copy.read_text("utf-8")
    status, _, complaint = officegate("audit", "export", "--output", copy)

    assert copy.stat().st_mode & 0o777 == 0o600
    assert status != 0
    assert "is there already" in complaint
    assert copy.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--organization", "nobody"), "No organization 'nobody'"), (("--since", "gestern"), "is no moment")],
)
def test_what_makes_no_sense_is_said(
    officegate: Run, recorded: Database, arguments: tuple[str, ...], said: str
):
    status, _, complaint = officegate("audit", "export", *arguments)

    assert status != 0
    assert said in complaint


def test_what_is_too_old_is_named_first_and_pruned_then(officegate: Run, recorded: Database):
    said = "hangang: 2 of 2 access records, from before "

    status, printed, _ = officegate("audit", "prune", "--dry-run")
    assert (status, printed.startswith(said), printed.endswith("would go\n")) == (0, True, True)
    status, printed, _ = officegate("audit", "prune")
    assert (status, printed.startswith(said), printed.endswith("gone\n")) == (0, True, True)

    assert officegate("audit", "prune")[1] == "Nothing is older than it is kept.\n"
    status, printed, _ = officegate("audit", "verify")
    assert (status, printed) == (0, "the audit holds: 2 rows in 1 chains, 1 of them not sealed yet\n")


def test_a_person_can_be_erased_and_the_chain_still_holds(officegate: Run, recorded: Database):
    status, printed, _ = officegate("audit", "erase", "minjun.kim@hangang", "--yes")

    assert (status, printed.startswith("Erased:")) == (0, True)
    _, shown, _ = officegate("audit", "show", "--user", "minjun.kim@hangang")
    assert "vpn-1" not in shown
    assert "(erased)" in shown
    assert officegate("audit", "verify")[0] == 0
    status, _, complaint = officegate("audit", "erase", "minjun.kim@hangang", "--yes")
    assert status != 0
    assert "erased before" in complaint
