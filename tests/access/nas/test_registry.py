from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from access.model import Via
from access.nas.registry import (
    BadEndpoint,
    BadNas,
    NasClient,
    check_secret,
    owner_of,
    read_mac,
    read_network,
)

CLIENT = NasClient(1, 1, "vpn", ip_network("192.0.2.0/24"), ("a secret of some length",), Via.VPN)


@pytest.mark.parametrize("secret", ["a secret of sixteen", "0123456789abcdef", "x" * 8 + "abcdefgh"])
def test_a_long_secret_is_taken(secret):
    assert check_secret(secret) == secret


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        ("", "0 characters"),
        ("fifteen letters", "15 characters"),
        ("abababababababababab", "repeats"),
        ("비밀번호비밀번호 abcdefgh", "ASCII"),
        ("abcdefgh\tijklmnop", "ASCII"),
    ],
)
def test_a_weak_secret_is_refused_with_what_to_do(secret, what):
    with pytest.raises(BadNas) as raised:
        check_secret(secret)

    assert what in str(raised.value)
    assert len(secret) < 2 or secret not in str(raised.value)


@pytest.mark.parametrize(("text", "network"), [("10.1.2.3", "10.1.2.3/32"), ("10.1.2.0/24", "10.1.2.0/24")])
def test_an_address_is_a_network_of_one(text, network):
    assert read_network(text) == ip_network(network)


@pytest.mark.parametrize("text", ["10.1.2.3/24", "10.1.2", "nas.example", ""])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(BadNas, match=r"Write 10\.1\.2\.3"):
        read_network(text)


@pytest.mark.parametrize(
    "text", ["00:00:5E:00:53:99", "00-00-5e-00-53-99", "0000.5e00.5399", "00005e005399", "00 00 5e 00 53 99"]
)
def test_a_mac_address_is_written_one_way(text):
    assert read_mac(text) == "00-00-5e-00-53-99"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("00-00-5e-00-53", "no MAC"),
        ("00-00-5e-00-53-9g", "no MAC"),
        ("printer", "no MAC"),
        ("01-00-5e-00-00-01", "group address"),
        ("02-00-5e-00-53-99", "randomised"),
        ("da-a1-19-00-00-01", "randomised"),
    ],
)
def test_a_mac_address_that_is_nobodys_own_is_refused(text, what):
    with pytest.raises(BadEndpoint, match=what):
        read_mac(text)


def test_the_smallest_network_owns_an_address():
    small = replace(CLIENT, id=2, network=ip_network("192.0.2.128/25"))

    assert owner_of(ip_address("192.0.2.200"), [CLIENT, small]) == small
    assert owner_of(ip_address("192.0.2.1"), [CLIENT, small]) == CLIENT
    assert owner_of(ip_address("198.51.100.1"), [CLIENT, small]) is None
    assert owner_of(ip_address("192.0.2.200"), [CLIENT, replace(small, enabled=False)]) == CLIENT


def test_a_repr_does_not_show_the_secret():
    assert "a secret" not in repr(CLIENT)
