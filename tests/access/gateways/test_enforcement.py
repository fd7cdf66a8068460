"""The enforcer over a real database, with a gateway that confirms when the test says so."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import insert, select, update

from access.certificates import issuing, keys
from access.certificates.authority import Revocation
from access.certificates.issuing import NewAuthority
from access.certificates.naming import Holder
from access.certificates.values import KeyKind, Order, Rules
from access.gateways.crowd import Crowd
from access.gateways.enforcement import CONFIRM_WITHIN_S, Enforcer
from access.gateways.enforcing import FeedPruned
from access.gateways.lanes import Lane
from access.gateways.livesessions import ground
from access.gateways.pairbook import Place
from access.model import Organization
from access.policy.standing import ANYBODY, EVERYTHING, Kept, Standing, StandingKind
from access.proof.network_password import PasswordSummary
from access.store import assignments, audit, feed, network_passwords, pairs, standing, work
from access.store.assignments import AssignmentRow
from access.store.certificates import StoredCertificates
from access.store.database import Database
from access.store.enforcement import LEASE_S, Deposed, StoredEnforcement
from access.store.session_batch import SessionBatch
from access.store.tables import ending_memberships, endpoints, sessions
from access.store.tables import pairs as pair_rows
from access.store.tables import work as lanes
from tests.access.gatehouse import GROUPS, POLICY, Gatehouse
from tests.access.residents import DICE, KEYRING, Dice

HOUR = 3600.0
NARROWER = POLICY.replace("tcp/9418, udp/5004", "tcp/9418")
Held = set[tuple[str, int]]


@dataclass
class Rung:
    """A bell that remembers."""

    calls: list[tuple[set[int], set[int], set[int]]] = field(default_factory=list)

    def ring(self, membership: Collection[int], structure: Collection[int], ends: Collection[int]) -> None:
        self.calls.append((set(membership), set(structure), set(ends)))


class Scene(Gatehouse):
    """A gatehouse with one gateway, one VPN server before it, and the enforcer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.publish()
        self.gw = self.gateway()
        self.vpn = self.nas(self.gw)
        self.records = StoredEnforcement(database, KEYRING, Dice(), "first")
        self.bell = Rung()
        self.enforcer = Enforcer(self.records, self.bell)
        assert self.records.lead(self.now)
        self.enforcer.begin(self.now)

    def wait(self, seconds: float) -> None:
        """Time passes, in which the process keeps its lead."""
        self.now += seconds
        assert self.records.lead(self.now)

    def turn(self) -> None:
        """What the process does at each turn."""
        while self.enforcer.follow(self.now):
            pass
        self.enforcer.look_again(self.now)
        self.enforcer.confirm(self.now)

    def confirm(self, *held: Lane) -> None:
        """The gateways have done what was asked on these lanes, or on both."""
        with self.database.write() as conn:
            for state in work.lanes(conn):
                if state.lane in (held or tuple(Lane)):
                    row = (lanes.c.device_id == state.device_id) & (lanes.c.lane == state.lane.value)
                    conn.execute(update(lanes).where(row).values(done=state.wanted))
                    if state.lane is Lane.MEMBERSHIP:
                        pairs.drop_removed(conn, state.device_id, state.wanted)

    def settle(self) -> None:
        """Turns and confirmations until nothing is left to do."""
        for _ in range(6):
            self.turn()
            self.confirm()
        self.turn()

    def rows(self):
        with self.database.read() as conn:
            return pairs.every(conn)

    def reached(self, session_id: int | None = None) -> Held:
        """(address, atom) of what stands, of one session or of all."""
        return {
            (str(row.pair.address), row.pair.atom)
            for row in self.rows()
            if not row.removed and session_id in (None, row.session_id)
        }

    def atoms(self, *networks: str) -> set[int]:
        known = self.enforcer.ground.atoms
        return set().union(*(known.of(f"network:{name}") for name in networks))

    def reach(self, address: str, *networks: str) -> Held:
        return {(address, atom) for atom in self.atoms(*networks)}

    def disconnect_of(self, session_id: int) -> str:
        with self.database.read() as conn:
            return conn.execute(select(sessions.c.disconnect).where(sessions.c.id == session_id)).scalar_one()

    def audited(self, what: str):
        with self.database.read() as conn:
            found = audit.records(conn, audit.Selection(kind="enforcement"), KEYRING)
        return [record for record in found if record.detail and record.detail["what"] == what]


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def test_a_session_gains_what_its_person_may_reach(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2", address6="fd00:8::2")

    scene.turn()

    expected = scene.reach("10.8.0.2", "intranet", "build") | scene.reach("fd00:8::2", "intranet", "build")
    assert scene.reached() == expected
    assert scene.bell.calls[-1] == ({scene.gw}, set(), set())


def test_a_session_that_ends_loses_everything(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.end(session_id)
    scene.turn()

    assert scene.reached() == set()
    assert {row.removed for row in scene.rows()} == {True}
    assert scene.audited("session.right-lost") == []


def test_leaving_a_group_takes_what_only_the_group_gave_and_says_so(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.place(scene.user_id, ["vpn"])
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")
    assert scene.disconnect_of(session_id) == ""
    (record,) = scene.audited("session.reach-lost")
    assert (record.reason, record.session_id, record.user_id) == ("RIGHT_LOST", session_id, scene.user_id)
    assert record.detail["objects"] == ["network:build"]
    assert record.detail["groups_left"] == ["hangang/engineering"]


def test_losing_the_door_ends_the_session_and_says_why(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.place(scene.user_id, ["engineering"])
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"
    assert scene.bell.calls[-1] == ({scene.gw}, set(), {session_id})
    (record,) = scene.audited("session.right-lost")
    assert record.detail["because"] == "NO_PERMIT"
    assert record.detail["groups_left"] == ["hangang/vpn"]
    assert record.detail["policy"] == scene.enforcer.ground.revision


def test_a_session_that_was_ended_gets_nothing_back_with_the_right(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    scene.place(scene.user_id, [])
    scene.settle()

    scene.place(scene.user_id, ["vpn"])
    scene.settle()

    assert scene.reached() == set()
    assert len(scene.audited("session.right-lost")) == 1


@pytest.mark.parametrize("change", [{"enabled": False}, {"enabled": False, "vanished_at": 1.0}])
def test_somebody_disabled_or_vanished_loses_session_and_reach(scene: Scene, change):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.change_user(scene.user_id, **change)
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"


def test_a_session_ends_at_the_moment_its_account_does(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.change_user(scene.user_id, expires_at=scene.now + HOUR)
    scene.turn()
    before = scene.reached()

    scene.wait(HOUR)
    scene.settle()

    assert before
    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"


def test_all_sessions_whose_moment_has_come_lose_what_ends_in_one_turn(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    addresses = [f"10.8.0.{number}" for number in range(2, 7)]
    for address in addresses:
        scene.session(scene.user_id, scene.vpn, address)
    scene.change_user(scene.user_id, expires_at=scene.now + HOUR)
    scene.turn()
    before = {address for address, _ in scene.reached()}

    scene.wait(HOUR)
    scene.turn()

    assert before == set(addresses)
    assert scene.reached() == set()


def make_network_password(scene: Scene) -> None:
    new = PasswordSummary(0, "laptop", scene.now, valid_until=scene.now + HOUR)
    with scene.database.write() as conn:
        network_passwords.add(conn, KEYRING, Dice(), new, (scene.user_id, 1))


def revoke(scene: Scene) -> None:
    with scene.database.write() as conn:
        assert network_passwords.revoke(conn, scene.user_id, 1, scene.now) == 1


def bind_elsewhere(scene: Scene) -> None:
    """Another endpoint was the first to be loaded as its user."""
    with scene.database.write() as conn:
        batch = SessionBatch(conn, KEYRING, DICE, "test")
        batch.password_used(1, "00:00:5e:00:53:43", "another switch", scene.now)
        batch.write()


def expire(scene: Scene) -> None:
    scene.wait(HOUR)


@pytest.mark.parametrize("change", [revoke, bind_elsewhere, expire])
def test_a_session_ends_with_its_network_password_and_no_other_does(scene: Scene, change):
    scene.place(scene.user_id, ["vpn"])
    make_network_password(scene)
    mine = {"network_password_id": 1, "calling_station": "00:00:5e:00:53:42"}
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2", **mine)
    other = scene.session(scene.user_id, scene.vpn, "10.8.0.3")
    scene.turn()
    assert scene.disconnect_of(session_id) == ""

    change(scene)
    scene.turn()

    assert scene.disconnect_of(session_id) == "wanted"
    assert scene.disconnect_of(other) == ""
    (record,) = scene.audited("session.right-lost")
    assert record.detail["because"] == "NETWORK_PASSWORD_ENDED"


def test_a_session_whose_end_somebody_asked_for_loses_its_reach_at_once(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.change_session(session_id, disconnect="wanted", disconnect_at=scene.now)
    scene.turn()

    assert scene.reached() == set()
    assert {session_id} in [ends for _, _, ends in scene.bell.calls]


def test_without_the_login_there_is_no_reach_and_nothing_is_ended(scene: Scene):
    session_id = scene.session(None, scene.vpn, "10.8.0.2", method="")
    scene.turn()
    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == ""

    scene.place(scene.user_id, ["vpn"])
    scene.change_session(session_id, user_id=scene.user_id, method="pap")
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


def test_an_address_outside_the_pools_of_the_gateway_gains_nothing(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.9.0.2")

    scene.turn()

    assert scene.reached() == set()


def test_the_second_session_at_an_address_gets_nothing_until_the_first_is_confirmed_gone(scene: Scene):
    for user_id in (other := scene.person("seoyeon.lee"), scene.user_id):
        scene.place(user_id, ["vpn", "engineering"])
    first = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()

    scene.change_session(first, address4=None, state="ended", generation=1)
    second = scene.session(other, scene.vpn, "10.8.0.2", generation=1)
    scene.turn()
    scene.turn()
    assert scene.reached() == set()

    scene.confirm(Lane.MEMBERSHIP)
    scene.turn()
    assert scene.reached(second) == scene.reach("10.8.0.2", "intranet", "build")


def test_an_address_that_two_live_sessions_claim_alike_belongs_to_neither(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    for _ in range(2):
        scene.session(scene.user_id, scene.vpn, "10.8.0.2", generation=1)
    scene.turn()
    assert scene.reached() == set()

    newest = scene.session(scene.user_id, scene.vpn, "10.8.0.2", generation=2)
    scene.turn()
    assert scene.reached() == scene.reached(newest) == scene.reach("10.8.0.2", "intranet")


def test_the_clock_ends_a_session_whose_code_is_too_old(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    assert {row.pair.until for row in scene.rows()} == {scene.now + 12 * HOUR}

    scene.wait(12 * HOUR - 1)
    scene.turn()
    assert scene.disconnect_of(session_id) == ""
    scene.wait(1)
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"


def test_an_assigned_desktop_is_one_pair_that_goes_with_the_assignment(scene: Scene):
    scene.place(scene.user_id, ["vpn", "vdi"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    before = scene.reached()

    with scene.database.write() as conn:
        row = AssignmentRow("desks", "dev-2", scene.user_id, scene.now + HOUR)
        assignments.put(conn, row, scene.now)
    scene.turn()
    (desk,) = scene.reached() - before
    assert desk[1] in scene.enforcer.ground.atoms.of("vdi:desks/dev-2")

    scene.wait(HOUR)
    scene.turn()
    assert scene.reached() == before


def test_what_a_nas_is_said_to_be_counts_for_its_sessions(scene: Scene):
    scene.publish(
        POLICY.replace("who: [group:hangang/engineering]", "who: [organization:hangang], when: {site: seoul}")
    )
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.nas(scene.gw, "vpn-2", site="busan"), "10.8.0.2")
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")

    scene.session(scene.user_id, scene.nas(scene.gw, "vpn-3", site="seoul"), "10.8.0.3")
    scene.turn()

    assert scene.reach("10.8.0.3", "build") <= scene.reached()


def test_an_endpoint_whose_registration_ends_loses_its_session(scene: Scene):
    with scene.database.write() as conn:
        row = {"organization_id": 1, "mac": "00-00-5e-00-53-99", "valid_until": scene.now + HOUR}
        conn.execute(endpoints.insert().values(**row))
    printer = "{id: printer, permit: [login:wired, network:intranet], who: [endpoint:00-00-5e-00-53-99]}"
    scene.publish(POLICY.replace("rules:\n", f"rules:\n  - {printer}\n"))
    wire = scene.nas(scene.gw, "switch", via="wired", mab=True)
    session_id = scene.session(None, wire, "10.8.0.9", endpoint_id=1, via="wired", method="mab")
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.9", "intranet")

    with scene.database.write() as conn:
        conn.execute(update(endpoints).values(valid_until=scene.now))
        feed.append(conn, feed.Topic.ENDPOINT, "1", 1, scene.now)
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(session_id) == "wanted"


def test_a_new_policy_takes_at_once_and_changes_rules_only_then(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    stays, goes = scene.reach("10.8.0.2", "intranet"), scene.reach("10.8.0.2", "build")
    scene.bell.calls.clear()

    scene.publish(NARROWER)
    scene.turn()

    new = scene.reach("10.8.0.2", "build") - goes
    assert scene.reached() == stays | (goes & scene.reach("10.8.0.2", "build")) | new
    assert scene.bell.calls == [({scene.gw}, set(), set())]
    scene.confirm(Lane.MEMBERSHIP)
    scene.turn()
    assert scene.bell.calls[1:] == [(set(), {scene.gw}, set())]


def test_pairs_that_a_new_cut_replaces_go_last(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    old = scene.reach("10.8.0.2", "intranet", "build")
    # Another network comes to lie across the first two: their atoms are cut anew, and nothing is revoked.
    wider = POLICY.replace(
        "  servers:",
        "  half: {organization: hangang, to: [10.99.0.2/32], ports: [tcp/8000-9500]}\n  servers:",
    )

    scene.publish(wider)
    scene.turn()
    new = scene.reach("10.8.0.2", "intranet", "build")
    assert new - old
    assert old - new
    assert scene.reached() == old | new
    scene.confirm(Lane.MEMBERSHIP)
    scene.turn()
    assert scene.reached() == old | new
    scene.confirm(Lane.STRUCTURE)
    scene.turn()

    assert scene.reached() == new


def test_rules_do_not_wait_for_ever_for_pairs(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    scene.publish(NARROWER)
    scene.turn()
    scene.bell.calls.clear()

    scene.wait(CONFIRM_WITHIN_S)
    scene.turn()

    assert (set(), {scene.gw}, set()) in scene.bell.calls


def test_a_gateway_that_confirms_too_late_raises_one_alarm(scene: Scene):
    scene.settle()
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()

    scene.wait(CONFIRM_WITHIN_S)
    assert scene.enforcer.confirm(scene.now) == []
    scene.wait(0.1)
    (alarm,) = scene.enforcer.confirm(scene.now)
    assert alarm.device == "gw-1"
    assert scene.enforcer.confirm(scene.now + 60) == []

    assert len(scene.audited("gateway.unconfirmed")) == 1
    scene.confirm()
    assert scene.enforcer.confirm(scene.now) == []
    assert scene.enforcer.outstanding == {}


def test_a_gateway_that_is_added_is_made_whole_and_one_that_is_removed_is_forgotten(scene: Scene):
    scene.bell.calls.clear()
    second = scene.gateway("gw-2", pools=["10.7.0.0/24"])
    scene.turn()
    assert ({second} in [structure for _, structure, _ in scene.bell.calls]) is True

    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.nas(second, "vpn-2"), "10.7.0.2")
    scene.turn()
    assert scene.reached() == scene.reach("10.7.0.2", "intranet")


def test_who_was_deposed_writes_nothing(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    later = scene.now + 60
    second = StoredEnforcement(scene.database, KEYRING, Dice(), "second")
    assert not StoredEnforcement(scene.database, KEYRING, Dice(), "third").lead(scene.now)
    assert second.lead(later)

    with pytest.raises(Deposed):
        scene.enforcer.follow(later)

    assert scene.rows() == []
    with pytest.raises(Deposed):
        scene.records.keep(later)
    assert not scene.records.lead(later)


def test_the_lead_of_one_that_has_surely_died_is_taken_at_once(scene: Scene):
    second = StoredEnforcement(scene.database, KEYRING, Dice(), "second")

    assert not second.lead(scene.now, lambda owner: owner == "another")
    assert second.lead(scene.now, lambda owner: owner == "first")
    with pytest.raises(Deposed):
        scene.records.keep(scene.now)


def test_who_was_held_up_for_longer_than_its_lease_has_to_begin_again(scene: Scene):
    scene.records.keep(scene.now + LEASE_S)

    with pytest.raises(Deposed):
        scene.records.keep(scene.now + 3 * LEASE_S)


def test_a_successor_begins_where_the_tables_are(scene: Scene):
    for user_id in (gone := scene.person("seoyeon.lee"), scene.user_id):
        scene.place(user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.session(gone, scene.vpn, "10.8.0.3")
    scene.turn()
    scene.place(gone, [])

    successor = StoredEnforcement(scene.database, KEYRING, Dice(), "second")
    scene.now += 60
    assert successor.lead(scene.now)
    Enforcer(successor, scene.bell).begin(scene.now)

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")
    assert scene.bell.calls[-1][1] == {scene.gw}


def test_a_reader_that_was_left_behind_reads_everything_again(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    with scene.database.write() as conn:
        feed.prune(conn, scene.now + 1)
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    with scene.database.write() as conn:
        feed.prune(conn, scene.now + 1)

    with pytest.raises(FeedPruned):
        scene.turn()

    scene.enforcer.begin(scene.now)
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


class Walk:
    """Anything that can happen, in any order."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.dice = scene, random.Random(seed)
        self.people = [scene.user_id, *(scene.person(f"walker{n}", "vpn") for n in range(3))]
        self.doors = [scene.vpn, scene.nas(scene.gateway("gw-2", pools=["10.7.0.0/24"]), "vpn-2")]
        self.policies = [
            POLICY,
            NARROWER,
            POLICY.replace("/24", "/28"),
            POLICY.replace("9000-9999", "1-65535"),
        ]
        self.published = POLICY
        self.open: list[int] = []

    def step(self) -> None:
        steps: list[Callable[[], None]] = [self.start, self.start, self.end, self.regroup, self.regroup]
        self.dice.choice([*steps, self.publish, self.wait, self.assign, self.confirm, self.turn, self.turn])()

    def start(self) -> None:
        """A session; whoever has its address loses it, as the loader does."""
        door = self.dice.randrange(2)
        address = f"10.{8 - door}.0.{self.dice.randrange(2, 5)}"
        with self.scene.database.read() as conn:
            here = sessions.c.address4 == address, sessions.c.state == "live"
            taken = conn.execute(select(sessions.c.id).where(*here)).scalars().all()
        for session_id in taken:
            self.scene.change_session(session_id, state="ended", address4=None)
        user_id, claims = self.dice.choice(self.people), len(self.open)
        self.open.append(self.scene.session(user_id, self.doors[door], address, generation=claims))

    def end(self) -> None:
        if self.open:
            self.scene.end(self.open.pop(self.dice.randrange(len(self.open))))

    def regroup(self) -> None:
        placed = self.dice.sample(GROUPS, self.dice.randrange(len(GROUPS)))
        self.scene.place(self.dice.choice(self.people), {*placed, self.dice.choice(["vpn", "vpn", *placed])})

    def publish(self) -> None:
        text = self.dice.choice([text for text in self.policies if text != self.published])
        self.scene.publish(text)
        self.published = text

    def wait(self) -> None:
        self.scene.wait(self.dice.choice([60, HOUR, 5 * HOUR]))

    def assign(self) -> None:
        with self.scene.database.write() as conn:
            until = self.scene.now + self.dice.choice([0, HOUR])
            row = AssignmentRow(
                "desks", self.dice.choice(["dev-1", "dev-2"]), self.dice.choice(self.people), until
            )
            assignments.put(conn, row, self.scene.now - 1e6)

    def confirm(self) -> None:
        self.scene.confirm(self.dice.choice(list(Lane)))

    def turn(self) -> None:
        self.scene.turn()


def recomputed(scene: Scene) -> dict[tuple[Place, int], tuple[int, float | None]]:
    """All that should stand, from everything there is and nothing that was kept."""
    with scene.records.reading() as view:
        crowd = Crowd(desks=dict(view.desks(None)))
        for session in view.sessions(None):
            crowd.put(session)
        crowd.meet(crowd.keys(), view.holders(crowd.keys()))
        fresh, gateways = ground(view.policy(None)), view.gateways()
    for session in list(crowd.sessions.values()):
        crowd.judge(session, fresh, scene.now)
    found = {}
    for place in crowd.claimed():
        wanted = crowd.wanted(place, gateways[place.device_id], scene.now)
        for pair in wanted.pairs if wanted else ():
            found[place, pair.atom] = wanted.session_id, pair.until
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_table_is_what_everything_together_permits(scene: Scene, seed: int):
    walk = Walk(scene, seed)
    for _ in range(4):
        for _ in range(25):
            walk.step()
        scene.settle()

        expected = recomputed(scene)
        held = {(row.place, row.pair.atom): row for row in scene.rows() if not row.removed}
        assert {key: row.session_id for key, row in held.items()} == {
            key: session_id for key, (session_id, _) in expected.items()
        }
        for key, (_, until) in expected.items():
            end = held[key].pair.until
            assert end == until or (end is not None and scene.now < end <= (until or end))
        with scene.database.read() as conn:
            assert conn.execute(select(pair_rows.c.removed).where(pair_rows.c.removed)).all() == []


def issued(scene: Scene):
    """Two certificates of the person of the scene."""
    shelf = StoredCertificates(scene.database, KEYRING, Dice(), "test", keys.new_key, keys.packed)
    organization = Organization(1, "hangang", "한강전자", "hangang.example")
    issuing.create_authority(shelf, NewAuthority(organization), "test", scene.now)
    holder = Holder("minjun.kim@hangang.example")
    order = Order(1, "hangang.example", holder, scene.user_id, None, "laptop", "test")
    made = [
        issuing.issue_with_key(shelf, Rules(), order, KeyKind.ECDSA, scene.now).certificate for _ in range(2)
    ]
    return shelf, made


def test_a_session_ends_with_the_certificate_that_opened_it_and_no_other_does(scene: Scene):
    shelf, (first, second) = issued(scene)
    scene.place(scene.user_id, ["vpn"])
    gone = scene.session(scene.user_id, scene.vpn, "10.8.0.7", certificate=first.key)
    stays = scene.session(scene.user_id, scene.vpn, "10.8.0.8", certificate=second.key)
    scene.settle()
    assert scene.reached(gone) == scene.reach("10.8.0.7", "intranet")

    assert shelf.revoke(first, Revocation.KEY_COMPROMISE, "test", scene.now)
    scene.turn()

    assert (scene.reached(gone), scene.disconnect_of(gone)) == (set(), "wanted")
    assert (scene.reached(stays), scene.disconnect_of(stays)) == (scene.reach("10.8.0.8", "intranet"), "")
    (record,) = scene.audited("session.right-lost")
    assert record.detail["because"] == "CERTIFICATE_REVOKED"


def test_a_login_that_is_written_down_after_its_certificate_was_revoked_gets_nothing(scene: Scene):
    shelf, (first, _) = issued(scene)
    scene.place(scene.user_id, ["vpn"])
    shelf.revoke(first, Revocation.UNSPECIFIED, "test", scene.now)
    scene.settle()

    late = scene.session(scene.user_id, scene.vpn, "10.8.0.7", certificate=first.key)
    scene.settle()

    assert (scene.reached(late), scene.disconnect_of(late)) == (set(), "wanted")


WIRED = POLICY.replace(
    "rules:\n",
    "rules:\n  - {id: desk, permit: [login:wired], who: [group:hangang/vpn], gives: {vlan: staff}}\n",
)


def wish_of(scene: Scene, session_id: int) -> tuple[str, str]:
    query = select(sessions.c.wish, sessions.c.disconnect).where(sessions.c.id == session_id)
    with scene.database.read() as conn:
        return tuple(conn.execute(query).one())


def at_a_desk(scene: Scene, **values: object) -> int:
    scene.place(scene.user_id, ["vpn"])
    scene.publish(WIRED)
    switch = scene.nas(None, "switch", via="wired")
    given = {"via": "wired", "gifts": "vlan=staff", "vlan": "staff", **values}
    session_id = scene.session(scene.user_id, switch, **given)
    scene.turn()
    return session_id


@pytest.mark.parametrize(
    ("gives", "wanted"),
    [
        ("{vlan: staff}", ("end", "")),
        ("{vlan: staff, session_timeout: 1h}", ("end", "")),
        ("{vlan: guests}", ("reauthenticate", "wanted")),
        ("{vlan: staff, role: contractor}", ("reauthenticate", "wanted")),
        ("{acl: narrow}", ("reauthenticate", "wanted")),
    ],
)
def test_a_session_that_the_policy_moves_is_asked_to_log_in_anew_and_not_ended(scene: Scene, gives, wanted):
    session_id = at_a_desk(scene)
    assert wish_of(scene, session_id) == ("end", "")
    scene.bell.calls.clear()

    scene.publish(WIRED.replace("{vlan: staff}", gives))
    scene.turn()
    scene.turn()

    assert wish_of(scene, session_id) == wanted
    moved = wanted[1] == "wanted"
    rung = [ends for _, _, ends in scene.bell.calls if ends]
    assert rung == ([{session_id}] if moved else [])
    assert len(scene.audited("session.moved")) == moved
    assert not scene.enforcer.crowd.sessions[session_id].leaving


def test_a_session_of_before_whose_gifts_are_not_known_is_told_by_its_vlan(scene: Scene):
    session_id = at_a_desk(scene, gifts="")

    assert wish_of(scene, session_id) == ("end", "")


def test_a_session_whose_right_is_lost_while_it_is_moved_is_ended(scene: Scene):
    session_id = at_a_desk(scene)
    scene.publish(WIRED.replace("{vlan: staff}", "{vlan: guests}"))
    scene.turn()

    scene.place(scene.user_id, [])
    scene.turn()

    assert wish_of(scene, session_id) == ("end", "wanted")


VISITORS = """\
  - {id: visitors, permit: [login:vpn], who: [realm:partner]}
  - {id: visitors-reach, permit: [network:intranet], who: [realm:partner]}
tests:
"""


def test_a_visitor_reaches_what_the_policy_permits_their_realm_and_loses_it_with_the_rule(scene: Scene):
    scene.publish(POLICY.replace("tests:\n", VISITORS))
    visitor = {"method": "home-server", "user_name": "alice@partner.example"}
    welcome = scene.session(None, scene.vpn, "10.8.0.2", realm="partner", **visitor)
    other = scene.session(None, scene.vpn, "10.8.0.3", realm="elsewhere", **visitor)
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")
    assert (scene.disconnect_of(welcome), scene.disconnect_of(other)) == ("", "wanted")

    scene.publish(POLICY)
    scene.turn()

    assert scene.reached() == set()
    assert scene.disconnect_of(welcome) == "wanted"


GRANT = Standing(0, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:build",))
CONTAINMENT = Standing(0, StandingKind.CONTAINMENT, ("user:minjun.kim@hangang",), (EVERYTHING,))


def stand(scene: Scene, rule: Standing) -> int:
    with scene.database.write() as conn:
        return standing.add(conn, Kept(rule, organization_id=1), scene.now).standing.id


def take_back(scene: Scene, number: int) -> None:
    with scene.database.write() as conn:
        assert standing.end(conn, number, "test", scene.now)


def test_a_grant_is_in_force_on_a_live_session_and_ends_on_it_to_the_moment(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()

    stand(scene, replace(GRANT, until=scene.now + 30))
    scene.settle()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")
    (ends,) = {row.pair.until for row in scene.rows() if row.pair.atom in scene.atoms("build")}
    assert ends == scene.now + 30
    scene.wait(30)
    scene.turn()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


def test_a_grant_that_is_taken_back_is_gone_from_live_sessions(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    number = stand(scene, GRANT)
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")

    take_back(scene, number)
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


def test_whoever_is_contained_is_disconnected_and_nobody_else_is_looked_at(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    other = scene.session(scene.person("sua.lee", "vpn"), scene.vpn, "10.8.0.3")
    mine = scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    judged = scene.enforcer.crowd.judged[other]
    cut = scene.enforcer.ground.atoms

    stand(scene, CONTAINMENT)
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.3", "intranet")
    assert (scene.disconnect_of(mine), scene.disconnect_of(other)) == ("wanted", "")
    assert scene.enforcer.crowd.judged[other] is judged
    assert scene.enforcer.ground.atoms is cut
    (told,) = scene.audited("session.right-lost")
    assert told.detail["because"] == "CONTAINED"
    assert told.detail["forbidden_by"] == ["containment-1"]


def test_a_contained_endpoint_loses_the_session_of_whoever_sits_at_it(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    session_id = scene.session(scene.user_id, scene.vpn, "10.8.0.2", calling_station="02-00-5E-00-53-01")
    elsewhere = scene.session(scene.user_id, scene.vpn, "10.8.0.4", calling_station="02-00-5E-00-53-02")
    scene.settle()

    stand(scene, replace(CONTAINMENT, who=("endpoint:02:00:5e:00:53:01",)))
    scene.turn()

    assert (scene.disconnect_of(session_id), scene.disconnect_of(elsewhere)) == ("wanted", "")


def test_a_contained_network_is_closed_to_everybody_and_opens_again(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    before = scene.reached()

    number = stand(scene, replace(CONTAINMENT, who=(ANYBODY,), objects=("network:build",)))
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet")
    take_back(scene, number)
    scene.settle()

    assert scene.reached() == before


def test_what_a_review_has_stopped_is_gone_from_live_sessions_until_it_speaks_again(scene: Scene):
    scene.place(scene.user_id, ["vpn", "engineering"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    other = scene.session(scene.person("sua.lee", "vpn"), scene.vpn, "10.8.0.3")
    scene.settle()
    before, judged = scene.reached(), scene.enforcer.crowd.judged[other]

    number = stand(scene, Standing(0, StandingKind.SILENCE, (), ("engineers",), created_by="root"))
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet") | scene.reach("10.8.0.3", "intranet")
    assert scene.enforcer.crowd.judged[other] is judged
    take_back(scene, number)
    scene.settle()

    assert scene.reached() == before


def test_standing_rules_outlive_another_document_and_another_enforcer(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    stand(scene, GRANT)
    scene.settle()

    scene.publish(NARROWER)
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")
    scene.enforcer = Enforcer(scene.records, scene.bell)
    scene.enforcer.begin(scene.now)

    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")


def test_an_attribute_that_the_directory_changes_takes_what_it_gave(scene: Scene):
    scene.publish(POLICY.replace("group:hangang/engineering", "'attribute:hangang/department=연구소'"))
    scene.place(scene.user_id, ["vpn"])
    scene.change_user(scene.user_id, attributes="department=연구소\ntitle=책임")
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")

    scene.change_user(scene.user_id, attributes="department=영업")
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


def test_a_membership_of_a_local_group_takes_what_it_gave_at_the_second_it_ends(scene: Scene):
    scene.place(scene.user_id, ["vpn"])
    ends = scene.now + 600
    with scene.database.write() as conn:
        row = {"user_id": scene.user_id, "group_id": scene.group_ids["engineering"], "until": ends}
        conn.execute(insert(ending_memberships).values(**row))
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.turn()
    given = {row.pair.atom: row.pair.until for row in scene.rows()}
    assert {given[atom] for atom in scene.atoms("build")} == {ends}
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")

    scene.wait(599.5)
    scene.turn()
    assert scene.reached() == scene.reach("10.8.0.2", "intranet", "build")
    scene.wait(0.5)
    scene.turn()

    assert scene.reached() == scene.reach("10.8.0.2", "intranet")


# The scene begins on a Friday at 17:00 in Seoul: office hours end at 20:00, and begin on Monday at 08:00.
CLOSES, OPENS = 3 * HOUR, 63 * HOUR
AT_CLOSING, AT_OPENING = '"2027-01-15T20:00:00+09:00"', '"2027-01-18T08:00:00+09:00"'
OPERATIONS = "who: [group:hangang/operations]"
IN_OFFICE_HOURS = f"{OPERATIONS}, when: {{hours: office}}"
WINDOWS = """\
hours:
  evening: {days: [fri], from: "20:00", to: "22:00", zone: Asia/Seoul}
  dawn: {days: [mon], from: "00:00", to: "08:00", zone: Asia/Seoul}
"""


def clocked(permit: str = OPERATIONS, forbid: str = "") -> str:
    """The policy that gives network:servers so, and forbids it so; its door asks for no code that ages."""
    text = POLICY.replace(", when: {otp_age: 12h}", "").replace(IN_OFFICE_HOURS, permit)
    rule = f"  - {{id: closed, forbid: [network:servers], {OPERATIONS}, {forbid}, reason: closed}}\n"
    return text.replace("hours:\n", WINDOWS, 1).replace("rules:\n", f"rules:\n{rule if forbid else ''}", 1)


def at_the_clock(scene: Scene, text: str) -> Held:
    """Somebody of operations has a session under this policy; returned is what only the clock decides on."""
    scene.publish(text)
    scene.place(scene.user_id, ["vpn", "operations"])
    scene.session(scene.user_id, scene.vpn, "10.8.0.2")
    scene.settle()
    return scene.reach("10.8.0.2", "servers")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(clocked(IN_OFFICE_HOURS), id="hours-close"),
        pytest.param(clocked(f"{OPERATIONS}, valid_to: {AT_CLOSING}"), id="valid_to"),
        pytest.param(clocked(forbid="when: {hours: evening}"), id="hours-of-a-forbid-open"),
        pytest.param(clocked(forbid=f"valid_from: {AT_CLOSING}"), id="valid_from-of-a-forbid"),
    ],
)
def test_the_clock_takes_what_a_live_session_reached_at_that_very_second(scene: Scene, text: str):
    servers = at_the_clock(scene, text)
    always = scene.reach("10.8.0.2", "intranet")
    ends = {row.pair.until for row in scene.rows() if row.pair.atom in scene.atoms("servers")}
    assert (scene.reached(), ends) == (servers | always, {scene.now + CLOSES})

    scene.wait(CLOSES - 1)
    scene.turn()
    assert scene.reached() == servers | always
    scene.wait(1)
    scene.turn()

    assert scene.reached() == always
    (record,) = scene.audited("session.reach-lost")
    assert record.detail["objects"] == ["network:servers"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(clocked(IN_OFFICE_HOURS), id="hours-open"),
        pytest.param(clocked(f"{OPERATIONS}, valid_from: {AT_OPENING}"), id="valid_from"),
        pytest.param(clocked(forbid="when: {hours: dawn}"), id="hours-of-a-forbid-close"),
        pytest.param(clocked(forbid=f"valid_to: {AT_OPENING}"), id="valid_to-of-a-forbid"),
    ],
)
def test_the_clock_gives_a_live_session_what_opens_at_that_very_second(scene: Scene, text: str):
    servers = at_the_clock(scene, text)
    always = scene.reach("10.8.0.2", "intranet")

    scene.wait(OPENS - 1)
    scene.settle()
    assert scene.reached() == always
    scene.wait(1)
    scene.turn()

    assert scene.reached() == always | servers
