import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from itertools import islice

import pytest

from access.radius import journal
from access.radius.journal import (
    READ_OCTETS,
    Journal,
    JournalTaken,
    JournalUnavailable,
    Waiting,
    is_followed,
    parts,
    read,
    waiting,
)

LOGIN = {"kind": "login", "audited": True}
INTERIM = {"kind": "accounting"}


def opened(directory, rotate_octets=1 << 20):
    return Journal(directory, "radius-0", "gate1", os.urandom, rotate_octets)


def everything(directory):
    """(writer, number) of every record, in order."""
    found = []
    for part in parts(directory):
        end = 0
        while piece := read(directory, part, end):
            read_now = list(piece.records)
            found += [(piece.writer, record.get("number")) for _, record in read_now]
            end = read_now[-1][0]
    return found


@contextmanager
def full_disk(octets):
    """No file may grow beyond this: as a full disk, writing stops in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_audited_is_numbered_without_gaps(tmp_path):
    written = opened(tmp_path)
    written.append([LOGIN, INTERIM, LOGIN])
    written.close()

    assert [number for _, number in everything(tmp_path)] == [1, None, 2]


def test_a_restart_goes_on_counting_under_the_same_name(tmp_path):
    for _ in range(3):
        written = opened(tmp_path)
        written.append([LOGIN])
        written.close()

    writers, numbers = zip(*everything(tmp_path), strict=True)
    assert numbers == (1, 2, 3)
    assert len(set(writers)) == 1


def test_a_restart_before_anything_is_audited_counts_from_one(tmp_path):
    opened(tmp_path).close()
    written = opened(tmp_path)
    written.append([LOGIN])
    written.close()

    assert [number for _, number in everything(tmp_path)] == [1]


def test_a_lost_directory_begins_under_another_name(tmp_path):
    names = set()
    for attempt in ("a", "b"):
        written = opened(tmp_path / attempt)
        names.add(written.writer)
        written.close()

    assert len(names) == 2


@pytest.mark.parametrize("torn", [1, 7, 20])
def test_a_torn_tail_is_cut_and_written_over(tmp_path, torn):
    written = opened(tmp_path)
    written.append([LOGIN, LOGIN])
    written.close()
    (part,) = parts(tmp_path)
    path = tmp_path / part.file_name
    whole = path.read_bytes()
    path.write_bytes(whole[:-torn])

    again = opened(tmp_path)
    again.append([LOGIN])
    again.close()

    assert [number for _, number in everything(tmp_path)] == [1, 2]


def test_two_processes_do_not_write_one_journal(tmp_path):
    written = opened(tmp_path)

    with pytest.raises(JournalTaken):
        opened(tmp_path)

    written.close()
    opened(tmp_path).close()


def test_a_grown_file_is_followed_by_the_next_and_counting_goes_on(tmp_path):
    written = opened(tmp_path, rotate_octets=300)
    for _ in range(12):
        written.append([LOGIN])
    written.close()
    again = opened(tmp_path)
    again.append([LOGIN])
    again.close()

    known = parts(tmp_path)
    assert len(known) > 1
    assert [is_followed(part, known) for part in known] == [True] * (len(known) - 1) + [False]
    assert [number for _, number in everything(tmp_path)] == list(range(1, 14))


def test_counting_goes_on_although_earlier_files_were_removed(tmp_path):
    written = opened(tmp_path, rotate_octets=10)
    written.append([LOGIN, LOGIN])
    written.close()
    for part in parts(tmp_path)[:-1]:
        journal.remove(tmp_path, part)

    again = opened(tmp_path)
    again.append([LOGIN])
    again.close()

    assert [number for _, number in everything(tmp_path)] == [3]


def test_a_full_disk_keeps_nothing_of_the_group_and_says_so(tmp_path):
    written = opened(tmp_path)
    written.append([LOGIN])
    (part,) = parts(tmp_path)
    path = tmp_path / part.file_name
    size = path.stat().st_size

    with full_disk(size + 10), pytest.raises(JournalUnavailable) as raised:
        written.append([LOGIN, LOGIN])
    assert part.file_name in str(raised.value)
    assert path.stat().st_size == size

    written.append([LOGIN])
    written.close()
    assert [number for _, number in everything(tmp_path)] == [1, 2]


def test_a_disk_too_full_for_the_next_file_goes_on_with_this_one(tmp_path):
    written = opened(tmp_path, rotate_octets=10)
    (tmp_path / f"{parts(tmp_path)[0].file_name[:-16]}00000002.new").mkdir()

    written.append([LOGIN])
    written.append([LOGIN])
    written.close()

    assert len(parts(tmp_path)) == 1
    assert [number for _, number in everything(tmp_path)] == [1, 2]


def test_what_is_no_journal_is_not_written_over(tmp_path):
    opened(tmp_path).close()
    (part,) = parts(tmp_path)
    (tmp_path / part.file_name).write_bytes(b"not a journal at all, but somebody's letter")

    with pytest.raises(JournalUnavailable):
        opened(tmp_path)


def test_reading_goes_on_where_it_stopped(tmp_path):
    written = opened(tmp_path)
    written.append([LOGIN, LOGIN, LOGIN])
    (part,) = parts(tmp_path)

    first = read(tmp_path, part, 0)
    (_, one), (end, two) = islice(first.records, 2)
    second = read(tmp_path, part, end)
    ((end, three),) = second.records
    written.close()

    assert [record["number"] for record in (one, two, three)] == [1, 2, 3]
    assert second.writer == first.writer
    assert read(tmp_path, part, end) is None


def test_a_record_that_is_longer_than_what_is_read_at_once_is_read(tmp_path):
    written = opened(tmp_path)
    long = {"kind": "login", "said": "x" * (READ_OCTETS + 1)}
    written.append([long, LOGIN])
    written.close()
    (part,) = parts(tmp_path)

    assert [record["kind"] for _, record in read(tmp_path, part, 0).records] == ["login", LOGIN["kind"]]


WRITE_UNTIL_KILLED = """
import os, sys
from pathlib import Path
from access.radius.journal import Journal
written = Journal(Path(sys.argv[1]), "radius-0", "gate1", os.urandom)
while True:
    written.append([{"audited": True}, {"kind": "accounting"}])
    print("written", flush=True)
"""


def test_kill_9_loses_nothing_that_was_on_disk(tmp_path):
    told = 0
    for _ in range(2):
        command = [sys.executable, "-c", WRITE_UNTIL_KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            told += sum(1 for _ in islice(writer.stdout, 20))
            writer.kill()
            told += sum(1 for line in writer.stdout if line == "written\n")

        numbers = [number for _, number in everything(tmp_path) if number]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= told


def test_what_waits_is_told_with_the_age_of_its_oldest(tmp_path):
    journal = Journal(tmp_path, "radius-0", "gate1", os.urandom)
    assert waiting(tmp_path, {}) == Waiting()
    journal.append([{"kind": "a", "t": 5.0}, {"kind": "b", "t": 7.0}, {"kind": "c", "t": 9.0}])
    journal.close()
    (part,) = parts(tmp_path)
    ends = [end for end, _ in read(tmp_path, part, 0).records]

    everything = waiting(tmp_path, {})
    assert (everything.records, everything.oldest_at) == (3, 5.0)
    assert waiting(tmp_path, {part.file_name: ends[0]}) == Waiting(2, ends[2] - ends[0], 7.0)
    assert waiting(tmp_path, {part.file_name: ends[2]}) == Waiting()
