from ipaddress import ip_address

import pytest

from radius.effects import Role, Source
from radius.forward import BadForward, Forwarded, decode, encode


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_a_datagram_arrives_with_its_source(address):
    source = Source(ip_address(address), 40000, 3, Role.ACCOUNTING)

    assert decode(encode(Forwarded(source, b"datagram"))) == Forwarded(source, b"datagram")


def test_a_reply_finds_its_connection_back_and_a_packet_its_nas():
    source = Source(ip_address("192.0.2.7"), 40000, 1, Role.RADSEC, 70000)

    for sent in (Forwarded(source, b"packet", "17"), Forwarded(source, b"reply", is_reply=True)):
        assert decode(encode(sent)) == sent


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes(9),
        b"\0\0\1" + bytes(6) + b"\5" + bytes(9),
        b"\0\0\1" + bytes(6) + b"\4" + bytes(3),
        b"\0\0\1" + bytes(6) + b"\4" + bytes(4),
        b"\0\0\1" + bytes(6) + b"\4" + bytes(4) + b"\5key",
        b"\0\0\7" + bytes(6) + b"\4" + bytes(9),
        b"\2\0\1" + bytes(6) + b"\4" + bytes(9),
    ],
)
def test_what_no_worker_wrote_is_refused(octets):
    with pytest.raises(BadForward):
        decode(octets)
