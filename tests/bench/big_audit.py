"""An audit of millions of rows, as years of logins leave it behind, written straight into a SQLite file."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from access.keys.sealing import Keyring
from access.records.audit import GENESIS, Row, chain_hash
from access.records.audit_proof import Head, sign_head
from access.store import heads

KEYRING = Keyring({"bench": bytes(range(32))}, "bench")
WRITERS = ("gate1/radius-0", "gate1/radius-1", "web")
# About what the detail of a login takes, sealed.
DETAIL = bytes(240)
AT_ONCE = 50_000
FIRST_AT = 1_700_000_000.0
_AUDIT = "INSERT INTO audit VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
_CHAIN = "INSERT INTO audit_chain (organization_id, position, audit_id, hash) VALUES (?,?,?,?)"
_INDEXES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'audit'"
)


def fill(file: Path, rows: int, heads_dir: Path) -> None:
    """Write so many sealed rows of one organization into a migrated database, and the head of their chain."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    end = GENESIS
    made = chained(rows)
    while batch := list(islice(made, AT_ONCE)):
        connection.execute("BEGIN")
        connection.executemany(_AUDIT, [values(row) for row, _ in batch])
        connection.executemany(_CHAIN, [(1, row.id, row.id, hash_) for row, hash_ in batch])
        connection.execute("COMMIT")
        end = batch[-1][1]
    for _, sql in indexes:
        connection.execute(sql)
    for index, writer in enumerate(WRITERS):
        count = len(range(index, rows, len(WRITERS)))
        connection.execute("INSERT INTO audit_writers VALUES (?,?,?)", (writer, count, count))
    connection.close()
    signature = sign_head(1, rows, end, FIRST_AT, KEYRING.subkey("audit heads"))
    heads.append(heads_dir, "hangang", Head(1, rows, end, FIRST_AT, "bench", signature))


def chained(rows: int) -> Iterator[tuple[Row, bytes]]:
    """Each row, and the hash at its position."""
    previous = GENESIS
    for index in range(rows):
        writer, number = WRITERS[index % len(WRITERS)], index // len(WRITERS) + 1
        at = FIRST_AT + index
        row = Row(
            index + 1, writer, number, 1, at, "login", "PERMITTED", None, index % 30_000, None, DETAIL, True
        )
        previous = chain_hash(previous, row)
        yield row, previous


def values(row: Row) -> tuple[object, ...]:
    return (
        row.id,
        row.writer,
        row.number,
        row.organization_id,
        row.at,
        row.kind,
        row.reason,
        row.case_code,
        row.user_id,
        row.session_id,
        row.detail,
        row.sealed_detail,
    )
