"""Golden text: what is sent to nft, to the letter. Real kernels judge it in test_linux_nftables_kernel.py."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from vpn.atoms import Atom, Piece, PortRange, Protocol
from vpn.diff import Plan, StructureChange, delta, plan, rollback
from vpn.drivers.linux_nftables import lookup, render
from vpn.grant import Pair
from vpn.state import CHAIN_VERSION, GatewayState, Pool, Structure

GOLDEN = Path(__file__).parents[1] / "golden"
NOW = 1_763_819_600.0
FOUR, SIX = ip_address("10.8.0.2"), ip_address("fd00:8::2")
WEB = Piece(Protocol.TCP, ip_address("10.99.0.2"), ip_address("10.99.0.7"), PortRange(443, 443))
DNS = Piece(Protocol.UDP, ip_address("10.99.0.2"), ip_address("10.99.0.2"), PortRange(0, 65535))
PING = Piece(Protocol.ICMP, ip_address("10.99.0.2"), ip_address("10.99.0.2"), None)
PING6 = Piece(Protocol.ICMP, ip_address("fd00:99::2"), ip_address("fd00:99::3"), None)
WEB6 = replace(WEB, first=ip_address("fd00:99::2"), last=ip_address("fd00:99::2"))
POOLS = {
    Pool(ip_network("10.8.0.0/24"), "tun0"),
    Pool(ip_network("10.9.0.0/16")),
    Pool(ip_network("fd00:8::/64"), "vpns*"),
}
STRUCTURE = Structure(
    frozenset({Atom(17, (WEB, DNS, WEB6)), Atom(2**31 - 1, (PING, PING6))}), frozenset(POOLS), CHAIN_VERSION
)
PAIRS = frozenset({Pair(FOUR, 17, NOW + 100_000.25), Pair(FOUR, 18), Pair(SIX, 17, NOW + 0.5)})


def test_a_fresh_gateway_is_one_batch() -> None:
    [batch] = render(plan(GatewayState(), GatewayState(STRUCTURE, PAIRS)), NOW)

    assert batch == (GOLDEN / "fresh.nft").read_text()


def test_each_kind_of_change_has_its_place() -> None:
    recut = replace(STRUCTURE, atoms=frozenset({Atom(17, (WEB, DNS, WEB6)), Atom(5, (PING6,))}))
    change = Plan(
        removals=frozenset({Pair(FOUR, 1), Pair(SIX, 2, NOW), Pair(FOUR, 3)}),
        structure=StructureChange(STRUCTURE, recut),
        extensions=frozenset({Pair(FOUR, 4, NOW + 60)}),
        additions=frozenset({Pair(SIX, 5)}),
        retired=frozenset({Pair(SIX, 2**31 - 1)}),
    )

    batches = render(change, NOW)

    assert "# next batch\n".join(batches) == (GOLDEN / "change.nft").read_text()


def test_what_is_foreign_is_taken_away_and_rules_are_written_anew() -> None:
    foreign = {("chain", "forward"), ("chain", "open"), ("set", "may4"), ("counter", "c"), ("rule", "accept")}
    running = replace(STRUCTURE, chain=0, foreign=frozenset(foreign))

    [batch] = render(plan(GatewayState(running), GatewayState(STRUCTURE)), NOW)

    assert batch == (GOLDEN / "repair.nft").read_text()


def test_nothing_to_do_is_no_batch() -> None:
    assert render(Plan(), NOW) == []


@pytest.mark.parametrize("until", [NOW, NOW - 1, NOW + 0.0004])
def test_a_pair_that_has_ended_is_not_written_for_nft_would_keep_it_for_ever(until: float) -> None:
    assert render(Plan(additions=frozenset({Pair(FOUR, 1, until)})), NOW) == []


def test_an_end_that_has_passed_takes_the_pair_away() -> None:
    [batch] = render(delta((), [Pair(FOUR, 1, NOW)]), NOW)

    assert batch.splitlines() == [
        "add element inet officegate may4 { 10.8.0.2 . 1 }",
        "delete element inet officegate may4 { 10.8.0.2 . 1 }",
    ]


def test_undoing_a_structure_touches_no_pair() -> None:
    done = plan(GatewayState(), GatewayState(STRUCTURE, PAIRS))

    assert not any(
        "may" in line for line in "".join(render(rollback(done), NOW)).splitlines() if "element" in line
    )


def test_a_lookup_names_one_pair() -> None:
    assert lookup(Pair(SIX, 17, NOW)) == "get element inet officegate may6 { fd00:8::2 . 17 }"
