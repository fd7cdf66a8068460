"""Real enforce and worker processes before a real gateway, over both databases and both brokers."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import select

from access.app import App, open_app
from access.config import load
from access.model import Via
from access.nas.registry import NasClient
from access.policy.standing import Kept, Standing, StandingKind
from access.store import audit, audit_chain, feed, nas, pairs, standing, work
from access.store.tables import feed as feed_rows
from access.store.tables import leases, sessions
from access.store.tidying import FEED_KEPT_S
from deploy.demo.flows import PEER_S, Flow, connects, tcp_flow, udp_stream
from tests.access.conftest import Address
from tests.access.ending import end_soon
from tests.access.gatehouse import POLICY, Gatehouse
from tests.access.installation import write_config
from tests.peers.office_net import CLIENTS4, OfficeNet
from tests.peers.ports import free_port
from tests.peers.process import Daemon
from tests.peers.redis import Redis
from tests.peers.waiting import wait_until

pytestmark = pytest.mark.peer("nft")

CLIENT, NEIGHBOUR = CLIENTS4[:2]
GIT, STREAM, INTRANET = ("10.99.0.2", 9418), ("10.99.0.2", 5004), ("10.99.0.2", 8080)
EXTRA = "[enforce]\nreconcile_s = 1\n"
# A worker that does nothing but what the bell tells it: what gets done without a sweep, the bell has done.
BY_BELL_ALONE = (
    "import sys; from access import cli; from access.gateways import tasks;"
    " tasks.SWEEP_EVERY_S = 1e6; sys.exit(cli.main())"
)


class Deployment:
    """An installation whose processes run, and the gateway between a client and a server."""

    def __init__(self, directory: Path, address: Address, net: OfficeNet, broker: str = "filesystem") -> None:
        self.directory, self.net = directory, net
        self.config = write_config(directory, address.url)
        with self.config.open("a") as file:
            file.write(f'{EXTRA}[worker]\nbroker = "{broker}"\n')
        self.app: App = open_app(load(self.config))
        self.house = Gatehouse(self.app.database, time.time())
        with self.app.database.write() as conn:
            feed.append(conn, feed.Topic.USER, "yesterday", 1, time.time() - FEED_KEPT_S - 60)
        self.house.publish()
        self.gw = self.house.gateway(address=f"netns:{net.gateway}")
        # Nobody listens there for a Disconnect-Request.
        client = NasClient(
            0,
            1,
            "vpn-1",
            ip_network("127.0.0.1/32"),
            ("a-secret-of-the-nas",),
            Via.VPN,
            gateway_id=self.gw,
            coa_port=free_port(),
        )
        with self.app.database.write() as conn:
            self.vpn = nas.add(conn, self.app.keyring, client, self.house.now, self.app.random)
        self.ending = ExitStack()
        self.ending.callback(self.app.close)

    def run(self, command: str, program: Sequence[str] = ("-m", "access.cli")) -> Daemon:
        """`officegate COMMAND`, running until the test ends."""
        folder = self.directory / f"{command}-{len(list(self.directory.iterdir()))}"
        folder.mkdir()
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.setblocking(False)
        notify.bind(str(folder / "notify"))
        self.ending.callback(notify.close)
        daemon = Daemon(
            [sys.executable, *program, "--config", self.config, command],
            folder,
            ready=lambda: _heard(notify),
            environment={"NOTIFY_SOCKET": str(folder / "notify"), "PYTHONPATH": str(Path.cwd())},
        )
        daemon.start()
        self.ending.callback(daemon.stop)
        return daemon

    def run_by_bell_alone(self) -> Daemon:
        return self.run("worker", ("-c", BY_BELL_ALONE))

    def wait_for_rules(self) -> None:
        wait_until(self.in_step, "the gateway to be in step")

    def in_step(self) -> bool:
        with self.app.database.read() as conn:
            lanes = work.lanes(conn)
        return bool(lanes) and all(lane.done >= lane.wanted for lane in lanes)

    def held(self) -> set[str]:
        """The addresses the gateway holds pairs for."""
        listed = self.net.run(self.net.gateway, ["nft", "list", "ruleset"])
        return {address for address in CLIENTS4 if f"{address} ." in listed}

    def leader(self) -> str:
        with self.app.database.read() as conn:
            return conn.execute(select(leases.c.owner).where(leases.c.name == "enforce")).scalar() or ""


def _heard(notify: socket.socket) -> bool:
    try:
        return b"READY=1" in notify.recv(4096)
    except BlockingIOError:
        return False


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a short name: sockets lie below it."""
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def net() -> Iterator[OfficeNet]:
    with OfficeNet() as office:
        yield office


@pytest.fixture
def deployment(directory: Path, address: Address, database, net: OfficeNet) -> Iterator[Deployment]:
    made = Deployment(directory, address, net)
    with made.ending:
        yield made


