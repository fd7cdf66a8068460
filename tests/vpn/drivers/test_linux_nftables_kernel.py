"""The rules against the real kernel: real packets through a gateway in network namespaces."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import pytest

from tests.peers.office_net import POOL4, POOL6, OfficeNet
from tests.peers.waiting import PATIENCE_S, wait_until
from vpn.atoms import Atoms, PortRange, Protocol, Target, cut
from vpn.compile import intended, structure
from vpn.device import Device
from vpn.diff import delta, plan
from vpn.driver import DeviceKind
from vpn.drivers import DRIVERS
from vpn.grant import Grant, Lease, Pair
from vpn.state import Gateway, GatewayState, Pool
from vpn.transport import LocalNft

pytestmark = pytest.mark.peer("nft")

CLIENT = {4: "10.8.0.2", 6: "fd00:8::2"}
OTHER_CLIENT = {4: "10.8.0.3", 6: "fd00:8::3"}
SERVER = {4: "10.99.0.2", 6: "fd00:99::2"}
NEIGHBOUR = {4: "10.99.0.3", 6: "fd00:99::3"}
WHOLE = {4: "10.99.0.2/32", 6: "fd00:99::2/128"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
NO_ANSWER_S = 0.25
ANSWER_S = 20.0
# TCP sends again what nobody has acknowledged, twice in this time.
RETRANSMITTED_S = 0.5
# The kernel counts in ticks of a few milliseconds, and may round down.
TICK_S = 0.1
RECORD_OCTETS = 32
ROOM_OCTETS = 8 << 20
SO_RCVBUFFORCE = 33  # socket(7); the module socket does not name it

RESOURCES = {
    "web": [Target(ip_network(WHOLE[v]), Protocol.TCP, PortRange(8000, 8999)) for v in (4, 6)],
    "feed": [Target(ip_network(WHOLE[v]), Protocol.UDP, PortRange(9000, 9000)) for v in (4, 6)],
    "ping": [Target(ip_network(WHOLE[v]), Protocol.ICMP) for v in (4, 6)],
    "beside": [
        Target(ip_network(f"{NEIGHBOUR[v]}/{WHOLE[v][-3:].split('/')[-1]}"), Protocol.ANY) for v in (4, 6)
    ],
}
ATOMS = cut(RESOURCES)
GATEWAY = Gateway("gw", frozenset({Pool(ip_network(POOL4)), Pool(ip_network(POOL6), "clients")}))


@dataclass(frozen=True)
class Office:
    """The namespaces, and the gateway's device with our table in it and no pair."""

    net: OfficeNet
    device: Device
    ending: ExitStack = field(repr=False)

    def give(self, version: int, *resources: str, lease_s: float | None = None) -> frozenset[Pair]:
        """Let the client reach the resources, as the membership lane does."""
        until = None if lease_s is None else time.time() + lease_s
        marks = frozenset().union(*(ATOMS.of(resource) for resource in resources))
        pairs = frozenset(Pair(ip_address(CLIENT[version]), mark, until) for mark in marks)
        self.device.apply(delta((), pairs), time.time())
        return pairs

    def take(self, pairs: frozenset[Pair]) -> None:
        self.device.apply(delta(pairs, ()), time.time())

    def bound(self, place: str, version: int, kind: int, bind: tuple[str, int]) -> socket.socket:
        ns = getattr(self.net, place)
        made = self.ending.enter_context(self.net.open_socket(ns, FAMILY[version], kind))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.settimeout(ANSWER_S)
        # Nothing may be lost at an end that gets no time: what is lost, the gateway has dropped.
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM_OCTETS)
        made.bind(bind)
        return made

    def listen(self, version: int, port: int, address: str | None = None) -> socket.socket:
        server = self.bound("server", version, socket.SOCK_STREAM, (address or SERVER[version], port))
        server.listen()
        return server

    def connects(self, version: int, port: int, source: str | None = None, to: str | None = None) -> bool:
        """Whether the client opens a TCP connection within NO_ANSWER_S."""
        try:
            self.connect(version, port, source, to, NO_ANSWER_S)
        except TimeoutError:
            return False
        return True

    def connect(
        self,
        version: int,
        port: int,
        source: str | None = None,
        to: str | None = None,
        timeout_s: float = ANSWER_S,
    ) -> socket.socket:
        client = self.bound("client", version, socket.SOCK_STREAM, (source or CLIENT[version], 0))
        client.settimeout(timeout_s)
        client.connect((to or SERVER[version], port))
        return client

    def pings(self, version: int, timeout_s: float = NO_ANSWER_S) -> bool:
        """Whether an ICMP echo is answered in time."""
        protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
        echo = self.net.open_socket(self.net.client, FAMILY[version], socket.SOCK_DGRAM, protocol)
        with echo:
            echo.settimeout(timeout_s)
            echo.bind((CLIENT[version], 0))
            echo.sendto(
                bytes([8 if version == 4 else 128, 0, 0, 0, 0, 0, 0, 1]) + b"officegate", (SERVER[version], 0)
            )
            try:
                return echo.recv(100)[0] == (0 if version == 4 else 129)
            except TimeoutError:
                return False


