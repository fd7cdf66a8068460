"""Reviews over the database: a campaign, every answer and the close, each with its audit in one write. ◆"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from access.changes.review_closing import Closing
from access.changes.review_days import Asked
from access.changes.reviewing import Answer, Fate, Review, Told
from access.keys.sealing import Keyring
from access.model import User
from access.people.naming import resolve_login
from access.policy.standing import Kept
from access.post.letters import Notice
from access.records.alarms import Alarm, AlarmKind
from access.records.audit import AuditEntry
from access.store import (
    audit,
    feed,
    notices,
    organizations,
    people,
    single_values,
    standing,
    taken_lately,
)
from access.store.alarms import StoredAlarms
from access.store.database import Database
from access.store.feed import Topic
from access.store.named_owners import OwnersKnown
from access.store.policy_shelf import administrators
from access.store.tables import reviews, users

KIND = "review"
_CAMPAIGN = "reviews"


@dataclass(frozen=True, slots=True)
class StoredReviews(OwnersKnown):
    """The port of access.changes.reviewing, review_closing and review_days.

    writer names this process in the audit. admin_groups: whose people keep every rule of their company, as
    "organization/group"; head_office: the key of an organization, "" for the first.
    """

    database: Database
    keyring: Keyring
    random: Callable[[int], bytes]
    writer: str
    admin_groups: frozenset[str] = frozenset()
    head_office: str = ""

    def open_reviews(self) -> Sequence[Review]:
        """The permits of every campaign that is not closed, and what closed ones have stopped."""
        with self.database.read() as conn:
            return _open(conn)

    def answering_for(self, name: str) -> Sequence[User]:
        """The administrators of the company of name@organization; of the head office where it has none."""
        with self.database.read() as conn:
            known = organizations.all_organizations(conn)
            meant = resolve_login(known, name)
            head_office = self.head_office or min(known, key=lambda each: each.id).key
            found = administrators(conn, self.admin_groups)
            theirs = found.get(meant.organization.key if meant else "") or found.get(head_office, {})
            return list(people.users_by_id(conn, sorted(theirs)).values())

    def asked(self) -> Mapping[str, Sequence[Asked]]:
        """When permits were asked about, by rule, in open campaigns and closed ones."""
        found: dict[str, list[Asked]] = {}
        with self.database.read() as conn:
            for row in conn.execute(select(reviews.c.rule, reviews.c.day, reviews.c.started_at)):
                day = date.fromisoformat(row.day) if row.day else None
                found.setdefault(row.rule, []).append(Asked(day, row.started_at))
        return found

    def start(self, wanted: Sequence[Review], told: Sequence[Notice], now: float) -> Sequence[Review]:
        """Write down a campaign of what no open one asks about, and none has stopped."""
        return self._start(wanted, told, now, once=False)

    def start_once(self, wanted: Sequence[Review], told: Sequence[Notice], now: float) -> Sequence[Review]:
        """The same of what was never asked about for its day, however many processes begin it at once."""
        return self._start(wanted, told, now, once=True)

    def _start(
        self, wanted: Sequence[Review], told: Sequence[Notice], now: float, once: bool
    ) -> Sequence[Review]:
        with self.database.write() as conn:
            # First of all: another campaign that begins at once waits here.
            campaign = single_values.count(conn, _CAMPAIGN)
            busy = {each.rule for each in _open(conn)}
            days = _days(conn) if once else frozenset()
            wanted = [each for each in wanted if (each.rule, each.day) not in days]
            begun = [replace(each, campaign=campaign) for each in wanted if each.rule not in busy]
            if not begun:
                return ()
            conn.execute(insert(reviews), [_values(each) for each in begun])
            self._tell(conn, told)
            first = begun[0]
            rules = [each.rule for each in begun]
            detail = {"what": "review.started", "by": first.started_by, "rules": rules, "until": first.until}
            self._record(conn, first.campaign, detail | {"unsigned": first.fate.value}, now)
            kept = [each for each in _open(conn) if each.campaign == campaign]
            _changed(conn, kept, now)
            return kept

    def sign(self, signed: Review, told: Sequence[Notice], now: float) -> bool:
        """Write down an answer, and let speak again what it stops no more."""
        with self.database.write() as conn:
            before = next((each for each in _open(conn) if each.id == signed.id), None)
            if before is None or before.closed_at != signed.closed_at:
                return False
            if (before.stopped is None) is not (before.closed_at is None):
                return False
            kept = ("answer", "answered_meaning", "answered_by", "answered_at", "role", "note")
            values = {name: each for name, each in _values(signed).items() if name in kept}
            conn.execute(update(reviews).where(reviews.c.id == signed.id).values(values))
            _changed(conn, [signed], now)
            detail = {"what": "review.signed", "by": signed.answered_by, "as": signed.role}
            detail |= {"rule": signed.rule, "answer": values["answer"], "note": signed.note}
            self._record(conn, signed.campaign, detail | {"meaning": signed.answered_meaning}, now)
            if before.stopped is not None and signed.stopped is None:
                self._resume(conn, before, signed.answered_by, told, now)
            return True

    def announce(self, campaign: int, fate: Fate, told: Sequence[Notice], by: str, now: float) -> bool:
        """Write down what will come of what nobody signs."""
        with self.database.write() as conn:
            rows = [each for each in _open(conn) if each.campaign == campaign and each.closed_at is None]
            if not rows:
                return False
            of_it = reviews.c.id.in_([each.id for each in rows])
            conn.execute(update(reviews).where(of_it).values(unsigned=fate.value))
            _changed(conn, rows, now)
            self._tell(conn, told)
            detail = {"what": "review.announced", "by": by, "unsigned": fate.value}
            self._record(conn, campaign, detail, now)
            return True

    def close(self, closing: Closing, told: Sequence[Notice], now: float) -> bool:
        """End a campaign with its alarm, and put in force what it stops."""
        campaign, by = closing.campaign, closing.by
        with self.database.write() as conn:
            rows = [each for each in _open(conn) if each.campaign == campaign and each.closed_at is None]
            if not rows or not closing.saw(rows):
                return False
            stops = {each.review.id: each for each in closing.stops}
            for row in rows:
                stop = stops.get(row.id)
                kept = standing.add(conn, Kept(stop.standing), now) if stop is not None else None
                number = kept.standing.id if kept is not None else None
                fate = stop.fate if stop is not None else Fate.KEEP
                done = update(reviews).where(reviews.c.id == row.id)
                conn.execute(done.values(closed_at=now, unsigned=fate.value, stopped_by=number))
            _changed(conn, rows, now)
            self._tell(conn, told)
            taken_lately.add(conn, closing.by_id, taken_lately.Act.CLOSED, closing.taken, now)
            detail = {"what": "review.closed", "by": by, "unsigned": list(closing.unsigned)}
            stopped = {each.review.rule: each.fate.value for each in closing.stops}
            self._record(conn, campaign, detail | {"stopped": stopped}, now)
            self._alarms(conn).clear_alarm(AlarmKind.REVIEW_OVERDUE, _subject(campaign), now, by)
            return True

    def resume(self, review: Review, by: str, told: Sequence[Notice], now: float) -> bool:
        """Let speak again what a review has stopped."""
        with self.database.write() as conn:
            before = next((each for each in _open(conn) if each.id == review.id), None)
            if before is None or before.stopped is None:
                return False
            self._resume(conn, before, by, told, now)
            return True

    def _resume(self, conn: Connection, before: Review, by: str, told: Sequence[Notice], now: float) -> None:
        assert before.stopped is not None, "only what is stopped is resumed"
        standing.end(conn, before.stopped, by, now)
        conn.execute(update(reviews).where(reviews.c.id == before.id).values(stopped_by=None))
        _changed(conn, [before], now)
        self._tell(conn, told)
        detail = {"what": "review.resumed", "by": by, "rule": before.rule, "was": before.fate.value}
        self._record(conn, before.campaign, detail, now)

    def tell(self, told: Sequence[Review], letters: Sequence[Notice], now: float) -> None:
        """Write down what owners are told of, with the letters."""
        with self.database.write() as conn:
            for each in told:
                conn.execute(update(reviews).where(reviews.c.id == each.id).values(told=each.told.value))
            _changed(conn, told, now)
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

    def _record(self, conn: Connection, campaign: int, detail: dict[str, Any], now: float) -> None:
        entry = AuditEntry(KIND, now, detail={"campaign": campaign} | detail)
        audit.record(conn, self.writer, entry, self.keyring, self.random)


def _open(conn: Connection) -> list[Review]:
    """What waits for a signature: of open campaigns, and what closed ones have stopped."""
    waits = or_(reviews.c.closed_at.is_(None), reviews.c.stopped_by.is_not(None))
    query = select(reviews).where(waits).order_by(reviews.c.campaign, reviews.c.rule)
    return [_review(row) for row in conn.execute(query)]


def _days(conn: Connection) -> frozenset[tuple[str, date | None]]:
    """The rules that were asked about for a day, each with the day."""
    rows = conn.execute(select(reviews.c.rule, reviews.c.day).where(reviews.c.day.is_not(None)))
    return frozenset((row.rule, date.fromisoformat(row.day)) for row in rows)


def _changed(conn: Connection, rows: Sequence[Review], now: float) -> None:
    feed.append_many(conn, Topic.REVIEW, [str(each.id) for each in rows], None, now)


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
        "unsigned": review.fate.value,
        "day": review.day.isoformat() if review.day is not None else None,
    }


def _review(row: Row[Any]) -> Review:
    values = dict(row._mapping)
    values |= {"fate": Fate(values.pop("unsigned")), "stopped": values.pop("stopped_by")}
    values["told"] = Told(row.told)
    values["day"] = date.fromisoformat(row.day) if row.day else None
    values["answer"] = Answer(row.answer) if row.answer is not None else None
    return Review(**values)
