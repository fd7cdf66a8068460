import os
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from access.config import load
from access.keys.keyfile import load_or_create
from access.keys.sealing import Keyring
from access.records.audit import AuditEntry
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


def test_rows_are_found_by_what_they_speak_of_and_by_their_reason(
    officegate: Run, recorded: Database, keyring: Keyring
):
    with recorded.write() as conn:
        for nas, reason in (("switch-2f", "WRONG_PASSWORD"), ("switch-3f", "NO_PERMIT")):
            detail = {"nas": nas, "endpoint": "00:00:5e:00:53:01"}
            audit.record(conn, "t", AuditEntry("login", 1.0, reason, 1, detail=detail), keyring, os.urandom)

    def found(*words: str) -> set[str]:
        printed = officegate("audit", "show", *words)[1]
        return {name for name in ("switch-2f", "switch-3f") if name in printed}

    assert found("--about", "SWITCH-2F") == {"switch-2f"}
    assert found("--about", "00-00-5E-00-53-01") == {"switch-2f", "switch-3f"}
    assert found("--about", "5e0053", "--reason", "NO_PERMIT") == {"switch-3f"}
    assert officegate("audit", "show", "--about", "nothing like it")[0] == 1


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
