"""From whom somebody has taken something by publications of the last day: small ones add up. ◆"""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from access.changes.outlook import DAY_S, Preview, affected
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors
from access.store import forecast, person_links, policies
from access.store.tables import policy_publications


def taken_lately(
    conn: Connection, author_id: int | None, preview: Preview, now: float
) -> Mapping[str, frozenset[str]]:
    """Everybody from whom an author's publications of a day have taken something, by organization.

    Only of the organizations from whose people the preview takes something; what others approved was looked
    at by two. Each publication is judged by the people and sessions of now. None: whoever gave no name.
    """
    concerned = [each for each in preview.people if affected(preview, each)]
    if not concerned:
        return {}
    found: dict[str, frozenset[str]] = {}
    for replaced, revision in _published(conn, author_id, now - DAY_S):
        seen = forecast.preview(conn, replaced, revision, now)
        for key in concerned:
            found[key] = found.get(key, frozenset()) | affected(seen, key)
    return found


def _published(conn: Connection, author_id: int | None, since: float) -> list[tuple[Policy, Policy]]:
    """What an author, by any of their accounts, put in the place of what, without anybody's approval."""
    known = policy_publications.c
    own = known.author_id.is_(None)
    if author_id is not None:
        own = known.author_id.in_(person_links.sharing(conn, author_id))
    query = (
        select(known.replaced, known.revision)
        .where(own, known.at > since, known.approved_by == "", known.replaced != "")
        .order_by(known.id)
    )
    read = [(_read(conn, row.replaced), _read(conn, row.revision)) for row in conn.execute(query).all()]
    return [(old, new) for old, new in read if old is not None and new is not None]


def _read(conn: Connection, revision: str) -> Policy | None:
    version = policies.version(conn, revision)
    try:
        return policy_of(version.document) if version is not None else None
    except PolicyErrors:
        return None
