from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from access.model import Facts
from access.policy.conditions import Held, Truth, judge
from access.policy.document import PolicyErrors, load
from access.policy.holidays import KOREAN
from access.policy.vocabulary import Condition, Holidays, Hours

SEOUL = ZoneInfo("Asia/Seoul")
# Days that a substitute follows when they fall on a Saturday or a Sunday (since 2021, 2023 and 2026).
MOVED = ((3, 1), (5, 5), (8, 15), (10, 3), (10, 9), (12, 25))
FIXED = (*MOVED, (1, 1), (6, 6))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def holiday(*calendars: Holidays) -> Condition:
    return Condition("holiday", calendars)


def window(start: str, end: str, *closed: Holidays) -> Condition:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return Condition("hours", Hours("window", frozenset(range(5)), first, last, SEOUL, closed))


@pytest.mark.parametrize("year", range(2025, 2031))
def test_every_fixed_holiday_is_there_with_its_substitute(year: int):
    fixed = [date(year, month, day) for month, day in FIXED]
    if year >= 2026:
        fixed += [date(year, 5, 1), date(year, 7, 17)]

    assert set(fixed) <= KOREAN.days
    for month, day in MOVED:
        holiday = date(year, month, day)
        if holiday.weekday() >= 5:
            monday = holiday + timedelta(days=7 - holiday.weekday())
            assert {monday, monday + timedelta(days=1)} & KOREAN.days


@pytest.mark.parametrize(
    ("year", "new_year", "harvest"),
    [
        (2025, "01-29", "10-06"),
        (2026, "02-17", "09-25"),
        (2027, "02-07", "09-15"),
        (2028, "01-27", "10-03"),
        (2029, "02-13", "09-22"),
        (2030, "02-03", "09-12"),
    ],
)
def test_seollal_and_chuseok_are_three_days_and_a_fourth_where_one_is_a_sunday(year, new_year, harvest):
    for middle in (date.fromisoformat(f"{year}-{day}") for day in (new_year, harvest)):
        three = [middle + timedelta(days=offset) for offset in (-1, 0, 1)]

        assert set(three) <= KOREAN.days
        if any(day.weekday() == 6 for day in three):
            assert middle + timedelta(days=2) in KOREAN.days


def test_a_holiday_lasts_from_midnight_to_midnight():
    christmas = holiday(KOREAN)

    before = judge(christmas, Facts(), at("2026-12-24T23:59:59+09:00"))
    during = judge(christmas, Facts(), at("2026-12-25T00:00:00+09:00"))

    assert before == Held(Truth.FAILS, at("2026-12-25T00:00:00+09:00"))
    assert during == Held(Truth.HOLDS, at("2026-12-26T00:00:00+09:00"))


def test_holidays_in_a_row_end_together():
    chuseok = judge(holiday(KOREAN), Facts(), at("2025-10-05T12:00:00+09:00"))

    assert chuseok == Held(Truth.HOLDS, at("2025-10-10T00:00:00+09:00"))


def test_what_comes_after_the_last_year_of_a_calendar_is_unknown():
    last = judge(holiday(KOREAN), Facts(), at("2030-12-31T12:00:00+09:00"))

    assert last == Held(Truth.FAILS, at("2031-01-01T00:00:00+09:00"))
    assert judge(holiday(KOREAN), Facts(), at("2031-01-01T00:00:00+09:00")).truth is Truth.UNKNOWN


def test_the_lists_of_the_document_count_beside_the_calendar():
    own = Holidays("own", frozenset({date(2026, 12, 31)}), SEOUL)
    both = holiday(KOREAN, own)

    assert judge(both, Facts(), at("2026-12-31T09:00:00+09:00")) == Held(
        Truth.HOLDS, at("2027-01-01T00:00:00+09:00")
    )
    assert judge(both, Facts(), at("2027-01-01T09:00:00+09:00")).truth is Truth.HOLDS
    assert judge(both, Facts(), at("2031-01-01T09:00:00+09:00")).truth is Truth.UNKNOWN
    assert judge(holiday(own), Facts(), at("2031-01-01T09:00:00+09:00")).truth is Truth.FAILS


