import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from access.store import schema
from access.store.database import Database
from access.store.tables import METADATA, authorities, certificates, endpoints, organizations
from tests.access.residents import NOW, settle_in


def test_the_revisions_make_exactly_the_tables_the_code_knows(database: Database):
    with database.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": not database.is_sqlite})
        differences = compare_metadata(context, METADATA)

    assert differences == []


def test_sqlite_gives_a_number_once_wherever_the_code_says_so(migrated_sqlite: Path):
    with closing(sqlite3.connect(migrated_sqlite)) as conn:
        made = dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())

    wanted = {
        name for name, table in METADATA.tables.items() if table.dialect_options["sqlite"]["autoincrement"]
    }
    assert {name for name in METADATA.tables if "AUTOINCREMENT" in made[name]} == wanted


def test_rows_that_others_refer_to_stay_and_numbers_go_on_behind_them(empty_database: Database):
    """On SQLite 0048 mends what counts the rows up; a table with rows under it cannot be copied for that."""
    with empty_database.write() as conn:
        command.upgrade(schema._config(conn), "0047")
    settle_in(empty_database)
    with empty_database.write() as conn:
        numbers = [_endpoint(conn, last) for last in ("01", "02")]
        _certificate(conn, numbers[0])

    assert schema.upgrade(empty_database) == ("0047", schema.newest())

    with empty_database.write() as conn:
        assert list(conn.execute(select(endpoints.c.id).order_by(endpoints.c.id)).scalars()) == numbers
        assert conn.execute(select(certificates.c.endpoint_id)).scalar_one() == numbers[0]
        conn.execute(delete(endpoints).where(endpoints.c.id == numbers[1]))
        assert _endpoint(conn, "03") > numbers[1]
    with pytest.raises(IntegrityError), empty_database.write() as conn:
        conn.execute(delete(endpoints).where(endpoints.c.id == numbers[0]))


def _endpoint(conn: Connection, last: str) -> int:
    company = select(organizations.c.id).scalar_subquery()
    row = {"organization_id": company, "mac": f"00-00-5e-00-53-{last}"}
    return conn.execute(insert(endpoints).values(row).returning(endpoints.c.id)).scalar_one()


def _certificate(conn: Connection, endpoint_id: int) -> None:
    company = select(organizations.c.id).scalar_subquery()
    authority = {
        "organization_id": company,
        "name": "a",
        "binding": "a",
        "certificate": b"",
        "sealed_key": b"",
    }
    issuer = conn.execute(insert(authorities).values(**authority, created_at=NOW).returning(authorities.c.id))
    row = {"key": "a", "authority_id": issuer.scalar_one(), "organization_id": company, "serial": "1"}
    row |= {"endpoint_id": endpoint_id, "holder": "a", "der": b"", "not_after": NOW, "valid_until": NOW}
    conn.execute(insert(certificates).values(**row, issued_at=NOW))


def test_an_empty_database_is_brought_to_the_newest_revision(empty_database: Database):
    before, after = schema.upgrade(empty_database)

    assert (before, after) == (None, schema.newest())
    schema.require_current(empty_database)


def test_a_second_upgrade_changes_nothing(database: Database):
    before, after = schema.upgrade(database)

    assert before == after == schema.newest()


def test_an_unmigrated_database_says_what_to_run(empty_database: Database):
    with pytest.raises(schema.NotMigrated, match="Run: officegate migrate"):
        schema.require_current(empty_database)


def test_an_older_database_says_what_to_run(database: Database):
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    with pytest.raises(
        schema.NotMigrated, match=r"is at revision 0001, this version needs .* officegate migrate"
    ):
        schema.require_current(database)


def test_a_database_of_a_newer_version_is_used_as_it_is(database: Database):
    with database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    schema.require_current(database)
    assert schema.upgrade(database) == ("9999", "9999")


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_database: Database):
    with empty_database.write() as conn:
        conn.execute(text("CREATE TABLE feed (wrong INTEGER)"))

    with pytest.raises(Exception, match="feed"):
        schema.upgrade(empty_database)

    with empty_database.read() as conn:
        assert schema.revision(conn) is None
        assert not conn.dialect.has_table(conn, "users")


def test_the_file_of_a_new_database_is_readable_by_its_owner_alone(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/office/gate.sqlite", tmp_path / "lock")

    schema.upgrade(database)
    database.close()

    assert (tmp_path / "office" / "gate.sqlite").stat().st_mode & 0o077 == 0
    assert (tmp_path / "office").stat().st_mode & 0o077 == 0


def test_a_database_file_that_is_not_there_is_not_made_by_looking(tmp_path: Path):
    file = tmp_path / "nowhere" / "gate.sqlite"
    database = Database(f"sqlite:///{file}", tmp_path / "lock")

    with pytest.raises(schema.NotMigrated, match="Run: officegate migrate"):
        schema.require_current(database)

    assert not file.parent.exists()
