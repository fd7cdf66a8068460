import unicodedata
from ipaddress import ip_address

import pytest

from access.logins.places import country_kept, kept, medium_of, remembered, source_of, ssid_of
from access.model import Absent, Medium, Via


def test_an_ssid_is_the_same_however_its_letters_are_composed():
    called = unicodedata.normalize("NFD", "00-11-22-33-44-55:한강")

    assert ssid_of(called, Via.WIRELESS) == "한강"


@pytest.mark.parametrize(
    ("called", "ssid"),
    [
        ("00-10-A4-23-19-C0:hangang", "hangang"),
        ("00:10:a4:23:19:c0:한강 손님", "한강 손님"),
        ("0010a42319c0:lab:2", "lab:2"),
        ("0010.a423.19c0:x", "x"),
    ],
)
def test_the_ssid_stands_behind_the_address_of_the_access_point(called, ssid):
    assert ssid_of(called, Via.WIRELESS) == ssid
    assert ssid_of(called, Via.WIRED) == ssid


@pytest.mark.parametrize("called", ["", "00-10-A4-23-19-C0", "00-10-A4-23-19-C0:", "hangang", "1:2"])
def test_without_one_it_is_unknown_on_wi_fi_and_applies_nowhere_else(called):
    assert ssid_of(called, Via.WIRELESS) is Absent.UNKNOWN
    assert ssid_of(called, Via.WIRED) is Absent.DOES_NOT_APPLY
    assert ssid_of(called, Via.VPN) is Absent.DOES_NOT_APPLY


def test_the_medium_is_what_the_port_is_said_to_be():
    found = {kind: medium_of(kind) for kind in (15, 19, 5, None)}

    assert found == {
        15: Medium.WIRED,
        19: Medium.WIRELESS,
        5: Absent.DOES_NOT_APPLY,
        None: Absent.UNKNOWN,
    }
    assert all(remembered(kept(medium)) == medium for medium in found.values())


@pytest.mark.parametrize(
    ("said", "address"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8::7", "2001:db8::7"), ("::ffff:203.0.113.7", "203.0.113.7")],
)
def test_the_source_is_the_address_that_a_nas_says(said, address):
    assert source_of(said, Via.VPN) == ip_address(address)


@pytest.mark.parametrize("said", ["", "02:00:5e:10:00:01", "02-00-5e-10-00-01", "fe80::1%eth0", "modem", "7"])
def test_what_is_no_address_is_unknown_of_a_tunnel_and_does_not_apply_on_our_own_wire(said):
    assert source_of(said, Via.VPN) is Absent.UNKNOWN
    assert source_of(said, Via.PORTAL) is Absent.UNKNOWN
    assert source_of(said, Via.WIRED) is Absent.DOES_NOT_APPLY
    assert source_of(said, Via.WIRELESS) is Absent.DOES_NOT_APPLY


def test_a_session_s_country_is_that_of_its_login():
    assert country_kept("KR", Via.VPN) == "KR"
    assert country_kept("", Via.VPN) is Absent.UNKNOWN
    assert country_kept("", Via.WIRED) is Absent.DOES_NOT_APPLY
