"""The preview of a policy, from everybody there is and the sessions that are live. ◆"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import Connection, select

from access.crowd import Crowd
from access.livesessions import HolderKind
from access.model import Subject
from access.outlook import DAY_S, TAKES, UNUSED_DAYS, Preview, joined
from access.policy.compiled import Policy, compile
from access.policy.document import load
from access.policy.preview import Line, compared
from access.policy.subjects import standing as membership
from access.policy.subjects import subject_of
from access.policy.vocabulary import PolicyErrors
from access.session_preview import Live, name_of, sessions_between, zones_differ
from access.store import last_uses, people, policies, standing
from access.store.enforcement import OPEN, StoredView
from access.store.tables import endpoints, organizations, sessions


def in_force(conn: Connection) -> Policy | None:
    """The policy in force, compiled; None before the first, and where this version cannot read it."""
    version = policies.current(conn)
    if version is None:
        return None
    try:
        return compile(load(version.document))
    except PolicyErrors:
        return None


def preview(conn: Connection, old: Policy | None, new: Policy | None, now: float) -> Preview:
    """What happens when the new policy takes the place of the old one. None: no policy."""
    known = {name_of(subject): subject for subject in _subjects(conn, now)}
    lines, touched = compared(old, new, known, now)
    users = None if zones_differ(old, new) else [known[name].id for name in touched]
    live = _live(conn, users, now)
    seen = sessions_between(standing.beside(conn, old), standing.beside(conn, new), live, now)
    taken = {line.object for line in lines if line.change in TAKES}
    return Preview(
        base=old.revision if old else None,
        revision=new.revision if new else "",
        at=now,
        lines=joined(lines, seen, last_uses.of_objects(conn, taken)),
        sessions=seen.changes,
        people=Counter(subject.organization for subject in known.values()),
        unused_since=_unused_since(conn, lines, now),
    )


def _unused_since(conn: Connection, lines: list[Line], now: float) -> float:
    """From when on somebody must have used a thing; never before uses were remembered, 0 where none is."""
    since = last_uses.since(conn) if lines else None
    return 0.0 if since is None else max(since, now - UNUSED_DAYS * DAY_S)


def _subjects(conn: Connection, now: float) -> Iterator[Subject]:
    """Everybody whose account counts, and every registered endpoint."""
    for user in people.all_users(conn):
        if not user.is_over(now):
            yield membership(subject_of(user), now)[0]
    known = select(endpoints.c.mac, organizations.c.key).join(
        organizations, organizations.c.id == endpoints.c.organization_id
    )
    for row in conn.execute(known):
        yield Subject(0, row.key, row.mac)


def _live(conn: Connection, users: Collection[int] | None, now: float) -> Iterator[Live]:
    """The live sessions of some users and of all who are no users; None: every one.

    Each is as the enforcer would weigh it, with the sessions its holder has elsewhere.
    """
    view = StoredView(conn)
    crowd = Crowd(desks=dict(view.desks(None)))
    for session in view.sessions(None if users is None else _session_ids(conn, users)):
        crowd.put(session)
    crowd.meet(crowd.keys(), view.holders(crowd.keys()))
    for session in crowd.sessions.values():
        key = session.holder
        holder = crowd.holders.get(key) if key is not None else None
        if holder is not None and key is not None:
            desks = crowd.desks.get(key.id, ()) if key.kind is HolderKind.USER else ()
            facts = replace(session.facts, sessions=crowd.elsewhere(session, now))
            yield Live(replace(session, facts=facts), holder, desks)


def _session_ids(conn: Connection, users: Collection[int]) -> list[int]:
    """The open sessions of these users, and those of nobody who is a user."""
    rows = conn.execute(select(sessions.c.id, sessions.c.user_id).where(sessions.c.state.in_(OPEN)))
    wanted = {*users, None}
    return [row.id for row in rows if row.user_id in wanted]
