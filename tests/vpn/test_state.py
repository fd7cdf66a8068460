from ipaddress import ip_address, ip_network

import pytest

from vpn.state import Gateway, Pool


def test_pools_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Gateway("gw", frozenset({Pool(ip_network("10.8.0.0/16")), Pool(ip_network("10.8.1.0/24"), "tun0")}))


def test_pools_of_both_families_and_side_by_side_are_fine() -> None:
    networks = ["10.8.0.0/24", "10.8.1.0/24", "fd00:8::/64"]

    gateway = Gateway("gw", frozenset(Pool(ip_network(network)) for network in networks))

    assert gateway.holds(ip_address("10.8.1.255"))
    assert gateway.holds(ip_address("fd00:8::1"))
    assert not gateway.holds(ip_address("10.8.2.0"))
    assert not gateway.holds(ip_address("::a08:1"))
