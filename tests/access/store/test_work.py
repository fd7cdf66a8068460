import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from access.gateways.lanes import Claim, Due, Lane
from access.store import work
from access.store.database import Database
from tests.access.conftest import Address
from tests.access.gatehouse import Gatehouse

ROOT = Path(__file__).resolve().parents[3]
NOW = 1000.0
LEASE_S = 30.0
# A process that claims what it can, says so, and does not let go.
CLAIMANT = """
import sys
from pathlib import Path
from access.gateways.lanes import Due, Lane
from access.store import work
from access.store.database import Database
database = Database(sys.argv[1], Path(sys.argv[2]))
with database.write() as conn:
    claim = work.claim(conn, Due(1, Lane.MEMBERSHIP), "other process", 1000.0, 30.0)
print(claim is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def due(database: Database) -> Due:
    return Due(Gatehouse(database).gateway(), Lane.MEMBERSHIP)


def want(database: Database, due: Due) -> int:
    with database.write() as conn:
        return work.want(conn, due.device_id, due.lane)


def claim(database: Database, due: Due, owner: str = "a", now: float = NOW) -> Claim | None:
    with database.write() as conn:
        return work.claim(conn, due, owner, now, LEASE_S)


def finish(database: Database, claim: Claim, reached: int | None = None) -> bool:
    with database.write() as conn:
        return work.finish(conn, claim, claim.wanted if reached is None else reached, NOW)


def fail(database: Database, claim: Claim, now: float = NOW, jitter: float = 1.0) -> float | None:
    with database.write() as conn:
        return work.fail(conn, claim, "no answer", now, jitter)


def listed(database: Database, now: float = NOW) -> list[Due]:
    with database.read() as conn:
        return work.due(conn, now)


def test_what_nobody_wants_nobody_can_claim(database: Database, due: Due):
    assert claim(database, due) is None
    assert listed(database) == []


def test_what_is_wanted_is_due_and_claimed_once(database: Database, due: Due):
    assert (want(database, due), want(database, due)) == (1, 2)
    assert listed(database) == [due]

    held = claim(database, due)

    assert held == Claim(due.device_id, due.lane, wanted=2, done=0, fence=1, until=NOW + LEASE_S)
    assert claim(database, due, "b") is None
    assert listed(database) == []


def test_the_two_lanes_of_a_device_do_not_wait_for_each_other(database: Database, due: Due):
    structure = Due(due.device_id, Lane.STRUCTURE)
    want(database, due)
    want(database, structure)

    assert claim(database, due)
    assert claim(database, structure)


def test_what_is_finished_is_not_due(database: Database, due: Due):
    want(database, due)
    held = claim(database, due)

    assert finish(database, held)
    assert listed(database) == []
    with database.read() as conn:
        assert work.done(conn, *(due.device_id, due.lane)) == 1


def test_what_was_wanted_meanwhile_is_due_again(database: Database, due: Due):
    want(database, due)
    held = claim(database, due)
    want(database, due)

    assert finish(database, held)

    again = claim(database, due)
    assert again
    assert (again.wanted, again.done) == (2, 1)


def test_a_part_that_is_reached_leaves_the_rest_due(database: Database, due: Due):
    for _ in range(3):
        want(database, due)
    finish(database, claim(database, due), reached=2)

    again = claim(database, due)
    assert again
    assert (again.wanted, again.done) == (3, 2)


def test_a_lease_that_ran_out_goes_to_the_next_and_the_first_finishes_nothing(database: Database, due: Due):
    want(database, due)
    first = claim(database, due)
    second = claim(database, due, "b", NOW + LEASE_S)
    assert second
    assert second.fence == first.fence + 1

    assert not finish(database, first)
    assert fail(database, first) is None
    assert claim(database, due, "c", NOW + LEASE_S) is None
    assert finish(database, second)


def test_a_failure_puts_off_longer_each_time_up_to_a_limit(database: Database, due: Due):
    want(database, due)
    now, waits = NOW, []
    for _ in range(5):
        not_before = fail(database, claim(database, due, now=now), now)
        waits.append(not_before - now)
        assert listed(database, not_before - 0.1) == []
        now = not_before
    assert waits == [2, 4, 8, 10, 10]
    with database.read() as conn:
        (state,) = work.lanes(conn)
    assert (state.failures, state.failure) == (5, "no answer")


def test_jitter_shortens_the_wait(database: Database, due: Due):
    want(database, due)

    assert fail(database, claim(database, due), jitter=0.5) == NOW + 1


def test_success_forgets_the_failures(database: Database, due: Due):
    want(database, due)
    fail(database, claim(database, due))
    finish(database, claim(database, due, now=NOW + 10))

    with database.read() as conn:
        (state,) = work.lanes(conn)
    assert (state.failures, state.failure, state.not_before) == (0, "", 0)


def test_an_operator_can_hurry_a_lane_that_waits(database: Database, due: Due):
    want(database, due)
    fail(database, claim(database, due))
    assert listed(database) == []

    with database.write() as conn:
        work.hurry(conn, due.device_id)

    assert listed(database) == [due]


def test_of_many_who_claim_at_once_one_gets_it(database: Database, due: Due):
    for round in range(10):
        want(database, due)
        with ThreadPoolExecutor(8) as threads:
            claims = list(threads.map(lambda n: claim(database, due, str(n)), range(8)))
        (held,) = [each for each in claims if each]
        assert held.fence == round + 1
        assert finish(database, held)


def test_of_many_who_want_at_once_all_are_counted(database: Database, due: Due):
    with ThreadPoolExecutor(8) as threads:
        raised = list(threads.map(lambda _: want(database, due), range(24)))

    assert sorted(raised) == list(range(1, 25))


def test_what_a_killed_process_had_claimed_is_claimed_again(address: Address, database: Database, due: Due):
    assert due.device_id == 1
    want(database, due)
    command = [sys.executable, "-c", CLAIMANT, address.url, str(address.lock_file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"True\n"
        process.kill()

    assert claim(database, due) is None
    held = claim(database, due, now=NOW + LEASE_S)
    assert held
    assert held.fence == 2


def test_what_somebody_held_who_has_died_is_free_at_once(database: Database, due: Due):
    want(database, due)
    claim(database, due, "dead")
    with database.write() as conn:
        assert work.held_by(conn, NOW) == {"dead"}
        assert work.release(conn, {"dead"}) == 1
        assert work.held_by(conn, NOW) == set()

    again = claim(database, due, "b")
    assert again
    assert again.fence == 2
