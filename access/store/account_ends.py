"""Accounts whose end has come: found, disabled, told to the feed. ◆"""

from sqlalchemy import select, update

from access.store import feed
from access.store.database import Database
from access.store.feed import Topic
from access.store.tables import users


def end(database: Database, now: float) -> int:
    """Disable everyone whose end has come by now, and return how many they were.

    Two processes that do it at once do it once.
    """
    over = users.c.enabled & (users.c.expires_at <= now)
    with database.read() as conn:
        if conn.execute(select(users.c.id).where(over).limit(1)).first() is None:
            return 0
    disabled = update(users).where(over).values(enabled=False, revision=users.c.revision + 1)
    with database.write() as conn:
        ended = conn.execute(disabled.returning(users.c.id, users.c.organization_id)).all()
        for user_id, organization_id in ended:
            feed.append(conn, Topic.USER, str(user_id), organization_id, now)
    return len(ended)
