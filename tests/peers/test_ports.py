"""Ports that are given before they are bound: nobody else gets them meanwhile."""

import socket
import subprocess
import sys

import pytest

from tests.layering import ROOT
from tests.peers.ports import LOOPBACK, NoFreePort, Ports, free_port, is_free, reserve


def test_what_another_process_is_given_is_given_to_nobody_here():
    script = "from tests.peers.ports import free_port\nprint(*(free_port() for _ in range(300)))"
    ours = {free_port() for _ in range(300)}

    theirs = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert len(ours) == len(set(theirs.stdout.split())) == 300
    assert ours.isdisjoint(map(int, theirs.stdout.split()))


def test_two_parts_have_nothing_in_common():
    assert set(reserve()).isdisjoint(reserve())


@pytest.mark.parametrize("first", range(20000, 20005))
def test_a_port_comes_again_only_after_all_the_others(free, first):
    ports = Ports(range(20000, 20005), first)

    given = [ports.give(1) for _ in range(10)]

    assert given[0] == first
    assert sorted(given[:5]) == list(range(20000, 20005))
    assert given[5:] == given[:5]


@pytest.mark.parametrize(
    "first, given",
    [
        (20000, [20000, 20003, 20000, 20003]),
        (20001, [20003, 20000, 20003, 20000]),
        (20004, [20004, 20000, 20003, 20000]),
        (20005, [20000, 20003, 20000, 20003]),
    ],
)
def test_adjacent_ports_lie_in_one_part_and_are_all_free(free, first, given):
    free.discard(20002)
    ports = Ports(range(20000, 20006), first)

    assert [ports.give(2) for _ in given] == given
    with pytest.raises(NoFreePort, match="no 4 free ports in 20000-20005"):
        ports.give(4)


def test_a_port_that_somebody_listens_on_is_not_free():
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        assert is_free(port)
        taken.bind((LOOPBACK, port))
        assert not is_free(port)


@pytest.fixture
def free(monkeypatch):
    """Which ports count as free."""
    ports = set(range(20000, 20100))
    monkeypatch.setattr("tests.peers.ports.is_free", ports.__contains__)
    return ports
