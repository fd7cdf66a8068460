"""What is left behind is told from what another session is using now."""

import os

import pytest

from tests.peers.leftovers import SCOPE_VARIABLE, belongs, scope

# No process can have these numbers: Linux gives none above 2**22.
NOBODY, OURS = f"og{2**31 - 1:x}", f"og{2**31 - 2:x}"


@pytest.fixture(autouse=True)
def our_scope(monkeypatch):
    monkeypatch.setenv(SCOPE_VARIABLE, OURS)


def test_the_scope_is_handed_on_to_child_processes(monkeypatch):
    monkeypatch.delenv(SCOPE_VARIABLE)

    assert scope() == f"og{os.getpid():x}" == os.environ[SCOPE_VARIABLE]


@pytest.mark.parametrize("name", [f"{OURS}-gateway", OURS, f"{NOBODY}-gateway", "officegate"])
def test_what_is_ours_or_nobodys_is_left_behind(name):
    assert belongs(name)


@pytest.mark.parametrize("name", [f"og{os.getpid():x}-gateway", "eth0", "ogre", "docker0"], ids=range(4))
def test_what_is_of_a_living_session_or_not_of_tests_is_not(name):
    assert not belongs(name)
