"""Resources cut into disjoint destination atoms, so that every packet belongs to at most one.

Each (address family, protocol) is a plane of addresses by ports, each target a rectangle in it. A line
sweep over the address boundaries gives every region the set of resources that cover it; all regions with
the same set are one atom. Regions are merged back as far as they go, so what an atom consists of does not
depend on boundaries elsewhere, and neither does its mark.

A mark is a hash of what the atom consists of. It can therefore never come to mean another destination:
a gateway that still holds an older cut does not open anything new for a pair of a newer one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import pairwise
from typing import NamedTuple

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LARGEST_MARK = 2**31 - 1


class Protocol(Enum):
    """What a packet carries. ANY stands for TCP, UDP and ICMP (on IPv6: ICMPv6), and for nothing else."""

    TCP = "tcp"
    UDP = "udp"
    ICMP = "icmp"
    ANY = "any"


@dataclass(frozen=True, order=True, slots=True)
class PortRange:
    """Ports first to last, both included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last <= 65535:
            raise ValueError(f"{self.first}-{self.last} is no range of ports: 0 <= first <= last <= 65535")

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


EVERY_PORT = PortRange(0, 65535)
PLANES = {
    Protocol.TCP: (Protocol.TCP,),
    Protocol.UDP: (Protocol.UDP,),
    Protocol.ICMP: (Protocol.ICMP,),
    Protocol.ANY: (Protocol.TCP, Protocol.UDP, Protocol.ICMP),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A network and what may be spoken to it; without ports, every port.

    Raises ValueError for ports on a protocol that has none. ANY is refused too: what of ICMP would it let by?
    """

    network: Network
    protocol: Protocol = Protocol.ANY
    ports: PortRange | None = None

    def __post_init__(self) -> None:
        if self.ports is not None and self.protocol not in (Protocol.TCP, Protocol.UDP):
            raise ValueError(f"{self.network}: ports need tcp or udp, not {self.protocol.value}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Addresses first to last of one family, of one protocol; ports is None for ICMP and for nothing else."""

    protocol: Protocol
    first: Address
    last: Address
    ports: PortRange | None

    def __str__(self) -> str:
        where = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.protocol.value} {where}" + (f" {self.ports}" if self.ports else "")

    def covers(self, address: Address, protocol: Protocol, port: int | None) -> bool:
        """Whether a packet to this address and port lies in the piece."""
        if (self.protocol, self.first.version) != (protocol, address.version):
            return False
        if not int(self.first) <= int(address) <= int(self.last):
            return False
        return self.ports is None or (port is not None and self.ports.first <= port <= self.ports.last)

    def common(self, other: "Piece") -> int:
        """How many (address, port) points both pieces hold."""
        if (self.protocol, self.first.version) != (other.protocol, other.first.version):
            return 0
        addresses = min(int(self.last), int(other.last)) - max(int(self.first), int(other.first)) + 1
        mine, others = self.ports or PortRange(0, 0), other.ports or PortRange(0, 0)
        ports = min(mine.last, others.last) - max(mine.first, others.first) + 1
        return max(addresses, 0) * max(ports, 0)


