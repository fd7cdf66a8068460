from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from access.store import schema
from access.store.database import Database
from access.store.tables import METADATA


def test_the_revisions_make_exactly_the_tables_the_code_knows(database: Database):
    with database.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": not database.is_sqlite})
        differences = compare_metadata(context, METADATA)

    assert differences == []


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
