"""From whom somebody has taken something within a day, by whatever they did: small acts add up. ◆

Each act that takes something without anybody's approval writes down here whom it took it from, in the
transaction in which it comes true: publications, waves, closed reviews, people put off local groups.
"""

import json
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from access.changes.outlook import DAY_S
from access.store import person_links
from access.store.tables import takings


class Act(StrEnum):
    """What took it."""

    PUBLISHED = "published"
    CLOSED = "closed"
    GROUP = "group"


def add(
    conn: Connection, author_id: int | None, act: Act, taken: Mapping[str, frozenset[str]], now: float
) -> None:
    """Write down from whom an act takes something, by organization. author_id None: whoever gave no name."""
    rows = [
        {
            "at": now,
            "author_id": author_id,
            "act": act.value,
            "organization": organization,
            "people": json.dumps(sorted(people), ensure_ascii=False),
        }
        for organization, people in sorted(taken.items())
        if people
    ]
    if rows:
        conn.execute(insert(takings), rows)


def taken_lately(conn: Connection, author_id: int | None, now: float) -> Mapping[str, frozenset[str]]:
    """Everybody from whom somebody, by any of their accounts, took something in a day, by organization."""
    own = takings.c.author_id.is_(None)
    if author_id is not None:
        own = takings.c.author_id.in_(person_links.sharing(conn, author_id))
    query = select(takings.c.organization, takings.c.people).where(own, takings.c.at > now - DAY_S)
    found: dict[str, frozenset[str]] = {}
    for organization, people in conn.execute(query):
        found[organization] = found.get(organization, frozenset()).union(json.loads(people))
    return found


def forget(conn: Connection, now: float) -> None:
    """Forget whom something was taken from more than a day ago: that counts no longer."""
    conn.execute(delete(takings).where(takings.c.at <= now - DAY_S))
