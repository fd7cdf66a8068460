"""A review day begins a campaign by itself: once, whoever looks and however often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from access.changes.review_closing import close
from access.changes.review_days import BY_ITSELF, Asked, begin
from access.changes.reviewing import Review, Wish, start
from access.post.letters import Notice
from access.post.notice_words import NoticeKind
from tests.access.changes.test_reviewing import DAY, KEEPER, LEE, NOW, PARK, TEXT, Paper, desk

SEOUL = ZoneInfo("Asia/Seoul")
# Midnight in Seoul of the day of the rule git, and of wiki two days later.
GIT, WIKI = NOW - 5 * DAY - 17 * 3600, NOW - 3 * DAY - 17 * 3600


@dataclass
class Diary(Paper):
    """Reviews on paper that remember for which day they asked. before: questions of which no day is kept."""

    before: dict[str, list[Asked]] = field(default_factory=dict)

    def asked(self) -> Mapping[str, Sequence[Asked]]:
        found = {rule: list(each) for rule, each in self.before.items()}
        for row in self.rows:
            found.setdefault(row.rule, []).append(Asked(row.day, row.started_at))
        return found

    def start_once(self, wanted: Sequence[Review], notices: Sequence[Notice], now: float) -> Sequence[Review]:
        return self.start(wanted, notices, now)


def begun(diary: Diary, now: float, text: str = TEXT, days: int = 14) -> list[str]:
    return [each.rule for each in begin(desk(diary, now, text), diary, SEOUL, days)]


def test_nothing_begins_before_the_day_and_on_the_day_it_begins_and_its_owner_is_told():
    diary = Diary()

    assert begun(diary, GIT - 1) == []
    assert begun(diary, GIT) == ["git"]

    (row,) = diary.rows
    assert (row.started_by, row.day, row.until) == (BY_ITSELF, date(2027, 1, 10), GIT + 15 * DAY)
    assert diary.letters == [(NoticeKind.REVIEW_ASKED, LEE.id, "git")]


def test_whoever_looks_again_begins_nothing_and_the_next_day_only_what_comes_due():
    diary = Diary()
    begun(diary, GIT)

    assert begun(diary, GIT + 300) == []
    assert begun(diary, WIKI) == ["wiki"]
    assert diary.letters[-1] == (NoticeKind.REVIEW_ASKED, PARK.id, "wiki")


def test_all_that_are_due_come_in_one_campaign():
    diary = Diary()

    assert begun(diary, NOW) == ["git", "wiki"]
    assert {each.campaign for each in diary.rows} == {1}


def test_a_day_that_is_left_as_it_was_begins_no_other_campaign_and_another_day_does():
    diary = Diary()
    begun(diary, GIT)
    close(desk(diary, GIT + DAY), diary, KEEPER, 1)

    assert begun(diary, GIT + DAY) == []
    later = TEXT.replace("review: 2027-01-10", "review: 2027-01-11")
    assert begun(diary, GIT + DAY, later) == ["git"]


def test_what_somebody_began_for_that_day_before_is_not_asked_again_on_it():
    diary = Diary()
    start(desk(diary, GIT - 9 * DAY), KEEPER, Wish(GIT - DAY, date(2027, 1, 10)))
    close(desk(diary, GIT - DAY), diary, KEEPER, 1)

    assert begun(diary, GIT) == []


def test_what_is_under_review_for_another_day_waits_until_that_is_closed():
    diary = Diary()
    begun(diary, GIT)
    later = TEXT.replace("review: 2027-01-10", "review: 2027-01-11")
    assert begun(diary, GIT + DAY, later) == []

    close(desk(diary, GIT + DAY, later), diary, KEEPER, 1)

    assert begun(diary, GIT + DAY, later) == ["git"]


@pytest.mark.parametrize(("at", "expected"), [(GIT + 1, []), (GIT - 1, ["git"])])
def test_of_what_was_asked_before_days_were_kept_the_moment_counts(at, expected):
    assert begun(Diary(before={"git": [Asked(None, at)]}), GIT + 2) == expected


def test_with_no_days_to_sign_nothing_begins_by_itself():
    assert begun(Diary(), NOW, days=0) == []


def test_without_a_policy_nothing_is_due():
    assert begin(replace(desk(Diary(), NOW), policy=None), Diary(), SEOUL, 14) == ()
