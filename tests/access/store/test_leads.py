from collections.abc import Callable

import pytest

from access.gateways.owners import own_name
from access.model import Organization
from access.store.database import Database
from access.store.leads import LEASE_S, FollowedElsewhere, Lead

HANGANG = Organization(1, "hangang", "한강전자", "hangang.example")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lead(database: Database, clock: Clock) -> Callable[[], Lead]:
    return lambda: Lead(database, clock, HANGANG, own_name(), {"gone"}.__contains__)


def test_only_one_has_the_lead_at_a_time(lead):
    lead().take()

    with pytest.raises(FollowedElsewhere):
        lead().take()


def test_the_lead_of_a_process_that_is_gone_is_taken_at_once(lead, database, clock):
    Lead(database, clock, HANGANG, "gone").take()

    lead().take()


def test_of_any_other_process_the_lead_has_to_run_out(lead, database, clock):
    Lead(database, clock, HANGANG, "elsewhere").take()

    with pytest.raises(FollowedElsewhere):
        lead().take()
    clock.now += 2 * LEASE_S
    lead().take()


def test_a_lease_that_ran_out_during_a_long_reading_is_still_ours_if_nobody_took_it(lead, clock, database):
    slow = lead()
    slow.take()

    clock.now += 10 * LEASE_S

    with database.write() as conn:
        slow.guard(conn)
        slow.guard(conn)
    with pytest.raises(FollowedElsewhere):
        lead().take()


def test_a_lease_that_somebody_took_meanwhile_is_lost(lead, clock, database):
    slow, quick = lead(), lead()
    slow.take()
    clock.now += 2 * LEASE_S
    quick.take()

    with pytest.raises(FollowedElsewhere), database.write() as conn:
        slow.guard(conn)


def test_a_lease_that_somebody_took_and_let_run_out_is_lost_all_the_same(lead, clock, database):
    slow, quick = lead(), lead()
    slow.take()
    clock.now += 2 * LEASE_S
    quick.take()
    clock.now += 2 * LEASE_S

    with pytest.raises(FollowedElsewhere), database.write() as conn:
        slow.guard(conn)
