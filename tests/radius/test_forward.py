from ipaddress import ip_address

import pytest

from radius.effects import Role, Source
from radius.forward import BadForward, decode, encode


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_a_datagram_arrives_with_its_source(address):
    source = Source(ip_address(address), 40000, 3, Role.ACCOUNTING)

    assert decode(encode(source, b"datagram")) == (source, b"datagram")


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0\1\0\0", b"\0\1\0\0\5" + bytes(9), b"\0\1\0\0\4" + bytes(3), b"\0\3\0\0\4" + bytes(9)],
)
def test_what_no_worker_wrote_is_refused(octets):
    with pytest.raises(BadForward):
        decode(octets)
