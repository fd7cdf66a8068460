"""People as the console finds them. ◆"""

from sqlalchemy import Connection, or_, select

from access.model import User
from access.shown import Asked, PersonLine
from access.store import people
from access.store.pages.matching import begins_with
from access.store.tables import users


def found(conn: Connection, asked: Asked) -> list[PersonLine]:
    """People of an organization whose user name or display name begins with the text, but who left."""
    query = (
        select(users.c.id, users.c.name, users.c.display_name, users.c.mail, users.c.enabled)
        .where(
            users.c.organization_id == asked.organization_id,
            users.c.vanished_at.is_(None),
            or_(begins_with(users.c.name, asked.text), begins_with(users.c.display_name, asked.text)),
        )
        .order_by(users.c.name, users.c.id)
        .limit(asked.limit)
    )
    return [PersonLine(*row) for row in conn.execute(query)]


def person(conn: Connection, organization_id: int, user_id: int) -> User | None:
    """The user, if the organization is theirs."""
    query = select(users.c.organization_id).where(users.c.id == user_id)
    if conn.execute(query).scalar() != organization_id:
        return None
    return people.user_by_id(conn, user_id)
