"""What one administrator asks for and another one does, once by a conditional statement. ◆"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from access.proof.identity_event import IdentityEvent
from access.proof.two_administrators import ASKED_S, Act, AskedAct
from access.store import codes, feed
from access.store.feed import Topic
from access.store.tables import desk_acts
from access.store.vouches import StoredVouching


@dataclass(frozen=True)
class StoredDeskActs(StoredVouching):
    """The port of access.proof.two_administrators, beside all else that the pages ask."""

    def add_act(self, asked: AskedAct, event: IdentityEvent) -> AskedAct:
        """Keep what was asked for, in the place of the same asked before."""
        same = and_(desk_acts.c.user_id == asked.user_id, desk_acts.c.act == asked.act.value)
        older = update(desk_acts).where(same, desk_acts.c.done_at.is_(None)).values(done_at=event.at)
        with self.database.write() as conn:
            organization_id = codes.lock_user(conn, asked.user_id)
            row = {
                "user_id": asked.user_id,
                "organization_id": organization_id,
                "act": asked.act.value,
                "token_id": asked.token_id,
                "asked_by_id": asked.asked_by_id,
                "asked_by": asked.asked_by,
                "at": asked.at,
            }
            changed = list(conn.execute(older.returning(desk_acts.c.id)).scalars())
            act_id = conn.execute(insert(desk_acts).values(row).returning(desk_acts.c.id)).scalar_one()
            feed.append_many(conn, Topic.DESK_ACT, map(str, (*changed, act_id)), organization_id, event.at)
            self._record(conn, event)
            found = _by_id(conn, act_id, event.at)
        assert found is not None, "it was written just now"
        return found

    def open_act(self, act_id: int, now: float) -> AskedAct | None:
        """Return what was asked for and may still be done."""
        with self.database.read() as conn:
            return _by_id(conn, act_id, now)

    def open_acts_of(self, user_id: int, now: float) -> Sequence[AskedAct]:
        """Return what was asked for a user and may still be done."""
        with self.database.read() as conn:
            mine = select(desk_acts).where(desk_acts.c.user_id == user_id, _open(now))
            return [_act(row) for row in conn.execute(mine.order_by(desk_acts.c.id))]

    def close_act(self, act_id: int, by: str, now: float) -> bool:
        """Write down who does it; return False where somebody has, or where it is over."""
        mine = update(desk_acts).where(desk_acts.c.id == act_id, _open(now))
        with self.database.write() as conn:
            closed = conn.execute(
                mine.values(done_at=now, done_by=by).returning(desk_acts.c.organization_id)
            ).first()
            if closed is not None:
                feed.append(conn, Topic.DESK_ACT, str(act_id), closed.organization_id, now)
            return closed is not None


def _open(now: float) -> ColumnElement[bool]:
    return and_(desk_acts.c.done_at.is_(None), desk_acts.c.at > now - ASKED_S)


def _by_id(conn: Connection, act_id: int, now: float) -> AskedAct | None:
    row = conn.execute(select(desk_acts).where(desk_acts.c.id == act_id, _open(now))).first()
    return None if row is None else _act(row)


def _act(row: Row[Any]) -> AskedAct:
    return AskedAct(row.user_id, Act(row.act), row.asked_by_id, row.asked_by, row.at, row.token_id, row.id)
