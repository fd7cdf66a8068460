"""What a gateway holds: running as read from it, intended as compiled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from vpn.atoms import Address, Atom, Network
from vpn.grant import Pair

CHAIN_VERSION = 1
"""Raised with every change of what the rules of a gateway mean, so that gateways get the new ones."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Session addresses of a gateway, and the interface they come in by.

    Without an interface the route back to the address decides. `*` at the end of an interface stands for any
    ending, for servers that make one interface a session (ocserv: vpns*).
    """

    network: Network
    interface: str | None = None


@dataclass(frozen=True)
class Gateway:
    """A device that enforces per-user reach. Raises ValueError where pools overlap."""

    name: str
    pools: frozenset[Pool]

    def __post_init__(self) -> None:
        for one, other in combinations((pool.network for pool in self.pools), 2):
            if one.version == other.version and one.overlaps(other):
                raise ValueError(f"pools {one} and {other} of {self.name} overlap: an address needs one pool")

    def holds(self, address: Address) -> bool:
        """Whether the address lies in one of the pools."""
        return any(address in pool.network for pool in self.pools)


@dataclass(frozen=True)
class Structure:
    """What changes rarely: destinations to atoms, pools, rules.

    chain is the version of rules that are exactly ours, 0 where they are not. foreign names what else was
    found among our things, as (kind, name): intended it is always empty.
    """

    atoms: frozenset[Atom] = frozenset()
    pools: frozenset[Pool] = frozenset()
    chain: int = 0
    foreign: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class GatewayState:
    """Structure and pairs. A fresh gateway is GatewayState()."""

    structure: Structure = field(default_factory=Structure)
    pairs: frozenset[Pair] = frozenset()

    def ends(self) -> dict[tuple[Address, int], Pair]:
        """The pairs by what the gateway looks up."""
        return by_key(self.pairs)


def by_key(pairs: Iterable[Pair]) -> dict[tuple[Address, int], Pair]:
    """The pairs by what the gateway looks up."""
    return {pair.key: pair for pair in pairs}