def in_order(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces in the one order in which an atom keeps them."""
    return tuple(sorted(pieces, key=_rank))


def _rank(piece: Piece) -> tuple[int, str, int, int, PortRange]:
    version, first, last = piece.first.version, int(piece.first), int(piece.last)
    return version, piece.protocol.value, first, last, piece.ports or EVERY_PORT


@dataclass(frozen=True, slots=True)
class Atom:
    """A set of destinations no other atom of the same cut touches; mark is 1 to 2**31-1."""

    mark: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Atoms:
    """One cut: its atoms, ordered by mark, and which of them each resource consists of."""

    atoms: tuple[Atom, ...]
    resources: Mapping[str, frozenset[int]]

    def of(self, resource: str) -> frozenset[int]:
        """The marks that make up the resource; none for a resource the cut does not know."""
        return self.resources.get(resource, frozenset())

    def find(self, address: Address, protocol: Protocol, port: int | None) -> int | None:
        """The mark of the atom a packet to this destination has; port is ignored for ICMP.

        Looks at every piece: meant for an explanation, not for packets.
        """
        for atom in self.atoms:
            if any(piece.covers(address, protocol, port) for piece in atom.pieces):
                return atom.mark
        return None


class _Rectangle(NamedTuple):
    first: int
    last: int
    low: int
    high: int
    resource: str


class _Segment(NamedTuple):
    resources: frozenset[str]
    low: int
    high: int


def cut(resources: Mapping[str, Iterable[Target]]) -> Atoms:
    """The atoms of these resources: disjoint, and each target exactly the union of its resource's atoms."""
    names = {resource: tuple(targets) for resource, targets in resources.items()}
    regions: dict[frozenset[str], list[Piece]] = defaultdict(list)
    for (version, protocol), rectangles in _planes(names).items():
        for segment, first, last in _sweep(rectangles):
            piece = _piece(version, protocol, (first, last), segment)
            regions[segment.resources].append(piece)
    owners = {in_order(pieces): members for members, pieces in regions.items()}
    marks = mark_all(owners)
    held: dict[str, set[int]] = {name: set() for name in names}
    for pieces, members in owners.items():
        for name in members:
            held[name].add(marks[pieces])
    atoms = sorted((Atom(mark, pieces) for pieces, mark in marks.items()), key=lambda atom: atom.mark)
    return Atoms(tuple(atoms), {name: frozenset(held[name]) for name in held})


def _planes(resources: Mapping[str, Iterable[Target]]) -> dict[tuple[int, Protocol], list[_Rectangle]]:
    planes: dict[tuple[int, Protocol], list[_Rectangle]] = defaultdict(list)
    for resource, targets in resources.items():
        for target in targets:
            first, last = int(target.network.network_address), int(target.network.broadcast_address)
            for protocol in PLANES[target.protocol]:
                ports = PortRange(0, 0) if protocol is Protocol.ICMP else target.ports or EVERY_PORT
                rectangle = _Rectangle(first, last, ports.first, ports.last, resource)
                planes[target.network.version, protocol].append(rectangle)
    return planes


def _sweep(rectangles: Iterable[_Rectangle]) -> Iterator[tuple[_Segment, int, int]]:
    """Every segment of ports with the first and last address over which it stays the same."""
    starts: dict[int, set[_Rectangle]] = defaultdict(set)
    ends: dict[int, set[_Rectangle]] = defaultdict(set)
    for rectangle in rectangles:
        starts[rectangle.first].add(rectangle)
        ends[rectangle.last + 1].add(rectangle)
    active: set[_Rectangle] = set()
    since: dict[_Segment, int] = {}
    for here in sorted(starts.keys() | ends.keys()):
        active = (active - ends.get(here, set())) | starts.get(here, set())
        segments = set(_segments(active))
        for gone in since.keys() - segments:
            yield gone, since.pop(gone), here - 1
        for new in segments - since.keys():
            since[new] = here


def _segments(active: Iterable[_Rectangle]) -> Iterator[_Segment]:
    """The ports of one address, cut where the set of resources changes and only there."""
    bounds = sorted({r.low for r in active} | {r.high + 1 for r in active})
    current: _Segment | None = None
    for low, after in pairwise(bounds):
        members = frozenset(r.resource for r in active if r.low <= low <= r.high)
        if current is not None and current.resources == members:
            current = current._replace(high=after - 1)
            continue
        if current is not None and current.resources:
            yield current
        current = _Segment(members, low, after - 1)
    if current is not None:
        yield current


def _piece(version: int, protocol: Protocol, span: tuple[int, int], segment: _Segment) -> Piece:
    family = IPv4Address if version == 4 else IPv6Address
    ports = None if protocol is Protocol.ICMP else PortRange(segment.low, segment.high)
    return Piece(protocol, family(span[0]), family(span[1]), ports)


def number(content: bytes) -> int:
    """A mark for this content: 1 to 2**31-1, spread evenly."""
    return 1 + int.from_bytes(hashlib.sha256(content).digest()[:8], "big") % LARGEST_MARK


def mark_all(
    contents: Iterable[tuple[Piece, ...]], number: Callable[[bytes], int] = number
) -> dict[tuple[Piece, ...], int]:
    """A mark for each content, all different.

    Where two contents have the same number, the later in the order of their text takes the number of that
    text with one more zero byte, and so on: the same contents always get the same marks.
    """
    marks: dict[tuple[Piece, ...], int] = {}
    taken: set[int] = set()
    for text, pieces in sorted((";".join(map(str, pieces)).encode(), pieces) for pieces in contents):
        salted = text
        while (mark := number(salted)) in taken:
            salted += b"\0"
        taken.add(mark)
        marks[pieces] = mark
    return marks
