"""What the kernel does with the sockets of several workers."""

import random
import select
import socket
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest

from access.supervision.sockets import reuseport_sockets, steer
from radius.steering import MOST_ATTRIBUTES, Homes
from tests.peers.ports import LOOPBACK, free_port
from tests.peers.waiting import PATIENCE_S

KEY = b"a key of the workers"
USER_NAME, STATE, STATION, EAP = 1, 24, 31, 79
WORKERS = 3


@contextmanager
def workers(address=LOOPBACK, count=WORKERS, program=None):
    with ExitStack() as opened:
        sockets = [opened.enter_context(each) for each in reuseport_sockets(address, free_port(), count)]
        assert steer(sockets[0], Homes(count, KEY).program() if program is None else program)
        yield sockets


def who_gets(sockets, packet, nas=None):
    """Which of the sockets a packet comes to."""
    with socket.socket(sockets[0].family, socket.SOCK_DGRAM) as made:
        (nas or made).sendto(packet, sockets[0].getsockname())
    (hearing,), _, _ = select.select(sockets, (), (), PATIENCE_S)
    assert hearing.recv(8192) == packet
    return sockets.index(hearing)


def access_request(*attributes, code=1):
    body = b"".join(bytes((kind, 2 + len(value))) + value for kind, value in attributes)
    return bytes((code, 7)) + (20 + len(body)).to_bytes(2, "big") + bytes(16) + body


def test_every_endpoint_comes_to_its_home_wherever_its_attributes_stand():
    chance, homes = random.Random(4), Homes(WORKERS, KEY)
    spellings = ("{:02x}-", "{:02X}:", "{:02x}", "{:02X}-")
    reached = Counter()
    with workers() as sockets:
        for _ in range(300):
            octets = chance.randbytes(6)
            spelt = "".join(chance.choice(spellings).format(each) for each in octets).strip("-:").encode()
            others = [(USER_NAME, b"kim")] + [(26, chance.randbytes(9))] * chance.randrange(20)
            attributes = [(STATION, spelt), (EAP, chance.randbytes(chance.randrange(1, 250))), *others]
            chance.shuffle(attributes)
            reached[who_gets(sockets, access_request(*attributes)) == homes.of(spelt)] += 1

    assert reached == {True: 300}


@pytest.mark.parametrize("address", [LOOPBACK, "::"])
def test_an_answer_comes_to_the_worker_that_its_state_names(address):
    with workers(address) as sockets:
        for number in range(3 * WORKERS):
            state = bytes((number,)) + bytes(15)
            packet = access_request((STATION, b"02-00-5e-00-00-01"), (EAP, b"x"), (STATE, state))
            assert who_gets(sockets, packet) == number % WORKERS


@pytest.mark.parametrize(
    "station", [b"192.0.2.1[4500]", b"\xff\x00" * 60, b"-", b"02-00-5e-00-00-01:guests", b"2001:db8::1"]
)
def test_what_is_no_mac_address_has_a_home_too(station):
    with workers() as sockets:
        packet = access_request((STATION, station), (EAP, b"x"))
        assert who_gets(sockets, packet) == Homes(WORKERS, KEY).of(station)


def test_what_is_no_eap_stays_with_its_flow():
    """A NAS that uses an identifier again has given the first request up: one worker has to see both."""
    with workers() as sockets, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas:
        stations = [f"02-00-5e-00-00-{last:02x}".encode() for last in range(40)]
        reached = {who_gets(sockets, access_request((STATION, each)), nas) for each in stations}
        reached |= {
            who_gets(sockets, access_request((EAP, b"x"), (STATION, each), code=12), nas) for each in stations
        }

    assert len(reached) == 1


@pytest.mark.parametrize(
    "packet",
    [
        b"\x01",
        b"\x01" * 19,
        access_request((EAP, b"x")),
        access_request((STATION, b"")),
        access_request((EAP, b"x"), (STATION, b"")),
        access_request((STATE, b"")),
        access_request((EAP, b"x"))[:-1] + b"\x00",
        access_request((EAP, b"x")) + b"\x1f\x00\x1f",
        access_request((EAP, b"x")) + b"\x1f\xff\x30",
        access_request((EAP, b"x"), *[(26, b"abc")] * MOST_ATTRIBUTES, (STATION, b"02-00-5e-00-00-01")),
    ],
)
def test_no_packet_is_lost_however_malformed(packet):
    with workers() as sockets:
        assert who_gets(sockets, packet) in range(WORKERS)


def test_a_program_that_the_kernel_does_not_take_is_told():
    with ExitStack() as opened:
        [sock] = [opened.enter_context(each) for each in reuseport_sockets(LOOPBACK, free_port(), 1)]

        assert not steer(sock, bytes(8))


def test_another_program_takes_the_place_of_the_first():
    station = next(
        each
        for each in (f"02-00-5e-00-00-{last:02x}".encode() for last in range(256))
        if Homes(WORKERS, KEY).of(each) != Homes(WORKERS, b"another").of(each)
    )
    packet = access_request((STATION, station), (EAP, b"x"))
    with workers() as sockets:
        before = who_gets(sockets, packet)
        assert steer(sockets[0], Homes(WORKERS, b"another").program())

        assert (before, who_gets(sockets, packet)) == (
            Homes(WORKERS, KEY).of(station),
            Homes(WORKERS, b"another").of(station),
        )
