"""Linux gateways with nftables (nft 1.0.6 and later): plans written as nft commands.

nft_table.py says what the table consists of, nft_listing.py reads it back.

Two ways of nft 1.0.6 shape the commands. Deleting what is not there fails the whole batch, so everything is
added before it is deleted. Adding a pair that is there does not change its end, so a new end is a deletion
and an addition in one batch. The end is also written as the element's comment: nft prints what is left of a
timeout in whole seconds, the comment gives the end back exactly.
"""

from collections.abc import Iterable, Iterator

from vpn.atoms import Atom, Piece, Protocol
from vpn.diff import Plan, StructureChange
from vpn.driver import Driver
from vpn.drivers.nft_listing import found, parse
from vpn.drivers.nft_table import CHAIN, CHAIN_SPEC, FAMILIES, LISTING, SETS, TABLE, TCP, UDP, may, rules
from vpn.grant import Pair
from vpn.state import Structure

DAY_MS = 86_400_000
REMAKE_FROM = 100
"""From so many pieces to delete on, a map is made anew. Of 20,000 pieces one deletion takes milliseconds, in
which the kernel lets no revocation by; a new map takes half a second in all."""


def render(plan: Plan, now: float) -> list[str]:
    """The batches of the plan: what revokes, what changes, what became useless; empty ones are left out.

    A pair whose end is not after `now` is not written: nft takes a timeout of 0 for no end at all.
    """
    changes = [
        *(_structure(plan.structure) if plan.structure else ()),
        *_delete(plan.extensions),
        *_add(plan.present, now),
    ]
    batches = [*_delete(plan.removals)], changes, [*_delete(plan.retired)]
    return ["\n".join(commands) + "\n" for commands in batches if commands]


def lookup(pair: Pair) -> str:
    """The command that prints this pair or fails."""
    return f"get element {TABLE} {may(pair.address)} {{ {_key(pair)} }}"


def _structure(change: StructureChange) -> Iterator[str]:
    before, after = change.before, change.after
    old, new = dict(_elements(before.atoms)), dict(_elements(after.atoms))
    gone = {name: [key for key, where in old.items() if where == name and key not in new] for name in SETS}
    remade = {name for name in SETS if len(gone[name]) >= REMAKE_FROM}
    bare = (before.chain, before.pools, before.foreign) != (after.chain, after.pools, after.foreign)
    if bare or remade:
        yield from _clear(before, remade)
    for name in SETS:
        kept = old.keys() if name not in remade else ()
        come = [key for key, where in new.items() if where == name and key not in kept]
        if name not in remade:
            yield from _command("add", name, gone[name])
            yield from _command("delete", name, gone[name])
        yield from _command("add", name, come)
    if bare or remade:
        yield from _police(after)


def _clear(before: Structure, remade: Iterable[str]) -> Iterator[str]:
    """Take away the rules, what is not ours and what is to be made anew; make what of ours is not there."""
    chains = sorted({name for kind, name in before.foreign if kind == "chain"})
    unwanted = before.foreign | {(SETS[name].kind, name) for name in remade}
    others = sorted((kind, name) for kind, name in unwanted if kind not in ("chain", "rule"))
    yield f"add table {TABLE}"
    if CHAIN not in chains:
        yield f"add chain {TABLE} {CHAIN} {CHAIN_SPEC}"
        yield f"flush chain {TABLE} {CHAIN}"
    yield from (f"flush chain {TABLE} {name}" for name in chains)
    yield from (f"delete chain {TABLE} {name}" for name in chains)
    yield from (f"delete {kind} {TABLE} {name}" for kind, name in others)
    yield from (spec.command for spec in SETS.values())


def _police(after: Structure) -> Iterator[str]:
    """The pools and the rules, written anew within the batch."""
    yield f"add chain {TABLE} {CHAIN} {CHAIN_SPEC}"
    for family in FAMILIES:
        networks = sorted(str(p.network) for p in after.pools if p.network.version == family.version)
        yield f"flush set {TABLE} pool{family.version}"
        yield from _command("add", f"pool{family.version}", networks)
    yield from (f"add rule {TABLE} {CHAIN} {rule}" for rule in rules(after.pools))


def _elements(atoms: Iterable[Atom]) -> Iterator[tuple[str, str]]:
    """(element, map) of every piece, in one order."""
    for atom in sorted(atoms, key=lambda atom: atom.mark):
        for piece in atom.pieces:
            name = "icmp" if piece.ports is None else "what"
            yield f"{_destination(piece)} : {atom.mark}", f"{name}{piece.first.version}"


def _destination(piece: Piece) -> str:
    where = str(piece.first) if piece.first == piece.last else f"{piece.first}-{piece.last}"
    if piece.ports is None:
        family = next(family for family in FAMILIES if family.version == piece.first.version)
        return f"{where} . {family.icmp_number}"
    ports = str(piece.ports.first) if piece.ports.first == piece.ports.last else str(piece.ports)
    return f"{where} . {TCP if piece.protocol is Protocol.TCP else UDP} . {ports}"


def _delete(pairs: Iterable[Pair]) -> Iterator[str]:
    for name, held in _by_set(pairs).items():
        keys = [_key(pair) for pair in held]
        yield from _command("add", name, keys)
        yield from _command("delete", name, keys)


def _add(pairs: Iterable[Pair], now: float) -> Iterator[str]:
    for name, held in _by_set(pairs).items():
        elements = [_key(pair) + _end(pair.until, now) for pair in held if _lives(pair.until, now)]
        yield from _command("add", name, elements)


def _by_set(pairs: Iterable[Pair]) -> dict[str, list[Pair]]:
    held: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.address.version, int(pair.address), pair.atom)):
        held.setdefault(may(pair.address), []).append(pair)
    return held


def _key(pair: Pair) -> str:
    return f"{pair.address} . {pair.atom}"


def _lives(until: float | None, now: float) -> bool:
    return until is None or _left_ms(until, now) > 0


def _left_ms(until: float, now: float) -> int:
    return int((until - now) * 1000)


def _end(until: float | None, now: float) -> str:
    if until is None:
        return ""
    days, rest = divmod(_left_ms(until, now), DAY_MS)
    return f' timeout {days}d{rest // 1000}s{rest % 1000}ms comment "{until!r}"'


def _command(verb: str, name: str, elements: list[str]) -> Iterator[str]:
    if elements:
        yield f"{verb} element {TABLE} {name} {{ {', '.join(elements)} }}"


DRIVER = Driver(LISTING, parse, lookup, found, render)
