"""What may change while a session lasts is looked at again: its endpoint."""

import pytest
from sqlalchemy import insert

from access.nas.registry import Endpoint
from access.store import alarms, endpoints
from access.store.database import Database
from access.store.tables import organizations
from tests.access.gatehouse import POLICY
from tests.access.gateways.test_enforcement import Scene

MAC, STATION = "00-00-5e-00-53-11", "00:00:5e:00:53:11"
MANAGED = POLICY.replace(
    "who: [organization:hangang]}\n  - {id: engineers",
    "who: [organization:hangang], when: {endpoint: [managed, certified]}}\n  - {id: engineers",
).partition("tests:")[0]


@pytest.fixture
def scene(database: Database) -> Scene:
    scene = Scene(database)
    scene.publish(MANAGED)
    scene.place(scene.user_id, ["vpn"])
    return scene


def register(scene: Scene, **marks: object) -> Endpoint:
    with scene.database.write() as conn:
        new = Endpoint(0, 1, MAC, "laptop", "minjun.kim@hangang", scene.now + 600, **marks)
        endpoints.add(conn, new, scene.now)
        return endpoints.endpoint_by_mac(conn, MAC)


def test_a_session_on_a_managed_endpoint_reaches_what_is_for_those(scene: Scene):
    register(scene, managed=True)
    scene.session(scene.user_id, scene.vpn, "10.8.0.2", calling_station=STATION)
    scene.settle()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


def test_a_mark_that_comes_or_goes_is_noticed_by_open_sessions(scene: Scene):
    scene.session(scene.user_id, scene.vpn, "10.8.0.2", calling_station=STATION)
    scene.settle()
    assert scene.reached() == set()

    laptop = register(scene, managed=True)
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")

    with scene.database.write() as conn:
        endpoints.set_managed(conn, laptop, False, scene.now)
    scene.settle()
    assert scene.reached() == set()
    assert scene.audited("session.reach-lost")


def test_a_registration_that_is_removed_or_ends_takes_the_reach(scene: Scene):
    laptop = register(scene, managed=True)
    scene.session(scene.user_id, scene.vpn, "10.8.0.2", calling_station=STATION)
    scene.settle()
    assert scene.reached()

    with scene.database.write() as conn:
        endpoints.remove(conn, laptop, scene.now)
    scene.settle()
    assert scene.reached() == set()

    register(scene, managed=True)
    scene.settle()
    assert scene.reached()
    scene.wait(601)
    scene.settle()
    assert scene.reached() == set()


def test_a_certificate_of_others_counts_as_long_as_its_session(scene: Scene):
    scene.session(scene.user_id, scene.vpn, "10.8.0.2", certificate="corporate:1f", method="eap-tls")
    scene.settle()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


FEW = POLICY.replace("when: {otp_age: 12h}", "when: {sessions: 2}").partition("tests:")[0]


def few(scene: Scene, *stations: str) -> list[int]:
    scene.publish(FEW)
    scene.place(scene.user_id, ["vpn"])
    return [
        scene.session(scene.user_id, scene.vpn, f"10.8.0.{number}", calling_station=station)
        for number, station in enumerate(stations, 2)
    ]


def ended(scene: Scene, ids: list[int]) -> list[bool]:
    return [scene.disconnect_of(each) != "" for each in ids]


def test_of_logins_at_the_same_moment_the_later_one_is_ended_and_never_both(scene: Scene):
    ids = few(scene, "00:00:5e:00:53:01", "00:00:5e:00:53:02", "00:00:5e:00:53:03")
    scene.settle()

    assert ended(scene, ids) == [False, False, True]
    assert scene.reached() == scene.reach("10.8.0.2", "intranet") | scene.reach("10.8.0.3", "intranet")
    assert scene.audited("session.right-lost")[0].detail["failed"] == ["door: sessions"]


def test_one_that_is_ended_is_none_of_those_that_count(scene: Scene):
    ids = few(scene, "00:00:5e:00:53:01", "00:00:5e:00:53:02")
    scene.settle()
    scene.end(ids[0])
    third = scene.session(scene.user_id, scene.vpn, "10.8.0.9", calling_station="00:00:5e:00:53:03")
    scene.settle()

    assert ended(scene, [ids[1], third]) == [False, False]


