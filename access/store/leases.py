"""Leases: who leads where only one may, and the fence that tells a leader from the one before. ◆"""

from sqlalchemy import Connection, text

# The fence rises when the lease changes hands or had run out: what an old leader still sends is then too low.
_ACQUIRE = text(
    """
    INSERT INTO leases (name, owner, lease_until, fence) VALUES (:name, :owner, :until, 1)
    ON CONFLICT (name) DO UPDATE SET
        owner = excluded.owner,
        lease_until = excluded.lease_until,
        fence = CASE
            WHEN leases.owner = excluded.owner AND leases.lease_until >= :now THEN leases.fence
            ELSE leases.fence + 1
        END
    WHERE leases.owner = excluded.owner OR leases.lease_until < :now
    RETURNING fence
    """
)
_RELEASE = text("UPDATE leases SET lease_until = 0 WHERE name = :name AND owner = :owner")

_OWNER = text("SELECT owner FROM leases WHERE name = :name")


def last_owner(conn: Connection, name: str) -> str | None:
    """Who took the lease last, whether or not it has run out since."""
    return conn.execute(_OWNER, {"name": name}).scalar()


def acquire(conn: Connection, name: str, owner: str, now: float, ttl_s: float) -> int | None:
    """Take or renew a lease for ttl_s seconds: its fence, or None while somebody else has it."""
    values = {"name": name, "owner": owner, "now": now, "until": now + ttl_s}
    return conn.execute(_ACQUIRE, values).scalar()


def release(conn: Connection, name: str, owner: str) -> None:
    """Let the next one in without waiting; nothing happens if the lease is another's."""
    conn.execute(_RELEASE, {"name": name, "owner": owner})
