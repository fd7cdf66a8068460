from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from math import inf, nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.logins.risk import Level, Risk, Sign
from access.model import Absent, Certified, Facts, Medium, Method, Others, Via
from access.nas.endpoint_standing import EndpointFacts
from access.policy.conditions import CONDITIONS, FAILS, HOLDS, UNKNOWN, Held, Truth, judge, spell_duration
from access.policy.rules import WHEN
from access.policy.vocabulary import AtMost, Condition, Hours, Mailed, Period
from access.proof.factors import Factor, Origin

WEEKDAYS = frozenset(range(5))


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def hours(start: str, end: str, zone: str = "Asia/Seoul", days: frozenset[int] = WEEKDAYS) -> Condition:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    return Condition("hours", Hours("window", days, first, last, ZoneInfo(zone)))


def test_every_condition_but_the_rules_own_period_can_be_written_under_when():
    assert set(WHEN) == set(CONDITIONS) - {"valid", "designated", "signed"}


@pytest.mark.parametrize(
    ("name", "wanted", "right", "wrong"),
    [
        ("via", Via.VPN, Facts(via=Via.VPN), Facts(via=Via.WIRED)),
        ("method", Method.MAB, Facts(method=Method.MAB), Facts(method=Method.PAP)),
        ("site", "seoul", Facts(site="seoul"), Facts(site="busan")),
        ("nas_group", "guest-ap", Facts(nas_group="guest-ap"), Facts(nas_group="ap")),
        ("ssid", "hangang", Facts(ssid="hangang"), Facts(ssid="Hangang")),
        ("medium", Medium.WIRED, Facts(medium=Medium.WIRED), Facts(medium=Medium.WIRELESS)),
        (
            "certificate",
            Certified.MANAGED,
            Facts(certificate=Certified.MANAGED),
            Facts(certificate=Certified.PERSONAL),
        ),
        ("factor", Factor.PASSKEY, Facts(factor=Factor.PASSKEY), Facts(factor=Factor.TOTP)),
        (
            "assurance",
            Origin.HANDOVER,
            Facts(assurance=Origin.HANDOVER),
            Facts(assurance=Origin.RECOVERED),
        ),
        ("country", "KR", Facts(country="KR"), Facts(country="JP")),
    ],
)
def test_a_choice_holds_for_one_of_its_values_only(name: str, wanted: str, right: Facts, wrong: Facts):
    condition = Condition(name, frozenset({wanted, "another"}))

    assert judge(condition, right, now=0) == HOLDS
    assert judge(condition, wrong, now=0) == FAILS
    assert judge(condition, Facts(**{name: Absent.DOES_NOT_APPLY}), now=0) == FAILS
    assert judge(condition, Facts(), now=0) == UNKNOWN


def test_a_source_lies_in_one_of_the_networks():
    condition = Condition("source", frozenset({ip_network("203.0.113.0/24"), ip_network("2001:db8::/32")}))

    assert judge(condition, Facts(source=ip_address("203.0.113.255")), now=0) == HOLDS
    assert judge(condition, Facts(source=ip_address("2001:db8::1")), now=0) == HOLDS
    assert judge(condition, Facts(source=ip_address("203.0.114.0")), now=0) == FAILS
    assert judge(condition, Facts(source=Absent.DOES_NOT_APPLY), now=0) == FAILS
    assert judge(condition, Facts(), now=0) == UNKNOWN


@pytest.mark.parametrize(
    ("wanted", "endpoint", "expected"),
    [
        ("known", EndpointFacts(known=2000.0), Held(Truth.HOLDS, 2000.0)),
        ("known", EndpointFacts(known=1000.0), FAILS),
        ("managed", EndpointFacts(known=2000.0), FAILS),
        ("managed", EndpointFacts(None, None, 2000.0), UNKNOWN),
        ("certified", EndpointFacts(None, None, inf), HOLDS),
        ("certified", EndpointFacts(None, None, 0.0), FAILS),
        ("unregistered", EndpointFacts(known=2000.0), Held(Truth.FAILS, 2000.0)),
        ("unregistered", EndpointFacts(known=2000.0, certified=3000.0), Held(Truth.FAILS, 3000.0)),
        ("unregistered", EndpointFacts(), HOLDS),
        ("known", Absent.UNKNOWN, UNKNOWN),
        ("known", Absent.DOES_NOT_APPLY, FAILS),
        ("unregistered", Absent.DOES_NOT_APPLY, FAILS),
    ],
)
def test_an_endpoint_is_something_until_that_ends(
    wanted: str, endpoint: EndpointFacts | Absent, expected: Held
):
    condition = Condition("endpoint", frozenset({wanted}))

    assert judge(condition, Facts(endpoint=endpoint), now=1000.0) == expected


