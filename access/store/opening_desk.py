"""Openings over the database: opened, agreed to, closed, the sealed codes, and whom they let in. ◆"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from sqlalchemy import Connection, insert, select, update

from access.keys.sealing import SealBroken
from access.model import Method
from access.policy.kept_texts import document_of
from access.policy.standing import Kept, StandingKind, State
from access.policy.vocabulary import PolicyErrors
from access.records.audit import AuditEntry
from access.rights.office_opening import CODE, MOST_CODES, SealedCode
from access.store import audit, feed, past, standing
from access.store.access_desk import StoredAccess
from access.store.feed import Topic
from access.store.standing_desk import KIND
from access.store.tables import nas, sealed_codes, sessions, users
from otp.written_code import SALT_OCTETS

PURPOSE = "sealed office codes"


class SpentBefore(Exception):
    """A code was spent in the meantime: nothing of the transaction is kept."""


@dataclass(frozen=True, slots=True)
class LetIn:
    """Somebody whom an opening let in, without proof. ended_at None: they are still there."""

    user_name: str
    station: str
    nas: str
    at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class StoredOpenings(StoredAccess):
    """The port of access.rights.office_opening, beside those of grants and containments."""

    def openings(self, now: float) -> Sequence[Kept]:
        """What is open, and what waits."""
        with self.database.read() as conn:
            found = standing.open_rows(conn, StandingKind.OPENING)
        return [each for each in found if each.stands(now) or each.waits(now)]

    def every_opening(self, organization: str = "") -> list[Kept]:
        """All there ever were, the newest first; of one company or of all."""
        with self.database.read() as conn:
            found = [each for each in standing.rows(conn) if each.standing.kind is StandingKind.OPENING]
        return [each for each in reversed(found) if organization in ("", each.standing.organization)]

    def open_or_ask(self, kept: Kept, spent: Sequence[SealedCode], now: float) -> Kept | None:
        """Write it down, and that the codes are spent."""
        try:
            with self.database.write() as conn:
                for code in spent:
                    unspent = sealed_codes.c.spent_at.is_(None) & (sealed_codes.c.id == code.id)
                    if conn.execute(update(sealed_codes).where(unspent).values(spent_at=now)).rowcount != 1:
                        raise SpentBefore
                    feed.append(conn, Topic.SEALED_CODE, str(code.id), None, now)
                written = standing.add(conn, kept, now)
                asked = kept.state is State.ASKED
                self._record(conn, written, "asked" if asked else "begun", kept.standing.created_by, now)
                if not asked:
                    self._raise(conn, written, now)
        except SpentBefore:
            return None
        return written

    def agree_to_open(self, asked: Kept, by: str, until: float, now: float) -> bool:
        """Open what one administrator has asked for."""
        with self.database.write() as conn:
            if not standing.agree(conn, asked, by, now, valid_to=until):
                return False
            opened = replace(asked, standing=replace(asked.standing, until=until, approvals=(by,)))
            self._record(conn, opened, "begun", by, now)
            self._raise(conn, opened, now)
            return True

    def close_opening(self, kept: Kept, by: str, now: float) -> bool:
        """Close it."""
        with self.database.write() as conn:
            return self._end(conn, kept, State.ENDED, by, now)

    def make_codes(self, opening: str, count: int, by: str, now: float) -> list[tuple[int, str]]:
        """New codes for envelopes, with the number of each; all older unspent ones are good no more."""
        with self.database.write() as conn:
            old = (sealed_codes.c.opening == opening) & sealed_codes.c.spent_at.is_(None)
            spent = update(sealed_codes).where(old).values(spent_at=now).returning(sealed_codes.c.id)
            changed = list(conn.execute(spent).scalars())
            key = self.keyring.subkey(PURPOSE)
            made = [(number, CODE.generate(self.random)) for number in range(1, min(count, MOST_CODES) + 1)]
            rows = [
                {
                    "opening": opening,
                    "number": number,
                    "key_id": self.keyring.current,
                    "fingerprint": CODE.fingerprint(code, key, self.random(SALT_OCTETS)),
                    "created_at": now,
                    "created_by": by,
                }
                for number, code in made
            ]
            added = conn.execute(insert(sealed_codes).returning(sealed_codes.c.id), rows).scalars()
            feed.append_many(conn, Topic.SEALED_CODE, map(str, (*changed, *added)), None, now)
            detail = {"what": "opening.codes-made", "opening": opening, "count": len(made), "by": by}
            entry = AuditEntry(KIND, now, "", None, detail=detail)
            audit.record(conn, self.writer, entry, self.keyring, self.random)
        return made

    def sealed_code(self, typed: str) -> SealedCode | None:
        """The unspent code somebody typed. Each is compared, whichever it is."""
        with self.database.read() as conn:
            rows = conn.execute(select(sealed_codes).where(sealed_codes.c.spent_at.is_(None))).all()
        found = None
        for row in rows:
            try:
                key = self.keyring.subkey(PURPOSE, row.key_id)
            except SealBroken:
                continue
            if CODE.matches(typed, key, row.fingerprint):
                found = SealedCode(row.id, row.opening, row.number)
        return found

    def let_in(self, kept: Kept) -> list[LetIn]:
        """Whom of its company an opening has let in without proof, the first first.

        Beside another one of the company: only at its own site, where a document of its time can be read.
        """
        began = kept.created_at
        over = kept.ended_at if kept.ended_at is not None else kept.standing.until
        query = (
            select(sessions, nas.c.name.label("nas_name"))
            .join(nas, nas.c.id == sessions.c.nas_id)
            .join(users, users.c.id == sessions.c.user_id)
            # Another company may have an opening of its own at the same site.
            .where(users.c.organization_id == kept.organization_id)
            .where(sessions.c.method == Method.OFFICE_OPEN.value)
            .where(sessions.c.admitted_at >= began)
            .order_by(sessions.c.id)
        )
        if over is not None:
            query = query.where(sessions.c.admitted_at <= over)
        with self.database.read() as conn:
            end = inf if over is None else over
            sites = _sites(conn, kept.standing.opening, (began, end)) if _beside(conn, kept, end) else []
            if sites:
                query = query.where(nas.c.site.in_(sites))
            return [
                LetIn(row.user_name, row.calling_station, row.nas_name, row.admitted_at, row.ended_at)
                for row in conn.execute(query)
            ]


def _beside(conn: Connection, kept: Kept, end: float) -> bool:
    """Whether another opening of the company was there between the beginning of this one and its end.

    Without one there is nothing to tell apart, and to read documents takes seconds where they are large.
    """
    others = (
        each.standing
        for each in standing.between(conn, kept.created_at, end)
        if each.organization_id == kept.organization_id and each.standing.opening != kept.standing.opening
    )
    return any(each.opening and (each.until is None or each.until >= kept.created_at) for each in others)


def _sites(conn: Connection, opening: str, moments: Iterable[float]) -> list[str]:
    """Where an opening was by what was in force at some moments, whatever has been published since."""
    found: dict[str, None] = {}
    for version in filter(None, (past.policy_at(conn, each) for each in moments)):
        try:
            prepared = document_of(version.document).openings.get(opening)
        except PolicyErrors:
            prepared = None
        if prepared is not None:
            found[prepared.site] = None
    return [*found]
