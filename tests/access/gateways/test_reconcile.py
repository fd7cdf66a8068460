"""Lanes of a real gateway in a network namespace, worked on from the real tables."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

import pytest
from structlog.testing import capture_logs

from access.gateways.channels import Channels, Located
from access.gateways.lanes import Claim, Due, Lane
from access.gateways.pairbook import HeldPair
from access.gateways.reconcile import Job, Leased, Outcome, serve, whole
from access.store import audit, devices, lanes, pairs, single_values, work
from access.store.enforcement import ENFORCED
from access.store.lanes import Grounds, StoredLanes, StoredRows
from tests.access.gatehouse import Gatehouse
from tests.access.residents import KEYRING, Dice
from tests.peers.office_net import OfficeNet
from vpn.device import Device, DeviceError
from vpn.diff import delta
from vpn.grant import Pair
from vpn.state import GatewayState

pytestmark = pytest.mark.peer("nft")

ADDRESS = ip_address("10.8.0.2")


@pytest.fixture(scope="module")
def net() -> Iterator[OfficeNet]:
    with OfficeNet() as office:
        yield office


class Works(Gatehouse):
    """A gateway whose rows the test writes, and a worker."""

    def __init__(self, database, net: OfficeNet) -> None:
        super().__init__(database)
        self.net = net
        net.run(net.gateway, ["nft", "flush", "ruleset"])
        self.revision = self.publish()
        self.gw = self.gateway(address=f"netns:{net.gateway}")
        self.session_id = self.session(self.user_id, self.nas(self.gw), str(ADDRESS))
        with database.write() as conn:
            single_values.put(conn, ENFORCED, self.revision)
        self.grounds = Grounds()
        self.lanes = StoredLanes(database, KEYRING, Dice(), "worker-1", self.grounds)
        self.channels = Channels(self._find)

    def _find(self, device_id: int) -> Located | None:
        with self.database.read() as conn:
            device = devices.device_by_id(conn, device_id)
        return Located(device.name, device.kind, device.address) if device else None

    def clock(self) -> float:
        return self.now

    def serve(self, lane: Lane) -> bool:
        return serve(self.lanes, self.channels.device, Due(self.gw, lane), self.clock)

    def want(self, lane: Lane) -> None:
        with self.database.write() as conn:
            work.want(conn, self.gw, lane)

    def write(self, *rows: HeldPair) -> None:
        with self.database.write() as conn:
            generation = work.want(conn, self.gw, Lane.MEMBERSHIP)
            pairs.put(conn, rows, {self.gw: generation})

    def row(self, atom: int, until: float | None = None, removed: bool = False) -> HeldPair:
        return HeldPair(self.gw, Pair(ADDRESS, atom, until), self.session_id, removed)

    def make_whole(self) -> None:
        self.want(Lane.STRUCTURE)
        assert self.serve(Lane.STRUCTURE)

    def claim(self, lane: Lane) -> Claim:
        with self.database.write() as conn:
            claim = work.claim(conn, Due(self.gw, lane), "worker-1", self.now, 60)
        assert claim is not None
        return claim

    @property
    def device(self) -> Device:
        return self.channels.device(Claim(self.gw, Lane.STRUCTURE, 0, 0, 0, 0))

    def held(self) -> set[int]:
        """The atoms the gateway holds for the address."""
        return {pair.atom for pair in self.device.running(self.now).pairs if pair.address == ADDRESS}

    def state(self, lane: Lane):
        with self.database.read() as conn:
            return next(state for state in work.lanes(conn) if state.lane is lane)

    def row_of_device(self):
        with self.database.read() as conn:
            return devices.device_by_id(conn, self.gw)

    def rows(self) -> list[HeldPair]:
        with self.database.read() as conn:
            return pairs.every(conn)

    def audited(self):
        with self.database.read() as conn:
            return audit.records(conn, audit.Selection(kind="enforcement"), KEYRING)


@pytest.fixture
def works(database, net: OfficeNet) -> Iterator[Works]:
    made = Works(database, net)
    yield made
    made.channels.close()


def test_a_fresh_gateway_gets_its_rules_and_that_is_no_drift(works: Works):
    works.make_whole()

    running = works.device.running(works.now)
    assert running.structure.atoms
    assert not running.structure.foreign
    assert works.state(Lane.STRUCTURE).done == 1
    assert (works.row_of_device().drift, works.row_of_device().seen_at) == (0, works.now)
    assert works.audited() == []


def test_pairs_come_and_go_as_the_rows_say(works: Works):
    works.make_whole()
    works.write(works.row(5), works.row(6, works.now + 3600))
    assert works.serve(Lane.MEMBERSHIP)
    assert works.held() == {5, 6}

    works.write(works.row(5, removed=True), works.row(7))
    assert works.serve(Lane.MEMBERSHIP)

    assert works.held() == {6, 7}
    assert {row.pair.atom for row in works.rows()} == {6, 7}
    assert works.state(Lane.MEMBERSHIP).done == 2
    assert not works.serve(Lane.MEMBERSHIP)


def test_a_gateway_without_its_table_is_made_whole_and_then_gets_its_pairs(works: Works):
    works.write(works.row(5))
    assert works.serve(Lane.MEMBERSHIP)
    assert works.state(Lane.MEMBERSHIP).failures == 1
    assert "nft refused" in works.row_of_device().failure

    assert works.serve(Lane.STRUCTURE)
    while works.serve(Lane.MEMBERSHIP):
        continue

    assert works.held() == {5}
    assert works.row_of_device().failed_at is None


def test_a_gateway_that_is_away_is_tried_again_later_and_not_read_for_it(works: Works):
    with works.database.write() as conn:
        conn.execute(devices.devices.update().values(address="netns:nowhere-at-all"))
    works.write(works.row(5))

    with capture_logs() as logged:
        assert works.serve(Lane.MEMBERSHIP)

    assert [(line["event"], line["device"]) for line in logged] == [("device not in step", "gw-1")]
    state = works.state(Lane.MEMBERSHIP)
    assert state.failures == 1
    assert works.now + 1 <= state.not_before <= works.now + 2
    assert not works.serve(Lane.MEMBERSHIP)
    assert not works.serve(Lane.STRUCTURE)


def test_a_gateway_that_has_moved_is_looked_for_where_it_is_now(works: Works):
    works.make_whole()
    with works.database.write() as conn:
        conn.execute(devices.devices.update().values(address="netns:nowhere-at-all"))
    works.want(Lane.STRUCTURE)

    assert works.serve(Lane.STRUCTURE)

    assert "nowhere-at-all" in works.row_of_device().failure


@pytest.mark.parametrize(
    ("row", "why"),
    [({"address": "telnet:gw"}, "no way to telnet:gw"), ({"kind": "abacus"}, "kind abacus is unknown")],
)
def test_a_device_nobody_can_speak_to_says_so(works: Works, row, why):
    with works.database.write() as conn:
        conn.execute(devices.devices.update().values(**row))
    works.want(Lane.STRUCTURE)

    assert works.serve(Lane.STRUCTURE)

    assert why in works.row_of_device().failure


def test_what_somebody_took_away_is_put_back_and_counted(works: Works):
    works.make_whole()
    works.write(works.row(5), works.row(6))
    works.serve(Lane.MEMBERSHIP)
    works.device.apply(delta([Pair(ADDRESS, 5)], []), works.now)
    assert works.held() == {6}

    works.make_whole()
    works.serve(Lane.MEMBERSHIP)

    assert works.held() == {5, 6}
    assert works.row_of_device().drift == 1
    (record,) = works.audited()
    assert record.reason == "DRIFT"
    assert (record.detail["missing"], record.detail["foreign"], record.detail["rules"]) == (1, 0, False)


def test_what_somebody_added_is_taken_away_and_counted(works: Works):
    works.make_whole()
    works.device.apply(delta([], [Pair(ADDRESS, 9)]), works.now)
    rule = "add rule inet officegate forward ip saddr 10.8.0.9 accept"
    works.net.run(works.net.gateway, ["nft", rule])

    works.make_whole()

    assert works.held() == set()
    assert "10.8.0.9" not in works.net.run(works.net.gateway, ["nft", "list", "ruleset"])
    (record,) = works.audited()
    assert (record.detail["missing"], record.detail["foreign"], record.detail["rules"]) == (0, 1, True)


def test_what_the_other_lane_has_yet_to_do_is_no_drift(works: Works):
    works.make_whole()
    works.write(works.row(5))
    works.serve(Lane.MEMBERSHIP)
    works.write(works.row(5, removed=True), works.row(6))

    works.make_whole()

    assert works.row_of_device().drift == 0
    works.serve(Lane.MEMBERSHIP)
    assert works.held() == {6}


def test_a_new_policy_is_no_drift(works: Works):
    works.make_whole()
    with works.database.write() as conn:
        single_values.put(conn, ENFORCED, "")

    works.make_whole()

    assert works.device.running(works.now).structure.atoms == frozenset()
    assert works.row_of_device().drift == 0


@dataclass(frozen=True)
class Interrupted:
    """The rows of a gateway, where something happens just after they were read."""

    rows: StoredRows
    then: object

    def __getattr__(self, name: str):
        return getattr(self.rows, name)

    def intended(self, now: float) -> GatewayState:
        state = self.rows.intended(now)
        self.then()
        return state


def test_a_right_lost_while_the_gateway_was_read_is_not_revived(works: Works):
    works.make_whole()
    works.write(works.row(5))
    works.serve(Lane.MEMBERSHIP)
    works.device.apply(delta([Pair(ADDRESS, 5)], []), works.now)

    def lose_it() -> None:
        works.write(works.row(5, removed=True))
        works.serve(Lane.MEMBERSHIP)

    works.want(Lane.STRUCTURE)
    claim = works.claim(Lane.STRUCTURE)
    rows = Interrupted(StoredRows(works.database, claim, works.grounds), lose_it)
    whole(works.device, Job(claim, rows), works.clock)

    assert works.held() == set()
    works.serve(Lane.MEMBERSHIP)
    assert works.held() == set()


def test_a_right_won_while_the_gateway_was_read_is_given_back(works: Works):
    works.make_whole()
    works.device.apply(delta([], [Pair(ADDRESS, 5)]), works.now)

    def win_it() -> None:
        works.write(works.row(5))
        works.serve(Lane.MEMBERSHIP)

    works.want(Lane.STRUCTURE)
    claim = works.claim(Lane.STRUCTURE)
    rows = Interrupted(StoredRows(works.database, claim, works.grounds), win_it)
    whole(works.device, Job(claim, rows), works.clock)
    works.serve(Lane.MEMBERSHIP)

    assert works.held() == {5}


def test_who_lost_the_fence_finishes_nothing_and_has_the_gateway_read(works: Works):
    works.make_whole()
    works.write(works.row(5))
    job = works.lanes.claim(Due(works.gw, Lane.MEMBERSHIP), works.now)
    works.now += 600
    later = works.lanes.claim(Due(works.gw, Lane.MEMBERSHIP), works.now)

    works.lanes.finish(job, Outcome(1), works.now)

    assert works.state(Lane.MEMBERSHIP).done == 0
    assert works.state(Lane.STRUCTURE).wanted == works.state(Lane.STRUCTURE).done + 1
    works.lanes.finish(later, Outcome(1), works.now)
    assert works.state(Lane.MEMBERSHIP).done == 1


def test_nothing_is_sent_once_the_lease_has_run_out(works: Works):
    works.make_whole()
    device = works.device
    late = Device(device.driver, Leased(device.channel, "gw-1", works.now, works.clock))

    with pytest.raises(DeviceError, match="lease ran out"):
        late.apply(delta([], [Pair(ADDRESS, 5)]), works.now)

    assert works.held() == set()


def test_a_pair_that_is_not_there_after_all_is_a_failure(works: Works):
    works.make_whole()
    works.write(works.row(5))

    @dataclass(frozen=True)
    class Deaf:
        """A channel that says yes and does nothing."""

        channel: object

        def run(self, batch: str) -> None:
            return None

        def __getattr__(self, name: str):
            return getattr(self.channel, name)

    def open_device(claim: Claim) -> Device:
        device = works.channels.device(claim)
        return replace(device, channel=Deaf(device.channel))

    serve(works.lanes, open_device, Due(works.gw, Lane.MEMBERSHIP), works.clock)

    assert "1 pairs are not as told" in works.row_of_device().failure
    assert works.state(Lane.MEMBERSHIP).done == 0


def test_a_great_many_rows_are_carried_out_in_goes_of_whole_generations(works: Works, monkeypatch):
    monkeypatch.setattr(lanes, "ROWS_AT_ONCE", 4)
    works.make_whole()
    for first in (10, 20, 30):
        works.write(*(works.row(first + n) for n in range(3)))

    assert works.serve(Lane.MEMBERSHIP)
    assert works.state(Lane.MEMBERSHIP).done == 2
    assert works.held() == {10, 11, 12, 20, 21, 22}
    assert works.serve(Lane.MEMBERSHIP)
    assert works.state(Lane.MEMBERSHIP).done == 3
    assert len(works.held()) == 9


def test_what_a_killed_worker_has_begun_the_next_one_finishes(works: Works):
    works.make_whole()
    works.write(works.row(5), works.row(6))
    works.serve(Lane.MEMBERSHIP)
    works.write(works.row(5, removed=True), works.row(7))

    @dataclass
    class Killed:
        """A channel whose worker is killed after one command."""

        channel: object

        def run(self, batch: str) -> None:
            self.channel.run(batch)
            raise SystemExit

        def __getattr__(self, name: str):
            return getattr(self.channel, name)

    def open_device(claim: Claim) -> Device:
        device = works.channels.device(claim)
        return replace(device, channel=Killed(device.channel))

    with pytest.raises(SystemExit):
        serve(works.lanes, open_device, Due(works.gw, Lane.MEMBERSHIP), works.clock)
    assert works.held() == {6}
    assert not works.serve(Lane.MEMBERSHIP)
    works.now += lanes.LEASE_S[Lane.MEMBERSHIP]

    assert works.serve(Lane.MEMBERSHIP)
    assert works.held() == {6, 7}


def test_rows_ask_nothing_of_a_device_that_was_removed(works: Works):
    gone = StoredRows(works.database, Claim(999, Lane.STRUCTURE, 1, 0, 1, 0), works.grounds)
    wanted: Collection[Pair] = [Pair(ADDRESS, 5)]

    assert gone.intended(works.now) == GatewayState()
    gone.write_again(wanted)
    assert works.lanes.claim(Due(999, Lane.STRUCTURE), works.now) is None
    assert isinstance(works.lanes.claim(Due(works.gw, Lane.STRUCTURE), works.now), Job | None)
