"""What nft 1.0.6 prints, as it printed it, and what could have been changed in it."""

import json
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from vpn.atoms import Piece, PortRange, Protocol
from vpn.driver import BadListing
from vpn.drivers.nft_listing import found, parse
from vpn.grant import Pair
from vpn.state import CHAIN_VERSION, Pool

LISTING = (Path(__file__).parents[1] / "golden" / "listing.json").read_text()
# The listing was taken within the second after this.
NOW = 1_763_819_600.0
FOUR, SIX = ip_address("10.8.0.2"), ip_address("fd00:8::2")
Objects = list[dict[str, dict[str, Any]]]


def changed(change: Callable[[Objects], object]) -> str:
    tree = json.loads(LISTING)
    change(tree["nftables"])
    return json.dumps(tree)


def named(objects: Objects, name: str) -> dict[str, Any]:
    return next(item for entry in objects for item in entry.values() if item.get("name") == name)


def rule(text: str) -> dict[str, dict[str, Any]]:
    return {
        "rule": {
            "family": "inet",
            "table": "officegate",
            "chain": text,
            "handle": 99,
            "expr": [{"accept": None}],
        }
    }


def test_a_listing_becomes_the_state_that_was_written() -> None:
    state = parse(LISTING, NOW)

    assert state.structure.chain == CHAIN_VERSION
    assert state.structure.foreign == frozenset()
    assert state.structure.pools == {
        Pool(ip_network("10.8.0.0/24"), "tun0"),
        Pool(ip_network("10.9.0.0/16")),
        Pool(ip_network("fd00:8::/64"), "vpns*"),
    }
    assert {atom.mark for atom in state.structure.atoms} == {17, 2**31 - 1}
    assert state.pairs == {Pair(FOUR, 17, NOW + 100_000.25), Pair(FOUR, 18), Pair(SIX, 17, NOW + 60.5)}


def test_every_piece_is_read_as_it_was_written() -> None:
    atoms = {atom.mark: atom.pieces for atom in parse(LISTING, NOW).structure.atoms}

    assert atoms[17] == (
        Piece(Protocol.TCP, ip_address("10.99.0.2"), ip_address("10.99.0.7"), PortRange(443, 443)),
        Piece(Protocol.UDP, ip_address("10.99.0.2"), ip_address("10.99.0.2"), PortRange(0, 65535)),
        Piece(Protocol.TCP, ip_address("fd00:99::2"), ip_address("fd00:99::2"), PortRange(443, 443)),
    )


def test_an_end_that_is_not_what_the_kernel_counts_to_is_drift() -> None:
    later = parse(LISTING, NOW + 500).pairs

    assert Pair(FOUR, 17, NOW + 100_000.25) not in later
    assert Pair(FOUR, 18) in later


@pytest.mark.parametrize(
    ("change", "until"),
    [
        (lambda e: e.update(comment="yes"), NOW + 100_000),
        (lambda e: e.pop("comment"), NOW + 100_000),
        (lambda e: e.update(expires=5), NOW + 5),
        (lambda e: (e.pop("timeout"), e.pop("expires")), None),
    ],
)
def test_an_end_somebody_changed_is_read_as_what_it_really_is(
    change: Callable[[Any], object], until: float | None
) -> None:
    text = changed(lambda objects: change(named(objects, "may4")["elem"][0]["elem"]))

    assert Pair(FOUR, 17, until) in parse(text, NOW).pairs


@pytest.mark.parametrize(
    "change",
    [
        lambda objects: objects.append(rule("forward")),
        lambda objects: objects.insert(11, rule("forward")),
        lambda objects: objects.pop(),
        lambda objects: objects.insert(-1, objects.pop()),
        lambda objects: named(objects, "forward").update(policy="accept"),
        lambda objects: named(objects, "forward").update(prio=300),
        lambda objects: named(objects, "forward").update(hook="input"),
        lambda objects: named(objects, "may4").update(timeout=5),
        lambda objects: named(objects, "may4").update(flags=["timeout", "dynamic"]),
        lambda objects: named(objects, "may6").update(type=["ipv6_addr", "ether_addr"]),
        lambda objects: named(objects, "what4").update(map="verdict"),
        lambda objects: objects.remove(next(o for o in objects if o.get("set", {}).get("name") == "pool6")),
        lambda objects: named(objects, "officegate").update(flags="dormant"),
        lambda objects: objects[-1]["rule"]["expr"].pop(0),
        lambda objects: objects[-1]["rule"]["expr"].insert(0, {"limit": {"rate": 5, "per": "second"}}),
    ],
)
def test_rules_and_sets_that_are_not_exactly_ours_are_noticed(change: Callable[[Objects], object]) -> None:
    assert parse(changed(change), NOW).structure.chain == 0


@pytest.mark.parametrize(
    ("entry", "named_as"),
    [
        (rule("forward"), ("rule", "accept")),
        ({"chain": {"name": "open", "table": "officegate"}}, ("chain", "open")),
        ({"set": {"name": "friends", "type": "ipv4_addr"}}, ("set", "friends")),
        ({"counter": {"name": "c"}}, ("counter", "c")),
    ],
)
def test_what_is_not_ours_is_named(entry: dict[str, dict[str, Any]], named_as: tuple[str, str]) -> None:
    text = changed(lambda objects: objects.append(entry))

    assert parse(text, NOW).structure.foreign == {named_as}


def test_a_set_made_otherwise_is_foreign_and_counts_as_empty() -> None:
    text = changed(lambda objects: named(objects, "may4").update(flags=[]))

    state = parse(text, NOW)

    assert ("set", "may4") in state.structure.foreign
    assert {pair.address for pair in state.pairs} == {SIX}


@pytest.mark.parametrize("key", [["10.99.0.2", "sctp", 80], ["10.99.0.2", {"range": ["tcp", "udp"]}, 80]])
def test_a_map_with_what_we_never_write_is_made_anew(key: list[Any]) -> None:
    text = changed(lambda objects: named(objects, "what4")["elem"].append([{"concat": key}, 5]))

    structure = parse(text, NOW).structure

    assert (structure.chain, structure.foreign) == (0, frozenset({("map", "what4")}))


def test_a_comment_on_an_element_changes_nothing() -> None:
    def comment(objects: Objects) -> None:
        elements = named(objects, "what4")["elem"]
        elements[0][0] = {"elem": {"val": elements[0][0], "comment": "mine"}}

    assert parse(changed(comment), NOW) == parse(LISTING, NOW)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"nftables": [{"set": {}}]}', '{"nftables": [{"rule": {}}]}', "table"]
)
def test_a_text_that_is_no_listing_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(BadListing):
        parse(text, NOW)


def test_the_text_of_an_element_is_read_with_its_end() -> None:
    text = """table inet officegate {
\tset may4 {
\t\ttype ipv4_addr . mark
\t\tflags timeout
\t\telements = { 10.8.0.2 . 0x00000011 timeout 1d3h46m40s250ms expires 1d3h46m39s comment "1763919600.25" }
\t}
}
"""
    assert found(text, NOW) == {Pair(FOUR, 17, 1_763_919_600.25)}
    assert found(text, NOW - 500) == {Pair(FOUR, 17, NOW - 500 + 99_999)}


def test_the_text_of_elements_without_an_end_and_of_both_families_is_read() -> None:
    text = "elements = { fd00:8::2 . 0x7fffffff,\n\t 10.8.0.2 . 0x00000001 timeout 2s expires 1s5ms }"

    assert found(text, NOW) == {Pair(SIX, 2**31 - 1), Pair(FOUR, 1, NOW + 1.005)}
    assert found("", NOW) == frozenset()
