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


def endpoints(settings: Settings) -> Iterator[Verdict]:
    """Those that nobody answers for, a line for each owner of before."""
    now = time.time()
    try:
        with closing(open_database(settings)) as database, database.read() as conn:
            known = [each for each in stored.all_endpoints(conn) if (each.valid_until or now) >= now]
            nobodys = stored.unanswered(conn, now)
    except AccessError:
        return  # the check of the database says it
    left: dict[str, list[Endpoint]] = {}
    for each in known:
        if each.id in nobodys:
            left.setdefault(each.owner, []).append(each)
    for owner, (first, *more) in sorted(left.items()):
        others = f" and {len(more)} more" if more else ""
        to = f", registered to {owner}" if owner else ""
        yield warn(
            "endpoints",
            f"nobody answers for {first.mac} ({first.name}){others}{to}",
            "name somebody who does: officegate endpoint owner MAC USER; or remove them",
        )
    if not left:
        yield ok("endpoints", f"{len(known)} may log in by their MAC address, each has an owner")