@pytest.mark.parametrize(
    ("wanted", "via", "others", "expected"),
    [
        (AtMost(2), Via.VPN, 1, HOLDS),
        (AtMost(2), Via.VPN, 2, FAILS),
        (AtMost(1, frozenset({Via.VPN})), Via.VPN, {Via.WIRED: 7}, HOLDS),
        (AtMost(1, frozenset({Via.VPN})), Via.WIRED, {Via.VPN: 1}, HOLDS),
        (AtMost(1, frozenset({Via.VPN})), Via.VPN, {Via.VPN: 1}, FAILS),
        (AtMost(1), Via.PORTAL, {Via.VPN: 1}, HOLDS),
        (AtMost(1), Absent.UNKNOWN, 0, HOLDS),
        (AtMost(1), Absent.UNKNOWN, 1, UNKNOWN),
        (AtMost(1), Absent.UNKNOWN, 2, FAILS),
    ],
)
def test_sessions_are_few_with_the_one_that_asks(
    wanted: AtMost, via: Via, others: int | dict, expected: Held
):
    by_door = ((None, others),) if isinstance(others, int) else tuple(others.items())

    assert judge(Condition("sessions", wanted), Facts(via=via, sessions=Others(by_door)), now=0) == expected


def test_sessions_that_nobody_counts_are_unknown_and_those_of_a_printer_do_not_apply():
    condition = Condition("sessions", AtMost(1000))

    assert judge(condition, Facts(), now=0) == UNKNOWN
    assert judge(condition, Facts(sessions=Absent.DOES_NOT_APPLY), now=0) == FAILS


def test_a_risk_is_one_of_the_levels_wanted():
    condition = Condition("risk", frozenset({Level.LOW, Level.MEDIUM}))

    assert judge(condition, Facts(risk=Risk(Level.MEDIUM, (Sign.NEW_COUNTRY,))), now=0) == HOLDS
    assert judge(condition, Facts(risk=Risk(Level.HIGH)), now=0) == FAILS
    assert judge(condition, Facts(), now=0) == UNKNOWN
    assert judge(condition, Facts(risk=Absent.DOES_NOT_APPLY), now=0) == FAILS


def test_a_code_is_young_until_its_age_is_reached():
    condition = Condition("otp_age", 60.0)

    assert judge(condition, Facts(otp_at=1000.0, factor=Factor.TOTP), now=1059.9) == Held(Truth.HOLDS, 1060.0)
    assert judge(condition, Facts(otp_at=1000.0), now=1059.9) == Held(Truth.UNKNOWN, 1060.0)
    assert judge(condition, Facts(otp_at=1000.0), now=1060.0) == FAILS
    assert judge(condition, Facts(otp_at=Absent.DOES_NOT_APPLY), now=1000.0) == FAILS
    assert judge(condition, Facts(), now=1000.0) == UNKNOWN


@pytest.mark.parametrize("otp_at", [nan, inf, -inf])
def test_a_code_at_no_moment_is_unknown(otp_at: float):
    assert judge(Condition("otp_age", 60.0), Facts(otp_at=otp_at), now=1000.0) == UNKNOWN


def test_a_period_holds_from_its_start_until_just_before_its_end():
    condition = Condition("valid", Period(100.0, 200.0))

    assert judge(condition, Facts(), now=99.0) == Held(Truth.FAILS, 100.0)
    assert judge(condition, Facts(), now=100.0) == Held(Truth.HOLDS, 200.0)
    assert judge(condition, Facts(), now=200.0) == FAILS
    assert judge(Condition("valid", Period(100.0, None)), Facts(), now=100.0) == HOLDS