@pytest.fixture(scope="module")
def net() -> Iterator[OfficeNet]:
    with OfficeNet() as office_net:
        yield office_net


@pytest.fixture
def office(net: OfficeNet) -> Iterator[Office]:
    with ExitStack() as ending:
        nft = ending.enter_context(LocalNft(net.gateway, PATIENCE_S))
        ending.callback(nft.run, "add table inet officegate\ndelete table inet officegate")
        device = Device(DRIVERS[DeviceKind.LINUX_NFTABLES], nft)
        device.apply(plan(GatewayState(), GatewayState(structure(GATEWAY, ATOMS))), time.time())
        yield Office(net, device, ending)


@dataclass
class Stream:
    """Numbered records, one sent every millisecond, and what arrived of them."""

    send: Callable[[bytes], object]
    receive: Callable[[int], bytes]
    begun: int = 0
    sent: int = 0
    heard: bytearray = field(default_factory=bytearray)

    @property
    def arrived(self) -> int:
        return len(self.heard) // RECORD_OCTETS

    @property
    def last(self) -> int:
        """The number of the last record that arrived whole."""
        end = self.arrived * RECORD_OCTETS
        return int.from_bytes(self.heard[end - RECORD_OCTETS : end])

    def send_until(self, ended: threading.Event) -> None:
        while not ended.wait(0.001):
            self.begun += 1
            try:
                self.send(self.begun.to_bytes(RECORD_OCTETS))
            except TimeoutError:
                return  # the window is full: TCP has nobody to hear it
            self.sent += 1

    def receive_until(self, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                heard = self.receive(65536)
            except TimeoutError:
                continue
            if not heard:
                return
            self.heard += heard

    def drained(self) -> bool:
        """Whether nothing more is waiting; what was, is counted."""
        try:
            self.heard += self.receive(65536)
        except TimeoutError:
            return True
        return False


@contextmanager
def running(*streams: Stream) -> Iterator[None]:
    ended = threading.Event()
    threads = [threading.Thread(target=s.send_until, args=(ended,)) for s in streams]
    threads += [threading.Thread(target=s.receive_until, args=(ended,)) for s in streams]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def assert_cut(streams: list[Stream], office: Office, pairs: frozenset[Pair]) -> None:
    """Every stream flows; nothing sent after the revocation arrives, though the senders go on."""
    with running(*streams):
        wait_until(lambda: all(stream.arrived > 50 for stream in streams), "every stream to flow")

        office.take(pairs)
        revoked, begun = time.monotonic(), [stream.begun for stream in streams]

        wait_until(lambda: time.monotonic() > revoked + RETRANSMITTED_S, "what TCP sends again")
        wait_until(lambda: all(s.sent > at + 50 for s, at in zip(streams, begun, strict=True)), "the senders")
    for stream, at in zip(streams, begun, strict=True):
        wait_until(stream.drained, "what is still on its way")
        assert stream.last <= at


@pytest.mark.parametrize("version", [4, 6])
def test_a_pair_opens_its_atom_and_nothing_else(office: Office, version: int) -> None:
    office.listen(version, 8000)
    office.listen(version, 7000)
    office.listen(version, 8000, NEIGHBOUR[version])
    assert not office.connects(version, 8000)

    office.give(version, "web")

    office.connect(version, 8000)
    assert not office.connects(version, 7000), "another port"
    assert not office.connects(version, 8000, to=NEIGHBOUR[version]), "another host"
    assert not office.connects(version, 8000, source=OTHER_CLIENT[version]), "another session"
    assert not office.pings(version), "another protocol"


@pytest.mark.parametrize("version", [4, 6])
def test_icmp_is_an_atom_of_its_own(office: Office, version: int) -> None:
    office.listen(version, 8000)
    assert not office.pings(version)

    pairs = office.give(version, "ping")
    assert office.pings(version, ANSWER_S)
    assert not office.connects(version, 8000)

    office.take(pairs)
    assert not office.pings(version)


@pytest.mark.parametrize("version", [4, 6])
def test_any_opens_all_three_protocols(office: Office, version: int) -> None:
    office.listen(version, 1, NEIGHBOUR[version])
    office.give(version, "beside")

    office.connect(version, 1, to=NEIGHBOUR[version])


@pytest.mark.parametrize("version", [4, 6])
def test_a_revoked_udp_stream_stops_in_both_directions_at_once(office: Office, version: int) -> None:
    server = office.bound("server", version, socket.SOCK_DGRAM, (SERVER[version], 9000))
    client = office.bound("client", version, socket.SOCK_DGRAM, (CLIENT[version], 5000))
    server.connect((CLIENT[version], 5000))
    client.connect((SERVER[version], 9000))
    pairs = office.give(version, "feed")
    client.send(b"hello")
    assert server.recv(10) == b"hello"
    for end in (server, client):
        end.settimeout(0.05)

    assert_cut([Stream(client.send, server.recv), Stream(server.send, client.recv)], office, pairs)


def test_a_stream_only_the_server_sends_stops_at_once(office: Office) -> None:
    server = office.bound("server", 4, socket.SOCK_DGRAM, (SERVER[4], 9000))
    client = office.bound("client", 4, socket.SOCK_DGRAM, (CLIENT[4], 5000))
    client.settimeout(0.05)
    pairs = office.give(4, "feed")
    client.sendto(b"hello", (SERVER[4], 9000))
    assert server.recv(10) == b"hello"
    server.connect((CLIENT[4], 5000))

    assert_cut([Stream(server.send, client.recv)], office, pairs)


@pytest.mark.parametrize("version", [4, 6])
def test_a_revoked_tcp_connection_stops_in_both_directions_at_once(office: Office, version: int) -> None:
    listener = office.listen(version, 8000)
    pairs = office.give(version, "web")
    client = office.connect(version, 8000)
    server, _ = listener.accept()
    office.ending.enter_context(server)
    for end in (server, client):
        end.settimeout(0.05)

    assert_cut([Stream(client.send, server.recv), Stream(server.send, client.recv)], office, pairs)


def test_a_pair_ends_by_itself(office: Office) -> None:
    given: list[frozenset[Pair]] = []

    def opened() -> bool:
        given.append(office.give(4, "ping", lease_s=2.0))
        return office.pings(4)

    # Once is enough but where everything stands still for as long as it lasts.
    wait_until(opened, "an answer before the end")
    pairs = given[-1]

    wait_until(lambda: not office.device.read_back(pairs, time.time()), "the end")

    assert time.time() > min(pair.until or 0 for pair in pairs) - TICK_S
    assert not office.pings(4)


def test_an_extension_moves_the_end_and_so_does_a_shortening(office: Office) -> None:
    office.give(4, "ping", lease_s=0.3)
    longer = office.give(4, "ping", lease_s=600.0)
    wait_until(lambda: time.time() > min(pair.until or 0 for pair in longer) - 599.0, "the first end")
    assert office.pings(4, ANSWER_S)
    assert office.device.read_back(longer, time.time()) == longer

    office.give(4, "ping", lease_s=0.3)

    wait_until(lambda: not office.pings(4), "the new end")


def test_an_address_cannot_be_used_from_the_wrong_interface(office: Office) -> None:
    stolen, victim = "10.8.0.100", CLIENT[4]
    mark = cut({"peer": [Target(ip_network(victim), Protocol.UDP)]})
    fresh = intended(
        GATEWAY, mark, [Grant("s", mark.of("peer"))], [Lease("s", ip_address(stolen), "gw", 1)], 0.0
    )
    office.device.apply(plan(office.device.running(0.0), fresh), 0.0)
    victim_socket = office.bound("client", 4, socket.SOCK_DGRAM, (victim, 6000))
    victim_socket.settimeout(NO_ANSWER_S)
    thief = office.net.open_socket(office.net.server, socket.AF_INET, socket.SOCK_DGRAM)
    thief.setsockopt(socket.SOL_IP, 19, 1)  # IP_TRANSPARENT: bind an address that is not ours
    with thief:
        thief.bind((stolen, 6000))

        thief.sendto(b"stolen", (victim, 6000))
        with pytest.raises(TimeoutError):
            victim_socket.recv(100)

        # Without the rule the packet would have come: it is the rule that refuses it.
        rules = office.net.run(office.net.gateway, ["nft", "-a", "list", "table", "inet", "officegate"])
        [handle] = [r.split()[-1] for r in rules.splitlines() if "ip saddr @pool4 fib" in r]
        office.net.run(office.net.gateway, ["nft", f"delete rule inet officegate forward handle {handle}"])
        victim_socket.settimeout(ANSWER_S)
        thief.sendto(b"stolen", (victim, 6000))
        assert victim_socket.recv(100) == b"stolen"


@pytest.mark.parametrize("version", [4, 6])
def test_a_pool_bound_to_an_interface_is_refused_on_every_other(office: Office, version: int) -> None:
    network = ip_network({4: POOL4, 6: POOL6}[version])
    office.give(version, "ping")
    for interface, passes in [("servers", False), ("clients", True), ("tun*", False), ("cli*", True)]:
        bound = Gateway("gw", frozenset({Pool(network, interface)}))
        running = office.device.running(time.time())

        office.device.apply(plan(running, GatewayState(structure(bound, ATOMS), running.pairs)), time.time())

        assert office.pings(version, ANSWER_S if passes else NO_ANSWER_S) is passes, interface


def test_an_icmp_error_does_not_revive_a_revoked_connection(office: Office) -> None:
    """The client may ping; its ICMP error must not give the ping's mark to the stream it lost."""
    server = office.bound("server", 4, socket.SOCK_DGRAM, (SERVER[4], 9000))
    client = office.bound("client", 4, socket.SOCK_DGRAM, (CLIENT[4], 5000))
    office.give(4, "ping")
    pairs = office.give(4, "feed")
    client.sendto(b"hello", (SERVER[4], 9000))
    assert server.recv(10) == b"hello"
    server.sendto(b"before", (CLIENT[4], 5000))
    assert client.recv(10) == b"before"
    office.take(pairs)

    inner = udp_packet(SERVER[4], CLIENT[4], 9000, 5000)
    with office.net.open_socket(
        office.net.client, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP
    ) as raw:
        raw.bind((CLIENT[4], 0))
        raw.sendto(with_checksum(bytes([3, 3, 0, 0, 0, 0, 0, 0]) + inner), (SERVER[4], 0))
    assert office.pings(4, ANSWER_S), "the ping itself is allowed"
    server.sendto(b"after", (CLIENT[4], 5000))

    client.settimeout(NO_ANSWER_S)
    with pytest.raises(TimeoutError):
        client.recv(10)


def test_a_server_that_pushes_into_a_flow_of_the_last_session_hears_that_it_is_over(office: Office) -> None:
    server = office.bound("server", 4, socket.SOCK_DGRAM, (SERVER[4], 9000))
    client = office.bound("client", 4, socket.SOCK_DGRAM, (CLIENT[4], 5000))
    last = office.give(4, "feed")
    client.sendto(b"hello", (SERVER[4], 9000))
    assert server.recv(10) == b"hello"
    server.connect((CLIENT[4], 5000))
    office.take(last)
    client.close()

    office.give(4, "feed")
    server.send(b"late")

    with pytest.raises(ConnectionRefusedError):
        server.recv(10)


def udp_packet(source: str, to: str, source_port: int, port: int) -> bytes:
    """The IPv4 and UDP headers of an empty datagram."""
    header = bytes([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0])
    header += ip_address(source).packed + ip_address(to).packed
    total = checksum(header)
    header = header[:10] + total.to_bytes(2, "big") + header[12:]
    return header + source_port.to_bytes(2, "big") + port.to_bytes(2, "big") + bytes([0, 8, 0, 0])


def with_checksum(icmp: bytes) -> bytes:
    return icmp[:2] + checksum(icmp).to_bytes(2, "big") + icmp[4:]


def checksum(octets: bytes) -> int:
    """RFC 1071."""
    total = sum(int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_traffic_that_is_not_of_the_pools_is_not_ours(office: Office) -> None:
    elsewhere = plan(
        office.device.running(0.0),
        GatewayState(structure(Gateway("gw", frozenset({Pool(ip_network("10.200.0.0/16"))})), ATOMS)),
    )
    office.listen(4, 7000)
    assert not office.connects(4, 7000)

    office.device.apply(elsewhere, 0.0)

    office.connect(4, 7000)


def test_recutting_resources_loses_no_packet_of_what_stays_allowed(office: Office) -> None:
    server = office.bound("server", 4, socket.SOCK_DGRAM, (SERVER[4], 9000))
    client = office.bound("client", 4, socket.SOCK_DGRAM, (CLIENT[4], 5000))
    server.connect((CLIENT[4], 5000))
    client.connect((SERVER[4], 9000))
    lease = Lease("s", ip_address(CLIENT[4]), "gw", 1)

    def state(atoms: Atoms) -> GatewayState:
        return intended(GATEWAY, atoms, [Grant("s", atoms.of("feed"))], [lease], 0.0)

    states = [state(cut(RESOURCES | {"extra": [Target(ip_network("10.99.0.0/30"))]})), state(ATOMS)]
    office.device.apply(plan(office.device.running(0.0), states[1]), 0.0)
    there, back = Stream(client.send, server.recv), Stream(server.send, client.recv)
    client.send(b"hello")
    assert server.recv(10) == b"hello"
    for end in (server, client):
        end.settimeout(0.05)

    with running(there, back):
        wait_until(lambda: back.arrived > 20, "the stream")
        for turn in range(10):
            office.device.apply(plan(states[turn % 2 - 1], states[turn % 2]), 0.0)
        have = back.sent
        wait_until(lambda: back.arrived >= have, "the stream to go on")
    wait_until(lambda: back.drained() and there.drained(), "what is still on its way")

    assert (there.arrived, back.arrived) == (there.sent, back.sent)


def test_a_connection_in_which_only_the_server_speaks_survives_a_recut(office: Office) -> None:
    server = office.bound("server", 4, socket.SOCK_DGRAM, (SERVER[4], 9000))
    client = office.bound("client", 4, socket.SOCK_DGRAM, (CLIENT[4], 5000))
    lease = Lease("s", ip_address(CLIENT[4]), "gw", 1)
    recut = cut(RESOURCES | {"extra": [Target(ip_network("10.99.0.0/30"))]})
    wanted = intended(GATEWAY, recut, [Grant("s", recut.of("feed"))], [lease], 0.0)
    office.give(4, "feed")
    client.sendto(b"hello", (SERVER[4], 9000))
    assert server.recv(10) == b"hello"

    made = plan(office.device.running(0.0), wanted)
    office.device.apply(made, 0.0)
    server.sendto(b"still here", (CLIENT[4], 5000))

    assert made.retired
    assert client.recv(100) == b"still here"
