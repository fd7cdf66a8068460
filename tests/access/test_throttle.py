import pytest

from access.throttle import FORGET_S, PasswordThrottle, normalised

DESK = "10.1.2.3"
NOW = 1_800_000_000.0


def fail(throttle, name, source, times, now=NOW):
    return [throttle.admit(name, source, now) for _ in range(times)]


def test_five_wrong_passwords_are_free_and_the_sixth_waits_a_minute():
    throttle = PasswordThrottle()

    waits = fail(throttle, "kim@hangang", DESK, 6)

    assert waits == [0, 0, 0, 0, 0, 60]


def test_a_try_that_waits_is_not_counted():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 100)

    assert throttle.admit("kim@hangang", DESK, NOW + 60) == 0
    assert throttle.admit("kim@hangang", DESK, NOW + 60) == 120


def test_a_right_password_takes_the_failures_of_its_pair_back():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 5)
    throttle.admit("kim@hangang", DESK, NOW + 60)

    throttle.succeed("kim@hangang", DESK)

    assert fail(throttle, "kim@hangang", DESK, 5) == [0] * 5


def test_a_stranger_does_not_shut_the_owner_out():
    throttle = PasswordThrottle()
    throttle.admit("kim@hangang", DESK, NOW)
    throttle.succeed("kim@hangang", DESK)

    for number in range(200):
        fail(throttle, "kim@hangang", f"198.51.100.{number}", 5)

    assert throttle.admit("kim@hangang", "203.0.113.9", NOW) > 0
    assert throttle.admit("kim@hangang", DESK, NOW) == 0


def test_many_addresses_together_soon_wait_for_one_name():
    throttle = PasswordThrottle()

    admitted = sum(throttle.admit("kim@hangang", f"198.51.100.{number}", NOW) == 0 for number in range(200))

    assert admitted == 20


def test_one_address_trying_everybody_soon_waits():
    throttle = PasswordThrottle()

    admitted = sum(throttle.admit(f"user{number}@hangang", DESK, NOW) == 0 for number in range(200))

    assert admitted == 50


def test_an_account_of_ones_own_does_not_set_back_the_count_of_an_address():
    throttle = PasswordThrottle()
    for number in range(50):
        throttle.admit(f"user{number}@hangang", DESK, NOW)
        if number % 10 == 0:
            throttle.admit("mine@hangang", DESK, NOW)
            throttle.succeed("mine@hangang", DESK)

    assert throttle.admit("another@hangang", DESK, NOW) > 0
    assert throttle.admit("mine@hangang", DESK, NOW) == 0


def test_a_name_nobody_has_waits_like_any_other():
    real, unreal = PasswordThrottle(), PasswordThrottle()

    assert fail(real, "kim@hangang", DESK, 8) == fail(unreal, "nobody@nowhere", DESK, 8)


def test_a_directory_that_is_away_is_nobodys_failure():
    throttle = PasswordThrottle()
    for _ in range(100):
        assert throttle.admit("kim@hangang", DESK, NOW) == 0
        throttle.take_back("kim@hangang", DESK)


def test_taking_back_the_try_that_would_wait_ends_the_wait():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 5)

    throttle.take_back("kim@hangang", DESK)

    assert throttle.admit("kim@hangang", DESK, NOW) == 0


def test_time_forgives_and_a_clock_that_goes_back_does_not_shut_out_for_years():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 6)

    assert throttle.admit("kim@hangang", DESK, NOW + FORGET_S + 1) == 0
    assert throttle.admit("kim@hangang", DESK, NOW - 10 * FORGET_S) == 0


def test_memory_is_bounded():
    throttle = PasswordThrottle(most_keys=30)

    for number in range(50):
        throttle.admit(f"user{number}", str(number), NOW)
        throttle.succeed(f"user{number}", str(number))

    assert len(throttle._counts) <= 30
    assert len(throttle._known) <= 30


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.4", False),
        ("02-00-00-00-00-01", "02-00-00-00-00-02", False),
    ],
)
def test_a_subscriber_is_one_source_whatever_address_of_the_network_is_used(one, other, same):
    assert (normalised(one) == normalised(other)) is same
