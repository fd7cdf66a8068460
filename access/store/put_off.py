"""Whom a change of a local group takes a group from that carries rights, and whether one person may. ◆

An earlier end takes as well: otherwise everybody could be let go by tomorrow.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from access.changes.outlook import Budget, beyond
from access.errors import Refused
from access.people.local_group import LocalGroup
from access.policy.carrying import groups_of
from access.policy.kept_texts import document_of
from access.policy.subjects import fold
from access.store import local_memberships, policies, subjects
from access.store.tables import ending_memberships, groups, organizations, users
from access.store.taken_lately import Act, add, taken_lately

IN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Taker:
    """Who changes a group. user_id None: whoever gave no name. sure: more than the budget is meant."""

    user_id: int | None
    budget: Budget
    sure: bool = False


class TakesTooMuch(Refused):
    """More than one person may take from a company's people within a day."""

    def __init__(self, affected: int, people: int, organization: str) -> None:
        super().__init__(
            f"Within a day this takes something from {affected} of {people} in {organization}: more than one "
            "person may take. Let another administrator do the rest.",
            f"하루 동안 {organization} {people}명 중 {affected}명의 권한이 없어집니다. 한 사람이 할 수 있는 "
            "범위를 넘으므로 나머지는 다른 관리자가 해야 합니다.",
        )


@contextmanager
def within_budget(conn: Connection, group: LocalGroup, taker: Taker, now: float) -> Iterator[None]:
    """Hold what is done to a group meanwhile to the budget, and write down from whom it takes something.

    Raises TakesTooMuch, which is to undo the transaction.
    """
    concerned = local_memberships.people_in(conn, group.id)
    before = _placed(conn, concerned, now)
    yield
    after = _placed(conn, concerned, now)
    taken = frozenset(
        name for (name, place), until in before.items() if after.get((name, place), now) < until
    )
    if not taken:
        return
    company = group.name.partition("/")[0]
    lately, there = taken_lately(conn, taker.user_id, now), subjects.how_many(conn, now)
    for excess in beyond({company: taken}, there, taker.budget, lately) if not taker.sure else ():
        raise TakesTooMuch(excess.affected, excess.people, company)
    add(conn, taker.user_id, Act.GROUP, {company: taken}, now)


def _placed(conn: Connection, user_ids: Collection[int], now: float) -> dict[tuple[str, str], float]:
    """Who of these is in which local group that carries rights, by name, and until when."""
    query = (
        select(users.c.name, organizations.c.key, groups.c.name.label("in_group"))
        .add_columns(ending_memberships.c.until)
        .join_from(ending_memberships, users, users.c.id == ending_memberships.c.user_id)
        .join(groups, groups.c.id == ending_memberships.c.group_id)
        .join(organizations, organizations.c.id == users.c.organization_id)
        .where(ending_memberships.c.until > now, users.c.enabled, users.c.vanished_at.is_(None))
    )
    ids = sorted(user_ids)
    rows = [
        row
        for at in range(0, len(ids), IN_AT_MOST)
        for row in conn.execute(query.where(ending_memberships.c.user_id.in_(ids[at : at + IN_AT_MOST])))
    ]
    carrying = {key: _carrying(conn, key) for key in {row.key for row in rows}}
    return {
        (f"{row.name}@{row.key}", row.in_group): row.until
        for row in rows
        if fold(row.in_group) in carrying[row.key]
    }


def _carrying(conn: Connection, organization: str) -> frozenset[str]:
    version = policies.current(conn)
    return groups_of(organization, document_of(version.document) if version is not None else None, ())
