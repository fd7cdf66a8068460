"""How much of each journal is in the database, written in the transaction of what was loaded. ◆"""

from sqlalchemy import Connection, delete, text
from sqlalchemy.exc import SQLAlchemyError

from access.store.tables import journals

# What a record raises that cannot be loaded, however often it is tried. A database that is away is not it.
UNLOADABLE = (SQLAlchemyError, LookupError, ValueError, TypeError)

# Takes the row's lock whether or not it is new, so that two loaders take turns.
_LOCK = text(
    """
    INSERT INTO journals (name, loaded, at) VALUES (:name, 0, :at)
    ON CONFLICT (name) DO UPDATE SET loaded = journals.loaded
    RETURNING loaded
    """
)
_ADVANCE = text("UPDATE journals SET loaded = :loaded, at = :at WHERE name = :name")


def lock(conn: Connection, name: str, at: float) -> int:
    """Return how many octets of a file are loaded; nobody else loads it until the transaction ends."""
    return int(conn.execute(_LOCK, {"name": name, "at": at}).scalar_one())


def advance(conn: Connection, name: str, loaded: int, at: float) -> None:
    """Write down that a journal file is loaded up to here."""
    conn.execute(_ADVANCE, {"name": name, "loaded": loaded, "at": at})


def loaded(conn: Connection) -> dict[str, int]:
    """Return how many octets of each journal file are loaded."""
    return {row.name: row.loaded for row in conn.execute(journals.select())}


def forget(conn: Connection, name: str) -> None:
    """Forget a journal file that is gone."""
    conn.execute(delete(journals).where(journals.c.name == name))
