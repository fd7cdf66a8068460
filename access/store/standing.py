"""What stands beside the policy document: grants, containments, openings, and the policy with them. ◆"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from access.policy.beside import Change
from access.policy.compiled import Policy
from access.policy.standing import Standing, StandingKind
from access.store import feed, single_values
from access.store.feed import Topic
from access.store.tables import organizations, standing_rules

_REVISION = "standing.revision"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing rule as it is kept. user_id: whom it is about, where that is a person of ours."""

    standing: Standing
    organization_id: int | None = None
    user_id: int | None = None
    created_at: float = 0.0
    ended_at: float | None = None
    ended_by: str = ""

    def stands(self, now: float) -> bool:
        """Whether it has neither been taken back nor come to its end."""
        until = self.standing.until
        return self.ended_at is None and (until is None or until > now)


def revision(conn: Connection) -> int:
    """How many changes of standing rules there were."""
    return int(single_values.get(conn, _REVISION) or 0)


def add(conn: Connection, row: StandingRow, now: float) -> StandingRow:
    """Put a rule beside the document, and return it with its number."""
    values = _values(row) | {"created_at": now, "revision": single_values.count(conn, _REVISION)}
    number = conn.execute(insert(standing_rules).values(values).returning(standing_rules.c.id)).scalar_one()
    feed.append(conn, Topic.STANDING, str(number), row.organization_id, now)
    standing = replace(row.standing, id=number, created_at=now)
    return replace(row, standing=standing, created_at=now)


def change(conn: Connection, number: int, now: float, **values: Any) -> bool:
    """Change a rule that stands; False where it was taken back before."""
    values |= {"revision": single_values.count(conn, _REVISION)}
    stands = (standing_rules.c.id == number) & standing_rules.c.ended_at.is_(None)
    changed = conn.execute(
        update(standing_rules).where(stands).values(values).returning(standing_rules.c.organization_id)
    ).first()
    if changed is not None:
        feed.append(conn, Topic.STANDING, str(number), changed.organization_id, now)
    return changed is not None


def end(conn: Connection, number: int, by: str, now: float) -> bool:
    """Take a rule away; False where that was done before."""
    return change(conn, number, now, ended_at=now, ended_by=by)


def standing(conn: Connection, numbers: Collection[int] | None = None) -> list[Standing]:
    """Those of the rules that were not taken back; None: of all."""
    query = _rows().where(standing_rules.c.ended_at.is_(None))
    return [row.standing for row in _read(conn, query, numbers)]


def rows(conn: Connection, numbers: Collection[int] | None = None) -> list[StandingRow]:
    """The rules with these numbers, also those that were taken back; None: all that ever were."""
    return _read(conn, _rows(), numbers)


def changes(conn: Connection, numbers: Collection[int]) -> list[Change]:
    """How these rules are now."""
    found = {each.id: each for each in standing(conn, numbers)}
    return [(number, found.get(number)) for number in numbers]


def every_change(conn: Connection, policy: Policy) -> list[Change]:
    """What makes the standing rules of a policy those there are."""
    found = {each.id: each for each in standing(conn)}
    return [(number, found.get(number)) for number in {*policy.beside.rules, *found}]


def beside(conn: Connection, policy: Policy | None) -> Policy | None:
    """A policy with the rules that stand beside it now; itself where it has them."""
    if policy is None:
        return None
    newest = revision(conn)
    if policy.beside.revision == newest:
        return policy
    return policy.with_standing(every_change(conn, policy), newest)


def _read(conn: Connection, query: Select[Any], numbers: Collection[int] | None) -> list[StandingRow]:
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


def _values(row: StandingRow) -> dict[str, Any]:
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
        "opening": kept.opening,
        "organization_id": row.organization_id,
        "user_id": row.user_id,
        "created_by": kept.created_by,
        "approvals": json.dumps(kept.approvals),
    }


def _row(row: Row[Any]) -> StandingRow:
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
        opening=row.opening,
        organization=row.key or "",
    )
    return StandingRow(kept, row.organization_id, row.user_id, row.created_at, row.ended_at, row.ended_by)
