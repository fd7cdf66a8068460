"""What tells whether a database is well: a harmless write, open transactions, times from the future. ◆"""

from sqlalchemy import Connection, select, text

from access.store import single_values
from access.store.tables import audit, feed

_OLDEST_S = text(
    "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0) FROM pg_stat_activity"
    " WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
)


def touch(conn: Connection, at: float) -> None:
    """Write something that nobody reads."""
    single_values.put(conn, "checked", f"{at}")


def oldest_transaction_s(conn: Connection) -> float:
    """For how many seconds the oldest writing transaction has been open; 0 on SQLite, where others wait."""
    if conn.dialect.name != "postgresql":
        return 0.0
    return float(conn.execute(_OLDEST_S).scalar_one())


def newest_time(conn: Connection) -> float:
    """The newest time anything was recorded at, in seconds since the epoch; 0 where nothing was."""
    # By the order of writing: the newest rows have the newest times, or the clock was wrong.
    newest = [
        conn.execute(select(table.c.at).order_by(order.desc()).limit(1)).scalar()
        for table, order in ((feed, feed.c.seq), (audit, audit.c.id))
    ]
    return max((at for at in newest if at is not None), default=0.0)
