"""The audit of many years: it verifies in memory that does not grow with it, and one edit in it is found."""

import os
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from access.records.audit_proof import Fault
from access.store import schema
from access.store.audit_chain import verify
from access.store.database import Database
from access.store.tables import organizations
from tests.bench.big_audit import KEYRING, fill

pytestmark = pytest.mark.soak
ROWS = int(os.environ.get("SOAK_AUDIT_ROWS", "50000000"))
MOST_MB = 500


@pytest.fixture
def kept() -> Iterator[Path]:
    # On disk: they take more than the memory of a small machine.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        yield Path(directory)


def test_fifty_million_rows_verify_and_one_edit_is_found(kept: Path):
    database = Database(f"sqlite:///{kept}/gate.sqlite", kept / "lock")
    schema.upgrade(database)
    with database.write() as conn:
        conn.execute(insert(organizations).values(key="hangang", name="h", realm="hangang.example"))
    fill(kept / "gate.sqlite", ROWS, kept / "heads")

    seen = verify(database, KEYRING, kept / "heads")

    assert (seen.rows, seen.findings) == (ROWS, ())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 < MOST_MB
    edit(kept / "gate.sqlite", ROWS // 2)
    (found,) = verify(database, KEYRING, kept / "heads").findings
    assert (found.fault, found.place) == (Fault.EDITED, f"hangang position {ROWS // 2}")
    database.close()


def edit(file: Path, audit_id: int) -> None:
    """What somebody does who owns the file."""
    connection = sqlite3.connect(file)
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("UPDATE audit SET reason = 'WRONG_CODE' WHERE id = ?", (audit_id,))
    connection.commit()
    connection.close()
