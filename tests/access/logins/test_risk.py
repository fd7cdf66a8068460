"""How risky a login is: sign by sign, and what they come to."""

from dataclasses import replace
from pathlib import Path

import pytest

from access.logins.risk import (
    COUNTRIES_APART_S,
    COUNTRY_S,
    DAY_S,
    DOT1X_S,
    POINTS,
    SITES_APART_S,
    TRAIL_S,
    Coming,
    Level,
    Risk,
    Sign,
    Visit,
    of_signs,
    risk_kept,
    risk_of,
)
from access.logins.trails import MOST_VISITS, Trails

NOW = 1_800_000_000.0
LAPTOP, PHONE = "00:00:5e:00:53:01", "00:00:5e:00:53:02"
HOME = Visit(LAPTOP, "KR", "", NOW - DAY_S)
DESK = Visit(LAPTOP, "", "seoul", NOW - DAY_S)


def ago(visit: Visit, seconds: float) -> Visit:
    return replace(visit, at=NOW - seconds)


@pytest.mark.parametrize(
    ("coming", "trail", "signs"),
    [
        (Coming(), (), ()),
        (Coming(wrong_tries=2), (), ()),
        (Coming(wrong_tries=3), (), (Sign.WRONG_TRIES,)),
        (Coming(wrong_tries=9), (), (Sign.WRONG_TRIES,)),
        (Coming(wrong_tries=10), (), (Sign.MANY_WRONG_TRIES,)),
        # Where nothing is known of before, nothing is new.
        (Coming(LAPTOP, "KR"), (), ()),
        (Coming(country="KR"), (DESK,), ()),
        (Coming(country="KR"), (HOME,), ()),
        (Coming(country="JP"), (HOME,), (Sign.NEW_COUNTRY,)),
        (Coming(country="KR"), (ago(HOME, COUNTRY_S + 1), replace(HOME, country="JP")), (Sign.NEW_COUNTRY,)),
        (Coming(country="JP"), (ago(HOME, COUNTRY_S + 1),), ()),
        (Coming(PHONE), (HOME,), (Sign.NEW_ENDPOINT,)),
        (Coming(LAPTOP), (HOME,), ()),
        (Coming(), (HOME,), ()),
        (Coming(PHONE), (ago(HOME, TRAIL_S + 1),), ()),
        (
            Coming(country="JP"),
            (ago(HOME, COUNTRIES_APART_S - 1), replace(HOME, country="JP")),
            (Sign.TRAVEL,),
        ),
        (Coming(country="JP"), (ago(HOME, COUNTRIES_APART_S), replace(HOME, country="JP")), ()),
        (Coming(LAPTOP, site="busan"), (ago(DESK, SITES_APART_S - 1),), (Sign.TRAVEL,)),
        (Coming(LAPTOP, site="busan"), (ago(DESK, SITES_APART_S),), ()),
        # Somebody's own desktop in Seoul goes on logging in while they are in Busan.
        (Coming(PHONE, site="busan"), (ago(DESK, 1), replace(DESK, station=PHONE)), ()),
        (Coming(LAPTOP, site="seoul"), (ago(DESK, 1),), ()),
        (Coming(dot1x_at=NOW - DOT1X_S), (), (Sign.MAC_AFTER_8021X,)),
        (Coming(dot1x_at=NOW - DOT1X_S - 1), (), ()),
        (Coming(remembered=True), (), (Sign.REMEMBERED_PASSWORD,)),
        # A clock that was set back proves nothing.
        (Coming(country="JP"), (ago(HOME, -10),), ()),
    ],
)
def test_each_sign_is_seen_where_it_should_be_and_nowhere_else(coming, trail, signs):
    assert risk_of(coming, trail, NOW).signs == signs


def test_guessing_at_a_name_never_makes_its_owner_a_high_risk():
    assert risk_of(Coming(wrong_tries=10_000), (), NOW).level is Level.MEDIUM


@pytest.mark.parametrize(
    ("signs", "level"),
    [
        ((), Level.LOW),
        ((Sign.NEW_ENDPOINT,), Level.LOW),
        ((Sign.NEW_COUNTRY,), Level.MEDIUM),
        ((Sign.WRONG_TRIES, Sign.NEW_ENDPOINT), Level.MEDIUM),
        ((Sign.NEW_COUNTRY, Sign.NEW_ENDPOINT), Level.HIGH),
        ((Sign.TRAVEL,), Level.HIGH),
        ((Sign.MAC_AFTER_8021X,), Level.HIGH),
    ],
)
def test_points_make_a_level(signs, level):
    assert of_signs(signs).level is level


def test_what_a_session_keeps_is_read_again():
    risk = of_signs(tuple(Sign))

    assert risk_kept(str(risk)) == risk
    assert len(str(risk)) <= 150
    assert risk_kept(str(Risk())) == Risk()
    assert risk_kept("") is None
    assert risk_kept("no level") is None


def test_the_page_has_every_sign_with_its_points():
    page = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")

    for sign, points in POINTS.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{sign}` |"))
        assert line.endswith(f"| {points} |")


def test_a_trail_keeps_the_newest_visit_to_each_place_and_only_so_many():
    trails = Trails()
    trails.put_all([(7, HOME), (7, ago(HOME, 5)), (8, DESK)])
    assert trails.of(7) == (ago(HOME, 5),)

    trails.put(7, ago(HOME, 50))
    assert trails.of(7) == (ago(HOME, 5),)

    for number in range(MOST_VISITS):
        trails.put(7, Visit(f"{number}", "KR", "", NOW + number))
    assert len(trails.of(7)) == MOST_VISITS
    assert ago(HOME, 5) not in trails.of(7)

    trails.forget()
    assert (trails.whole, trails.of(8)) == (False, ())