only_sqlite = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def test_a_session_opens_what_it_may_and_a_lost_group_cuts_what_runs(deployment: Deployment):
    house, net = deployment.house, deployment.net
    deployment.run_by_bell_alone()
    deployment.run("enforce")
    deployment.wait_for_rules()
    house.place(house.user_id, ["vpn", "engineering"])
    assert not connects(net, CLIENT, GIT)

    house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: connects(net, CLIENT, GIT), "the network to open")
    assert not connects(net, NEIGHBOUR, GIT)

    with tcp_flow(net, CLIENT, GIT) as flow, udp_stream(net, CLIENT, STREAM) as stream:
        house.place(house.user_id, ["vpn"])
        wait_until(lambda: flow.silent_for(1.0) and stream.silent_for(1.0), "both flows to be cut")
    assert connects(net, CLIENT, INTRANET, PEER_S)


@only_sqlite
def test_no_packet_passes_a_second_after_a_grant_has_ended(deployment: Deployment):
    house, net = deployment.house, deployment.net
    deployment.run_by_bell_alone()
    deployment.run("enforce")
    deployment.wait_for_rules()
    house.place(house.user_id, ["vpn"])
    house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: connects(net, CLIENT, INTRANET), "the session to reach what it may")
    assert not connects(net, CLIENT, GIT)
    granted = Standing(0, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:build",))
    with deployment.app.database.write() as conn:
        number = standing.add(conn, Kept(granted, organization_id=1), time.time()).standing.id
    wait_until(lambda: connects(net, CLIENT, GIT), "the grant to open it")

    def end_at(end: float) -> None:
        with deployment.app.database.write() as conn:
            standing.change(conn, number, time.time(), valid_to=end)

    with tcp_flow(net, CLIENT, GIT) as flow, udp_stream(net, CLIENT, STREAM) as stream:
        end = end_soon(net, CLIENT, end_at)
        # What stands still for a second on a busy machine has not been cut yet.
        wait_until(lambda: time.time() > end, "the end")
        wait_until(lambda: flow.silent_for(1.0) and stream.silent_for(1.0), "both flows to be cut")
        assert flow.is_cut_at(end)
        assert stream.is_cut_at(end)
    assert connects(net, CLIENT, INTRANET, PEER_S)


@only_sqlite
def test_a_lost_door_ends_the_session_at_its_nas_and_the_audit_is_sealed(deployment: Deployment):
    house, app = deployment.house, deployment.app
    deployment.run("enforce")
    deployment.run("worker")
    house.place(house.user_id, ["vpn"])
    session_id = house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: CLIENT in deployment.held(), "the pairs to come")

    house.place(house.user_id, [])

    def asked() -> str:
        with app.database.read() as conn:
            row = select(sessions.c.disconnect).where(sessions.c.id == session_id)
            return conn.execute(row).scalar_one()

    wait_until(lambda: not deployment.held(), "the pairs to go")
    # Nobody listens at the NAS: what counts here is that the worker tried.
    wait_until(lambda: asked() == "silent", "the NAS to be asked")

    def sealed() -> bool:
        found = audit_chain.verify(app.database, app.keyring, app.settings.audit.heads_dir)
        return found.rows > 0 and not found.unsealed and not found.findings

    wait_until(sealed, "the audit to be sealed")


@only_sqlite
def test_the_leader_forgets_what_nobody_needs_to_read_any_more(deployment: Deployment):
    def remembered() -> list[str]:
        with deployment.app.database.read() as conn:
            return list(conn.execute(select(feed_rows.c.key)).scalars())

    assert "yesterday" in remembered()

    deployment.run("enforce")

    wait_until(lambda: "yesterday" not in remembered(), "the feed to be pruned")


@pytest.mark.peer("redis")
@only_sqlite
def test_over_redis_the_bell_rings_as_well(directory: Path, address: Address, database, net: OfficeNet):
    with Redis() as redis:
        deployment = Deployment(directory, address, net, redis.url)
        with deployment.ending:
            house = deployment.house
            deployment.run_by_bell_alone()
            deployment.run("enforce")
            deployment.wait_for_rules()
            house.place(house.user_id, ["vpn"])
            for _ in range(4):
                session_id = house.session(house.user_id, deployment.vpn, CLIENT)
                wait_until(lambda: CLIENT in deployment.held(), "the pairs to come")
                house.end(session_id)
                wait_until(lambda: not deployment.held(), "the pairs to go")


@pytest.mark.peer("redis")
@only_sqlite
def test_without_a_broker_the_sweep_finds_the_work(
    directory: Path, address: Address, database, net: OfficeNet
):
    with Redis() as redis:
        deployment = Deployment(directory, address, net, redis.url)
        with deployment.ending:
            house = deployment.house
            deployment.run("enforce")
            deployment.run("worker")
            deployment.wait_for_rules()
            house.place(house.user_id, ["vpn"])
            redis.kill()

            house.session(house.user_id, deployment.vpn, CLIENT)

            wait_until(lambda: CLIENT in deployment.held(), "the sweep")


