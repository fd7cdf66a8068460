"""Cases that other policy engines are tested with, in our words: what happens here with each.

source: the project whose public tests have the case; only the fact is taken.
"""

from dataclasses import dataclass, replace
from ipaddress import ip_address

import pytest

from access.model import Facts, Method, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import World, load
from access.policy.document_tests import run
from access.policy.kept_texts import policy_of
from access.policy.vocabulary import PolicyErrors, Protocol
from access.proof.factors import Factor
from tests.access.policy.samples import HOUR, MONDAY_9

HEADSCALE, PRIVACYIDEA, NETSPOC = "Headscale", "privacyIDEA", "Netspoc"
ALICE = Subject(1, "hangang", "alice", frozenset({"hangang/engineering"}))
BOB = Subject(2, "hangang", "bob", frozenset())
ROOT = Subject(3, "hangang", "root", frozenset({"hangang/engineering", "hangang/contractors"}))
SERVER = "network:server"
ON_VPN = Facts(
    via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9, source=ip_address("192.168.2.3")
)
HEAD = """\
version: 1
networks:
  server: {organization: hangang, to: [10.1.0.3/32], ports: [%s]}
rules:
"""
TO_ALICE = "  - {id: ssh, permit: [network:server], who: [user:alice@hangang]}\n"


def document(rules: str, ports: str = "tcp/22") -> str:
    return HEAD % ports + rules


@dataclass(frozen=True)
class Reach:
    """Who reaches the server by some rules."""

    source: str
    what: str
    rules: str
    yes: tuple[Subject, ...]
    no: tuple[Subject, ...]
    facts: Facts = ON_VPN
    now: float = MONDAY_9

    def __str__(self) -> str:
        return self.what


OFFICE_ONLY = (
    "  - {id: office, permit: [network:server], who: [organization:hangang],"
    " when: {source: [192.168.0.0/16]}}\n"
    "  - {id: not-there, forbid: [network:server], who: [organization:hangang],"
    " when: {source: [192.168.1.1/32]}, reason: a shared machine}\n"
)
TOMORROW = TO_ALICE.replace("}", ', valid_from: "2026-11-24T00:00:00+09:00"}')
REACHES = [
    Reach(HEADSCALE, "one user is named, another is not", TO_ALICE, (ALICE,), (BOB, ROOT)),
    Reach(
        HEADSCALE,
        "everybody is named",
        "  - {id: all, permit: [network:server], who: [organization:hangang]}\n",
        (ALICE, BOB, ROOT),
        (Subject(4, "seorak", "lee"),),
    ),
    Reach(HEADSCALE, "there are no rules at all", "  []\n", (), (ALICE, BOB)),
    Reach(
        PRIVACYIDEA,
        "all but one user",
        "  - {id: all, permit: [network:server], who: [organization:hangang]}\n"
        "  - {id: not-root, forbid: [network:server], who: [user:root@hangang], reason: not him}\n",
        (ALICE, BOB),
        (ROOT,),
    ),
    Reach(
        PRIVACYIDEA,
        "the exclusion stands before the permit",
        "  - {id: not-root, forbid: [network:server], who: [user:root@hangang], reason: not him}\n"
        "  - {id: all, permit: [network:server], who: [organization:hangang]}\n",
        (ALICE, BOB),
        (ROOT,),
    ),
    Reach(
        PRIVACYIDEA,
        "in a group that may and in one that may not",
        "  - {id: in, permit: [network:server], who: [group:hangang/engineering]}\n"
        "  - {id: out, forbid: [network:server], who: [group:hangang/contractors], reason: own servers}\n",
        (ALICE,),
        (ROOT, BOB),
    ),
    Reach(PRIVACYIDEA, "inside a source network", OFFICE_ONLY, (ALICE, BOB), ()),
    Reach(
        PRIVACYIDEA,
        "at the one address that is taken out of a source network",
        OFFICE_ONLY,
        (),
        (ALICE, BOB),
        replace(ON_VPN, source=ip_address("192.168.1.1")),
    ),
    Reach(
        PRIVACYIDEA,
        "outside of a source network",
        OFFICE_ONLY,
        (),
        (ALICE,),
        replace(ON_VPN, source=ip_address("192.169.0.1")),
    ),
    Reach(
        PRIVACYIDEA,
        "a rule that is not in force yet",
        TOMORROW,
        (),
        (ALICE,),
    ),
    Reach(
        PRIVACYIDEA,
        "a rule whose time has come",
        TOMORROW,
        (ALICE,),
        (BOB,),
        now=MONDAY_9 + 24 * HOUR,
    ),
]


