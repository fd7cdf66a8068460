from ipaddress import ip_address, ip_network
from random import Random

import pytest

from access.countries import BadCountries, Countries, parse
from access.model import Absent

TABLE = """\
network,country
# the office's provider
203.0.113.0/24,KR
203.0.113.64/26,JP
203.0.113.80/28,KR
2001:db8::/32,DE
"""


def country(text: str, table: str = TABLE) -> str | Absent:
    return parse(table).of(ip_address(text))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.0", "KR"),
        ("203.0.113.63", "KR"),
        ("203.0.113.64", "JP"),
        ("203.0.113.80", "KR"),
        ("203.0.113.96", "JP"),
        ("203.0.113.128", "KR"),
        ("203.0.113.255", "KR"),
        ("203.0.114.0", Absent.UNKNOWN),
        ("203.0.112.255", Absent.UNKNOWN),
        ("2001:db8::1", "DE"),
        ("2001:db9::1", Absent.UNKNOWN),
        ("10.0.0.1", Absent.UNKNOWN),
    ],
)
def test_the_innermost_network_says_the_country(address: str, expected: str | Absent):
    assert country(address) == expected


def test_without_a_table_no_country_is_known_and_of_a_wire_there_is_none():
    assert Countries().of(ip_address("203.0.113.1")) is Absent.UNKNOWN
    assert parse(TABLE).of(Absent.UNKNOWN) is Absent.UNKNOWN
    assert parse(TABLE).of(Absent.DOES_NOT_APPLY) is Absent.DOES_NOT_APPLY


def test_a_network_up_to_the_last_address_ends_with_it():
    assert country("255.255.255.255", "255.255.255.0/24,KR\n") == "KR"
    assert country("ffff::1", "255.255.255.0/24,KR\n") is Absent.UNKNOWN


def test_every_mistake_is_told_with_its_line():
    with pytest.raises(BadCountries) as caught:
        parse(
            "203.0.113.0/24,KR\n203.0.113.1/24,KR\n198.51.100.0/24\n\n192.0.2.0/24,Korea\n203.0.113.0/24,JP\n"
        )

    assert caught.value.mistakes == (
        "line 2: '203.0.113.1/24' is not a network; write 203.0.113.0/24 or 2001:db8::/32",
        "line 3: '198.51.100.0/24' is not network,country; write 203.0.113.0/24,KR",
        "line 5: 'Korea' is not a country; write its two letters in capitals, such as KR",
        "line 6: 203.0.113.0/24 is JP here and KR on line 1; keep one of them",
    )


def test_an_empty_table_is_a_mistake():
    with pytest.raises(BadCountries):
        parse("network,country\n")


@pytest.mark.parametrize("seed", range(30))
def test_a_table_says_what_the_longest_prefix_says(seed: int):
    random = Random(seed)
    networks = {
        ip_network(
            (random.randrange(256) << 24 | random.randrange(4) << 22, random.randint(0, 12)), strict=False
        )
        for _ in range(20)
    }
    lines = {network: random.choice(("KR", "JP", "DE")) for network in networks}
    table = parse("".join(f"{network},{where}\n" for network, where in lines.items()))

    for _ in range(60):
        address = ip_address(random.randrange(2**32))
        around = [network for network in networks if address in network]
        longest = max(around, key=lambda network: network.prefixlen, default=None)
        assert table.of(address) == (lines[longest] if longest is not None else Absent.UNKNOWN)
