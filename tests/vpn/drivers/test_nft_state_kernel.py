"""What the kernel holds after plans: exactly what was intended, whatever somebody did in between."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.peers.leftovers import scope
from tests.peers.office_net import ip
from tests.peers.waiting import PATIENCE_S
from tests.vpn.states import NOW, states
from vpn.atoms import PortRange, Protocol, Target, cut
from vpn.compile import intended
from vpn.device import Device, DeviceError
from vpn.diff import delta, plan
from vpn.driver import DeviceKind
from vpn.drivers import DRIVERS
from vpn.drivers.linux_nftables import REMAKE_FROM
from vpn.grant import Grant, Lease, Pair
from vpn.state import Gateway, GatewayState, Pool
from vpn.transport import LocalNft

pytestmark = pytest.mark.peer("nft")

FOUR, SIX = ip_address("10.8.0.2"), ip_address("fd00:8::2")
ATOMS = cut(
    {
        "crm": [
            Target(ip_network("10.99.0.0/24"), Protocol.TCP, PortRange(443, 443)),
            Target(ip_network("fd00:99::7")),
        ],
        "git": [Target(ip_network("10.99.0.7/32"))],
    }
)
GATEWAY = Gateway("gw", frozenset({Pool(ip_network("10.8.0.0/24"), "tun0"), Pool(ip_network("fd00:8::/64"))}))


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    name = f"{scope()}-state"
    ip("netns", "add", name)
    yield name
    ip("netns", "delete", name)


@pytest.fixture
def device(namespace: str) -> Iterator[Device]:
    with ExitStack() as ending:
        nft = ending.enter_context(LocalNft(namespace, PATIENCE_S))
        ending.callback(nft.run, "add table inet officegate\ndelete table inet officegate")
        yield Device(DRIVERS[DeviceKind.LINUX_NFTABLES], nft)


def target_state(now: float) -> GatewayState:
    grants = [Grant("s", ATOMS.of("crm"), now + 100_000.25), Grant("s", ATOMS.of("git"))]
    return intended(GATEWAY, ATOMS, grants, [Lease("s", FOUR, "gw", 1), Lease("s", SIX, "gw", 1)], now)


def reconcile(device: Device, wanted: GatewayState) -> None:
    now = time.time()
    device.apply(plan(device.running(now), wanted), now)


def test_what_is_listed_after_an_apply_is_what_was_intended(device: Device) -> None:
    now = time.time()
    wanted = target_state(now)

    reconcile(device, wanted)

    assert device.running(now) == wanted
    assert plan(device.running(now), wanted).empty


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(states(), min_size=2, max_size=4))
def test_a_random_walk_leaves_nothing_to_do_at_any_step(device: Device, walk: list[GatewayState]) -> None:
    for wanted in walk:
        running = device.running(NOW)
        device.apply(plan(running, wanted), NOW)

        assert device.running(NOW) == wanted


@pytest.mark.parametrize(
    "drift",
    [
        "flush set inet officegate may4",
        "delete element inet officegate may6 { fd00:8::2 . %d }",
        "add element inet officegate may4 { 10.8.0.66 . 5 }",
        "add element inet officegate may4 { 192.0.2.1 . 5 timeout 1d }",
        "add element inet officegate what4 { 203.0.113.0-203.0.113.77 . 6 . 1-65535 : 5 }",
        "add element inet officegate what4 { 203.0.113.1 . sctp . 1 : 5 }",
        "flush map inet officegate icmp4",
        "add element inet officegate pool4 { 172.16.0.0/12 }",
        "delete element inet officegate pool6 { fd00:8::/64 }",
        "insert rule inet officegate forward accept",
        'add rule inet officegate forward tcp dport 22 limit rate 5/second log prefix "x" accept',
        "add chain inet officegate open { type filter hook forward priority -5; policy accept; }",
        "add chain inet officegate mine\nadd rule inet officegate mine accept\n"
        "insert rule inet officegate forward jump mine",
        "add set inet officegate friends { type ipv4_addr; flags interval; }\nadd counter inet officegate c",
        "add chain inet officegate forward { policy accept; }",
        "flush chain inet officegate forward",
        "add table inet officegate { flags dormant; }",
        "flush chain inet officegate forward\ndelete set inet officegate may4\n"
        "add set inet officegate may4 { type ipv4_addr; }",
        "delete table inet officegate",
    ],
)
def test_drift_is_found_and_repaired(device: Device, drift: str) -> None:
    now = time.time()
    wanted = target_state(now)
    reconcile(device, wanted)
    before = device.generation()

    device.channel.run(drift % min(ATOMS.of("crm")) if "%d" in drift else drift)

    assert device.generation() != before
    found = plan(device.running(now), wanted)
    assert not found.empty
    device.apply(found, now)
    assert device.running(now) == wanted


def test_a_map_of_which_much_goes_is_made_anew_and_holds_what_it_should(device: Device) -> None:
    many = {"all": [Target(ip_network("10.0.0.0/8"), Protocol.TCP)]}
    many |= {f"h{n}": [Target(ip_network(f"10.1.{n}.7/32"), Protocol.TCP)] for n in range(REMAKE_FROM)}
    grants = [Grant("s", cut(many).of("all"))]
    leases = [Lease("s", FOUR, "gw", 1)]
    reconcile(device, intended(GATEWAY, cut(many), grants, leases, NOW))
    del many["all"]
    wanted = intended(GATEWAY, cut(many), [], leases, NOW)
    made = plan(device.running(NOW), wanted)
    batches = device.driver.render(made, NOW)

    device.apply(made, NOW)

    assert "delete map inet officegate what4\n" in batches[1]
    assert device.running(NOW) == wanted


def test_a_repair_of_the_rules_leaves_the_pairs_where_they_are(device: Device) -> None:
    now = time.time()
    wanted = target_state(now)
    reconcile(device, wanted)
    gone = frozenset(sorted(wanted.pairs, key=lambda pair: pair.atom)[:1])
    device.channel.run("insert rule inet officegate forward accept")
    stale = plan(device.running(now), wanted)

    device.apply(delta(gone, ()), now)
    device.apply(stale, now)

    assert device.running(now) == replace(wanted, pairs=wanted.pairs - gone)


def test_removing_what_is_not_there_is_harmless_and_removes_the_rest(device: Device) -> None:
    wanted = target_state(time.time())
    reconcile(device, wanted)

    device.apply(delta([*wanted.pairs, Pair(FOUR, 4711), Pair(SIX, 4711)], ()), time.time())

    assert device.running(time.time()).pairs == frozenset()


def test_writing_a_pair_twice_is_harmless_and_the_last_end_holds(device: Device) -> None:
    reconcile(device, target_state(time.time()))
    now = time.time()
    for until in (now + 50.5, None, now + 90.0, now + 70.0):
        pair = Pair(FOUR, 4711, until)

        device.apply(delta((), [pair]), now)

        assert device.verify(delta((), [pair]), now) == frozenset()
        assert pair in device.running(now).pairs


def test_what_lies_beside_the_plan_is_seen_by_verify(device: Device) -> None:
    wanted = target_state(time.time())
    reconcile(device, wanted)
    now = time.time()
    crm = min(ATOMS.of("crm"))

    device.channel.run(f"delete element inet officegate may4 {{ 10.8.0.2 . {crm} }}")

    missing = frozenset(pair for pair in wanted.pairs if pair.key == (FOUR, crm))
    assert missing
    assert device.verify(delta((), wanted.pairs), now) == missing


def test_the_membership_lane_finds_out_that_the_table_is_gone(device: Device) -> None:
    with pytest.raises(DeviceError, match="nft refused"):
        device.apply(delta((), [Pair(FOUR, 1)]), time.time())


def test_the_golden_batch_is_accepted_as_it_is_by_the_command_line(namespace: str, device: Device) -> None:
    """What an administrator may copy from a plan has to work by hand."""
    now = time.time()
    batches = DRIVERS[DeviceKind.LINUX_NFTABLES].render(plan(GatewayState(), target_state(now)), now)

    for batch in batches:
        subprocess.run(
            ["ip", "netns", "exec", namespace, "nft", "-f", "-"], input=batch, text=True, check=True
        )

    assert device.running(now) == target_state(now)