@only_sqlite
def test_what_somebody_took_away_on_the_gateway_comes_back(deployment: Deployment):
    house, net = deployment.house, deployment.net
    deployment.run("enforce")
    deployment.run("worker")
    house.place(house.user_id, ["vpn"])
    house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: CLIENT in deployment.held(), "the pairs to come")

    # What goes before the gateway was found in step is not drift: it is told again.
    deployment.wait_for_rules()

    net.run(net.gateway, ["nft", "flush", "set", "inet", "officegate", "may4"])

    wait_until(lambda: CLIENT in deployment.held(), "the pairs to come back")

    # One worker gives the pair back while the one that missed it still writes that down;
    # and a second look may come before the first one's repair has reached the gateway.
    def told() -> set[str]:
        with deployment.app.database.read() as conn:
            found = audit.records(conn, audit.Selection(kind="enforcement"), deployment.app.keyring)
        return {record.reason for record in found}

    wait_until(told, "the drift to be told")
    assert told() == {"DRIFT"}


@only_sqlite
def test_a_second_enforcer_takes_over_from_one_that_was_killed(deployment: Deployment):
    house = deployment.house
    first = deployment.run("enforce")
    leader = deployment.leader()
    second = deployment.run("enforce")
    deployment.run("worker")
    house.place(house.user_id, ["vpn"])
    house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: CLIENT in deployment.held(), "the pairs to come")
    assert "standing by" in second.log

    first.kill()
    house.place(house.user_id, [])

    wait_until(lambda: not deployment.held(), "the second to take over")
    assert deployment.leader() not in ("", leader)


@only_sqlite
def test_a_killed_worker_loses_nothing(deployment: Deployment):
    house = deployment.house
    deployment.run("enforce")
    worker = deployment.run("worker")
    deployment.wait_for_rules()
    house.place(house.user_id, ["vpn", "engineering"])
    for number, address in enumerate(CLIENTS4):
        house.session(house.user_id, deployment.vpn, address)
        if number == 3:
            worker.kill()
    house.place(house.user_id, ["vpn"])

    deployment.run("worker")

    def as_told() -> bool:
        with deployment.app.database.read() as conn:
            told = pairs.every(conn)
        return deployment.in_step() and len(told) == len(CLIENTS4) and not any(row.removed for row in told)

    wait_until(as_told, "the next worker to finish")
    assert deployment.held() == set(CLIENTS4)
    assert not connects(deployment.net, CLIENT, GIT)


@only_sqlite
def test_a_new_policy_does_not_interrupt_what_stays_allowed(deployment: Deployment):
    house, net = deployment.house, deployment.net
    deployment.run("enforce")
    deployment.run("worker")
    deployment.wait_for_rules()
    house.place(house.user_id, ["vpn", "engineering"])
    house.session(house.user_id, deployment.vpn, CLIENT)
    wait_until(lambda: connects(net, CLIENT, GIT), "the network to open")
    across = "  half: {organization: hangang, to: [10.99.0.2/32], ports: [tcp/8000-9500]}\n  servers:"

    with tcp_flow(net, CLIENT, GIT) as flow, udp_stream(net, CLIENT, STREAM) as stream:
        house.publish(POLICY.replace("  servers:", across))
        wait_until(deployment.in_step, "the gateway to be in step")
        wait_until(lambda: _settled(deployment), "the three moves")
        settled = [len(way.arrivals) for way in flow.directions]
        wait_until(lambda: _further(flow, settled), "the connection to go on")
        stream.hush()
        (way,) = stream.directions
        wait_until(lambda: len(way.arrivals) == len(way.sent), "every datagram to arrive")


def _further(flow: Flow, than: list[int]) -> bool:
    return all(len(way.arrivals) > before + 20 for way, before in zip(flow.directions, than, strict=True))


def _settled(deployment: Deployment) -> bool:
    """Every row is of the new cut, and the gateway has confirmed that."""
    with deployment.app.database.read() as conn:
        rows = pairs.every(conn)
    return (
        deployment.in_step()
        and len({row.generation for row in rows}) == 1
        and not any(r.removed for r in rows)
    )


@only_sqlite
def test_both_processes_stop_cleanly(deployment: Deployment):
    for command in ("enforce", "worker"):
        daemon = deployment.run(command)
        os.kill(daemon.pid, signal.SIGTERM)
        wait_until(lambda daemon=daemon: not daemon.is_running(), f"{command} to stop")
        assert "Traceback" not in daemon.log
    assert deployment.leader() != ""
