"""Reviews over the database: a campaign, every answer and the close, each with its audit in one write. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from access.changes.reviewing import Answer, Review, Told
from access.keys.sealing import Keyring
from access.model import User
from access.people.naming import resolve_login
from access.post.letters import Notice
from access.records.alarms import Alarm, AlarmKind
from access.records.audit import AuditEntry
from access.store import audit, notices, organizations, people, single_values
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.tables import reviews, users

KIND = "review"
_CAMPAIGN = "reviews"


@dataclass(frozen=True, slots=True)
class StoredReviews:
    """The port of access.changes.reviewing. writer names this process in the audit."""

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str

    def open_reviews(self) -> Sequence[Review]:
        """The permits of every campaign that is not closed."""
        with self.database.read() as conn:
            return _open(conn)

    def user_named(self, name: str) -> User | None:
        """Somebody enabled by name@organization."""
        with self.database.read() as conn:
            meant = resolve_login(organizations.all_organizations(conn), name)
            found = people.user_by_name(conn, meant.organization.id, meant.name) if meant else None
        return found if found is not None and found.enabled else None

    def start(self, wanted: Sequence[Review], told: Sequence[Notice], now: float) -> Sequence[Review]:
        """Write down a campaign of what no open one asks about."""
        with self.database.write() as conn:
            # First of all: another campaign that begins at once waits here.
            campaign = single_values.count(conn, _CAMPAIGN)
            busy = {each.rule for each in _open(conn)}
            begun = [replace(each, campaign=campaign) for each in wanted if each.rule not in busy]
            if not begun:
                return ()
            conn.execute(insert(reviews), [_values(each) for each in begun])
            self._tell(conn, told)
            first = begun[0]
            rules = [each.rule for each in begun]
            detail = {"what": "review.started", "by": first.started_by, "rules": rules, "until": first.until}
            self._record(conn, first, detail, now)
            return [each for each in _open(conn) if each.campaign == campaign]

    def sign(self, signed: Review, now: float) -> bool:
        """Write down an answer."""
        with self.database.write() as conn:
            is_open = (reviews.c.id == signed.id) & reviews.c.closed_at.is_(None)
            kept = ("answer", "answered_meaning", "answered_by", "answered_at", "role", "note")
            values = {name: each for name, each in _values(signed).items() if name in kept}
            if conn.execute(update(reviews).where(is_open).values(values)).rowcount != 1:
                return False
            detail = {"what": "review.signed", "by": signed.answered_by, "as": signed.role}
            detail |= {"rule": signed.rule, "answer": values["answer"], "note": signed.note}
            self._record(conn, signed, detail | {"meaning": signed.answered_meaning}, now)
            return True

    def close(self, campaign: int, by: str, unsigned: Sequence[str], now: float) -> bool:
        """End a campaign, and its alarm."""
        with self.database.write() as conn:
            known = next((each for each in _open(conn) if each.campaign == campaign), None)
            theirs = (reviews.c.campaign == campaign) & reviews.c.closed_at.is_(None)
            ended = conn.execute(update(reviews).where(theirs).values(closed_at=now)).rowcount
            if known is None or not ended:
                return False
            detail = {"what": "review.closed", "by": by, "unsigned": list(unsigned)}
            self._record(conn, known, detail, now)
            self._alarms(conn).clear_alarm(AlarmKind.REVIEW_OVERDUE, _subject(campaign), now, by)
            return True

    def tell(self, told: Sequence[Review], letters: Sequence[Notice]) -> None:
        """Write down what owners are told of, with the letters."""
        with self.database.write() as conn:
            for each in told:
                conn.execute(update(reviews).where(reviews.c.id == each.id).values(told=each.told.value))
            self._tell(conn, letters)

    def alarm(self, campaign: int, note: str, now: float) -> None:
        """Raise the alarm of a campaign, or clear it."""
        with self.database.write() as conn:
            if note:
                alarm = Alarm(AlarmKind.REVIEW_OVERDUE, _subject(campaign), note)
                self._alarms(conn).raise_alarm(alarm, now)
            else:
                self._alarms(conn).clear_alarm(AlarmKind.REVIEW_OVERDUE, _subject(campaign), now)

    def _alarms(self, conn: Connection) -> StoredAlarms:
        return StoredAlarms(conn, self.keyring, self.random, self.writer)

    def _tell(self, conn: Connection, letters: Sequence[Notice]) -> None:
        for notice in letters:
            theirs = select(users.c.organization_id).where(users.c.id == notice.user_id)
            company = conn.execute(theirs).scalar_one()
            notices.put(conn, replace(notice, organization_id=company))

    def _record(self, conn: Connection, review: Review, detail: dict[str, Any], now: float) -> None:
        entry = AuditEntry(KIND, now, detail={"campaign": review.campaign} | detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _open(conn: Connection) -> list[Review]:
    query = select(reviews).where(reviews.c.closed_at.is_(None)).order_by(reviews.c.campaign, reviews.c.rule)
    return [_review(row) for row in conn.execute(query)]


def _subject(campaign: int) -> str:
    return f"review {campaign}"


def _values(review: Review) -> dict[str, Any]:
    return {
        "campaign": review.campaign,
        "rule": review.rule,
        "meaning": review.meaning,
        "owner": review.owner,
        "until": review.until,
        "started_at": review.started_at,
        "started_by": review.started_by,
        "told": review.told.value,
        "answer": review.answer.value if review.answer is not None else None,
        "answered_meaning": review.answered_meaning,
        "answered_by": review.answered_by,
        "answered_at": review.answered_at,
        "role": review.role,
        "note": review.note,
    }


def _review(row: Row[Any]) -> Review:
    values = {name: each for name, each in row._mapping.items() if name != "closed_at"}
    values["told"] = Told(row.told)
    values["answer"] = Answer(row.answer) if row.answer is not None else None
    return Review(**values)
