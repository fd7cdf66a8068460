"""The revision of the database, and the upgrade to ours. ◆"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations
from access.errors import Misconfigured
from access.store.database import Database

# Any number will do, if it is always the same one.
_ADVISORY_LOCK = 0x0FF1CE


class NotMigrated(Misconfigured):
    """The database lacks tables or columns this version needs."""


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the database to our revision, in one transaction; return the revisions before and after.

    Makes the file of a SQLite database, and its folder, readable by nobody else. Several machines may try at
    the same time.
    """
    if database.file is not None:
        database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.file.touch(mode=0o600)
    with database.write() as conn:
        if not database.is_sqlite:
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        before = revision(conn)
        if before is None or before in _known():
            command.upgrade(_config(conn), "head")
        return before, revision(conn) or ""


def revision(conn: Connection) -> str | None:
    """The revision the database is at; None where it never was migrated."""
    return MigrationContext.configure(conn).get_current_revision()


def require_current(database: Database) -> None:
    """Raise NotMigrated unless the database has everything this version needs.

    A revision we have never heard of is a newer one's: migrations keep the version before them working.
    """
    if database.file is not None and not database.file.exists():
        raise NotMigrated(f"There is no database {database.file} yet. Run: officegate migrate")
    with database.read() as conn:
        found = revision(conn)
    if found is None:
        raise NotMigrated(f"The database {database.shown_url} is empty. Run: officegate migrate")
    if found in _known() and found != newest():
        raise NotMigrated(
            f"The database {database.shown_url} is at revision {found}, this version needs {newest()}."
            " Run: officegate migrate"
        )


def newest() -> str:
    """The revision this version was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    folder = Path(migrations.__file__).parent
    # ConfigParser reads a per cent sign as the start of a name.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config
