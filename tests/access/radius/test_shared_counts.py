"""Counts that several processes share, over a real file."""

import subprocess
import sys

import pytest

from access.proof.throttle import NOTHING, Count, Lockout, Scope
from access.radius.shared_counts import BUCKETS, FILE_OCTETS, MOST_PLACES, PATIENCE_S, SLOTS, SharedCounts
from access.radius.shared_throttle import SharedThrottle

NOW = 1_800_000_000.0
KEY = bytes(range(32))
KIM = (Scope.PAIR, "kim@hangang", "10.1.2.3")
GUESSER = """
import sys
from pathlib import Path
from access.radius import shared_counts
from access.radius.shared_counts import SharedCounts
from access.radius.shared_throttle import SharedThrottle
shared_counts.PATIENCE_S = 60.0
throttle = SharedThrottle(SharedCounts(Path(sys.argv[1]), bytes(range(32))), {}, b"k")
print(sum(throttle.admit("kim@hangang", "10.1.2.3", 1.8e9) == 0 for _ in range(200)))
"""


@pytest.fixture
def opened(tmp_path):
    tables = []

    def open_one(key=KEY):
        tables.append(SharedCounts(tmp_path / "throttle", key))
        return tables[-1]

    yield open_one
    for table in tables:
        table.close()


def test_what_one_process_puts_another_gets(opened):
    opened().put(KIM, Count(3, NOW + 60, NOW))

    assert opened().get(KIM) == Count(3, NOW + 60, NOW)
    assert opened().get(replace_source(KIM, "10.1.2.4")) == NOTHING
    assert opened(key=b"other").get(KIM) == NOTHING


def replace_source(key, source):
    return (*key[:2], source)


def test_a_count_is_put_in_place_of_itself(opened):
    table = opened()
    for failures in range(1, 50):
        table.put(KIM, Count(failures, 0.0, NOW + failures))

    assert table.get(KIM).failures == 49


def test_a_full_table_forgets_the_oldest_and_never_grows(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("access.radius.shared_counts.BUCKETS", 1)
    table = opened()
    for number in range(SLOTS + 1):
        table.put(replace_source(KIM, str(number)), Count(1, 0.0, NOW + number))

    known = [table.get(replace_source(KIM, str(number))) for number in range(SLOTS + 1)]
    assert known[0] == NOTHING
    assert NOTHING not in known[1:]
    assert (tmp_path / "throttle").stat().st_size == FILE_OCTETS


def test_the_file_names_nobody_and_is_its_owners_alone(opened, tmp_path):
    opened().put((Scope.WRONG, "kim@hangang", "secret"), Count(1, NOW, NOW))

    path = tmp_path / "throttle"
    assert path.stat().st_mode & 0o077 == 0
    assert b"kim" not in path.read_bytes()


def test_a_file_of_another_shape_is_begun_anew(opened, tmp_path):
    (tmp_path / "throttle").write_bytes(b"x" * 100)

    assert opened().get(KIM) == NOTHING


def test_four_processes_together_allow_as_many_guesses_as_one(tmp_path):
    path = tmp_path / "throttle"
    command = [sys.executable, "-c", GUESSER, str(path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    admitted = [int(process.communicate()[0]) for process in running]

    assert sum(admitted) == 5


def test_only_one_holds_the_table_at_a_time(opened):
    holder, other = opened(), opened()

    with holder.locked():
        assert not other._lock()
    assert other._lock()


def test_a_process_that_stands_still_with_the_lock_holds_up_nobody(opened):
    holder, other = opened(), opened()
    with holder.locked(), other.locked():
        other.put(KIM, Count(1, 0.0, NOW))

    assert holder.get(KIM).failures == 1
    assert PATIENCE_S < 1


def test_a_lock_that_dies_with_its_process_is_free(opened, tmp_path):
    path = tmp_path / "throttle"
    script = (
        "import os, sys; from pathlib import Path; from access.radius.shared_counts import SharedCounts;"
        "table = SharedCounts(Path(sys.argv[1]), b'k'); table._lock(); os.kill(os.getpid(), 9)"
    )
    died = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert died.returncode == -9

    assert opened()._lock()


def test_a_throttle_opened_again_forgives_nothing(opened):
    first = SharedThrottle(opened(), {"hangang": Lockout(10)}, b"k")
    for _ in range(6):
        first.admit("kim@hangang", "10.1.2.3", NOW)

    again = SharedThrottle(opened(), {"hangang": Lockout(10)}, b"k")

    assert again.admit("kim@hangang", "10.1.2.3", NOW) > 0
    assert again.waiting_s("kim@hangang", "10.1.2.3", NOW) > 0
    assert BUCKETS * SLOTS > 100_000


def test_places_that_are_remembered_are_bounded_and_stay_right(opened):
    table = opened()
    keys = [replace_source(KIM, str(number)) for number in range(2 * MOST_PLACES)]
    before = [table._place(key) for key in keys[:3]]

    for key in keys:
        table.get(key)

    assert len(table._places) <= MOST_PLACES
    assert [table._place(key) for key in keys[:3]] == before
