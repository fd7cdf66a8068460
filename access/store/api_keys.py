"""Keys of other applications: hashes of them, and when they were last used. ◆"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from access.keys import api_key
from access.keys.api_key import ApiKey, NewApiKey, Scope, Shown
from access.store.database import Database
from access.store.tables import api_keys, organizations

# Often enough to see that a key is in use, seldom enough to cost nothing.
USED_EVERY_S = 60.0
_SELECT = select(api_keys, organizations.c.key.label("organization")).join(
    organizations, organizations.c.id == api_keys.c.organization_id
)
_BY_ID = _SELECT.where(api_keys.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class StoredApiKeys:
    """The port of the pages."""

    database: Database

    def known(self, shown: Shown, now: float) -> ApiKey | None:
        """The key that was shown, if it is one of ours and stands."""
        kept = next(map(_key, self.database.rows(_BY_ID, {"id": shown.id})), None)
        if not api_key.is_good(kept, shown) or kept is None:
            return None
        if kept.used_at is None or kept.used_at < now - USED_EVERY_S:
            with self.database.write() as conn:
                used(conn, kept.id, now)
        return kept


def add(conn: Connection, new: NewApiKey, random: Callable[[int], bytes]) -> str:
    """Make a key, and return it as its application keeps it: the only time that it is seen."""
    secret = api_key.new_secret(random)
    row = {
        "name": new.name,
        "organization_id": new.organization_id,
        "scopes": " ".join(sorted(new.scopes)),
        "fingerprint": api_key.fingerprint(secret),
        "created_at": new.created_at,
    }
    made = conn.execute(insert(api_keys).values(**row).returning(api_keys.c.id)).scalar_one()
    return api_key.write(made, secret)


def by_id(conn: Connection, id_: int) -> ApiKey | None:
    """The key with this number."""
    row = conn.execute(_BY_ID, {"id": id_}).mappings().first()
    return _key(row) if row is not None else None


def standing(conn: Connection, name: str) -> ApiKey | None:
    """The key of this name that was not revoked."""
    named = (api_keys.c.name == name, api_keys.c.revoked_at.is_(None))
    row = conn.execute(_SELECT.where(*named)).mappings().first()
    return _key(row) if row is not None else None


def listed(conn: Connection) -> list[ApiKey]:
    """Every key there was, the oldest first."""
    return [_key(row) for row in conn.execute(_SELECT.order_by(api_keys.c.id)).mappings()]


def revoke(conn: Connection, id_: int, at: float) -> bool:
    """Let nobody in with a key any more; whether it stood."""
    stands = (api_keys.c.id == id_, api_keys.c.revoked_at.is_(None))
    return conn.execute(update(api_keys).where(*stands).values(revoked_at=at)).rowcount == 1


def used(conn: Connection, id_: int, at: float) -> None:
    """Write down that a key was used."""
    conn.execute(update(api_keys).where(api_keys.c.id == id_).values(used_at=at))


def _key(row: Mapping[str, Any] | RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        organization=row["organization"],
        organization_id=row["organization_id"],
        scopes=frozenset(map(Scope, row["scopes"].split())),
        fingerprint=bytes(row["fingerprint"]),
        created_at=row["created_at"],
        used_at=row["used_at"],
        revoked_at=row["revoked_at"],
    )
