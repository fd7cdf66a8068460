"""The endpoints that log in by their MAC address: whether somebody still answers for each. ◆"""

import time
from collections.abc import Iterator
from contextlib import closing

from access.app import open_database
from access.commands.checks.verdict import Verdict, ok, warn
from access.config import Settings
from access.errors import AccessError
from access.nas.registry import Endpoint
from access.store import endpoints as stored
from access.store import organizations, people
from access.store.database import Connection


def endpoints(settings: Settings) -> Iterator[Verdict]:
    """Owners who have left, a line for each."""
    now = time.time()
    try:
        with closing(open_database(settings)) as database, database.read() as conn:
            known = [each for each in stored.all_endpoints(conn) if (each.valid_until or now) >= now]
            owned: dict[str, list[Endpoint]] = {}
            for each in known:
                owned.setdefault(each.owner, []).append(each)
            left = {owner for owner in owned if not _is_here(conn, owner)}
    except AccessError:
        return  # the check of the database says it
    for owner in sorted(left):
        first, *more = owned[owner]
        others = f" and {len(more)} more" if more else ""
        yield warn(
            "endpoints",
            f"{owner or 'nobody'} is not here and answers for {first.mac} ({first.name}){others}",
            "remove them, or add them again with another owner: officegate endpoint",
        )
    if not left:
        yield ok("endpoints", f"{len(known)} may log in by their MAC address, each has an owner")


def _is_here(conn: Connection, owner: str) -> bool:
    """Whether an owner (name@organization) is somebody enabled."""
    name, _, key = owner.rpartition("@")
    company = next((each for each in organizations.all_organizations(conn) if each.key == key), None)
    user = people.user_by_name(conn, company.id, name) if company is not None else None
    return user is not None and user.enabled
