"""Desktops over the database, as the portal and the worker ask for them. ◆"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from access.keys.sealing import Keyring
from access.logins.network_session import Wish
from access.logins.presence import others
from access.logins.risk import risk_kept
from access.model import Absent, Facts, User
from access.nas.endpoint_standing import endpoint_facts
from access.policy.compiled import Policy
from access.policy.subjects import subject_of
from access.proof.code_facts import NO_CODE, code_facts, code_word
from access.records.audit import AuditEntry
from access.rights import desktops
from access.shown import DesktopLine, Took
from access.store import assignments, audit, people, presences
from access.store.assignments import AssignmentRow
from access.store.database import Database
from access.store.presences import present_of
from access.store.session_facts import evidence_of, facts_of, with_evidence
from access.store.tables import nas, sessions, users, web_sessions
from access.words.reasons import MEANINGS
from vpn.vdi.static import Assignment


@dataclass(frozen=True)
class StoredDesktops:
    """The desktops of people. policy() gives the policy in force; writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    clock: Callable[[], float]
    writer: str
    policy: Callable[[], Policy | None]

    def held(self, user: User) -> Sequence[DesktopLine]:
        """The pools somebody may use at the moment, with the desktop they have of each."""
        now, policy = self.clock(), self.policy()
        if policy is None:
            return ()
        with self.database.read() as conn:
            desks = StoredDesks(conn, policy)
            known = {name: pool for side in policy.sides for name, pool in side.document.vdi.items()}
            mine = {each.pool: each for each in desktops.held_by(desks.assignments(), user.id, now)}
            decided = {name: desktops.entitlement(desks, user, name, now) for name in sorted(known)}
        lines = []
        for name, decision in decided.items():
            if name not in mine and not decision.permitted:
                continue
            pool = known[name]
            assignment = mine.get(pool.name)
            desktop = assignment.desktop if assignment else ""
            address = str(pool.desktops.get(desktop, ""))
            until = assignment.until if assignment else None
            lines.append(
                DesktopLine(pool.name, desktop, address, pool.port.first, until, decision.gives.desktop)
            )
        return lines

    def take(self, user: User, pool: str) -> Took:
        """Assign a desktop; without one, why says why there is no right, and is empty if none is free."""
        now = self.clock()
        with self._assigning() as desks:
            taken = desktops.take(desks, user, pool, now)
            if taken.assignment is not None:
                duties = taken.decision.gives.desktop
                self._tell(desks.conn, taken.assignment, now, what="desktop.taken", duties=list(duties))
        if taken.assignment is not None:
            return Took(taken.assignment.desktop)
        if taken.decision.permitted:
            return Took("")
        meaning = MEANINGS[taken.decision.reason]
        return Took("", f"{meaning.title.to(user.language)}. {meaning.owner.to(user.language)}")

    def give_back(self, user: User, pool: str) -> bool:
        """End an assignment; whether there was one."""
        now = self.clock()
        with self._assigning() as desks:
            mine = desktops.held_by(desks.assignments(), user.id, now)
            for assignment in [each for each in mine if each.pool == pool]:
                self._tell(desks.conn, assignment, now, what="desktop.given-back")
            return desktops.give_back(desks, user.id, pool, now)

    def release_lost(self) -> int:
        """End the assignments whose right is gone altogether, and return how many."""
        now = self.clock()
        with self.database.read() as conn:
            if not any(row.lease_until > now for row in assignments.every(conn)):
                return 0
        with self._assigning() as desks:
            lost = desktops.release_lost(desks, now)
            for assignment in lost:
                said = {"what": "desktop.right-lost", "policy": _speaking(desks, assignment)}
                self._tell(desks.conn, assignment, now, "RIGHT_LOST", **said)
        return len(lost)

    @contextmanager
    def _assigning(self) -> Iterator["StoredDesks"]:
        policy = self.policy()
        with self.database.write() as conn:
            assignments.take_turns(conn)
            yield StoredDesks(conn, policy)

    def _tell(self, conn: Connection, of: Assignment, now: float, reason: str = "", **said: object) -> None:
        user_id = int(of.user)
        company = conn.execute(select(users.c.organization_id).where(users.c.id == user_id)).scalar()
        told = {key: value for key, value in said.items() if value}
        detail = {**told, "pool": of.pool, "desktop": of.desktop}
        entry = AuditEntry("desktop", now, reason, company, user_id, detail=detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _speaking(desks: "StoredDesks", of: Assignment) -> str:
    """The revision of the policy that speaks for the holder of a desktop."""
    policy, user = desks.policy(), desks.person(int(of.user))
    if policy is None or user is None:
        return ""
    return policy.speaking(subject_of(user), desktops.at_the_portal(NO_CODE)).revision


@dataclass(frozen=True)
class StoredDesks:
    """The port of access.rights.desktops, in one transaction."""

    conn: Connection
    known: Policy | None

    def policy(self) -> Policy | None:
        """The policy in force."""
        return self.known

    def person(self, user_id: int) -> User | None:
        """Somebody, as known now."""
        return people.user_by_id(self.conn, user_id)

    def standpoints(self, user_id: int) -> Sequence[Facts]:
        """The facts of live sessions and of the portal."""
        # Who is only asked to log in anew is still there.
        stays = or_(sessions.c.disconnect == "", sessions.c.wish == Wish.REAUTHENTICATE.value)
        live = (
            select(sessions, nas.c.site, nas.c.nas_group)
            .join(nas, nas.c.id == sessions.c.nas_id)
            .where(sessions.c.user_id == user_id, sessions.c.state == "live", stays)
        )
        places = [self._place(user_id, row) for row in self.conn.execute(with_evidence(live))]
        newest = (
            select(
                web_sessions.c.code_at,
                web_sessions.c.code_kind,
                web_sessions.c.code_origin,
                web_sessions.c.address,
                web_sessions.c.risk,
            )
            .where(web_sessions.c.user_id == user_id, web_sessions.c.code_at.is_not(None))
            .order_by(web_sessions.c.code_at.desc())
        )
        proven = self.conn.execute(newest).all()
        # Whoever is signed in twice stands where each of the codes lets them stand.
        codes = {
            (code_word(row.code_kind, row.code_origin), row.address, row.risk): row.code_at
            for row in reversed(proven)
        }
        at_pages = [
            desktops.at_the_portal(code_facts(at, word), address, risk_kept(risk) or Absent.UNKNOWN)
            for (word, address, risk), at in codes.items()
        ]
        elsewhere = others(presences.of_user(self.conn, user_id), "")
        pages = at_pages or [desktops.at_the_portal(NO_CODE)]
        return [*places, *(replace(each, sessions=elsewhere) for each in pages)]

    def _place(self, user_id: int, row: Row[Any]) -> Facts:
        person = self.person(user_id)
        organization = person.organization if person else ""
        endpoint = endpoint_facts(evidence_of(row), organization, user_id)
        own = present_of(row)
        mine = (each for each in presences.of_user(self.conn, user_id) if not each.leaving)
        return replace(facts_of(row), endpoint=endpoint, sessions=others(mine, own.station, own.class_))

    def assignments(self) -> Sequence[Assignment]:
        """Every assignment."""
        return [
            Assignment(row.pool, row.desktop, str(row.user_id), row.lease_until)
            for row in assignments.every(self.conn)
        ]

    def keep(self, assignment: Assignment, now: float) -> None:
        """Write an assignment."""
        row = AssignmentRow(assignment.pool, assignment.desktop, int(assignment.user), assignment.until)
        assignments.put(self.conn, row, now)
