"""The preview of a policy, from everybody there is and the sessions that are live. ◆"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection, select

from access.changes.outlook import DAY_S, TAKES, UNUSED_DAYS, Preview, joined
from access.changes.session_preview import name_of, sessions_between, zones_differ
from access.gateways.crowd import Crowd
from access.gateways.livesessions import COUNTED, Holder, HolderKey, HolderKind, Live
from access.policy.compiled import Policy
from access.policy.grants_ahead import GrantAhead, grants_ahead, grants_of
from access.policy.kept_texts import policy_of
from access.policy.preview import Line, compared
from access.policy.touched import own_keys, touched
from access.policy.vocabulary import PolicyErrors
from access.store import last_uses, policies, standing
from access.store import subjects as subjects_of
from access.store.enforcement import OPEN, StoredView
from access.store.tables import sessions
from access.store.uncollected import uncollected


def in_force(conn: Connection) -> Policy | None:
    """The policy in force, compiled; None before the first, and where this version cannot read it."""
    version = policies.current(conn)
    if version is None:
        return None
    try:
        return policy_of(version.document)
    except PolicyErrors:
        return None


def preview(conn: Connection, old: Policy | None, new: Policy | None, now: float) -> Preview:
    """What happens when the new policy takes the place of the old one. None: no policy.

    What stands beside the one stands beside the other as well.
    """
    return between(conn, standing.beside(conn, old), standing.beside(conn, new), now)


def between(conn: Connection, old: Policy | None, new: Policy | None, now: float) -> Preview:
    """The same of policies with what stands beside each."""
    with uncollected():
        return _between(conn, old, new, now)


def grants(conn: Connection, old: Policy | None, new: Policy, now: float) -> tuple[GrantAhead, ...]:
    """The grants that do not go on as they were when the new policy takes the place of the old one."""
    beside = standing.beside(conn, new)
    ids = {each.user_id for each in grants_of(beside) if each.user_id is not None} if beside else set[int]()
    if beside is None or not ids:
        return ()
    people = {each.subject.id: each.subject for each in subjects_of.counting(conn, ids, now)}
    return grants_ahead(standing.beside(conn, old), beside, people, now)


def _between(conn: Connection, old: Policy | None, new: Policy | None, now: float) -> Preview:
    differing = touched(old, new)
    keys = own_keys(differing, *(each for each in (old, new) if each is not None))
    known = {name_of(holder.subject): holder for holder in _holders(conn, _widened(keys, old, new), now)}
    subjects = {name: holder.subject for name, holder in known.items()}
    lines, concerned = compared(old, new, subjects, now, differing)
    anybody = zones_differ(old, new)
    holders = {known[name].subject.id: known[name] for name in (known if anybody else concerned)}
    which = None if anybody else _session_ids(conn, holders, keys)
    counted = any(policy is not None and COUNTED in policy.asks for policy in (old, new))
    live = _live(conn, which, holders, now, counted)
    seen = sessions_between(old, new, live, now, differing)
    taken = {line.object for line in lines if line.change in TAKES}
    return Preview(
        base=old.revision if old else None,
        revision=new.revision if new else "",
        at=now,
        lines=joined(lines, seen, last_uses.of_objects(conn, taken)),
        sessions=seen.changes,
        people=subjects_of.how_many(conn, now),
        unused_since=_unused_since(conn, lines, now),
    )


def _unused_since(conn: Connection, lines: list[Line], now: float) -> float:
    """From when on somebody must have used a thing; never before uses were remembered, 0 where none is."""
    since = last_uses.since(conn) if lines else None
    return 0.0 if since is None else max(since, now - UNUSED_DAYS * DAY_S)


def _widened(keys: frozenset[str], old: Policy | None, new: Policy | None) -> frozenset[str]:
    """The keys, with those of every company where rules say of other people who may use the portal.

    Also where zones differ: then whoever has a session is looked at.
    """
    named = {policy.portal_of for policy in (old, new) if policy is not None}
    anybody = len(named) > 1 or zones_differ(old, new)
    return keys | {subjects_of.ANY_COMPANY} if anybody else keys


def _holders(conn: Connection, keys: Collection[str], now: float) -> Iterator[Holder]:
    """Everybody whose account counts and every registered endpoint, as far as they can have these keys."""
    yield from subjects_of.counting(conn, subjects_of.with_any(conn, keys), now)
    if any(key.startswith("endpoint:") for key in keys):
        yield from map(Holder, subjects_of.registered(conn))


def _live(
    conn: Connection, ids: Collection[int] | None, users: Mapping[int, Holder], now: float, counted: bool
) -> Iterator[Live]:
    """These live sessions; ids None: every one. users: those of whom it is known who they are.

    Each is as the enforcer would weigh it: where they are counted, with those its holder has elsewhere.
    """
    view = StoredView(conn)
    crowd = Crowd(desks=dict(view.desks(None)))
    found = view.sessions(ids, counted)
    for session in found if counted else ():
        crowd.put(session)
    keys = {session.holder for session in found if session.holder is not None}
    known = {HolderKey(HolderKind.USER, id): each for id, each in users.items()}
    holders = {**known, **view.holders(keys - known.keys())}
    for session in found:
        key = session.holder
        holder = holders.get(key) if key is not None else None
        if holder is not None and key is not None:
            desks = crowd.desks.get(key.id, ()) if key.kind is HolderKind.USER else ()
            if counted:
                facts = replace(session.facts, sessions=crowd.elsewhere(session, now))
                session = replace(session, facts=facts)  # noqa: PLW2901 - as the enforcer does
            yield Live(session, holder, desks)


def _session_ids(conn: Connection, users: Collection[int], keys: Collection[str]) -> list[int]:
    """The open sessions of these users, and of nobody who is a user where the keys can be those of others."""
    others = any(key.startswith(("endpoint:", "realm:")) for key in keys)
    rows = conn.execute(select(sessions.c.id, sessions.c.user_id).where(sessions.c.state.in_(OPEN)))
    return [id for id, user_id in rows if (others if user_id is None else user_id in users)]
