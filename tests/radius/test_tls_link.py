"""Two ends of one connection over a pair of sockets, in one thread."""

import socket
import time

import pytest

from radius.tls_link import LinkEnded, TlsLink
from radius.tls_peers import Examination, TlsEnds, TlsFiles
from tests.peers.certificates import create_authority

PACKET = bytes((1, 0, 16, 0)) + bytes(4092)


@pytest.fixture
def ends(tmp_path):
    authority = create_authority(tmp_path)
    made = {
        name: TlsEnds(TlsFiles(files.certificate, files.key, authority.path))
        for name, files in (
            ("server", authority.issue("server.example")),
            ("client", authority.issue("client.example", client=True)),
        )
    }
    here, there = socket.socketpair()
    with here, there:
        for each in (here, there):
            each.setblocking(False)
        server = TlsLink(here, made["server"].server(Examination(lambda _: True)), 0.0)
        client = TlsLink(there, made["client"].client(Examination(lambda _: True)), 0.0)
        client.begin(0.0)
        deadline = time.monotonic() + 30
        while not (server.established and client.established) and time.monotonic() < deadline:
            assert server.read(0.0) == client.read(0.0) == []
        yield server, client


def test_packets_go_both_ways(ends):
    server, client = ends
    client.write(PACKET[:2] + bytes((0, 20)) + bytes(16), 1.0)
    assert server.read(2.0) == [PACKET[:2] + bytes((0, 20)) + bytes(16)]
    assert (server.heard_at, client.heard_at) == (2.0, 0.0)


def test_what_a_peer_does_not_read_waits_up_to_a_bound_and_then_it_is_over(ends):
    server, _ = ends
    while not server.is_full:
        server.write(PACKET, 1.0)
    assert server.stalled_s(31.0) >= 0.0

    with pytest.raises(LinkEnded, match="does not read"):
        for _ in range(10_000):
            server.write(PACKET, 31.0)


def test_the_end_of_one_is_the_end_of_the_other(ends):
    server, client = ends
    client.close()

    with pytest.raises(LinkEnded):
        server.read(1.0)
        server.read(1.0)


def test_a_length_that_no_packet_has_is_the_end(ends):
    server, client = ends
    client.write(b"\1\0\0\0" + bytes(16), 1.0)

    with pytest.raises(LinkEnded, match="Length"):
        server.read(1.0)
