"""Named single values: the published policy revision, the pruned end of the feed. ◆"""

from sqlalchemy import Connection, select, text

from access.store.tables import settings

# Both databases understand it, and it cannot lose a race.
_PUT = text(
    "INSERT INTO settings (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_REPLACE = text("UPDATE settings SET value = :value WHERE name = :name AND value = :expected")
_COUNT = text(
    "INSERT INTO settings (name, value) VALUES (:name, '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS VARCHAR)"
    " RETURNING value"
)
_CREATE = text("INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")


def get(conn: Connection, name: str) -> str | None:
    """The value, or None where it was never put."""
    return conn.execute(select(settings.c.value).where(settings.c.name == name)).scalar_one_or_none()


def put(conn: Connection, name: str, value: str) -> None:
    """Set the value, whatever it was."""
    conn.execute(_PUT, {"name": name, "value": value})


def replace(conn: Connection, name: str, expected: str | None, value: str) -> bool:
    """Set the value if it still is what was expected (None: absent); say whether it was."""
    if expected is None:
        return conn.execute(_CREATE, {"name": name, "value": value}).rowcount == 1
    return conn.execute(_REPLACE, {"name": name, "value": value, "expected": expected}).rowcount == 1


def count(conn: Connection, name: str) -> int:
    """Count one more; the first is 1. Two that count at once wait for each other."""
    return int(conn.execute(_COUNT, {"name": name}).scalar_one())
