import os
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from access.audit import AuditEntry
from access.config import load
from access.keyfile import load_or_create
from access.sealing import Keyring
from access.store import audit
from access.store.audit_chain import seal
from access.store.database import Database
from access.store.tables import users
from tests.access.commands.conftest import Run


@pytest.fixture
def keyring(config: Path) -> Keyring:
    return load_or_create(load(config, {}).keys.file)


@pytest.fixture
def recorded(database: Database, config: Path, keyring: Keyring) -> Database:
    """One refused login of minjun.kim, sealed."""
    entry = AuditEntry(
        "login", 1795392000.0, "WRONG_CODE", 1, 1, case_code="7K2MX4QG", detail={"nas": "vpn-1"}
    )
    with database.write() as conn:
        person = {
            "id": 1,
            "organization_id": 1,
            "entry_uuid": "u",
            "name": "minjun.kim",
            "dn": "uid=minjun.kim",
        }
        conn.execute(insert(users).values(person))
        audit.record(conn, "radius-1", entry, keyring, os.urandom)
    seal(database, keyring, load(config, {}).audit.heads_dir, "test", 1.0)
    return database


def test_a_record_as_it_was_written_holds(officegate: Run, recorded: Database):
    status, printed, _ = officegate("audit", "verify")

    assert status == 0
    assert printed == "the audit holds: 1 rows in 1 chains, 0 of them not sealed yet\n"


def test_an_edit_is_found_and_the_status_says_so(officegate: Run, recorded: Database):
    with recorded.write() as conn:
        if recorded.is_sqlite:
            conn.execute(text("DROP TRIGGER audit_no_update"))
        else:
            conn.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        conn.execute(text("UPDATE audit SET reason = 'PERMITTED'"))

    status, _, complaint = officegate("audit", "verify")

    assert status == 1
    assert "edited: hangang position 1: audit row 1 or its hash was changed" in complaint


def test_a_refusal_is_found_by_its_case_code_as_people_type_it(officegate: Run, recorded: Database):
    with recorded.read() as conn:
        code = conn.execute(text("SELECT case_code FROM audit")).scalar_one()
    assert code == "7K2MX4QG"

    status, printed, complaint = officegate("audit", "show", "--case", " 7k2m-x4qg ")

    assert (status, complaint) == (0, "")
    assert printed == '2026-11-23 09:00:00+09:00 login WRONG_CODE case=7K2M-X4QG user_id=1 nas="vpn-1"\n'


def test_a_persons_rows_are_found_by_name(officegate: Run, recorded: Database):
    assert officegate("audit", "show", "--user", "minjun.kim@hangang")[0] == 0

    status, _, complaint = officegate("audit", "show", "--user", "minjun.kin@hangang")
    assert status == 1
    assert "minjun.kim@hangang" in complaint


def test_a_mistyped_case_code_is_said_to_be(officegate: Run, recorded: Database):
    status, _, complaint = officegate("audit", "show", "--case", "7K2M-X4QD")

    assert status == 2
    assert "mistyped" in complaint


def test_nothing_found_is_status_1(officegate: Run):
    assert officegate("audit", "show")[0] == 1
