"""What stands beside the policy document: grants, containments, openings, and the policy with them. ◆"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, or_, select, update

from access.policy.beside import Change
from access.policy.compiled import Policy
from access.policy.standing import Kept, Standing, StandingKind, State
from access.store import feed, single_values
from access.store.feed import Topic
from access.store.tables import organizations, standing_rules

_REVISION = "standing.revision"
_AT_ONCE = 500


def revision(conn: Connection) -> int:
    """How many changes of standing rules there were."""
    return int(single_values.get(conn, _REVISION) or 0)


def add(conn: Connection, row: Kept, now: float) -> Kept:
    """Put a rule beside the document, and return it with its number."""
    began_at = now if row.state is State.STANDING else None
    values = _values(row) | {"created_at": now, "began_at": began_at}
    values["revision"] = single_values.count(conn, _REVISION)
    number = conn.execute(insert(standing_rules).values(values).returning(standing_rules.c.id)).scalar_one()
    feed.append(conn, Topic.STANDING, str(number), row.organization_id, now)
    standing = replace(row.standing, id=number, created_at=now, user_id=row.user_id)
    return replace(row, standing=standing, created_at=now, began_at=began_at)


def change(
    conn: Connection, number: int, now: float, only: ColumnElement[bool] | None = None, **values: Any
) -> bool:
    """Change a rule that was not taken back, only such a one; False where it is none."""
    values |= {"revision": single_values.count(conn, _REVISION)}
    stands = (standing_rules.c.id == number) & standing_rules.c.ended_at.is_(None)
    if only is not None:
        stands &= only
    changed = conn.execute(
        update(standing_rules).where(stands).values(values).returning(standing_rules.c.organization_id)
    ).first()
    if changed is not None:
        feed.append(conn, Topic.STANDING, str(number), changed.organization_id, now)
    return changed is not None


def end(conn: Connection, number: int, by: str, now: float, state: State = State.ENDED) -> bool:
    """Take a rule away, or what was asked for; False where that was done before.

    What was granted meanwhile is not refused any more.
    """
    only = standing_rules.c.state == State.ASKED.value if state is State.REFUSED else None
    return change(conn, number, now, only, ended_at=now, ended_by=by, state=state.value)


def run_out(conn: Connection, row: Kept, by: str, now: float) -> State | None:
    """Write down that the clock has ended something, and return how; None where it was changed meanwhile."""
    state = State.LAPSED if row.state is State.ASKED else State.ENDED
    only = (standing_rules.c.state == row.state.value) & _past(now)
    done = change(conn, row.standing.id, now, only, ended_at=now, ended_by=by, state=state.value)
    return state if done else None


def agree(conn: Connection, row: Kept, by: str, now: float, **values: Any) -> bool:
    """Put in force what was asked for; False where it is not open any more."""
    if not row.waits(now):
        return False
    approvals = json.dumps((*row.standing.approvals, by))
    number = row.standing.id
    asked = standing_rules.c.state == State.ASKED.value
    values |= {"state": State.STANDING.value, "approvals": approvals, "began_at": now}
    return change(conn, number, now, asked, **values, lapses_at=None)


def open_rows(conn: Connection, kind: StandingKind | None = None) -> list[Kept]:
    """What was neither taken back nor refused, whatever the clock says."""
    query = _rows().where(standing_rules.c.ended_at.is_(None))
    if kind is not None:
        query = query.where(standing_rules.c.kind == kind.value)
    return _read(conn, query, None)


def ended(conn: Connection, kind: StandingKind, organization: str, since: float, most: int) -> list[Kept]:
    """What of a company's was taken back, refused or run out since a moment, the newest first."""
    mine = organizations.c.key == organization, standing_rules.c.kind == kind.value
    query = _rows().where(*mine, standing_rules.c.ended_at >= since)
    newest = standing_rules.c.ended_at.desc(), standing_rules.c.id.desc()
    return _read(conn, query.order_by(None).order_by(*newest).limit(most), None)


def over(conn: Connection, now: float) -> list[Kept]:
    """What the clock has ended, and nobody has written down yet."""
    return _read(conn, _rows().where(standing_rules.c.ended_at.is_(None), _past(now)), None)


def _past(now: float) -> ColumnElement[bool]:
    known = standing_rules.c
    return or_(known.valid_to <= now, and_(known.state == State.ASKED.value, known.lapses_at <= now))