def test_of_two_calendars_one_that_knows_of_a_holiday_is_enough_and_whichever_changes_first_counts():
    own = Holidays("own", frozenset({date(2026, 12, 31), date(2031, 1, 1)}), SEOUL)

    for both in (holiday(KOREAN, own), holiday(own, KOREAN)):
        assert judge(both, Facts(), at("2031-01-01T09:00:00+09:00")).truth is Truth.HOLDS
        assert judge(both, Facts(), at("2026-12-24T09:00:00+09:00")) == Held(
            Truth.FAILS, at("2026-12-25T00:00:00+09:00")
        )


def test_a_window_does_not_open_on_a_holiday():
    office = window("09:00", "18:00", KOREAN)

    assert judge(office, Facts(), at("2026-12-24T18:00:00+09:00")) == Held(
        Truth.FAILS, at("2026-12-28T09:00:00+09:00")
    )
    assert judge(office, Facts(), at("2026-12-25T10:00:00+09:00")).truth is Truth.FAILS
    assert judge(window("09:00", "18:00"), Facts(), at("2026-12-25T10:00:00+09:00")).truth is Truth.HOLDS


def test_a_window_that_opened_the_evening_before_stays_open_into_the_holiday():
    night = window("22:00", "06:00", KOREAN)

    assert judge(night, Facts(), at("2026-12-25T05:59:00+09:00")) == Held(
        Truth.HOLDS, at("2026-12-25T06:00:00+09:00")
    )
    assert judge(night, Facts(), at("2026-12-25T23:00:00+09:00")).truth is Truth.FAILS


def test_a_window_closed_for_longer_than_is_looked_ahead_is_looked_at_again():
    closed = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(120))
    office = window("09:00", "18:00", Holidays("rebuilding", closed, SEOUL))
    now, opens = at("2026-01-01T12:00:00+09:00"), at("2026-05-01T09:00:00+09:00")

    looks = 0
    while (held := judge(office, Facts(), now)).truth is Truth.FAILS:
        assert held.next_flip is not None
        assert now < held.next_flip <= opens
        now, looks = held.next_flip, looks + 1

    assert now == opens
    assert looks < 5


def test_a_window_closed_for_weeks_opens_at_the_exact_moment():
    august = Holidays("august", frozenset(date(2026, 8, day) for day in range(1, 32)), SEOUL)

    held = judge(window("09:00", "18:00", august), Facts(), at("2026-08-01T00:00:00+09:00"))

    assert held == Held(Truth.FAILS, at("2026-09-01T09:00:00+09:00"))


HEAD = "version: 1\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "holidays: {own: {days: [2026-02-30], zone: Asia/Seoul}}",
            "'2026-02-30' is not a day of the calendar",
        ),
        ("holidays: {own: {days: [20261224], zone: Asia/Seoul}}", "'20261224' is not a day of the calendar"),
        ("holidays: {own: {days: [2026-12-24]}}", "holidays own lacks 'zone'"),
        (
            "holidays: {korean-holidays: {days: [2026-12-24], zone: Asia/Seoul}}",
            "holidays korean-holidays are known already",
        ),
        (
            'hours: {day: {days: [mon], from: "09:00", to: "18:00", zone: UTC, except: korean-holiday}}',
            "there are no holidays 'korean-holiday'",
        ),
        (
            "rules: [{id: r, permit: [login:vpn], who: [group:hangang/a], when: {holiday: own}}]",
            "there are no holidays 'own'",
        ),
        (
            "rules: [{id: r, permit: [login:vpn], who: [group:hangang/a], when: {country: KOR}}]",
            "'KOR' is not a country",
        ),
        (
            "rules: [{id: r, permit: [login:vpn], who: [group:hangang/a], when: {source: 10.0.0.1/8}}]",
            "'10.0.0.1/8' is not a network",
        ),
    ],
)
def test_a_mistake_in_them_is_told_with_its_line(text: str, what: str):
    with pytest.raises(PolicyErrors) as caught:
        load(HEAD + text + "\n")

    assert [(problem.line, problem.what) for problem in caught.value.problems] == [(2, what)]
