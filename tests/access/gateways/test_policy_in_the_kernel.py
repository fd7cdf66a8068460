"""A random policy compiled into a real gateway lets through exactly the packets that decide permits.

Every probe is a person, an address, a protocol and a port, among them the first and last of each range and
those beside them. A packet that may pass is waited for; the others had the same time, and went before one
that passed.
"""

import select
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from random import Random

import pytest

from access.gateways.livesessions import Holder, HolderKey, HolderKind, LiveSession, ground, judge
from access.model import Effect, Facts, Method, Request, Subject, Via
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.vocabulary import Condition, Document, Network, Ports, Protocol, Rule
from tests.peers.office_net import CLIENTS4, CLIENTS6, POOL4, POOL6, SERVERS4, SERVERS6, OfficeNet
from tests.peers.waiting import PATIENCE_S, wait_until
from vpn import compile as compiling
from vpn.device import Device
from vpn.diff import plan
from vpn.driver import DeviceKind
from vpn.drivers import DRIVERS
from vpn.grant import Lease
from vpn.state import Gateway, GatewayState, Pool
from vpn.transport import LocalNft

pytestmark = pytest.mark.peer("nft")

GATEWAY = Gateway("gw", frozenset({Pool(ip_network(POOL4)), Pool(ip_network(POOL6))}))
PORTS = range(8000, 8016)
# Everybody reaches it: what was sent before has arrived once this has.
LAST_PORT = 7999
PLACES = ("10.99.0.2/32", "10.99.0.3/32", "10.99.0.2/31", "10.99.0.0/24", "fd00:99::2/128", "fd00:99::2/127")
GROUPS = tuple(f"hangang/g{number}" for number in range(4))
ANSWER_S, GRACE_S = 20.0, 0.2
KINDS = {Protocol.TCP: socket.SOCK_STREAM, Protocol.UDP: socket.SOCK_DGRAM}


@dataclass(frozen=True)
class Probe:
    """A packet that somebody sends."""

    person: int
    to: str
    protocol: Protocol
    port: int

    @property
    def source(self) -> str:
        return (CLIENTS6 if ":" in self.to else CLIENTS4)[self.person]

    @property
    def family(self) -> int:
        return socket.AF_INET6 if ":" in self.to else socket.AF_INET


@dataclass(frozen=True)
class Office:
    """A policy, and the people who have a session each."""

    policy: Policy
    people: Sequence[Subject]
    facts: Sequence[Facts]

    def permits(self, probe: Probe, now: float) -> bool:
        """What decide says of a probe, with nothing of the compiler."""
        subject, facts = self.people[probe.person], self.facts[probe.person]
        if not decide(self.policy, subject, Request("login:vpn", facts), now).permitted:
            return False
        covering = [each for each in self.policy.document.networks.values() if covers(each, probe)]
        asked = [
            decide(self.policy, subject, Request(f"network:{each.name}", facts), now) for each in covering
        ]
        return any(each.permitted for each in asked) and not any(each.forbids for each in asked)

    def state(self, now: float) -> GatewayState:
        """What the gateway is to hold."""
        cut = ground(self.policy)
        leases, grants = [], []
        for number, (subject, facts) in enumerate(zip(self.people, self.facts, strict=True)):
            session = LiveSession(number, 1, HolderKey(HolderKind.USER, subject.id), facts)
            judged = judge(cut, session, Holder(subject), (), now)
            grants += judged.grants(number)
            for address in (CLIENTS4[number], CLIENTS6[number]):
                leases.append(Lease(str(number), ip_address(address), GATEWAY.name, 1))
        pairs = frozenset(compiling.pairs(GATEWAY, grants, leases, now))
        return GatewayState(compiling.structure(GATEWAY, cut.atoms), pairs)


def covers(network: Network, probe: Probe) -> bool:
    inside = any(ip_address(probe.to) in each for each in network.to)
    spoken = (each for each in network.ports if each.protocol is probe.protocol)
    return inside and (not network.ports or any(each.first <= probe.port <= each.last for each in spoken))


def drawn(random: Random, now: float) -> Office:
    """Networks that overlap, permits and forbids with conditions, and a person at every client's address."""
    networks = {f"n{number}": network(random, f"n{number}") for number in range(6)}
    last = (Ports(Protocol.TCP, LAST_PORT, LAST_PORT), Ports(Protocol.UDP, LAST_PORT, LAST_PORT))
    everywhere = (ip_network("10.99.0.0/24"), ip_network("fd00:99::/64"))
    networks["last"] = Network("last", "hangang", everywhere, last, 1)
    rules = [
        Rule("door", Effect.PERMIT, ("login:vpn",), ("organization:hangang", "organization:seorak")),
        Rule("last", Effect.PERMIT, ("network:last",), ("organization:hangang",)),
        *(rule(random, number) for number in range(16)),
    ]
    people = [
        Subject(
            number + 1,
            random.choice(("hangang", "hangang", "seorak")) if number else "hangang",
            f"p{number}",
            frozenset(random.sample(GROUPS, random.randint(0, 3))),
        )
        for number in range(len(CLIENTS4))
    ]
    facts = [
        Facts(Via.VPN, Method.PAP, now - random.choice((60, 90000)), site=random.choice(("seoul", "busan")))
        for _ in people
    ]
    return Office(compile(Document("drawn", networks, rules=tuple(rules))), people, facts)


