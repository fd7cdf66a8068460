"""Times as Koreans and others read them."""

from zoneinfo import ZoneInfo

import pytest

from access.console.moments import ago, exact, short, spell, zone_name

SEOUL = ZoneInfo("Asia/Seoul")
AT = 1795327509.0  # 2026-11-22T06:05:09Z


@pytest.mark.parametrize(
    ("write", "korean", "english"),
    [
        (spell, "2026년 11월 22일 (일) 오후 3:05 KST", "Sun 22 Nov 2026, 15:05 KST"),
        (exact, "2026-11-22 15:05:09 KST", "2026-11-22 15:05:09 KST"),
    ],
)
def test_a_moment_is_written_in_the_zone_and_the_language(write, korean, english):
    assert write(AT, SEOUL, "ko") == korean
    assert write(AT, SEOUL, "en") == english


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [(-180, "3분 전", "3 minutes ago"), (7200, "2시간 후", "in 2 hours"), (-2, "방금", "just now")],
)
def test_a_distance_is_written_as_people_say_it(seconds, korean, english):
    assert ago(AT + seconds, AT, "ko") == korean
    assert ago(AT + seconds, AT, "en") == english


@pytest.mark.parametrize(
    ("now", "korean", "english"),
    [
        (AT + 60, "11/22 오후 3:05", "22 Nov 15:05"),
        (AT + 60 * 86400, "2026/11/22 오후 3:05", "22 Nov 2026 15:05"),
    ],
)
def test_a_short_time_has_its_year_where_that_is_not_the_present_one(now, korean, english):
    assert short(AT, now, SEOUL, "ko") == korean
    assert short(AT, now, SEOUL, "en") == english


def test_the_zone_is_named_with_what_is_written_behind_times():
    assert zone_name(AT, SEOUL) == "Asia/Seoul (KST)"
