"""A preview says where the NASes cannot be told what a rule gives, before logins are refused for it."""

from dataclasses import replace

import pytest

from access.model import Via
from access.nas.untold import Spot, untold
from access.words.korean_notes import in_korean
from tests.access.policy.samples import MONDAY_9, office

MIKROTIK = Spot("ap-1", "hangang", "mikrotik", Via.WIRELESS, "seoul", "floor-2")
ARUBA = Spot("ap-2", "hangang", "aruba", Via.WIRELESS, "seoul", "floor-3")
OF_SEORAK = Spot("ap-9", "seorak", "aruba", Via.WIRELESS, "sokcho")
BANDWIDTH = "bandwidth: {up: 10M, down: 50M}"


def told(gives: str, *spots: Spot, when: str = "", permit: str = "login:wireless"):
    rule = f"  - id: air\n    permit: [{permit}]\n    who: [organization:hangang]\n    gives: {{{gives}}}\n"
    return untold(office(rule + (f"    when: {{{when}}}\n" if when else "")), spots, MONDAY_9)


def test_the_nases_of_a_vendor_are_named_with_what_they_cannot_be_told():
    (found,) = told(BANDWIDTH, MIKROTIK, ARUBA, replace(ARUBA, name="ap-3"))

    assert (found.rule, found.organization, found.vendor) == ("air", "hangang", "aruba")
    assert found.nas == ("ap-2", "ap-3")
    assert found.why == "aruba has no bandwidth"


def test_each_company_is_told_of_its_own():
    assert [each.organization for each in told(BANDWIDTH, ARUBA, OF_SEORAK)] == ["hangang", "seorak"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("nas_group: floor-3", True),
        ("nas_group: floor-2", False),
        ("site: seoul", True),
        ("site: busan", False),
        ("via: wireless", True),
        ("via: vpn", False),
        ("hours: business", True),
    ],
)
def test_only_a_nas_that_the_rule_could_speak_at_is_named(when, said):
    assert bool(told(BANDWIDTH, ARUBA, when=when)) is said


def test_a_nas_of_whose_site_nothing_is_known_might_be_there():
    assert told(BANDWIDTH, Spot("ap-4", "hangang", "aruba", Via.WIRELESS), when="site: seoul")


def test_a_rule_about_other_doors_says_nothing_of_it():
    assert not told(BANDWIDTH, ARUBA, permit="login:vpn")


def test_a_vlan_by_its_name_is_told_by_its_number_at_the_site():
    (found,) = told("vlan: cameras", MIKROTIK)

    assert "mikrotik knows VLANs by number only" in found.why
    assert not told("vlan: '30'", MIKROTIK)


def test_a_privilege_is_tried_at_every_nas_whatever_door_it_is():
    switch = Spot("sw-1", "hangang", "generic", Via.WIRED)

    (found,) = told("privilege: guru", switch, permit="login:device")

    assert "not 'guru'" in found.why
    assert not told("privilege: full", switch, permit="login:device")


TIME_IS_OVER = "openvpn ends no session when its time is over"
OPENVPN = Spot("vpn-1", "hangang", "openvpn", Via.VPN)


def unheeded(policy, *spots):
    return [each for each in untold(policy, spots, MONDAY_9) if not each.refused]


@pytest.mark.parametrize(
    ("vendor", "gives", "when", "why"),
    [
        ("openvpn", "session_timeout: 8h", "", [TIME_IS_OVER]),
        ("openvpn", "idle_timeout: 1h", "", ["openvpn ends no session because nothing happens in it"]),
        ("openvpn", "address: 10.8.0.17", "hours: business", [TIME_IS_OVER]),
        ("openvpn", "address: 10.8.0.17", "otp_age: 12h", [TIME_IS_OVER]),
        ("openvpn", "address: 10.8.0.17", "site: seoul", []),
        ("ocserv", "session_timeout: 8h", "", []),
        ("ocserv", "idle_timeout: 1h", "", ["ocserv ends no session because nothing happens in it"]),
        ("strongswan", "session_timeout: 8h, idle_timeout: 1h", "", ["strongswan ends no session because"]),
        ("fortigate", "session_timeout: 8h, idle_timeout: 1h", "hours: business", []),
    ],
)
def test_a_nas_that_heeds_no_end_of_a_session_is_named_and_refuses_nobody(vendor, gives, when, why):
    rule = f"  - id: tunnel\n    permit: [login:vpn]\n    who: ['user:kim@hangang']\n    gives: {{{gives}}}\n"
    policy = office(rule + (f"    when: {{{when}}}\n" if when else ""))

    found = [each for each in unheeded(policy, replace(OPENVPN, vendor=vendor)) if "tunnel" in each.rule]

    assert [each.why.startswith(one) for each, one in zip(found, why, strict=True)] == [True] * len(why)
    assert not [
        each for each in untold(policy, [OPENVPN], MONDAY_9) if each.refused and "tunnel" in each.rule
    ]


def test_a_rule_that_only_ends_by_the_clock_is_named_without_giving_anything():
    rule = "  - id: audit\n    permit: [login:vpn]\n    who: [organization:hangang]\n    {}\n"
    ending = office(rule.format('valid_to: "2026-12-01T00:00:00+09:00"'))
    lasting = office(rule.format("reason: For everybody"))

    assert [each.rule for each in unheeded(ending, OPENVPN)] == ["audit"]
    assert unheeded(lasting, OPENVPN) == []


def test_of_many_rules_with_an_end_a_few_are_named():
    rule = (
        "  - {{id: a{}, permit: [login:vpn], who: [organization:hangang], gives: {{session_timeout: 8h}}}}\n"
    )
    policy = office("".join(rule.format(n) for n in range(9)))

    (found,) = unheeded(policy, OPENVPN, replace(OPENVPN, name="vpn-2"))

    assert (found.rule, found.nas) == ("a0, a1, a2 (+6)", ("vpn-1", "vpn-2"))


def test_what_is_refused_is_told_and_not_also_that_it_is_not_heeded():
    found = told("routes: [10.99.0.0/24], session_timeout: 8h", OPENVPN, permit="login:vpn")

    assert [(each.rule, each.why, each.refused) for each in found if each.rule == "air"] == [
        ("air", "openvpn has no routes", True)
    ]


@pytest.mark.parametrize(
    ("vendor", "gives", "permit", "korean"),
    [
        ("aruba", BANDWIDTH, "login:wireless", "aruba에는 bandwidth 기능이 없음"),
        ("mikrotik", "bandwidth: {up: 10M}", "login:wireless", "상향과 하향을 함께 지정해야 함"),
        ("mikrotik", "vlan: cameras", "login:wireless", "MikroTik은 VLAN을 번호로만 받음"),
        ("generic", "privilege: guru", "login:device", "Service-Type"),
        ("hostapd", "idle_timeout: 1h", "login:wireless", "hostapd 장비는 유휴 세션을 끊지 않음"),
    ],
)
def test_why_is_told_in_korean_too(vendor, gives, permit, korean):
    (found,) = told(gives, replace(ARUBA, vendor=vendor), permit=permit)

    assert korean in in_korean(found.why)
    assert in_korean(found.why) != found.why
