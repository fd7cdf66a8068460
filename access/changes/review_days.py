"""A review day that comes begins a campaign by itself, once. ▸

Every permit whose day is today or earlier is asked about, all that are due in one campaign, until some days
later. A permit is asked about once for each of its days, whoever began it and however often anybody looks: a
day that is left as it was after the campaign begins no other one, another day does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from access.changes.reviewing import Desk, Review, asked_of, told_first
from access.policy.reviews import to_review
from access.policy.vocabulary import Rule
from access.post.letters import Notice

# Who has begun it, in the audit and on the pages.
BY_ITSELF = "officegate"


@dataclass(frozen=True, slots=True)
class Asked:
    """When a permit was asked about. day: the review day it had then; None: not recorded."""

    day: date | None
    at: float


class DayPorts(Protocol):
    """What beginning needs of the world besides."""

    def asked(self) -> Mapping[str, Sequence[Asked]]:
        """When permits were asked about, by rule, in open campaigns and closed ones."""

    def start_once(self, wanted: Sequence[Review], notices: Sequence[Notice], now: float) -> Sequence[Review]:
        """Start a campaign as ReviewPorts.start, of what was never asked about for its day."""


def begin(desk: Desk, ports: DayPorts, zone: tzinfo, days: int) -> Sequence[Review]:
    """Return the permits of the campaign that begins now, if any. days: how long owners have; 0: never."""
    if desk.document is None or not days:
        return ()
    today = datetime.fromtimestamp(desk.now, zone).date()
    due = list(to_review(desk.document, today))
    asked = ports.asked() if due else {}
    due = [rule for rule in due if not _was_asked(rule, asked.get(rule.id, ()), zone)]
    busy = {each.rule for each in desk.ports.open_reviews()} if due else set()
    due = [rule for rule in due if rule.id not in busy]
    if not due:
        return ()
    until = datetime.combine(today + timedelta(days=days + 1), time(), zone).timestamp()
    wanted = [asked_of(desk, rule, until, BY_ITSELF) for rule in due]
    return ports.start_once(wanted, told_first(desk, wanted), desk.now)


def _was_asked(rule: Rule, asked: Sequence[Asked], zone: tzinfo) -> bool:
    assert rule.review is not None, "only what has a day comes due"
    begins = datetime.combine(rule.review, time(), zone).timestamp()
    return any(each.day == rule.review or (each.day is None and each.at >= begins) for each in asked)
