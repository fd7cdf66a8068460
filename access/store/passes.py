"""Passes that the helpdesk asks for; a conditional statement decides that each is handed over once. ◆"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from access.model import User
from access.proof.helping import PASS_S, Pass, Scope
from access.proof.identity_event import IdentityEvent
from access.store import codes, feed, people
from access.store.feed import Topic
from access.store.identity import factors_of
from access.store.passkey_desk import StoredPasskeyDesk
from access.store.tables import passes
from otp import bypass
from otp.issued import IssuedCode
from otp.registration import Invitation


@dataclass(frozen=True)
class StoredHelp(StoredPasskeyDesk):
    """The port of access.proof.helping, beside all that signing in and enrolling needs.

    proofs: what each company demands before somebody is helped, under its key.
    """

    proofs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def demanded_proofs(self, user: User) -> Sequence[str]:
        """Return the steps by which the user's company wants somebody who calls to be recognised."""
        return self.proofs.get(user.organization, ())

    def colleague(self, user: User, name: str) -> User | None:
        """Return somebody of the user's company by name, who has a phone."""
        alone = name.partition("@")[0].lower()
        with self.database.read() as conn:
            found = people.user_by_name(conn, codes.organization_id_of(conn, user.id), alone)
            if found is None or not found.enabled or not factors_of(conn, found.id).has_phone():
                return None
            return found

    def add_pass(self, asked: Pass, event: IdentityEvent) -> Pass:
        """Keep a pass; those asked for before and not handed over are worth nothing from now on."""
        with self.database.write() as conn:
            organization_id = codes.lock_user(conn, asked.user_id)
            older = update(passes).where(passes.c.user_id == asked.user_id, passes.c.done_at.is_(None))
            spent = older.values(done_at=event.at).returning(passes.c.id)
            changed = list(conn.execute(spent).scalars())
            row = {
                "user_id": asked.user_id,
                "organization_id": organization_id,
                "scope": asked.scope.value,
                "hours": asked.limits.hours,
                "uses": asked.limits.uses,
                "via": " ".join(sorted(asked.limits.doors)),
                "colleague_id": asked.colleague_id,
                "asked_by_id": asked.asked_by_id,
                "asked_by": asked.asked_by,
                "needs_second": asked.needs_second,
                "at": asked.at,
            }
            pass_id = conn.execute(insert(passes).values(row).returning(passes.c.id)).scalar_one()
            feed.append_many(conn, Topic.PASS, map(str, (*changed, pass_id)), organization_id, event.at)
            self._record(conn, event)
            found = _by_id(conn, pass_id, event.at)
        assert found is not None, "it was written just now"
        return found

    def open_pass(self, pass_id: int, now: float) -> Pass | None:
        """Return a pass that may still be handed over."""
        with self.database.read() as conn:
            return _by_id(conn, pass_id, now)

    def open_passes_of(self, user_id: int, now: float) -> Sequence[Pass]:
        """Return what was asked for a user and may still be handed over."""
        with self.database.read() as conn:
            rows = conn.execute(select(passes).where(passes.c.user_id == user_id, _open(now)))
            return [_pass(row) for row in rows]

    def passes_to_hand_over(self, colleague_id: int, now: float) -> Sequence[tuple[Pass, User]]:
        """Return the passes that a colleague can hand over, with whom they are for."""
        agreed = or_(passes.c.needs_second.is_(False), passes.c.second_id.is_not(None))
        mine = and_(passes.c.colleague_id == colleague_id, agreed, _open(now))
        with self.database.read() as conn:
            known = [_pass(row) for row in conn.execute(select(passes).where(mine).order_by(passes.c.id))]
            with_users = ((each, people.user_by_id(conn, each.user_id)) for each in known)
            return [(each, user) for each, user in with_users if user is not None]

    def agree_to_pass(self, agreed: Pass, event: IdentityEvent) -> bool:
        """Write down who agrees; return False where somebody has, or where it is over."""
        statement = (
            update(passes)
            .where(passes.c.id == agreed.id, passes.c.second_id.is_(None), _open(event.at))
            .values(second_id=agreed.second_id, second_by=agreed.second_by)
        )
        with self.all_or_nothing() as attempt:
            attempt.needs(attempt.conn.execute(statement).rowcount == 1)
            feed.append(attempt.conn, Topic.PASS, str(agreed.id), None, event.at)
            self._record(attempt.conn, event)
        return attempt.won

    def issue_pass(self, given: Pass, made: IssuedCode | Invitation, event: IdentityEvent) -> bool:
        """Make this the user's code; return False, nothing written, where the pass is spent or over."""
        spent = update(passes).where(passes.c.id == given.id, _open(event.at)).values(done_at=event.at)
        with self.all_or_nothing() as attempt:
            conn = attempt.conn
            attempt.needs(conn.execute(spent).rowcount == 1)
            feed.append(conn, Topic.PASS, str(given.id), None, event.at)
            maker = (self.keyring.current, given.helpers)
            if isinstance(made, IssuedCode):
                codes.replace_bypass(conn, given.user_id, made, maker, event.at)
            else:
                codes.replace_invitation(conn, given.user_id, made, maker, event.at)
            self._record(conn, event)
        return attempt.won


def _open(now: float) -> ColumnElement[bool]:
    return and_(passes.c.done_at.is_(None), passes.c.at > now - PASS_S)


def _by_id(conn: Connection, pass_id: int, now: float) -> Pass | None:
    row = conn.execute(select(passes).where(passes.c.id == pass_id, _open(now))).first()
    return None if row is None else _pass(row)


def _pass(row: Row[Any]) -> Pass:
    return Pass(
        user_id=row.user_id,
        scope=Scope(row.scope),
        limits=bypass.Limits(row.hours, row.uses, frozenset(row.via.split())),
        asked_by_id=row.asked_by_id,
        asked_by=row.asked_by,
        at=row.at,
        needs_second=row.needs_second,
        colleague_id=row.colleague_id,
        second_id=row.second_id,
        second_by=row.second_by,
        id=row.id,
    )
