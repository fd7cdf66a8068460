from ipaddress import ip_address, ip_network
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vpn.states import NETWORKS, few, resources
from vpn.atoms import LARGEST_MARK, Atoms, PortRange, Protocol, Target, cut, in_order, mark_all, number

WEB = PortRange(443, 443)
OFFICE = Target(ip_network("10.99.0.0/16"), Protocol.TCP)
CRM = Target(ip_network("10.99.0.7/32"), Protocol.TCP, WEB)


def resources_at(atoms: Atoms, address: str, protocol: Protocol, port: int | None = None) -> set[str]:
    mark = atoms.find(ip_address(address), protocol, port)
    return {name for name in atoms.resources if mark in atoms.of(name)}


def test_a_packet_to_what_two_resources_share_has_one_atom_that_both_hold() -> None:
    atoms = cut({"office": [OFFICE], "crm": [CRM]})

    assert resources_at(atoms, "10.99.0.7", Protocol.TCP, 443) == {"office", "crm"}
    assert resources_at(atoms, "10.99.0.7", Protocol.TCP, 444) == {"office"}
    assert resources_at(atoms, "10.99.0.8", Protocol.TCP, 443) == {"office"}
    assert len(atoms.atoms) == 2


def test_a_packet_to_nothing_has_no_atom() -> None:
    atoms = cut({"crm": [CRM]})

    assert atoms.find(ip_address("10.99.0.7"), Protocol.TCP, 443) in atoms.of("crm")
    assert atoms.find(ip_address("10.99.0.7"), Protocol.UDP, 443) is None
    assert atoms.find(ip_address("10.99.0.7"), Protocol.TCP, 80) is None
    assert atoms.find(ip_address("10.99.0.7"), Protocol.TCP, None) is None
    assert atoms.find(ip_address("::a63:7"), Protocol.TCP, 443) is None


def test_an_unknown_resource_has_no_atoms() -> None:
    assert cut({"crm": [CRM]}).of("payroll") == frozenset()


def test_a_resource_without_targets_has_no_atoms() -> None:
    assert cut({"empty": []}).of("empty") == frozenset()


@pytest.mark.parametrize("network", ["10.99.0.0/24", "fd00:99::/64"])
def test_any_is_tcp_udp_and_icmp(network: str) -> None:
    atoms = cut({"all": [Target(ip_network(network), Protocol.ANY)]})
    first = str(ip_network(network)[1])

    assert resources_at(atoms, first, Protocol.TCP, 0) == {"all"}
    assert resources_at(atoms, first, Protocol.UDP, 65535) == {"all"}
    assert resources_at(atoms, first, Protocol.ICMP) == {"all"}
    assert len(atoms.atoms) == 1


def test_both_families_of_one_resource_are_one_atom() -> None:
    atoms = cut({"dual": [OFFICE, Target(ip_network("fd00:99::/64"), Protocol.TCP)]})

    assert len(atoms.atoms) == 1


def test_the_whole_internet_is_one_piece() -> None:
    atoms = cut({"internet": [Target(ip_network("0.0.0.0/0"), Protocol.TCP)]})

    assert [str(piece) for piece in atoms.atoms[0].pieces] == ["tcp 0.0.0.0-255.255.255.255 0-65535"]


def test_a_mark_stays_when_something_unrelated_changes() -> None:
    before = cut({"crm": [CRM], "lab": [Target(ip_network("10.50.0.0/16"))]})
    after = cut(
        {"crm": [CRM], "lab": [Target(ip_network("10.51.0.0/16"))], "new": [Target(ip_network("9.9.9.9"))]}
    )

    assert before.of("crm") == after.of("crm")
    assert before.of("lab") != after.of("lab")


def test_a_mark_stays_when_a_resource_is_renamed_or_another_says_the_same() -> None:
    assert cut({"crm": [CRM]}).of("crm") == cut({"sales": [CRM], "crm": [CRM]}).of("sales")


def test_a_mark_changes_with_what_it_stands_for() -> None:
    wider = Target(CRM.network, Protocol.TCP, PortRange(443, 444))

    assert cut({"crm": [CRM]}).of("crm") != cut({"crm": [wider]}).of("crm")


def test_networks_written_in_two_halves_are_the_same_atom() -> None:
    halves = [Target(half, Protocol.TCP) for half in OFFICE.network.subnets()]

    assert cut({"office": halves}) == cut({"office": [OFFICE]})


def test_marks_that_collide_are_told_apart_the_same_way_each_time() -> None:
    contents = [atom.pieces for atom in cut({"a": [CRM], "b": [Target(ip_network("9.9.9.9/32"))]}).atoms]

    def crowded(content: bytes) -> int:
        return 1 + content.count(b"\0")

    assert sorted(mark_all(contents, crowded).values()) == [1, 2]
    assert mark_all(contents, crowded) == mark_all(reversed(contents), crowded)


@given(st.binary())
def test_a_mark_is_never_nothing_and_fits_31_bits(content: bytes) -> None:
    assert 1 <= number(content) <= LARGEST_MARK


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 4), (0, 65536)])
def test_ports_that_are_none_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no range of ports"):
        PortRange(first, last)


@pytest.mark.parametrize("protocol", [Protocol.ICMP, Protocol.ANY])
def test_ports_without_a_protocol_that_has_them_are_refused(protocol: Protocol) -> None:
    with pytest.raises(ValueError, match="ports need tcp or udp"):
        Target(CRM.network, protocol, WEB)


@few
@given(resources)
def test_every_destination_has_exactly_the_resources_that_cover_it(wanted: dict[str, list[Target]]) -> None:
    atoms = cut(wanted)

    for network in NETWORKS[::3]:
        for address in {network[0], network[-1]}:
            for protocol in (Protocol.TCP, Protocol.UDP, Protocol.ICMP):
                for port in (0, 79, 80, 443, 65535) if protocol is not Protocol.ICMP else (None,):
                    covering = {
                        name
                        for name, targets in wanted.items()
                        for target in targets
                        if address.version == target.network.version
                        and address in target.network
                        and target.protocol in (protocol, Protocol.ANY)
                        and (target.ports is None or target.ports.first <= (port or 0) <= target.ports.last)
                    }
                    assert resources_at(atoms, str(address), protocol, port) == covering


@few
@given(resources)
def test_no_two_pieces_overlap_and_all_stand_in_order(wanted: dict[str, list[Target]]) -> None:
    atoms = cut(wanted)

    pieces = [piece for atom in atoms.atoms for piece in atom.pieces]
    assert all(not one.common(other) for one, other in combinations(pieces, 2))
    assert all(atom.pieces == in_order(atom.pieces) for atom in atoms.atoms)
    assert len({atom.mark for atom in atoms.atoms}) == len(atoms.atoms)


@few
@given(resources, st.randoms(use_true_random=False))
def test_the_order_of_writing_does_not_matter(wanted: dict[str, list[Target]], random: Random) -> None:
    names = list(wanted)
    random.shuffle(names)

    assert cut({name: wanted[name][::-1] for name in names}) == cut(wanted)
