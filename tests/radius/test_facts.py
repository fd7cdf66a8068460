"""What a request says about itself, and what it may not smuggle into a log."""

from ipaddress import ip_address, ip_network

import pytest

from radius.attributes import AttributeType
from radius.facts import MAX_NAME_OCTETS, Facts, Usage, exact_name, exact_text, facts, mac, text, usage

SPELLINGS = ["02:00:5E:10:00:01", "02-00-5e-10-00-01", "0200.5e10.0001", "02005E100001", "02 00 5e 10 00 01"]
NO_MACS = [
    "",
    "kim",
    "02:00:5e:10:00",
    "02:00:5e:10:00:01:02",
    "02005e10000g",
    "02005e1000\u0661\u0662",
    "0 1" * 8,
]
# What turns the line around, ends it, hides in it, clears the screen.
DECEIVING = ["kim\u202egnol", "kim\u2028root", "k\u200bim", "kim\x1b[2J", "kim\x00", "kim\n", "\u009b31mkim"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_mac_is_one(spelling):
    assert mac(spelling) == "02:00:5e:10:00:01"
    assert facts({AttributeType.CALLING_STATION_ID: spelling.encode()}).calling_station == mac(spelling)


@pytest.mark.parametrize("spelling", NO_MACS)
def test_what_is_no_mac_is_not_made_one(spelling):
    assert mac(spelling) is None


def test_white_space_within_a_mac_makes_none():
    assert mac("02005e1000\t1") is None


def test_a_station_that_is_no_mac_is_kept_as_text():
    assert facts({AttributeType.CALLING_STATION_ID: b"198.51.100.7"}).calling_station == "198.51.100.7"


@pytest.mark.parametrize("name", DECEIVING)
def test_a_name_that_would_deceive_its_reader_is_none(name):
    assert exact_name(name.encode()) is None


@pytest.mark.parametrize("name", ["kim", "kim@office.example", "김철수", "o'neil \\ 100%", ""])
def test_a_name_of_any_script_is_kept_as_it_is(name):
    assert exact_name(name.encode()) == name


def test_a_name_is_no_longer_than_a_user_name_can_be():
    assert exact_name(b"k" * MAX_NAME_OCTETS) is not None
    assert exact_name(b"k" * (MAX_NAME_OCTETS + 1)) is None


def test_a_password_may_hold_what_a_name_may_not_but_no_control():
    assert exact_text("a\u00a0b\u200d".encode()) == "a\u00a0b\u200d"
    assert exact_text(b"a\x07b") is None
    assert exact_text(b"\xff") is None


@pytest.mark.parametrize(
    "value", [*(name.encode() for name in DECEIVING), b"\xff\xfe", "\ud83d".encode(errors="replace")]
)
def test_what_is_shown_is_printable(value):
    assert text(value).isprintable()
    assert facts({AttributeType.CALLED_STATION_ID: value}).called_station.isprintable()


def test_numbers_and_addresses_of_a_wrong_size_are_nothing():
    short = dict.fromkeys((5, 6, 8, 12, 61, 168), b"\x00\x00\x01") | {AttributeType.FRAMED_IPV6_PREFIX: b"\0"}

    assert facts(short) == Facts()
    assert facts({}) == Facts()


def test_addresses_are_read():
    known = facts(
        {
            AttributeType.FRAMED_IP_ADDRESS: bytes((10, 0, 0, 1)),
            AttributeType.FRAMED_IPV6_ADDRESS: ip_address("fd00::1").packed,
            AttributeType.FRAMED_IPV6_PREFIX: b"\0\x40\xfd\0\0\0\0\0\0\1",
        }
    )

    assert (known.framed_ip, known.framed_ipv6) == (ip_address("10.0.0.1"), ip_address("fd00::1"))
    assert known.framed_ipv6_prefix == ip_network("fd00:0:0:1::/64")


@pytest.mark.parametrize("wish", [b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe"])
def test_a_wish_for_an_address_is_none(wish):
    assert facts({AttributeType.FRAMED_IP_ADDRESS: wish}).framed_ip is None


def test_a_prefix_longer_than_an_address_is_none():
    assert facts({AttributeType.FRAMED_IPV6_PREFIX: b"\0\x81" + bytes(16)}).framed_ipv6_prefix is None


def test_gigawords_are_added():
    values = {AttributeType.ACCT_INPUT_OCTETS: b"\0\0\0\5", AttributeType.ACCT_INPUT_GIGAWORDS: b"\0\0\0\2"}

    assert usage(values) == Usage(octets_in=2 << 32 | 5)


def test_what_tells_an_administrator_s_login_is_a_fact():
    known = facts({6: (7).to_bytes(4, "big"), 77: b"admin-login", 79: b""})

    assert (known.service_type, known.connect_info, known.eap) == (7, "admin-login", True)
    assert not facts({}).eap
