from dataclasses import replace
from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from tests.vpn.states import few, states
from vpn.atoms import Atom, Atoms, PortRange, Protocol, Target, cut
from vpn.compile import intended
from vpn.diff import Plan, StructureChange, apply, delta, plan, rollback
from vpn.grant import Grant, Lease, Pair
from vpn.state import Gateway, GatewayState, Pool, Structure

ADDRESS = ip_address("10.8.0.2")
GATEWAY = Gateway("gw", frozenset({Pool(ip_network("10.8.0.0/24"))}))
OFFICE = Target(ip_network("10.99.0.0/24"), Protocol.TCP)
CRM = Target(ip_network("10.99.0.7/32"), Protocol.TCP, PortRange(443, 443))


def state(atoms: Atoms, *resources: str, until: float | None = None) -> GatewayState:
    grants = [Grant("s", atoms.of(resource), until) for resource in resources]
    return intended(GATEWAY, atoms, grants, [Lease("s", ADDRESS, "gw", 1)], 0.0)


WHOLE, CUT = cut({"office": [OFFICE]}), cut({"office": [OFFICE], "crm": [CRM]})


def test_equal_states_need_nothing() -> None:
    assert plan(state(CUT, "crm"), state(CUT, "crm")).empty


def test_a_lost_right_is_a_removal_and_a_new_one_an_addition() -> None:
    made = plan(state(CUT, "office"), state(CUT, "crm"))

    [rest] = CUT.of("office") - CUT.of("crm")
    assert made == Plan(removals=frozenset({Pair(ADDRESS, rest)}))
    assert plan(state(CUT), state(CUT, "crm")).additions == state(CUT, "crm").pairs


def test_a_new_end_is_an_extension_whether_later_or_sooner() -> None:
    for before, after in [(100.0, 200.0), (200.0, 100.0), (None, 100.0), (100.0, None)]:
        wanted = state(CUT, "crm", until=after)

        assert plan(state(CUT, "crm", until=before), wanted) == Plan(extensions=wanted.pairs)


def test_a_recut_atom_whose_heirs_stay_allowed_is_retired_not_revoked() -> None:
    made = plan(state(WHOLE, "office"), state(CUT, "office"))

    assert made.removals == frozenset()
    assert made.retired == state(WHOLE, "office").pairs
    assert made.additions == state(CUT, "office").pairs


def test_a_recut_atom_of_which_a_part_is_lost_is_revoked_first() -> None:
    lost_crm = GatewayState(state(CUT).structure, state(CUT, "office").pairs - state(CUT, "crm").pairs)

    assert plan(state(WHOLE, "office"), lost_crm).removals == state(WHOLE, "office").pairs


def test_a_recut_atom_of_which_a_part_is_nobodys_any_more_is_revoked_first() -> None:
    smaller = cut({"office": [Target(ip_network("10.99.0.0/25"), Protocol.TCP)]})

    made = plan(state(WHOLE, "office"), state(smaller, "office"))

    assert made.removals == state(WHOLE, "office").pairs
    assert made.retired == frozenset()


def test_a_pair_whose_mark_moves_to_other_destinations_is_revoked_and_written_anew() -> None:
    [mark] = WHOLE.of("office")
    moved = replace(
        state(WHOLE).structure, atoms=frozenset({Atom(mark, cut({"crm": [CRM]}).atoms[0].pieces)})
    )
    wanted = GatewayState(moved, state(WHOLE, "office").pairs)

    made = plan(state(WHOLE, "office"), wanted)

    assert made.removals == made.additions == wanted.pairs
    assert apply(state(WHOLE, "office"), made) == wanted


def test_a_pair_of_an_atom_nobody_knows_is_revoked_first() -> None:
    stray = Pair(ADDRESS, 4711)
    running = GatewayState(state(CUT).structure, frozenset({stray}))

    assert plan(running, state(CUT)).removals == {stray}


def test_what_is_foreign_changes_the_structure() -> None:
    running = GatewayState(replace(state(CUT).structure, foreign=frozenset({("chain", "extra")})))

    assert plan(running, state(CUT)).structure == StructureChange(running.structure, state(CUT).structure)


def test_a_delta_leaves_alone_what_is_both_removed_and_added() -> None:
    old, new = Pair(ADDRESS, 1, 50.0), Pair(ADDRESS, 1, 90.0)

    assert delta([old, Pair(ADDRESS, 2)], [new]) == Plan(
        removals=frozenset({Pair(ADDRESS, 2)}), extensions=frozenset({new})
    )
    assert delta([], []).empty


def test_what_must_be_gone_and_what_must_be_there_never_meet() -> None:
    old, new = Pair(ADDRESS, 1, 50.0), Pair(ADDRESS, 1, 90.0)
    both = Plan(removals=frozenset({old}), additions=frozenset({new}))

    assert (both.gone, both.present) == (frozenset(), frozenset({new}))


def test_a_rollback_brings_back_the_structure_and_no_pair() -> None:
    before, after = state(WHOLE, "office"), state(CUT)
    done = plan(before, after)

    restored = apply(apply(before, done), rollback(done))

    assert restored == GatewayState(before.structure, frozenset())


def test_a_rollback_never_removes_our_rules_nor_brings_back_what_was_foreign() -> None:
    foreign = GatewayState(Structure(chain=0, foreign=frozenset({("chain", "open")})))

    restored = apply(state(CUT), rollback(plan(foreign, state(CUT))))

    assert restored.structure.chain == state(CUT).structure.chain
    assert restored.structure.foreign == frozenset()


def test_a_plan_without_structure_has_nothing_to_roll_back() -> None:
    assert rollback(plan(state(CUT), state(CUT, "crm"))).empty


@few
@given(st.lists(states(), min_size=2, max_size=5))
def test_a_walk_arrives_at_every_state_and_has_nothing_left_to_do(walk: list[GatewayState]) -> None:
    running = GatewayState()
    for wanted in walk:
        running = apply(running, plan(running, wanted))

        assert running == wanted
        assert plan(running, wanted).empty


@few
@given(states(), states())
def test_everything_a_plan_revokes_is_in_its_first_batch(running: GatewayState, wanted: GatewayState) -> None:
    """After the removals alone, no address reaches in the old structure what it may not in the new."""
    made = plan(running, wanted)
    first = apply(running, Plan(removals=made.removals))

    old = {atom.mark: atom.pieces for atom in running.structure.atoms}
    new = {atom.mark: atom.pieces for atom in wanted.structure.atoms}
    allowed = [(pair.address, piece) for pair in wanted.pairs for piece in new[pair.atom]]
    for pair in first.pairs:
        for piece in old[pair.atom]:
            reached = sum(piece.common(other) for address, other in allowed if address == pair.address)
            assert reached == piece.common(piece)


@few
@given(states(), states())
def test_undoing_a_structure_change_leaves_the_pairs_of_the_moment(
    running: GatewayState, wanted: GatewayState
) -> None:
    done = plan(running, wanted)

    assert apply(wanted, rollback(done)).pairs == wanted.pairs
