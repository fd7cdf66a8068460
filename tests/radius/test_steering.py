import re

import pytest

from radius.steering import STATION_OCTETS, Homes

KEY = b"a key of the workers"
SPELLINGS = (
    lambda digits: digits,
    str.upper,
    lambda digits: "-".join(re.findall("..", digits)),
    lambda digits: ":".join(re.findall("..", digits)).upper(),
    lambda digits: ".".join(re.findall("....", digits)),
)


def test_a_mac_address_has_one_home_however_it_is_spelt():
    for last in range(256):
        digits = f"02005eabcd{last:02x}"
        assert len({Homes(5, KEY).of(spell(digits).encode()) for spell in SPELLINGS}) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 85])
def test_every_worker_is_the_home_of_its_share(count):
    homes = [Homes(count, KEY).of(f"02-00-5e-00-{n >> 8:02x}-{n & 255:02x}".encode()) for n in range(8500)]

    shares = [homes.count(index) for index in range(count)]
    assert sum(shares) == 8500
    assert min(shares) > 8500 / count / 2


@pytest.mark.parametrize("station", [b"", b"\xff" * 253, b"no digit".replace(b"d", b"x"), b"192.0.2.1[4500]"])
def test_whatever_calls_has_a_home(station):
    assert Homes(3, KEY).of(station) in range(3)


def test_only_as_much_counts_as_a_mac_address_has():
    station = b"02-00-5e-00-00-01"

    assert len(station) == STATION_OCTETS
    assert {Homes(85, KEY).of(station + more) for more in (b"", b":guests", b"ffff")} == {
        Homes(85, KEY).of(station)
    }


def test_addresses_chosen_to_meet_under_one_key_are_spread_under_another():
    homes = Homes(2, KEY)
    chosen = [each for each in _stations(2000) if homes.of(each) == 0]

    met = sum(Homes(2, b"another key").of(each) == 0 for each in chosen)

    assert 0.35 < met / len(chosen) < 0.65


def _stations(count):
    return [f"02-00-5e-{n >> 16:02x}-{n >> 8 & 255:02x}-{n & 255:02x}".encode() for n in range(count)]
