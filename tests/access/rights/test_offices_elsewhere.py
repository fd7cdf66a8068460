"""What access rules and policy engines of other makers are tested with, asked of ours.

Destinations are probed address by address and port by port at a live session; what could only be a slip of
the pen is no document here.
"""

from ipaddress import ip_address

import pytest

from access.gateways.livesessions import Holder, HolderKey, HolderKind, LiveSession, ground, judge
from access.model import Facts, Method, Subject, Via
from access.policy.document import check, load
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors, World
from tests.access.policy.samples import MONDAY_9
from vpn.atoms import Protocol

TCP, UDP, ICMP = Protocol.TCP, Protocol.UDP, Protocol.ICMP
NETWORKS = """version: 1
networks:
  web: {organization: hangang, to: [10.0.0.0/24, "2001:db8::/64"], ports: [tcp/443, tcp/8000-8010]}
  dns: {organization: hangang, to: [10.0.3.53/32], ports: [udp/53]}
  ping: {organization: hangang, to: [10.0.4.0/24], ports: [icmp]}
  talk: {organization: hangang, to: [10.0.5.0/24], ports: [udp]}
  pair: {organization: hangang, to: [10.0.2.0/31]}
  all4: {organization: namsan, to: [10.9.0.0/16]}
rules:
  - {id: door, permit: [login:vpn], who: [organization:hangang]}
"""
EVERYTHING = """\
  - id: all
    permit: [network:web, network:dns, network:ping, network:talk, network:pair]
    who: [organization:hangang]
"""


def reached(
    rules: str, address: str, protocol: Protocol, port: int, now: float = MONDAY_9, **who: object
) -> bool:
    cut = ground(policy_of(NETWORKS + rules))
    subject = Subject(1, "hangang", "kim", frozenset(who.get("groups", ())))
    session = LiveSession(1, 1, HolderKey(HolderKind.USER, 1), Facts(Via.VPN, Method.PAP))
    judged = judge(cut, session, Holder(subject), (), now)
    atom = cut.atoms.find(ip_address(address), protocol, port if protocol is not ICMP else None)
    return atom in judged.ends


@pytest.mark.parametrize(
    ("address", "protocol", "port", "expected"),
    [
        ("10.0.0.0", TCP, 443, True),
        ("10.0.0.255", TCP, 443, True),
        ("10.0.1.0", TCP, 443, False),
        ("9.255.255.255", TCP, 443, False),
        ("10.0.0.1", TCP, 442, False),
        ("10.0.0.1", TCP, 444, False),
        ("10.0.0.1", TCP, 7999, False),
        ("10.0.0.1", TCP, 8000, True),
        ("10.0.0.1", TCP, 8010, True),
        ("10.0.0.1", TCP, 8011, False),
        ("10.0.0.1", UDP, 443, False),
        ("10.0.0.1", ICMP, 0, False),
        ("2001:db8::", TCP, 443, True),
        ("2001:db8::ffff:ffff:ffff:ffff", TCP, 443, True),
        ("2001:db8:0:1::", TCP, 443, False),
        ("::ffff:10.0.0.1", TCP, 443, False),
        ("10.0.3.53", UDP, 53, True),
        ("10.0.3.53", TCP, 53, False),
        ("10.0.3.52", UDP, 53, False),
        ("10.0.4.9", ICMP, 0, True),
        ("10.0.4.9", TCP, 1, False),
        ("10.0.5.9", UDP, 0, True),
        ("10.0.5.9", UDP, 65535, True),
        ("10.0.5.9", TCP, 65535, False),
        ("10.0.2.0", TCP, 1, True),
        ("10.0.2.1", ICMP, 0, True),
        ("10.0.2.1", UDP, 65535, True),
        ("10.0.2.2", TCP, 1, False),
    ],
)
def test_addresses_protocols_and_ports_are_reached_up_to_their_edges_and_not_beyond(
    address, protocol, port, expected
):
    assert reached(EVERYTHING, address, protocol, port) is expected


def test_without_a_rule_nothing_is_reached():
    assert not reached("", "10.0.0.1", TCP, 443)


STAFF = ("hangang/staff",)
STAFF_RULE = "  - {id: staff, permit: [network:web], who: [group:hangang/staff]}\n"
NOT_GUESTS = "  - {id: no, forbid: [network:web], who: [group:hangang/guests], reason: no}\n"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((), False),
        (STAFF, True),
        (("HANGANG/Staff",), True),
        (("hangang/staff-of-others",), False),
        (("namsan/staff",), False),
        ((*STAFF, "hangang/guests"), False),
    ],
)
@pytest.mark.parametrize("rules", [STAFF_RULE + NOT_GUESTS, NOT_GUESTS + STAFF_RULE])
def test_a_group_is_reached_by_its_whole_name_and_an_exclusion_wins_in_any_order(rules, groups, expected):
    assert reached(rules, "10.0.0.1", TCP, 443, groups=groups) is expected


