"""How long it takes to verify the audit of years."""

import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from access.store import schema
from access.store.audit_chain import verify
from access.store.database import Database
from access.store.tables import organizations
from tests.bench.big_audit import KEYRING, fill
from tests.bench.figures import Figure

ROWS = int(os.environ.get("BENCH_AUDIT_ROWS", "10000000"))
HOW = f"""\
- `audit_verify`: `officegate audit verify` over {ROWS:,} sealed rows of one company in SQLite
  (BENCH_AUDIT_ROWS): every hash, every number of a writer and the signed head. `memory` is the most that the
  process held.
"""


def measure() -> Iterator[Figure]:
    """Seconds for all rows, rows a second, and memory."""
    # On disk: so many rows are more than the memory of a small machine.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        kept = Path(directory)
        database = Database(f"sqlite:///{kept}/gate.sqlite", kept / "lock")
        schema.upgrade(database)
        with database.write() as conn:
            conn.execute(insert(organizations).values(key="hangang", name="h", realm="hangang.example"))
        fill(kept / "gate.sqlite", ROWS, kept / "heads")
        began = time.monotonic()
        seen = verify(database, KEYRING, kept / "heads")
        took_s = time.monotonic() - began
        assert (seen.rows, seen.findings) == (ROWS, ()), seen
        size = sqlite3.connect(kept / "gate.sqlite").execute("PRAGMA page_count").fetchone()[0] * 4096
        database.close()
    name = f"audit_verify_of_{ROWS}_rows"
    yield Figure(name, took_s, "s")
    yield Figure(f"{name}_rate", ROWS / took_s, "rows/s")
    yield Figure(f"{name}_memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
    yield Figure(f"{name}_database", size / 1e9, "GB")
