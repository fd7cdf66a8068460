"""What `nft -j list table` and `nft get element` print, read into a state."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network, summarize_address_range
from typing import Any

from vpn.atoms import Atom, Network, Piece, PortRange, Protocol, in_order
from vpn.driver import BadListing
from vpn.drivers.nft_rule import spell
from vpn.drivers.nft_table import CHAIN, FAMILIES, SETS, read_door, rules
from vpn.grant import Pair
from vpn.state import CHAIN_VERSION, GatewayState, Pool, Structure

END_SLACK_S = 30.0
"""An end further than this from what the kernel counts down to is drift: listing takes time, clocks step."""

PROTOCOLS = {
    **dict.fromkeys(("tcp", "6", 6), Protocol.TCP),
    **dict.fromkeys(("udp", "17", 17), Protocol.UDP),
    **dict.fromkeys(("icmp", "1", 1, "ipv6-icmp", "58", 58), Protocol.ICMP),
}
CHAIN_KEYS = {"type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}
UNITS_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
ELEMENT = re.compile(
    r'([0-9a-f.:]+) \. 0x([0-9a-f]+)(?: timeout \S+)?(?: expires ([^\s,}]+))?(?: comment "([^"]*)")?'
)

Object = Mapping[str, Any]


def parse(listing: str, now: float) -> GatewayState:
    """The state of the gateway whose table nft listed as JSON at `now`. Raises BadListing.

    A set that is not made as ours are counts as foreign and its content as absent: the repair makes it anew.
    """
    try:
        return _state(list(_objects(listing)), now)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadListing(f"nft listed what this driver cannot read ({error}); is it a newer nft?") from error


def found(listing: str, now: float) -> frozenset[Pair]:
    """The pairs that `nft get element` printed; it knows no JSON (1.0.6), so this reads its text."""
    try:
        return frozenset(
            Pair(ip_address(address), int(mark, 16), _end(comment, _seconds(expires), now))
            for address, mark, expires, comment in ELEMENT.findall(listing)
        )
    except (ValueError, KeyError) as error:
        raise BadListing(f"nft printed an element this driver cannot read ({error})") from error


def _objects(listing: str) -> Iterator[tuple[str, Object]]:
    for entry in json.loads(listing)["nftables"]:
        yield from entry.items()


def _state(objects: list[tuple[str, Object]], now: float) -> GatewayState:
    elements = {
        item["name"]: item.get("elem", [])
        for kind, item in objects
        if kind != "chain" and _is_ours(kind, item)
    }
    lines = [
        (item["chain"], spell(item["expr"])) for kind, item in objects if kind == "rule" and item["expr"]
    ]
    foreign = {
        (kind, str(item["name"]))
        for kind, item in objects
        if kind not in ("metainfo", "table", "rule") and not _is_ours(kind, item)
    }
    pools = _pools(elements, (line for chain, line in lines if chain == CHAIN))
    expected = rules(pools)
    foreign |= {("rule", line) for chain, line in lines if chain != CHAIN or line not in expected}
    whole = elements.keys() == SETS.keys() and [line for chain, line in lines if chain == CHAIN] == [
        *expected
    ]
    has_chain = any(kind == "chain" and _is_ours(kind, item) for kind, item in objects)
    # Our table has no flags; one with `dormant` looks whole and filters nothing.
    flagged = any(kind == "table" and "flags" in item for kind, item in objects)
    chain = CHAIN_VERSION if whole and has_chain and not flagged else 0
    pieces, unreadable = _pieces(elements)
    structure = Structure(_atoms(pieces), pools, 0 if unreadable else chain, frozenset(foreign | unreadable))
    return GatewayState(structure, frozenset(_pairs(elements, now)))


def _is_ours(kind: str, item: Object) -> bool:
    """Whether this is one of the things of our table, made as we make it."""
    if kind == "chain":
        return bool(item["name"] == CHAIN and all(item.get(key) == CHAIN_KEYS[key] for key in CHAIN_KEYS))
    spec = SETS.get(item.get("name", ""))
    if spec is None or spec.kind != kind or item.get("map") != spec.data:
        return False
    types = item["type"] if isinstance(item["type"], list) else [item["type"]]
    plain = "timeout" not in item and "size" not in item
    return plain and tuple(types) == spec.types and item.get("flags") == [spec.flag]


def _pools(elements: Mapping[str, list[Any]], lines: Iterable[str]) -> frozenset[Pool]:
    doors = {pool.network: pool.interface for line in lines if (pool := read_door(line))}
    networks = [
        network
        for family in FAMILIES
        for element in elements.get(f"pool{family.version}", [])
        for network in _networks(_bare(element))
    ]
    return frozenset(Pool(network, doors.get(network)) for network in networks)


def _networks(element: Any) -> Iterator[Network]:
    if isinstance(element, dict) and "prefix" in element:
        yield ip_network((element["prefix"]["addr"], element["prefix"]["len"]))
    else:
        first, last = _span(element, ip_address)
        yield from summarize_address_range(first, last)


def _pieces(elements: Mapping[str, list[Any]]) -> tuple[list[tuple[int, Piece]], set[tuple[str, str]]]:
    """The pieces with their marks, and the maps that hold something we never write."""
    pieces: list[tuple[int, Piece]] = []
    unreadable: set[tuple[str, str]] = set()
    for name in (name for name in elements if SETS[name].data):
        try:
            pieces += [(int(mark), _piece(_bare(key)["concat"])) for key, mark in elements[name]]
        except (ValueError, KeyError, TypeError):
            unreadable.add((SETS[name].kind, name))
    return [(mark, piece) for mark, piece in pieces if _map_of(piece) not in unreadable], unreadable


def _map_of(piece: Piece) -> tuple[str, str]:
    return "map", f"{'icmp' if piece.ports is None else 'what'}{piece.first.version}"


def _bare(element: Any) -> Any:
    """The element without the comment or timeout somebody gave it."""
    return element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element


def _atoms(pieces: Iterable[tuple[int, Piece]]) -> frozenset[Atom]:
    held: dict[int, list[Piece]] = defaultdict(list)
    for mark, piece in pieces:
        held[mark].append(piece)
    return frozenset(Atom(mark, in_order(held[mark])) for mark in held)


def _piece(parts: list[Any]) -> Piece:
    protocol = PROTOCOLS[parts[1]]
    ports = PortRange(*_span(parts[2], int)) if len(parts) > 2 else None
    if (ports is None) != (protocol is Protocol.ICMP):
        raise ValueError(f"{parts} has ports where it should not, or none")
    if isinstance(parts[0], dict) and "prefix" in parts[0]:
        network = next(_networks(parts[0]))
        return Piece(protocol, network.network_address, network.broadcast_address, ports)
    first, last = _span(parts[0], ip_address)
    return Piece(protocol, first, last, ports)


def _span(part: Any, read: Callable[[Any], Any]) -> tuple[Any, Any]:
    if isinstance(part, dict):
        first, last = part["range"]
        return read(first), read(last)
    return read(part), read(part)


def _pairs(elements: Mapping[str, list[Any]], now: float) -> Iterator[Pair]:
    for family in FAMILIES:
        for element in elements.get(f"may{family.version}", []):
            inner = element.get("elem", {})
            address, mark = inner.get("val", element)["concat"]
            expires = inner.get("expires", 0) if "timeout" in inner else None
            yield Pair(ip_address(address), int(mark), _end(inner.get("comment", ""), expires, now))


def _end(comment: str, expires_s: float | None, now: float) -> float | None:
    """The end the pair was written with, as its comment says; what the kernel will do where they differ."""
    if expires_s is None:
        return None
    try:
        written = float(comment)
    except ValueError:
        return now + expires_s
    return written if abs(now + expires_s - written) <= END_SLACK_S else now + expires_s


def _seconds(expires: str) -> float | None:
    """The seconds in `1d3h25m45s496ms`; None for nothing."""
    if not expires:
        return None
    return sum(int(count) * UNITS_S[unit] for count, unit in re.findall(r"(\d+)([a-z]+)", expires))
