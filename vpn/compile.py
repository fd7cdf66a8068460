"""Grants and leases compiled to what one gateway should hold."""

from collections import defaultdict
from collections.abc import Iterable

from vpn.atoms import Address, Atoms
from vpn.grant import Grant, Lease, Pair, later
from vpn.state import CHAIN_VERSION, Gateway, GatewayState, Structure


def structure(gateway: Gateway, atoms: Atoms) -> Structure:
    """The intended structure of the gateway."""
    return Structure(frozenset(atoms.atoms), gateway.pools, CHAIN_VERSION)


def intended(
    gateway: Gateway, atoms: Atoms, grants: Iterable[Grant], leases: Iterable[Lease], now: float
) -> GatewayState:
    """The state the gateway should have: its structure, and a pair wherever a grant meets a live lease.

    An atom outside the cut never gets a pair: no packet has it.
    """
    known = frozenset(atom.mark for atom in atoms.atoms)
    held = pairs(gateway, grants, leases, now)
    return GatewayState(structure(gateway, atoms), frozenset(pair for pair in held if pair.atom in known))


def pairs(gateway: Gateway, grants: Iterable[Grant], leases: Iterable[Lease], now: float) -> frozenset[Pair]:
    """The pairs of these leases on this gateway; of several grants of one atom the latest end counts.

    No pair for an address outside the gateway's pools, for a lease on another gateway, for an address two
    sessions claim with the same generation, nor for what has ended.
    """
    granted: dict[str, dict[int, float | None]] = defaultdict(dict)
    for grant in grants:
        if grant.until is not None and grant.until <= now:
            continue
        ends = granted[grant.subject]
        for atom in grant.atoms:
            ends[atom] = later(ends[atom], grant.until) if atom in ends else grant.until
    return frozenset(
        Pair(address, atom, until)
        for address, session in _owners(gateway, leases).items()
        for atom, until in granted.get(session, {}).items()
    )


def _owners(gateway: Gateway, leases: Iterable[Lease]) -> dict[Address, str]:
    """The one session of each address: the latest claim, and none where that is contested."""
    claims: dict[Address, tuple[int, set[str]]] = {}
    for lease in leases:
        if lease.gateway != gateway.name or not gateway.holds(lease.address):
            continue
        generation, sessions = claims.get(lease.address, (lease.generation, set()))
        if lease.generation > generation:
            generation, sessions = lease.generation, set()
        if lease.generation == generation:
            sessions = sessions | {lease.session}
        claims[lease.address] = generation, sessions
    return {address: min(sessions) for address, (_, sessions) in claims.items() if len(sessions) == 1}
