from ipaddress import ip_address

import pytest

from radius.duplicates import Kept
from radius.effects import Role, Send, Source
from radius.forward import BadForward, Forwarded, Kind, decode, encode, handed_over, taken_over


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_a_datagram_arrives_with_its_source(address):
    source = Source(ip_address(address), 40000, 3, Role.ACCOUNTING)

    assert decode(encode(Forwarded(source, b"datagram"))) == Forwarded(source, b"datagram")


def test_a_reply_finds_its_connection_back_and_a_packet_its_nas():
    source = Source(ip_address("192.0.2.7"), 40000, 1, Role.RADSEC, 70000)

    for sent in (Forwarded(source, b"packet", "17"), Forwarded(source, b"reply", kind=Kind.REPLY)):
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
        b"\4\0\1" + bytes(6) + b"\4" + bytes(9),
    ],
)
def test_what_no_worker_wrote_is_refused(octets):
    with pytest.raises(BadForward):
        decode(octets)


def test_a_successor_hears_of_replies_and_of_what_is_worked_on():
    source = Source(ip_address("2001:db8::7"), 40000, 1, Role.AUTHENTICATION)
    known = [
        Kept(b"key of one", bytes(range(16)), Send(source, b"its reply", 12.25)),
        Kept(b"key of another", bytes(16), None),
    ]

    assert [taken_over(decode(encode(each))) for each in handed_over(known)] == known


def test_a_reply_over_a_connection_is_no_successor_s():
    over = Send(Source(ip_address("192.0.2.7"), 40000, 2, Role.RADSEC, 17), b"its reply")

    assert list(handed_over([Kept(b"key", bytes(16), over)])) == []


@pytest.mark.parametrize("octets", [b"", bytes(7), bytes(8 + 15), bytes(8 + 16) + b"\5key"])
def test_what_no_process_before_us_wrote_is_refused(octets):
    with pytest.raises(BadForward):
        taken_over(Forwarded(Source(ip_address("192.0.2.7"), 40000), octets, kind=Kind.KEPT))
