"""Wrong codes behind right passwords: when many people have them at once, somebody is told."""

from access.logins.login_alarms import GUESSED_AT_PLACE, GUESSED_IN_COMPANY, WrongCode, guessing_codes
from access.proof.throttle import SPREAD_S, PasswordThrottle
from access.records.alarms import AlarmKind
from tests.access.residents import NOW


def failures(people, now=NOW, place="nas vpn", counts=None):
    counts = PasswordThrottle() if counts is None else counts
    return [
        alarm
        for number in people
        for alarm in guessing_codes(counts, WrongCode(place, "hangang", f"user{number}"), now + number)
    ]


def test_many_people_with_wrong_codes_at_one_nas_raise_an_alarm():
    told = failures(range(GUESSED_AT_PLACE))

    assert [(alarm.kind, alarm.subject) for alarm in told] == [(AlarmKind.CODE_SPRAYING, "nas vpn")]
    assert f"{GUESSED_AT_PLACE} people" in told[0].note


def test_many_people_of_a_company_raise_one_whatever_the_place():
    subjects = {alarm.subject for alarm in failures(range(GUESSED_IN_COMPANY))}

    assert "hangang" in subjects


def test_one_less_raises_none():
    assert failures(range(GUESSED_AT_PLACE - 1)) == []


def test_one_person_who_mistypes_all_morning_raises_none():
    assert failures([1] * 200) == []


def test_what_is_spread_over_hours_raises_none():
    counts = PasswordThrottle()

    told = [failures([number], NOW + number * SPREAD_S * 2, counts=counts) for number in range(60)]

    assert not any(told)
