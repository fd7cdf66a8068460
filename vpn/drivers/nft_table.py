"""The table `inet officegate` of a Linux gateway: its sets, its maps and its one chain.

    pool4 pool6    session addresses: what we police at all
    may4  may6     (session address . atom), each with its end: the only hot part, plain hashes
    what4 what6    (destination . protocol . port) to atom, for TCP and UDP
    icmp4 icmp6    (destination . protocol) to atom: ICMP has no ports, and the two octets where the others
                   keep theirs are a checksum

The chain polices forwarded packets from or to a pool and drops them by default. Others are not ours: they
leave the chain at once, and what other tables say about them holds. (An `accept` here never overrides a
`drop` elsewhere.)

The pair is looked up at every packet in both directions, that of a reply by the mark of its connection. With
`ct state established accept` a revoked flow would run on; so would a stream pushed by the server if only
the client's packets were looked up. A reply whose mark has no pair gets a second chance by the server's
address and port: once resources were recut the mark is of an atom that is no more, and a connection in which
only the server speaks would never get a new one.

Only packets that are new or established get to set that mark. An ICMP error is `related`: it belongs to the
connection it speaks of, and could otherwise give that connection the mark of what may be pinged.

A connection is not told from one of the address's next session. Where both sessions may reach an atom, what
a server still pushes into a UDP flow of the last one arrives at the next, until the server gives up: the port
is closed there, and the error that says so is let through. The mark has no room for a generation, and to have
the kernel search all its connections at every session's end would hold up revocations.

The source is checked twice: the route back must lead out of the interface the packet came in by
(`fib ... oif missing`), and a pool bound to an interface is refused on every other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from vpn.atoms import Address
from vpn.state import Pool

TABLE = "inet officegate"
CHAIN = "forward"
CHAIN_SPEC = "{ type filter hook forward priority filter; policy drop; }"
LISTING = f"list table {TABLE}"


@dataclass(frozen=True)
class Family:
    """How nft names the things of an address family."""

    version: int
    header: str
    address: str
    icmp: str
    icmp_number: int


FAMILIES = (Family(4, "ip", "ipv4_addr", "icmp", 1), Family(6, "ip6", "ipv6_addr", "ipv6-icmp", 58))
TCP, UDP = 6, 17


@dataclass(frozen=True)
class SetSpec:
    """A set, or a map where `data` names what it leads to."""

    name: str
    types: tuple[str, ...]
    flag: str
    data: str | None = None

    @property
    def kind(self) -> str:
        """The word nft has for it."""
        return "map" if self.data else "set"

    @property
    def command(self) -> str:
        """The command that makes it and does nothing where it already is."""
        of = " . ".join(self.types) + (f" : {self.data}" if self.data else "")
        return f"add {self.kind} {TABLE} {self.name} {{ type {of}; flags {self.flag}; }}"


def _sets(family: Family) -> tuple[SetSpec, ...]:
    version, address = family.version, family.address
    return (
        SetSpec(f"pool{version}", (address,), "interval"),
        SetSpec(f"may{version}", (address, "mark"), "timeout"),
        SetSpec(f"what{version}", (address, "inet_proto", "inet_service"), "interval", "mark"),
        SetSpec(f"icmp{version}", (address, "inet_proto"), "interval", "mark"),
    )


SETS = {spec.name: spec for family in FAMILIES for spec in _sets(family)}


def may(address: Address) -> str:
    """The set that holds the pairs of the address's family."""
    return f"may{address.version}"


def rules(pools: Iterable[Pool]) -> tuple[str, ...]:
    """The rules of the chain in order, each spelt as nft_rule.spell() spells what nft lists."""
    others = tuple(
        f"{f.header} saddr != @pool{f.version} {f.header} daddr != @pool{f.version} accept" for f in FAMILIES
    )
    sources = tuple(
        f"{family.header} saddr @pool{family.version} fib saddr . iif oif missing drop" for family in FAMILIES
    )
    return others + sources + _doors(pools) + tuple(rule for family in FAMILIES for rule in _passes(family))


def door(pool: Pool) -> str:
    """The rule that refuses a bound pool's addresses on every other interface."""
    header = "ip" if pool.network.version == 4 else "ip6"
    network = pool.network if pool.network.num_addresses > 1 else pool.network.network_address
    return f'{header} saddr {network} iifname != "{pool.interface}" drop'


def read_door(rule: str) -> Pool | None:
    """The pool whose door this rule is; None for any other rule."""
    words = rule.split(" ")
    if len(words) != 7 or words[1] != "saddr" or words[3:5] != ["iifname", "!="]:
        return None
    try:
        pool = Pool(ip_network(words[2]), words[5].strip('"'))
    except ValueError:
        return None
    return pool if door(pool) == rule else None


def _doors(pools: Iterable[Pool]) -> tuple[str, ...]:
    return tuple(sorted(door(pool) for pool in pools if pool.interface))


def _passes(family: Family) -> tuple[str, ...]:
    header, version, icmp = family.header, family.version, family.icmp
    back = f"{header} daddr . ct mark @may{version} accept"
    there = f"{header} saddr . ct mark @may{version} accept"
    return (
        f"ct direction reply ct state established {back}",
        f"ct direction reply ct state established {_mark(family, 'saddr', 'sport')} {back}",
        f"ct direction reply ct state established {_mark(family, 'saddr')} {back}",
        f"ct direction reply ct state related meta l4proto {icmp} {back}",
        f"ct direction original ct state established,new {_mark(family, 'daddr', 'dport')} {there}",
        f"ct direction original ct state established,new {_mark(family, 'daddr')} {there}",
        f"ct direction original ct state related meta l4proto {icmp} {there}",
    )


def _mark(family: Family, address: str, port: str = "") -> str:
    """Give the connection the atom of the server's end of this packet; with no atom the rule ends here."""
    key = f"{family.header} {address} . meta l4proto"
    if not port:
        return f"ct mark set {key} map @icmp{family.version}"
    return f"ct mark set {key} . th {port} map @what{family.version}"
