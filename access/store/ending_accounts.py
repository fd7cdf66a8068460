"""Accounts and registrations of endpoints that have an end. ◆"""

from sqlalchemy import Connection, select

from access.policy.forward import End, EndKind
from access.store.tables import endpoints, organizations, users


def between(conn: Connection, now: float, until: float) -> list[End]:
    """Those that end after now until a moment, of everybody who is enabled and still shown."""
    people = (
        select(users.c.expires_at, users.c.name, organizations.c.key)
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(users.c.expires_at > now, users.c.expires_at <= until)
        .where(users.c.enabled, users.c.vanished_at.is_(None))
    )
    machines = select(endpoints.c.valid_until, endpoints.c.mac, endpoints.c.name).where(
        endpoints.c.valid_until > now, endpoints.c.valid_until <= until
    )
    return [
        *(End(at, EndKind.ACCOUNT, f"{name}@{key}") for at, name, key in conn.execute(people)),
        *(End(at, EndKind.ENDPOINT, f"{mac} {name}".strip()) for at, mac, name in conn.execute(machines)),
    ]
