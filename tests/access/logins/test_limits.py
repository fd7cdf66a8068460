from dataclasses import replace

import pytest

from access.logins.limits import Limits
from access.logins.presence import Presence, PresenceNews, Present
from access.logins.presence_watch import PresenceWatch
from access.model import Reason, Via
from access.policy.kept_texts import policy_of
from radius.attributes import AttributeType
from radius.facts import Facts
from radius.questions import Granted
from tests.access.doors import POLICY as UNLIMITED
from tests.access.doors import PRINTER, Doors
from tests.access.logins.test_login import reason_of
from tests.access.residents import NOW

STATIONS = [f"00:00:5e:00:53:{number:02x}" for number in range(1, 9)]
POLICY = UNLIMITED.replace("session_timeout: 12h", "session_timeout: 12h, sessions: 2")


def doors(text=POLICY, **most):
    doors = Doors()
    doors.memory.policy = policy_of(text)
    doors.logins = replace(doors.logins, limits=Limits(doors.memory, most, Presence(3)))
    return doors


def come(doors, station, **more):
    return doors.authorize(facts=Facts(calling_station=station), **more)


def test_one_endpoint_more_than_allowed_is_refused():
    doing = doors()
    first, second, third = (come(doing, station) for station in STATIONS[:3])

    assert isinstance(first, Granted)
    assert isinstance(second, Granted)
    assert reason_of(third) == Reason.TOO_MANY_SESSIONS


def test_an_endpoint_that_comes_again_is_none_more_however_often():
    doing = doors()
    came = [come(doing, station) for station in STATIONS[:2] * 5]

    assert all(isinstance(each, Granted) for each in came)


def test_a_session_that_is_authorized_anew_is_none_more():
    doing = doors()
    granted, _ = (come(doing, station) for station in STATIONS[:2])

    assert isinstance(come(doing, "", session=granted.class_), Granted)


def test_what_is_left_over_does_not_shut_its_owner_out():
    doing = doors()
    for station in STATIONS[:2]:
        come(doing, station)

    doing.now += 601
    doing.freshness.true_at = doing.now
    assert isinstance(come(doing, STATIONS[2]), Granted)


def test_a_company_may_have_as_many_as_its_setting_says_with_its_printers():
    doing = doors(UNLIMITED, hangang=2)
    assert isinstance(doing.authorize(mac=PRINTER.mac), Granted)
    assert isinstance(come(doing, STATIONS[1]), Granted)

    assert reason_of(come(doing, STATIONS[2])) == Reason.ORGANIZATION_FULL


@pytest.mark.parametrize(
    ("text", "most", "limited"),
    [
        (UNLIMITED, {}, False),
        (UNLIMITED, {"hangang": 0}, False),
        (UNLIMITED, {"hangang": 1}, True),
        (POLICY, {}, True),
    ],
)
def test_nobody_is_counted_where_there_is_no_limit(text, most, limited):
    doing = doors(text, **most)
    come(doing, STATIONS[0])

    assert doing.logins.limits.any is limited
    assert (doing.logins.limits.presence.others_of_organization(1, "", doing.now) > 0) is limited


@pytest.mark.parametrize(("interim_s", "asked"), [(0, []), (600, [(600).to_bytes(4)])])
def test_a_nas_is_asked_to_report_as_often_as_the_setting_says(interim_s, asked):
    doing = doors(UNLIMITED)
    doing.logins = replace(doing.logins, limits=Limits(doing.memory, interim_s=interim_s))

    granted = come(doing, STATIONS[0])

    kind = AttributeType.ACCT_INTERIM_INTERVAL
    assert [each.value for each in granted.attributes if each.type == kind] == asked


COUNTED = UNLIMITED.replace("gives: {vlan: staff", "when: {sessions: 2}\n    gives: {vlan: staff")


def test_a_condition_on_sessions_counts_what_this_worker_has_just_granted():
    doing = doors(COUNTED)
    doing.logins.limits.presence.put_all(())
    came = [come(doing, station) for station in STATIONS[:3]]

    assert [isinstance(each, Granted) for each in came] == [True, True, False]
    assert reason_of(came[2]) == Reason.CONDITION_FAILED
    assert came[2].record["entry"]["detail"]["failed"] == ["staff: sessions ≤ 2, 3"]


def test_who_was_there_first_comes_again_and_who_came_last_does_not():
    doing = doors(COUNTED)
    presence = doing.logins.limits.presence
    presence.put_all(
        Present(bytes([number]), 1, 7, station, NOW + number, Via.WIRED)
        for number, station in enumerate(STATIONS[:3])
    )
    doing.now += 10

    came = {station: come(doing, station) for station in STATIONS[:4]}

    assert [isinstance(each, Granted) for each in came.values()] == [True, True, False, False]
    assert isinstance(come(doing, "", session=bytes([0])), Granted)


def test_before_the_sessions_are_read_nobody_knows_how_many_there_are():
    assert reason_of(come(doors(COUNTED), STATIONS[0])) == Reason.FACT_UNKNOWN


def test_whoever_has_stopped_counting_has_to_read_them_anew():
    doing = doors(COUNTED)
    watch = PresenceWatch(doing.logins.limits.presence, None, lambda: doing.logins.limits.any)
    watch.put(PresenceNews(whole=True))
    doing.memory.policy = policy_of(UNLIMITED)
    watch.put(PresenceNews())
    doing.memory.policy = policy_of(COUNTED)

    assert reason_of(come(doing, STATIONS[0])) == Reason.FACT_UNKNOWN