HOURS_CASES = [
    (hours("08:00", "20:00"), "2026-11-23T07:59:59+09:00", False, "2026-11-23T08:00:00+09:00"),
    (hours("08:00", "20:00"), "2026-11-23T08:00:00+09:00", True, "2026-11-23T20:00:00+09:00"),
    (hours("08:00", "20:00"), "2026-11-23T20:00:00+09:00", False, "2026-11-24T08:00:00+09:00"),
    (hours("08:00", "20:00"), "2026-11-27T20:00:00+09:00", False, "2026-11-30T08:00:00+09:00"),
    # Saturday in Seoul is still Friday in UTC.
    (hours("08:00", "20:00"), "2026-11-27T23:30:00+00:00", False, "2026-11-30T08:00:00+09:00"),
    # Over midnight: Friday's opening lasts into Saturday, Saturday has none of its own.
    (hours("22:00", "06:00"), "2026-11-28T05:59:00+09:00", True, "2026-11-28T06:00:00+09:00"),
    (hours("22:00", "06:00"), "2026-11-28T22:30:00+09:00", False, "2026-11-30T22:00:00+09:00"),
    # Days that touch are one opening.
    (hours("00:00", "24:00"), "2026-11-23T12:00:00+09:00", True, "2026-11-28T00:00:00+09:00"),
    # Summer time begins (29 March, 02:00 to 03:00) and ends (25 October, 03:00 to 02:00) in Berlin.
    (
        hours("00:00", "24:00", "Europe/Berlin", frozenset({6})),
        "2026-03-29T12:00:00+02:00",
        True,
        "2026-03-30T00:00:00+02:00",
    ),
    (
        hours("08:00", "20:00", "Europe/Berlin"),
        "2026-03-28T12:00:00+01:00",
        False,
        "2026-03-30T08:00:00+02:00",
    ),
    (
        hours("08:00", "20:00", "Europe/Berlin"),
        "2026-10-24T12:00:00+02:00",
        False,
        "2026-10-26T08:00:00+01:00",
    ),
    (
        hours("01:00", "02:30", "Europe/Berlin", frozenset({6})),
        "2026-10-25T02:29:00+02:00",
        True,
        "2026-10-25T02:30:00+02:00",
    ),
    # An opening that the clock skips whole does not happen that day.
    (
        hours("02:30", "03:00", "Europe/Berlin", frozenset({6})),
        "2026-03-29T03:15:00+02:00",
        False,
        "2026-04-05T02:30:00+02:00",
    ),
]


@pytest.mark.parametrize(("condition", "now", "holds", "flip"), HOURS_CASES)
def test_hours_follow_the_wall_clock_of_their_zone(condition: Condition, now: str, holds: bool, flip: str):
    held = judge(condition, Facts(), at(now))

    assert held.truth is (Truth.HOLDS if holds else Truth.FAILS)
    assert held.next_flip == at(flip)


def test_hours_around_the_clock_hold_at_every_midnight():
    condition = hours("00:00", "24:00", days=frozenset(range(7)))

    for now in range(int(at("2026-11-23T00:00:00+09:00")), int(at("2026-12-03T00:00:00+09:00")), 3600):
        held = judge(condition, Facts(), now)
        assert held.truth is Truth.HOLDS
        assert held.next_flip is not None and held.next_flip > now + 86400


MOMENTS = st.integers(0, int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()))


@given(
    start=st.integers(0, 1439),
    end=st.integers(1, 1440),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Pacific/Apia"]),
    now=MOMENTS,
    share=st.floats(0, 1, exclude_max=True),
)
def test_hours_stay_as_they_are_until_their_flip(start, end, days, zone, now, share):
    condition = Condition("hours", Hours("window", days, start, end, ZoneInfo(zone)))
    held = judge(condition, Facts(), now)

    assert held.next_flip is not None and held.next_flip > now
    later = judge(condition, Facts(), min(now + (held.next_flip - now) * share, held.next_flip - 0.001))
    assert later.truth is held.truth


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (-5, "0s"), (59, "59s"), (3600, "1h"), (93784, "1d 2h"), (330, "5m 30s")]
)
def test_a_duration_is_spelt_in_its_two_largest_units(seconds: int, text: str):
    assert spell_duration(seconds) == text


def test_a_code_by_e_mail_is_no_code_but_for_a_rule_that_names_it():
    mailed, typed = Facts(otp_at=1000.0, factor=Factor.E_MAIL), Facts(otp_at=1000.0, factor=Factor.TOTP)

    assert judge(Condition("otp_age", 60.0), mailed, now=1001.0) == FAILS
    assert judge(Condition("otp_age", Mailed(60.0)), mailed, now=1001.0) == Held(Truth.HOLDS, 1060.0)
    assert judge(Condition("otp_age", Mailed(60.0)), typed, now=1060.0) == FAILS
