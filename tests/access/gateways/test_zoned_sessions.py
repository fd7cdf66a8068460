"""The zone of a session: recorded at its login, followed while it lives, and never two at once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from access.model import Reason
from access.policy.kept_texts import policy_of
from access.records.alarms import ALARMS, AlarmKind
from access.store import alarms
from access.store.database import Database
from access.store.presences import Presences
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


def test_radius_workers_hear_that_a_session_has_come_into_another_zone(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    presences = Presences(scene.database, lambda: scene.now)
    assert [each.zone for each in presences.news().known] == ["development"]

    scene.place(scene.user_id, ["vpn", "operations"])
    scene.turn()

    assert [each.zone for each in presences.news().known] == ["business"]


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


def test_a_zone_that_is_renamed_or_removed_leaves_its_sessions_where_they_are(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    held = scene.reached()

    scene.publish(ZONED.replace("development:", "workshop:"))
    scene.turn()
    renamed = zone_of(scene, session_id)
    scene.publish(ZONED[: ZONED.index("zones:")] + ZONED[ZONED.index("tests:") :])
    scene.turn()

    assert (renamed, zone_of(scene, session_id)) == ("workshop", "")
    assert scene.reached() == held
    assert scene.disconnect_of(session_id) != "wanted"


def test_a_login_is_recorded_with_its_zone():
    doors = Doors()
    doors.memory.put_policy(policy_of(LET_IN.replace("group:hangang/staff", "group:hangang/nobody")))

    answer = doors.authorize()

    assert answer.record["zone"] == "business"
    assert answer.record["entry"]["detail"]["zone"] == "business"
    assert ALARMS not in answer.record


def test_a_login_into_one_zone_with_rights_in_another_raises_the_alarm():
    doors = Doors()
    doors.memory.put_policy(policy_of(LET_IN))

    answer = doors.authorize()

    assert answer.record["entry"]["reason"] == Reason.PERMITTED
    (alarm,) = answer.record[ALARMS]
    assert (alarm["kind"], alarm["subject"]) == ("policy-conflict", "business: desk, development: git")


def test_a_login_that_no_zone_can_be_told_of_is_refused_with_the_alarm():
    doors = Doors()
    text = LET_IN.replace(", gives: {vlan: staff}", "")
    text += "  - {id: web, permit: [network:intranet], who: [organization:hangang]}\n"
    doors.memory.put_policy(policy_of(text))

    answer = doors.authorize()

    assert answer.record["entry"]["reason"] == Reason.POLICY_CONFLICT
    (alarm,) = answer.record[ALARMS]
    assert alarm["subject"] == "business: web, development: git"


MAC = "02-00-00-00-00-0A"
APART = ZONED.replace(
    "holds: [network:servers]}",
    "holds: [network:servers, login:wired]}\n  internet: {holds: [login:wireless]}",
).replace(
    "rules:\n",
    "rules:\n  - {id: desk, permit: [login:wired, login:wireless], who: [group:hangang/vpn]}\n",
)


class Doorway(Scene):
    """One endpoint that comes by a wire, by Wi-Fi and by VPN, each in a zone of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.publish(APART)
        self.place(self.user_id, ["vpn", "engineering"])
        self.doors = {via: self.nas(None, via, via=via) for via in ("wired", "wireless")} | {"vpn": self.vpn}

    def come(self, via: str, station: str = MAC, **values: object) -> int:
        session_id = self.session(
            self.user_id,
            self.doors[via],
            via=via,
            calling_station=station,
            **{"method": "peap-mschapv2", **values},
        )
        self.turn()
        return session_id

    def ends(self, *ids: int) -> list[bool]:
        return [self.disconnect_of(each) == "wanted" for each in ids]


@pytest.fixture
def doorway(database: Database) -> Doorway:
    return Doorway(database)


def test_an_endpoint_that_comes_into_another_zone_leaves_the_one_it_was_in(doorway: Doorway):
    wire = doorway.come("wired")
    doorway.wait(60)
    air = doorway.come("wireless", MAC.lower().replace("-", ":"))

    assert (zone_of(doorway, air), doorway.ends(wire, air)) == ("internet", [True, False])
    (record,) = doorway.audited("session.right-lost")
    assert (record.session_id, record.detail["because"]) == (wire, Reason.OTHER_ZONE)

    doorway.wait(60)
    back = doorway.come("wired")

    assert doorway.ends(air, back) == [True, False]


def test_another_endpoint_of_the_same_person_may_be_in_another_zone(doorway: Doorway):
    wire, air = doorway.come("wired"), doorway.come("wireless", "02-00-00-00-00-0B")

    assert doorway.ends(wire, air) == [False, False]


def test_an_endpoint_that_roams_within_its_zone_keeps_its_sessions(doorway: Doorway):
    first, second = doorway.come("wireless"), doorway.come("wireless")

    assert doorway.ends(first, second) == [False, False]


def test_a_tunnel_yields_to_the_network_that_carries_it(doorway: Doorway):
    tunnel = doorway.come("vpn", address4="10.8.0.2")
    assert doorway.reached() == doorway.reach("10.8.0.2", "build", "intranet")

    wire = doorway.come("wired")

    assert doorway.ends(tunnel, wire) == [True, False]
    assert doorway.reached() == set()


def test_whoever_copies_an_address_ends_no_session_of_whoever_proved_who_they_are(doorway: Doorway):
    wire = doorway.come("wired")
    doorway.wait(60)
    copy = doorway.come("wireless", method="mab")

    assert doorway.ends(wire, copy) == [False, True]


def test_a_session_without_an_end_holds_its_endpoint_back_until_somebody_ends_it(doorway: Doorway):
    """Its NAS has gone without a word: a MAC address alone has to wait, whoever proves who they are not."""
    wire = doorway.come("wired")
    doorway.wait(60)
    doorway.change_session(wire, disconnect="wanted")
    copy = doorway.come("wireless", method="mab")

    assert doorway.ends(copy) == [False]


def test_a_session_that_changes_its_zone_is_held_against_the_others_of_its_endpoint(doorway: Doorway):
    doorway.publish(APART.replace(", login:wired]", "]"))
    doorway.turn()
    tunnel, wire = doorway.come("vpn", address4="10.8.0.2"), doorway.come("wired")
    assert (zone_of(doorway, tunnel), zone_of(doorway, wire)) == ("development", "development")
    assert doorway.ends(tunnel, wire) == [False, False]

    doorway.publish(APART)
    doorway.turn()

    assert doorway.ends(tunnel, wire) == [True, False]


def test_an_exception_that_ends_while_a_session_lives_takes_what_it_gave_at_that_moment(scene: Scene):
    crossing = """rules:
  - {id: moving, permit: [network:servers], who: [group:hangang/engineering], crosses: [development],
     owner: sua.lee@hangang, reason: moves, valid_to: "%s"}
"""
    end = datetime.fromtimestamp(scene.now + 600, UTC).isoformat()
    scene.publish(ZONED.replace("rules:\n", crossing % end, 1))
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    held = scene.reached()
    assert held >= scene.reach("10.8.0.2", "build", "servers")

    scene.wait(600)
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "build", "intranet")
    assert scene.disconnect_of(session_id) != "wanted"
