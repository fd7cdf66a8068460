"""A thousand rounds of eight writers in two processes for each kind of code that is good once."""

import pytest

from tests.access.conftest import address, database, lent_postgresql, migrated_sqlite, postgres_cluster
from tests.access.one_use import DEALERS, deal, race, several_writers

ROUNDS = 1000

__all__ = ["address", "database", "lent_postgresql", "migrated_sqlite", "postgres_cluster"]


@pytest.mark.soak
@pytest.mark.parametrize("kind", DEALERS)
def test_in_a_thousand_rounds_no_code_is_accepted_twice(address, database, kind):
    rounds = deal(database, kind, ROUNDS)

    with several_writers() as writers:
        told = race(writers, address.url, address.lock_file, rounds)

    assert told == [1] * ROUNDS
