"""When somebody last had an object open to a session of theirs, to the day. ◆"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, delete, select, text

from access.gateways.uses import DAY_S, Use
from access.store import single_values
from access.store.tables import last_uses, organizations, users

KEPT_DAYS = 180
_SINCE = "uses.since"
_AT_ONCE = 500
# A use that is written late does not take back a newer one.
_PUT = text(
    """
    INSERT INTO last_uses (user_id, object, at) VALUES (:user_id, :object, :at)
    ON CONFLICT (user_id, object) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at
    """
)


def note(conn: Connection, uses: Iterable[Use]) -> None:
    """Remember uses; the first one says since when they are."""
    rows = [use._asdict() for use in uses]
    if not rows:
        return
    conn.execute(_PUT, rows)
    single_values.replace(conn, _SINCE, None, repr(min(row["at"] for row in rows)))


def forget(conn: Connection, now: float) -> int:
    """Forget uses of so long ago that nobody asks for them, and return how many."""
    return conn.execute(delete(last_uses).where(last_uses.c.at < now - KEPT_DAYS * DAY_S)).rowcount


def since(conn: Connection) -> float | None:
    """Since when uses are remembered; None where none was yet."""
    value = single_values.get(conn, _SINCE)
    return float(value) if value else None


def of_objects(conn: Connection, objects: Collection[str]) -> Mapping[str, Mapping[str, float]]:
    """The last uses of these objects by name@organization, of those who are here: a name may be of two."""
    found: dict[str, dict[str, float]] = {}
    wanted = sorted(objects)
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(last_uses.c.object, last_uses.c.at, users.c.name, organizations.c.key)
            .join(users, users.c.id == last_uses.c.user_id)
            .join(organizations, organizations.c.id == users.c.organization_id)
            .where(last_uses.c.object.in_(wanted[start : start + _AT_ONCE]), users.c.vanished_at.is_(None))
        )
        for object, at, name, organization in conn.execute(query).all():
            found.setdefault(object, {})[f"{name}@{organization}"] = at
    return found