def test_one_that_its_nas_has_fallen_silent_about_is_none_either(scene: Scene):
    ids = few(scene, "00:00:5e:00:53:01", "00:00:5e:00:53:02")
    for each in ids:
        scene.change_session(each, heard_at=scene.now, interim_s=60.0)
    scene.settle()
    scene.wait(200)
    third = scene.session(scene.user_id, scene.vpn, "10.8.0.9", calling_station="00:00:5e:00:53:03")
    scene.settle()

    assert ended(scene, [*ids, third]) == [False, False, False]


def test_an_endpoint_that_comes_back_keeps_its_place(scene: Scene):
    ids = few(scene, "00:00:5e:00:53:01", "00:00:5e:00:53:02", "00:00:5e:00:53:01")
    scene.settle()

    assert ended(scene, ids) == [False, False, False]


def test_a_session_keeps_the_risk_of_its_login(scene: Scene):
    scene.publish(POLICY.replace("when: {otp_age: 12h}", "when: {risk: low}").partition("tests:")[0])
    ids = [
        scene.session(scene.user_id, scene.vpn, f"10.8.0.{number}", risk=risk)
        for number, risk in enumerate(("low", "low new-endpoint", "medium new-country", ""), 2)
    ]
    scene.settle()

    assert ended(scene, ids) == [False, False, True, True]


TORN = POLICY.replace(
    "  - {id: portal,",
    "  - {id: one, permit: [login:vpn], who: [group:hangang/engineering], gives: {role: engineers}}\n"
    "  - {id: two, permit: [login:vpn], who: [group:hangang/operations], gives: {role: operators}}\n"
    "  - {id: portal,",
).partition("tests:")[0]


def test_who_comes_into_two_groups_that_give_different_roles_is_ended_with_an_alarm(scene: Scene):
    scene.publish(TORN)
    scene.place(scene.user_id, ["engineering"])
    first = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    other = scene.person("seoyeon.lee", "engineering")
    stays = scene.session(other, scene.vpn, "10.8.0.3")
    scene.settle()
    assert ended(scene, [first, stays]) == [False, False]

    scene.place(scene.user_id, ["engineering", "operations"])
    scene.settle()

    assert ended(scene, [first, stays]) == [True, False]
    assert scene.reached(first) == set()
    assert scene.audited("session.right-lost")[0].detail["because"] == "POLICY_CONFLICT"
    with scene.database.read() as conn:
        (alarm,) = alarms.listed(conn)
    assert (alarm.kind, alarm.subject, alarm.organization_id) == ("policy-conflict", "one, two", 1)
    assert alarm.note.startswith("minjun.kim@hangang in an open session")


def test_the_alarm_about_rules_of_others_is_for_whoever_runs_the_installation(scene: Scene):
    scene.publish(
        TORN.replace(
            "who: [group:hangang/operations]", "who: [group:hangang/operations, organization:namsan]"
        )
    )
    session = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.place(scene.user_id, ["engineering", "operations"])
    scene.settle()

    assert ended(scene, [session]) == [True]
    with scene.database.read() as conn:
        (alarm,) = alarms.listed(conn)
    assert (alarm.kind, alarm.subject, alarm.organization_id) == ("policy-conflict", "one, two", None)


def test_a_session_at_the_nas_of_another_company_stands_by_the_permit_of_both(scene: Scene):
    home = POLICY.partition("tests:")[0]
    host = "  - {id: host, permit: [login:vpn], who: [group:hangang/vpn], organization: namsan}\n"
    with scene.database.write() as conn:
        values = {"key": "namsan", "name": "Namsan", "realm": "namsan.example", "language": "en"}
        other = conn.execute(insert(organizations).values(values).returning(organizations.c.id)).scalar_one()
    abroad = scene.nas(scene.gw, "vpn-2", network="127.0.0.2/32", organization_id=other)
    scene.publish(home + host)
    scene.session(scene.user_id, abroad, "10.8.0.2", otp_at=scene.now)
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")

    scene.publish(home)
    scene.settle()

    assert scene.reached() == set()