@pytest.mark.parametrize("case", REACHES, ids=str)
def test_who_reaches_the_server_is_who_should(case: Reach):
    policy = policy_of(document(case.rules))

    reached = [
        each.name
        for each in (*case.yes, *case.no)
        if decide(policy, each, Request(SERVER, case.facts), case.now).permitted
    ]

    assert reached == [each.name for each in case.yes]


MONDAY = 'facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}'
TESTS = f"tests:\n  - {{name: t, who: {{user: %s@hangang}}, %s: [%s], {MONDAY}}}\n"
KNOWN = World(users={"alice@hangang": ALICE, "bob@hangang": BOB})


@pytest.mark.parametrize(
    ("source", "who", "demand", "told"),
    [
        (HEADSCALE, "alice", "accept", []),
        (HEADSCALE, "bob", "deny", []),
        (HEADSCALE, "bob", "accept", ["t: network:server is denied: NO_PERMIT"]),
        (HEADSCALE, "alice", "deny", ["t: network:server is permitted by ssh"]),
        (HEADSCALE, "ghost", "accept", ["t: there is no user ghost@hangang"]),
        (HEADSCALE, "ghost", "deny", ["t: there is no user ghost@hangang"]),
    ],
)
def test_a_promise_is_kept_or_says_why_not(source: str, who: str, demand: str, told: list[str]):
    policy = policy_of(document(TO_ALICE) + TESTS % (who, demand, SERVER))

    failures = [str(each).split(": ", 1)[1] for each in run(policy, KNOWN)]

    assert failures == told, source


def test_of_several_promises_the_broken_one_alone_is_told():
    more = f"  - {{name: u, who: {{user: bob@hangang}}, accept: [network:server], {MONDAY}}}\n"
    policy = policy_of(document(TO_ALICE) + TESTS % ("alice", "accept", SERVER) + more)

    assert [str(each) for each in run(policy, KNOWN)] == ["line 8: u: network:server is denied: NO_PERMIT"]


def test_a_promise_about_somebody_who_left_stops_no_decision():
    policy = policy_of(document(TO_ALICE) + TESTS % ("ghost", "accept", SERVER))

    assert decide(policy, ALICE, Request(SERVER, ON_VPN), MONDAY_9).permitted
    assert decide(policy, BOB, Request(SERVER, ON_VPN), MONDAY_9).reason is Reason.NO_PERMIT


@pytest.mark.parametrize(
    ("source", "ports"),
    [
        (NETSPOC, "xyz/22"),
        (NETSPOC, "tcp/0"),
        (NETSPOC, "tcp/0-10"),
        (NETSPOC, "udp/60000-99999"),
        (NETSPOC, "tcp/90-80"),
        (NETSPOC, "tcp/80-"),
        (NETSPOC, "tcp/-80"),
        (NETSPOC, "tcp/1-2-3"),
        (NETSPOC, "tcp/"),
        (NETSPOC, "tcp/22x"),
        (HEADSCALE, "icmp/22"),
        (HEADSCALE, "tcp/*"),
        (HEADSCALE, "*"),
    ],
)
def test_what_is_no_port_is_refused_with_its_line(source: str, ports: str):
    with pytest.raises(PolicyErrors, match="line 3") as refused:
        load(document(TO_ALICE, f'"{ports}"'))

    assert ports in str(refused.value), source


@pytest.mark.parametrize(
    ("source", "ports", "expected"),
    [
        (HEADSCALE, "tcp/22", {(Protocol.TCP, 22, 22)}),
        (HEADSCALE, "tcp/22, udp/22", {(Protocol.TCP, 22, 22), (Protocol.UDP, 22, 22)}),
        (NETSPOC, "tcp/1-65535", {(Protocol.TCP, 1, 65535)}),
        (NETSPOC, "tcp/80-80", {(Protocol.TCP, 80, 80)}),
    ],
)
def test_ports_are_those_of_their_protocol_alone(source: str, ports: str, expected: set):
    network = load(document(TO_ALICE, ports)).networks["server"]

    assert {(each.protocol, each.first, each.last) for each in network.ports} == expected, source


@pytest.mark.parametrize("wrong", ["group:hangang", "alice", "tag:server", "user:alice", "network:server"])
def test_who_is_of_no_kind_we_know_is_refused(wrong: str):
    with pytest.raises(PolicyErrors, match="line 5"):
        load(document(f"  - {{id: ssh, permit: [network:server], who: ['{wrong}']}}\n"))


@pytest.mark.parametrize("wrong", ["server", "network:ghost", "network:server:22", "*"])
def test_an_object_nobody_has_described_is_refused_in_rules_and_promises(wrong: str):
    with pytest.raises(PolicyErrors):
        load(document(f"  - {{id: ssh, permit: ['{wrong}'], who: [user:alice@hangang]}}\n"))
    with pytest.raises(PolicyErrors):
        load(document(TO_ALICE) + TESTS % ("alice", "accept", f"'{wrong}'"))
