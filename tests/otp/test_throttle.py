import pytest

from otp.throttle import MAX_FAILURES, NO_FAILURES, Throttle, wait_after


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        (0, 0),
        (4, 0),
        (5, 1),
        (6, 2),
        (7, 4),
        (8, 8),
        (9, 16),
        (10, 32),
        (11, 60),
        (12, 60),
        (99, 60),
        (5000, 60),
    ],
)
def test_five_tries_are_free_and_then_the_waits_double_up_to_an_hour(failures, minutes):
    assert wait_after(failures) == minutes * 60


def test_four_failures_hold_nobody():
    throttle = NO_FAILURES
    for _ in range(4):
        throttle = throttle.after_failure(1000.0)

    assert not throttle.holds(1000.0)


def test_the_fifth_failure_holds_for_exactly_a_minute():
    throttle = Throttle(failures=4).after_failure(1000.0)

    assert throttle.holds(1059.9)
    assert not throttle.holds(1060.0)


def test_only_the_hundredth_failure_locks():
    last_but_one = Throttle(failures=MAX_FAILURES - 2).after_failure(0.0)

    assert not last_but_one.locked
    assert last_but_one.after_failure(0.0).locked


def test_a_wait_is_not_shortened_by_asking_again():
    throttle = Throttle(failures=4).after_failure(1000.0)

    assert throttle.rebased(1030.0) == throttle


def test_after_the_clock_went_back_the_wait_begins_anew_and_is_no_shorter():
    years_ahead = Throttle(failures=4).after_failure(5e9)

    throttle = years_ahead.rebased(1000.0)

    assert throttle.holds(1059.9)
    assert not throttle.holds(1060.0)
