import pytest

from access.nas.pools import BadPool, decode, encode, gateway, networks, read, write
from vpn.state import Pool


@pytest.mark.parametrize(
    "text", ["10.8.0.0/24", "10.8.0.0/24%tun0", "fd00:8::/64%vpns*", "10.8.0.7/32%a.b_c-1"]
)
def test_a_pool_is_written_as_it_was_read(text: str):
    assert write(read(text)) == text


def test_an_interface_is_what_stands_after_the_percent_sign():
    assert read("10.8.0.0/24%tun0").interface == "tun0"
    assert read("10.8.0.0/24") == Pool(read("10.8.0.0/24%tun0").network)


@pytest.mark.parametrize(
    "text", ["", "10.8.0.0/33", "10.8.0.1/24", "tun0", "10.8.0.0/24%", "10.8.0.0/24%*tun", "10.8.0.0/24%a;b"]
)
def test_what_is_no_pool_is_refused(text: str):
    with pytest.raises(BadPool, match="is no pool"):
        read(text)


def test_pools_that_overlap_are_refused():
    with pytest.raises(BadPool, match="overlap"):
        gateway("gw", ["10.8.0.0/24", "10.8.0.0/25"])


def test_a_row_keeps_pools_as_json():
    held = (read("10.8.0.0/24%tun0"), read("fd00::/64"))

    assert decode(encode(held)) == held
    assert networks(encode(held)) == tuple(pool.network for pool in held)
    assert decode(None) == ()
