"""The zone of a session: recorded at its login, followed while it lives, and never two at once."""

import pytest
from sqlalchemy import select

from access.model import Reason
from access.policy.compiled import compile
from access.policy.document import load
from access.records.alarms import ALARMS, AlarmKind
from access.store import alarms
from access.store.database import Database
from access.store.tables import sessions
from tests.access.doors import Doors
from tests.access.gatehouse import POLICY
from tests.access.gateways.test_enforcement import Scene

ZONED = (
    POLICY.replace(
        "tests:",
        """\
zones:
  business: {holds: [network:servers]}
  development: {holds: [network:build]}
tests:""",
    )
    .replace(
        "{organization: hangang, to: [10.99.0.0/24], ports: [tcp/9000-9999]}",
        "{organization: hangang, to: [10.98.0.0/24]}",
    )
    .replace(
        'intranet: {organization: hangang, to: [10.99.0.2/32, "fd00:99::2/128"]',
        "intranet: {organization: hangang, to: [10.97.0.2/32]",
    )
    .replace("{dev-1: 10.99.0.2, dev-2: 10.99.0.3}", "{dev-1: 10.96.0.2}")
    .replace(", when: {hours: office}", "")
)
LET_IN = """
version: 1
networks:
  intranet: {organization: hangang, to: [10.1.0.0/24]}
  git: {organization: hangang, to: [10.2.0.0/24]}
zones:
  business: {holds: [network:intranet], vlans: [staff]}
  development: {holds: [network:git]}
rules:
  - {id: desk, permit: [login:wired], who: [organization:hangang], gives: {vlan: staff}}
  - {id: git, permit: [network:git], who: [group:hangang/staff]}
"""


@pytest.fixture
def scene(database: Database) -> Scene:
    scene = Scene(database)
    scene.publish(ZONED)
    return scene


def zone_of(scene: Scene, session_id: int) -> str:
    with scene.database.read() as conn:
        return conn.execute(select(sessions.c.zone).where(sessions.c.id == session_id)).scalar_one()


def conflicts(scene: Scene) -> list[str]:
    with scene.database.read() as conn:
        return [each.subject for each in alarms.listed(conn) if each.kind == AlarmKind.POLICY_CONFLICT]


def test_the_zone_of_a_live_session_is_written_down_and_follows_its_person(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    assert zone_of(scene, session_id) == "development"

    scene.place(scene.user_id, ["vpn", "operations"])
    scene.turn()

    assert zone_of(scene, session_id) == "business"
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "servers")


def test_a_group_that_would_bring_a_second_zone_ends_the_session_with_an_alarm(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    assert conflicts(scene) == []

    scene.place(scene.user_id, ["vpn", "engineering", "operations"])
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"
    (record,) = scene.audited("session.right-lost")
    assert record.detail["because"] == Reason.POLICY_CONFLICT
    assert conflicts(scene) == ["business: hours, development: engineers"]


def test_a_login_is_recorded_with_its_zone():
    doors = Doors()
    doors.memory.put_policy(compile(load(LET_IN.replace("group:hangang/staff", "group:hangang/nobody"))))

    answer = doors.authorize()

    assert answer.record["zone"] == "business"
    assert answer.record["entry"]["detail"]["zone"] == "business"
    assert ALARMS not in answer.record


def test_a_login_into_one_zone_with_rights_in_another_raises_the_alarm():
    doors = Doors()
    doors.memory.put_policy(compile(load(LET_IN)))

    answer = doors.authorize()

    assert answer.record["entry"]["reason"] == Reason.PERMITTED
    (alarm,) = answer.record[ALARMS]
    assert (alarm["kind"], alarm["subject"]) == ("policy-conflict", "business: desk, development: git")


def test_a_login_that_no_zone_can_be_told_of_is_refused_with_the_alarm():
    doors = Doors()
    text = LET_IN.replace(", gives: {vlan: staff}", "")
    text += "  - {id: web, permit: [network:intranet], who: [organization:hangang]}\n"
    doors.memory.put_policy(compile(load(text)))

    answer = doors.authorize()

    assert answer.record["entry"]["reason"] == Reason.POLICY_CONFLICT
    (alarm,) = answer.record[ALARMS]
    assert alarm["subject"] == "business: web, development: git"
