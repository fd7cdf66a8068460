import pytest

from radius.worker import MAX_WORKERS, Worker


def test_a_worker_that_nobody_replaces_goes_by_its_index():
    worker = Worker(1, 2)

    assert (worker.number, worker.other, worker.numbers) == (1, 1, 2)


def test_two_processes_of_a_worker_know_each_other_by_numbers_that_no_worker_has():
    first, second = Worker(1, 2, turn=0), Worker(1, 2, turn=1)

    assert (first.number, first.other) == (second.other, second.number) == (3, 5)


@pytest.mark.parametrize("count", [1, 2, MAX_WORKERS])
def test_no_number_is_given_twice_and_each_fits_into_an_octet(count):
    processes = [Worker(index, count, turn=turn) for index in range(count) for turn in (0, 1)]
    numbers = [*range(count), *(each.number for each in processes)]

    assert sorted(numbers) == list(range(processes[0].numbers))
    assert max(numbers) < 256
