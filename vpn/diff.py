"""The way from what a gateway runs to what it should: revocations first, and in a batch of their own.

A plan is carried out in three batches. The first takes away every pair that revokes something, so that
nothing that could fail or take long stands before a revocation. The second changes the structure and writes
the pairs that come. The third takes away what merely became useless: where resources were recut, pairs of
atoms that are no more (`retired`) go only once those of their heirs are there, and traffic that stays allowed
loses no packet. (In one transaction with their heirs it did: Linux 6.18 shows a change of a hash earlier
than one of an interval map.)

A structure change never holds pairs, so undoing one (`rollback`) cannot bring a revoked pair back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vpn.atoms import Atom, Piece
from vpn.grant import Pair
from vpn.state import GatewayState, Structure, by_key

NONE: frozenset[Pair] = frozenset()


@dataclass(frozen=True)
class StructureChange:
    """From one structure to another."""

    before: Structure
    after: Structure


@dataclass(frozen=True)
class Plan:
    """What to do, in this order: removals; structure, extensions and additions at once; retired.

    extensions give a pair a new end, later or sooner, whether or not it is there; additions are known not
    to be there.
    """

    removals: frozenset[Pair] = NONE
    structure: StructureChange | None = None
    extensions: frozenset[Pair] = NONE
    additions: frozenset[Pair] = NONE
    retired: frozenset[Pair] = NONE

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return self == Plan()

    @property
    def gone(self) -> frozenset[Pair]:
        """Pairs that must not be on the gateway afterwards."""
        return frozenset(p for p in self.removals | self.retired if p.key not in by_key(self.present))

    @property
    def present(self) -> frozenset[Pair]:
        """Pairs that must be on the gateway afterwards."""
        return self.extensions | self.additions


def plan(running: GatewayState, intended: GatewayState) -> Plan:
    """What makes the intended state of the running one; empty where they are equal."""
    have, want = running.ends(), intended.ends()
    before, after = running.structure, intended.structure
    moved = _moved_marks(before, after)
    vanished = {key: pair for key, pair in have.items() if key not in want or pair.atom in moved}
    retired = _retired(vanished.values(), before, intended, moved)
    return Plan(
        removals=frozenset(vanished.values()) - retired,
        structure=StructureChange(before, after) if before != after else None,
        extensions=frozenset(
            pair for key, pair in want.items() if key in have and key not in vanished and pair != have[key]
        ),
        additions=frozenset(pair for key, pair in want.items() if key not in have or key in vanished),
        retired=retired,
    )


def delta(removed: Iterable[Pair], added: Iterable[Pair]) -> Plan:
    """The plan of the membership lane, made without reading the gateway; what is in both stays.

    Additions are written as extensions: a retry may find them there, an older claim with another end.
    """
    wanted = frozenset(added)
    kept = by_key(wanted)
    return Plan(removals=frozenset(pair for pair in removed if pair.key not in kept), extensions=wanted)


def rollback(done: Plan) -> Plan:
    """The plan that restores destinations and pools from before; pairs stay as they are by now.

    The rules stay ours and what was foreign stays away: no undoing may open a gateway.
    """
    if done.structure is None:
        return Plan()
    after = done.structure.after
    before = replace(done.structure.before, chain=after.chain, foreign=after.foreign)
    return Plan(structure=StructureChange(after, before) if before != after else None)


def apply(state: GatewayState, plan: Plan) -> GatewayState:
    """The state a gateway has once it carried the plan out: the model the drivers are held to."""
    held = state.ends()
    for pair in plan.removals | plan.retired:
        held.pop(pair.key, None)
    held.update(by_key(plan.present))
    structure = plan.structure.after if plan.structure else state.structure
    return GatewayState(structure, frozenset(held.values()))


def _by_mark(atoms: Iterable[Atom]) -> dict[int, Atom]:
    return {atom.mark: atom for atom in atoms}


def _moved_marks(before: Structure, after: Structure) -> frozenset[int]:
    """Marks that would mean other destinations than now: a collision of hashes, or somebody's hand."""
    old, new = _by_mark(before.atoms), _by_mark(after.atoms)
    return frozenset(mark for mark in old.keys() & new.keys() if old[mark] != new[mark])


def _retired(
    vanished: Iterable[Pair], before: Structure, intended: GatewayState, moved: frozenset[int]
) -> frozenset[Pair]:
    """Those vanished pairs that revoke nothing, because the address may reach all of the old atom anew."""
    old, new = _by_mark(before.atoms), _by_mark(intended.structure.atoms)
    fresh = [atom for mark, atom in new.items() if mark not in old]
    wanted = intended.ends()
    heirs: dict[int, frozenset[int] | None] = {}
    retired = set()
    for pair in vanished:
        if pair.atom in new or pair.atom in moved or pair.atom not in old:
            continue
        if pair.atom not in heirs:
            heirs[pair.atom] = _heirs(old[pair.atom], fresh)
        marks = heirs[pair.atom]
        if marks is not None and all((pair.address, mark) in wanted for mark in marks):
            retired.add(pair)
    return frozenset(retired)


def _heirs(atom: Atom, fresh: Iterable[Atom]) -> frozenset[int] | None:
    """The marks that share all of the atom among them; None where a part of it is nobody's any more."""
    shares = {other.mark: _common(atom.pieces, other.pieces) for other in fresh}
    if sum(shares.values()) < sum(piece.common(piece) for piece in atom.pieces):
        return None
    return frozenset(mark for mark, share in shares.items() if share)


def _common(mine: Iterable[Piece], others: Iterable[Piece]) -> int:
    return sum(piece.common(other) for piece in mine for other in others)
