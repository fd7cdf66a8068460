"""Eight writers in two processes, and a process killed at the worst moment: a code is accepted once."""

import pytest

from tests.access.one_use import DEALERS, deal, die, race, spend

ROUNDS = 25


@pytest.mark.parametrize("kind", DEALERS)
def test_of_eight_writers_in_two_processes_exactly_one_is_told_yes(address, database, kind):
    rounds = deal(database, kind, ROUNDS)

    assert race(address.url, address.lock_file, rounds) == [1] * ROUNDS


def test_a_code_whose_spender_was_killed_before_the_commit_is_still_good(address, database):
    (turn,) = deal(database, "recovery", 1)

    die(address.url, address.lock_file, turn, "before")

    assert spend(database, turn)
    assert not spend(database, turn)


@pytest.mark.parametrize("kind", DEALERS)
def test_a_code_whose_spender_was_killed_after_the_commit_is_used_up(address, database, kind):
    (turn,) = deal(database, kind, 1)

    die(address.url, address.lock_file, turn, "after")

    assert not spend(database, turn)
