from ipaddress import ip_address, ip_network

import pytest

from vpn.atoms import Target, cut
from vpn.compile import intended, pairs, structure
from vpn.grant import Grant, Lease, Pair
from vpn.state import CHAIN_VERSION, Gateway, Pool

NOW = 1000.0
ATOMS = cut({"crm": [Target(ip_network("10.99.0.7/32"))], "git": [Target(ip_network("10.99.0.8/32"))]})
[CRM] = ATOMS.of("crm")
[GIT] = ATOMS.of("git")
GATEWAY = Gateway("gw", frozenset({Pool(ip_network("10.8.0.0/24")), Pool(ip_network("fd00:8::/64"))}))
FOUR, SIX = ip_address("10.8.0.2"), ip_address("fd00:8::2")
ALICE = Lease("alice-1", FOUR, "gw", 1)


def grant(*atoms: int, until: float | None = None, subject: str = "alice-1") -> Grant:
    return Grant(subject, frozenset(atoms), until)


def test_a_grant_becomes_a_pair_on_each_address_of_its_session() -> None:
    leases = [ALICE, Lease("alice-1", SIX, "gw", 1)]

    assert pairs(GATEWAY, [grant(CRM, until=2000.0)], leases, NOW) == {
        Pair(FOUR, CRM, 2000.0),
        Pair(SIX, CRM, 2000.0),
    }


def test_no_grant_or_no_lease_is_no_pair() -> None:
    assert pairs(GATEWAY, [], [ALICE], NOW) == frozenset()
    assert pairs(GATEWAY, [grant(CRM)], [], NOW) == frozenset()
    assert pairs(GATEWAY, [grant(CRM, subject="bob-1")], [ALICE], NOW) == frozenset()


@pytest.mark.parametrize("address", ["10.8.1.2", "10.99.0.7", "192.0.2.1", "fd00:9::2", "::ffff:a08:2"])
def test_an_address_outside_the_pools_never_gets_a_pair(address: str) -> None:
    outside = Lease("alice-1", ip_address(address), "gw", 9)

    assert pairs(GATEWAY, [grant(CRM)], [outside], NOW) == frozenset()


def test_a_lease_on_another_gateway_is_not_ours() -> None:
    assert pairs(GATEWAY, [grant(CRM)], [Lease("alice-1", FOUR, "gw2", 1)], NOW) == frozenset()


def test_the_latest_claim_on_an_address_takes_it_from_the_others() -> None:
    leases = [Lease("bob-1", FOUR, "gw", 2), ALICE]
    grants = [grant(CRM), grant(GIT, subject="bob-1")]

    assert pairs(GATEWAY, grants, leases, NOW) == {Pair(FOUR, GIT)}
    assert pairs(GATEWAY, grants, leases[::-1], NOW) == {Pair(FOUR, GIT)}


def test_an_address_two_sessions_claim_alike_is_nobodys() -> None:
    leases = [ALICE, Lease("bob-1", FOUR, "gw", 1)]

    assert pairs(GATEWAY, [grant(CRM), grant(CRM, subject="bob-1")], leases, NOW) == frozenset()


@pytest.mark.parametrize(
    ("ends", "until"),
    [([2000.0, 3000.0], 3000.0), ([3000.0, None], None), ([None, 2000.0], None), ([NOW, 2000.0], 2000.0)],
)
def test_of_several_grants_the_latest_end_counts(ends: list[float | None], until: float | None) -> None:
    grants = [grant(CRM, until=end) for end in ends]

    assert pairs(GATEWAY, grants, [ALICE], NOW) == {Pair(FOUR, CRM, until)}


def test_what_ends_now_has_ended() -> None:
    assert pairs(GATEWAY, [grant(CRM, until=NOW)], [ALICE], NOW) == frozenset()
    assert pairs(GATEWAY, [grant(CRM, until=NOW + 0.1)], [ALICE], NOW) != frozenset()


def test_an_atom_outside_the_cut_gets_no_pair() -> None:
    state = intended(GATEWAY, ATOMS, [grant(CRM, 4711)], [ALICE], NOW)

    assert state.pairs == {Pair(FOUR, CRM)}


def test_the_structure_is_the_whole_cut_and_the_pools() -> None:
    made = structure(GATEWAY, ATOMS)

    assert made.atoms == frozenset(ATOMS.atoms)
    assert (made.pools, made.chain, made.foreign) == (GATEWAY.pools, CHAIN_VERSION, frozenset())
    assert intended(GATEWAY, ATOMS, [], [], NOW).structure == made
