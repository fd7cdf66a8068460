"""Numbers that SQLite gives once and never again, in the tables that have lost that when they were copied."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLES = ("sessions", "endpoints", "one_time_codes", "standing_rules")
_WITHOUT, _WITH = "\tid INTEGER NOT NULL, \n", "\tid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, \n"
_KEY = "\tPRIMARY KEY (id), \n"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            _count_up(table)


def _count_up(table: str) -> None:
    """Have it count up. To copy it is no way: other tables refer to its rows, and it may be large."""
    conn = op.get_bind()
    written = conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    if _WITHOUT not in written or _KEY not in written:
        return
    anew = written.replace(_WITHOUT, _WITH).replace(_KEY, "")
    version = conn.exec_driver_sql("PRAGMA schema_version").scalar_one()
    conn.exec_driver_sql("PRAGMA writable_schema = ON")
    conn.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE name = ?", (anew, table))
    conn.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    conn.exec_driver_sql("PRAGMA writable_schema = RESET")
    conn.exec_driver_sql(
        f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', coalesce(max(id), 0) FROM {table}"  # noqa: S608 - ours
    )


def downgrade() -> None:
    """Leave them as they are: an older version does not mind."""