def standing(conn: Connection, numbers: Collection[int] | None = None) -> list[Standing]:
    """Those of the rules that were not taken back; None: of all."""
    stands = standing_rules.c.ended_at.is_(None), standing_rules.c.state == State.STANDING.value
    query = _rows().where(*stands)
    return [row.standing for row in _read(conn, query, numbers)]


def rows(conn: Connection, numbers: Collection[int] | None = None) -> list[Kept]:
    """The rules with these numbers, also those that were taken back; None: all that ever were."""
    return _read(conn, _rows(), numbers)


def between(conn: Connection, since: float, until: float) -> list[Kept]:
    """Whatever was not yet over at one moment and was there before another."""
    known = standing_rules.c
    lasted = or_(known.ended_at.is_(None), known.ended_at > since)
    return _read(conn, _rows().where(lasted, known.created_at <= until), None)


def changes(conn: Connection, numbers: Collection[int]) -> list[Change]:
    """How these rules are now."""
    found = {each.id: each for each in standing(conn, numbers)}
    return [(number, found.get(number)) for number in numbers]


def every_change(conn: Connection, policy: Policy) -> list[Change]:
    """What makes the standing rules of a policy those there are."""
    found = {each.id: each for each in standing(conn)}
    kept = {number for side in policy.sides for number in side.beside.kept}
    return [(number, found.get(number)) for number in {*kept, *found}]


def beside(conn: Connection, policy: Policy | None) -> Policy | None:
    """A policy with the rules that stand beside it now; itself where it has them."""
    if policy is None:
        return None
    newest = revision(conn)
    if policy.beside.revision == newest:
        return policy
    return policy.with_standing(every_change(conn, policy), newest)


def _read(conn: Connection, query: Select[Any], numbers: Collection[int] | None) -> list[Kept]:
    if numbers is None:
        return [_row(row) for row in conn.execute(query)]
    return [
        _row(row)
        for some in _some(numbers)
        for row in conn.execute(query.where(standing_rules.c.id.in_(some)))
    ]


def _some(numbers: Iterable[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(numbers)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))


def _rows() -> Select[Any]:
    return (
        select(standing_rules, organizations.c.key)
        .outerjoin(organizations, organizations.c.id == standing_rules.c.organization_id)
        .order_by(standing_rules.c.id)
    )


def _values(row: Kept) -> dict[str, Any]:
    kept = row.standing
    return {
        "kind": kept.kind.value,
        "who": json.dumps(kept.who),
        "objects": json.dumps(kept.objects),
        "valid_from": kept.since,
        "valid_to": kept.until,
        "owner": kept.owner,
        "reason": kept.reason,
        "ticket": kept.ticket,
        "purpose": kept.purpose,
        "endpoint": kept.endpoint,
        "doors": " ".join(kept.doors),
        "opening": kept.opening,
        "organization_id": row.organization_id,
        "user_id": row.user_id,
        "created_by": kept.created_by,
        "approvals": json.dumps(kept.approvals),
        "state": row.state.value,
        "asked_by_id": row.asked_by_id,
        "lapses_at": row.lapses_at,
        "lasts_s": row.lasts_s,
        "extends": row.extends,
    }


def _row(row: Row[Any]) -> Kept:
    kept = Standing(
        id=row.id,
        kind=StandingKind(row.kind),
        who=tuple(json.loads(row.who)),
        objects=tuple(json.loads(row.objects)),
        since=row.valid_from,
        until=row.valid_to,
        created_at=row.created_at,
        owner=row.owner,
        created_by=row.created_by,
        approvals=tuple(json.loads(row.approvals)),
        reason=row.reason,
        ticket=row.ticket,
        purpose=row.purpose,
        endpoint=row.endpoint,
        doors=tuple(row.doors.split()),
        opening=row.opening,
        organization=row.key or "",
        user_id=row.user_id,
    )
    return Kept(
        standing=kept,
        organization_id=row.organization_id,
        user_id=row.user_id,
        created_at=row.created_at,
        began_at=row.began_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        state=State(row.state),
        asked_by_id=row.asked_by_id,
        lapses_at=row.lapses_at,
        lasts_s=row.lasts_s,
        extends=row.extends,
    )