def test_a_rule_ends_at_its_second():
    rule = (
        '  - {id: t, permit: [network:web], who: [user:kim@hangang], valid_to: "2026-11-23T09:00:00+09:00"}\n'
    )

    assert reached(rule, "10.0.0.1", TCP, 443, now=MONDAY_9 - 1)
    assert not reached(rule, "10.0.0.1", TCP, 443, now=MONDAY_9)


THEIRS = "  - {id: in, permit: [network:all4], who: [group:hangang/staff]}\n"
OURS = "  - {id: out, permit: [network:all4], who: [organization:hangang], organization: hangang}\n"


@pytest.mark.parametrize(("rules", "expected"), [(THEIRS, False), (OURS, False), (THEIRS + OURS, True)])
def test_a_network_of_another_company_takes_the_consent_of_both(rules, expected):
    assert reached(rules, "10.9.1.1", TCP, 22, groups=STAFF) is expected


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("10.0.0.0/24", "10.0.0.1/24"),
        ("10.0.0.0/24", "10.0.0.0/33"),
        ("10.0.0.0/24", "10.0.0"),
        ("2001:db8::/64", "2001:db8::1/64"),
        ("tcp/443", "tcp/65536"),
        ("tcp/443", "tcp/-1"),
        ("tcp/443", "443"),
        ("tcp/8000-8010", "tcp/8010-8000"),
        ("tcp/8000-8010", "tcp/8000-"),
        ("icmp", "icmp/8"),
        ("udp/53", "sctp/53"),
        ("ports: [udp]", "ports: []"),
        ("organization:hangang", "everybody"),
        ("who: [organization:hangang]", "who: []"),
        ("[login:vpn]", "[]"),
        ("[login:vpn]", "[network:nowhere]"),
        ("id: door", "id: door, id: door"),
        ("{id: door,", "{id: door, action: accept,"),
        ("permit: [login:vpn]", "permit: [login:vpn], forbid: [login:vpn]"),
    ],
)
def test_what_can_only_be_a_slip_is_no_document(right, wrong):
    assert right in NETWORKS

    with pytest.raises(PolicyErrors):
        load(NETWORKS.replace(right, wrong, 1))


TESTS = """tests:
  - name: kim
    who: {user: kim@hangang}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [login:vpn]
    deny: [network:web]
"""
TWICE = """\
  - {name: kim, who: {user: kim@hangang}, facts: {now: "2026-11-23T09:00:00Z"}, deny: [network:dns]}
"""
WORLD = World(frozenset(), {"kim@hangang": Subject(1, "hangang", "kim")}, frozenset({"hangang", "namsan"}))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    accept: [login:vpn]\n    deny: [network:web]\n", ""),
        ("accept: [login:vpn]", "accept: [network:nowhere]"),
        ("tests:\n", "tests:\n" + TWICE),
        ("{user: kim@hangang}", "{group: hangang/staff}"),
        ("via: vpn", "via: tunnel"),
        ("via: vpn", "colour: blue"),
    ],
)
def test_a_test_that_could_not_fail_or_not_be_asked_is_refused(right, wrong):
    assert right in TESTS

    with pytest.raises(PolicyErrors):
        load(NETWORKS + TESTS.replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("rules", "test", "said"),
    [
        (STAFF_RULE, TESTS, "there is no group 'hangang/staff'"),
        ("", TESTS.replace("kim@hangang", "lee@hangang"), "there is no user 'lee@hangang'"),
        (
            "",
            TESTS.replace("{user: kim@hangang}", "{groups: [hangang/x], organization: hangang}"),
            "there is no group",
        ),
    ],
)
def test_names_that_nobody_has_are_refused_before_anything_is_published(rules, test, said):
    (problem,) = check(load(NETWORKS + rules + test), WORLD)

    assert said in problem.what


def test_a_document_s_tests_see_what_was_opened_and_what_was_shut_by_mistake():
    opened = policy_of(NETWORKS + EVERYTHING + TESTS)
    shut = policy_of(NETWORKS.replace("organization:hangang]", "organization:namsan]") + TESTS)

    assert [str(failure.what) for failure in run(opened, WORLD)] == ["network:web is permitted by all"]
    assert [str(failure.what) for failure in run(shut, WORLD)] == ["login:vpn is denied: NO_PERMIT"]