def network(random: Random, name: str) -> Network:
    to = tuple(ip_network(each) for each in random.sample(PLACES, random.randint(1, 3)))
    ports = []
    for protocol in random.sample((Protocol.TCP, Protocol.UDP), random.randint(0, 2)):
        first = random.choice(PORTS)
        ports.append(Ports(protocol, first, min(PORTS[-1], first + random.choice((0, 1, 4)))))
    return Network(name, "hangang", to, tuple(ports), 1)


def rule(random: Random, number: int) -> Rule:
    conditions = random.choice(((), (), (SEOUL,), (FRESH,)))
    return Rule(
        f"r{number}",
        random.choice((Effect.PERMIT, Effect.PERMIT, Effect.PERMIT, Effect.DENY)),
        tuple(f"network:n{each}" for each in random.sample(range(6), random.randint(1, 3))),
        tuple(f"group:{each}" for each in random.sample(GROUPS, random.randint(1, 2))),
        conditions,
        # Of two companies both have to agree.
        organization=random.choice((None, None, "seorak")),
    )


SEOUL, FRESH = Condition("site", frozenset({"seoul"})), Condition("otp_age", 12 * 3600.0)


def probes(random: Random, count: int) -> list[Probe]:
    return [
        Probe(
            random.randrange(len(CLIENTS4)),
            random.choice((*SERVERS4, *SERVERS6)),
            random.choice((Protocol.TCP, Protocol.UDP)),
            random.choice(PORTS),
        )
        for _ in range(count)
    ]


class Kernel:
    """The namespaces, a gateway with our table, and a server that listens on every port."""

    def __init__(self, net: OfficeNet, ending: ExitStack) -> None:
        self.net = net
        nft = ending.enter_context(LocalNft(net.gateway, PATIENCE_S))
        ending.callback(nft.run, "add table inet officegate\ndelete table inet officegate")
        self.device = Device(DRIVERS[DeviceKind.LINUX_NFTABLES], nft)
        self.servers: Mapping[Protocol, list[socket.socket]] = {
            protocol: net.inside(
                net.server, lambda kind=kind: [listening(kind, port, ending) for port in (LAST_PORT, *PORTS)]
            )
            for protocol, kind in KINDS.items()
        }

    def passed(self, sent: Sequence[Probe], expected: set[int]) -> set[int]:
        """Which of the probes came through, by their places in the row."""
        with ExitStack() as ending:
            clients = self.net.inside(self.net.client, lambda: [client(each, ending) for each in sent])
            streams = [n for n, each in enumerate(sent) if each.protocol is Protocol.TCP]
            for number, (each, made) in enumerate(zip(sent, clients, strict=True)):
                if each.protocol is Protocol.UDP:
                    made.sendto(str(number).encode(), (each.to, each.port))
            found: set[int] = set()

            def look() -> bool:
                found.update(self.datagrams())
                found.update(opened(streams, clients))
                return expected <= found

            wait_until(look, "what is permitted to come through", ANSWER_S)
            until = time.monotonic() + GRACE_S
            while time.monotonic() < until:
                look()
            return found

    def datagrams(self) -> Iterator[int]:
        ready, _, _ = select.select(self.servers[Protocol.UDP], (), (), 0.02)
        for each in ready:
            yield int(each.recv(100))


def listening(kind: int, port: int, ending: ExitStack) -> socket.socket:
    """A socket on every address of both families."""
    made = ending.enter_context(socket.socket(socket.AF_INET6, kind))
    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        made.listen(1024)
    return made


def client(probe: Probe, ending: ExitStack) -> socket.socket:
    """A socket at the address of a person; of TCP one that has begun to connect."""
    made = ending.enter_context(socket.socket(probe.family, KINDS[probe.protocol]))
    made.setblocking(False)
    made.bind((probe.source, 0))
    if probe.protocol is Protocol.TCP:
        made.connect_ex((probe.to, probe.port))
    return made


def opened(streams: Sequence[int], clients: Sequence[socket.socket]) -> Iterator[int]:
    """The streams whose connection stands."""
    poll = select.poll()
    by_number = {clients[number].fileno(): number for number in streams}
    for descriptor in by_number:
        poll.register(descriptor, select.POLLOUT)
    for descriptor, event in poll.poll(0):
        number = by_number[descriptor]
        if event == select.POLLOUT and not clients[number].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            yield number


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with OfficeNet() as net, ExitStack() as ending:
        yield Kernel(net, ending)


def compare(kernel: Kernel, seed: int, count: int) -> tuple[int, int]:
    """Try so many probes of a policy; how many passed, and how many did not."""
    random, now = Random(seed), time.time()
    office = drawn(random, now)
    kernel.device.apply(plan(kernel.device.running(now), office.state(now)), now)
    sent = probes(random, count)
    # Sent last, and let through: whatever else may pass is there before or soon after.
    sent += [Probe(0, to, protocol, LAST_PORT) for to in (*SERVERS4, *SERVERS6) for protocol in KINDS]
    expected = {number for number, each in enumerate(sent) if office.permits(each, now)}

    passed = kernel.passed(sent, expected)

    wrong = [sent[number] for number in sorted(passed ^ expected)]
    assert wrong == [], f"seed {seed}"
    return len(passed), len(sent) - len(passed)


def test_a_packet_passes_exactly_where_decide_permits_it(kernel: Kernel):
    passed, stopped = (
        sum(each) for each in zip(*(compare(kernel, seed, 250) for seed in range(4)), strict=True)
    )

    assert passed > 80
    assert stopped > 300


@pytest.mark.soak
def test_thousands_of_packets_of_many_policies_pass_exactly_where_decide_permits_them(kernel: Kernel):
    for seed in range(100, 160):
        compare(kernel, seed, 200)
