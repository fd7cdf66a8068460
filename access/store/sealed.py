"""Which keys the secrets in the database need. ◆"""

from sqlalchemy import Connection, inspect, select

from access import sealing
from access.store.tables import authorities, nas, network_passwords, person_keys, tokens

# Every column of secrets that must open again, newest row first.
SEALED = (
    (nas.c.secret, nas.c.id),
    (tokens.c.secret, tokens.c.id),
    (authorities.c.sealed_key, authorities.c.id),
    (network_passwords.c.secret, network_passwords.c.id),
    (person_keys.c.sealed_key, person_keys.c.user_id),
)


def newest_key_ids(conn: Connection) -> frozenset[str]:
    """Return the ids of the keys that the newest secret of each kind is sealed under.

    Empty where nothing is sealed, or the database was never migrated. Raises SealBroken.
    """
    there = set(inspect(conn).get_table_names())
    found = (
        conn.execute(select(column).where(column.is_not(None)).order_by(order.desc()).limit(1)).scalar()
        for column, order in SEALED
        if column.table.name in there
    )
    return frozenset(sealing.key_id_of(blob) for blob in found if blob is not None)
