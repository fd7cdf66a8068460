import random

import pytest

from access.proof.throttle import (
    FORGET_S,
    NEVER,
    SPREAD_S,
    Lockout,
    OwnCounts,
    PasswordThrottle,
    normalised,
)

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

    throttle.succeed("kim@hangang", DESK, NOW)

    assert fail(throttle, "kim@hangang", DESK, 5) == [0] * 5


def test_a_stranger_does_not_shut_the_owner_out():
    throttle = PasswordThrottle()
    throttle.admit("kim@hangang", DESK, NOW)
    throttle.succeed("kim@hangang", DESK, NOW)

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
            throttle.succeed("mine@hangang", DESK, NOW)

    assert throttle.admit("another@hangang", DESK, NOW) > 0
    assert throttle.admit("mine@hangang", DESK, NOW) == 0


def test_a_name_nobody_has_waits_like_any_other():
    real, unreal = PasswordThrottle(), PasswordThrottle()

    assert fail(real, "kim@hangang", DESK, 8) == fail(unreal, "nobody@nowhere", DESK, 8)


def test_a_directory_that_is_away_is_nobodys_failure():
    throttle = PasswordThrottle()
    for _ in range(100):
        assert throttle.admit("kim@hangang", DESK, NOW) == 0
        throttle.take_back("kim@hangang", DESK, NOW)


def test_taking_back_the_try_that_would_wait_ends_the_wait():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 5)

    throttle.take_back("kim@hangang", DESK, NOW)

    assert throttle.admit("kim@hangang", DESK, NOW) == 0


def test_time_forgives_and_a_clock_that_goes_back_does_not_shut_out_for_years():
    throttle = PasswordThrottle()
    fail(throttle, "kim@hangang", DESK, 6)

    assert throttle.admit("kim@hangang", DESK, NOW + FORGET_S + 1) == 0
    assert throttle.admit("kim@hangang", DESK, NOW - 10 * FORGET_S) == 0


def test_memory_is_bounded():
    counts = OwnCounts(most_keys=30)
    throttle = PasswordThrottle(counts)

    for number in range(50):
        throttle.admit(f"user{number}", str(number), NOW)
        throttle.succeed(f"user{number}", str(number), NOW)
        throttle.remember_wrong(f"user{number}", str(number), "wrong", 900, NOW)

    assert len(counts) <= 30


class Directory:
    """One that locks an account after so many failures, as Active Directory counts them."""

    def __init__(self, lockout):
        self.lockout = lockout
        self.failures, self.last = 0, 0.0

    def fail(self, now):
        if now - self.last > self.lockout.window_s:
            self.failures = 0
        self.failures, self.last = self.failures + 1, now
        assert self.failures < self.lockout.failures, "the account is locked"


@pytest.mark.parametrize("failures", [3, 4, 5, 10, 50])
def test_however_many_guess_from_wherever_the_directory_never_locks_the_account(failures):
    lockout = Lockout(failures, 1800.0)
    throttle, directory = PasswordThrottle(lockouts={"hangang": lockout}), Directory(lockout)
    dice = random.Random(failures)
    for desk in ("desk", "phone"):
        throttle.admit("kim@hangang", desk, NOW)
        throttle.succeed("kim@hangang", desk, NOW)
    now, tried = NOW, 0
    for _ in range(3000):
        now += dice.choice([0.5, 20, 300, 1000])
        source = dice.choice(["desk", "phone", f"198.51.100.{dice.randrange(200)}"])
        if throttle.admit("kim@hangang", source, now) == 0:
            tried += 1
            directory.fail(now)

    assert tried > 3 * failures


def test_a_stranger_who_has_used_up_the_share_leaves_the_owners_alone():
    throttle = PasswordThrottle(lockouts={"hangang": Lockout(10)})
    throttle.admit("kim@hangang", DESK, NOW)
    throttle.succeed("kim@hangang", DESK, NOW)

    strangers = [throttle.admit("kim@hangang", f"198.51.100.{number}", NOW) for number in range(20)]
    own = fail(throttle, "kim@hangang", DESK, 6)

    assert strangers.count(0) == 4
    assert own.count(0) == 5
    assert throttle.admit("lee@hangang", "203.0.113.9", NOW) == 0


def test_a_share_is_whole_again_once_the_directory_has_forgotten():
    throttle = PasswordThrottle(lockouts={"hangang": Lockout(10, 600)})
    for number in range(20):
        throttle.admit("kim@hangang", f"198.51.100.{number}", NOW)

    assert throttle.admit("kim@hangang", "203.0.113.9", NOW + 599) == 1
    assert throttle.admit("kim@hangang", "203.0.113.9", NOW + 601) == 0


def test_a_company_whose_directory_never_locks_has_no_such_share():
    throttle = PasswordThrottle(lockouts={"hangang": NEVER})

    waits = [throttle.admit("kim@hangang", f"198.51.100.{number}", NOW) for number in range(30)]

    assert waits.count(0) == 20


def test_a_password_that_was_wrong_is_known_to_be_from_there_for_a_while():
    throttle = PasswordThrottle()
    throttle.remember_wrong("kim@hangang", DESK, "old", 900, NOW)

    assert throttle.is_wrong("kim@hangang", DESK, "old", NOW + 899)
    assert not throttle.is_wrong("kim@hangang", DESK, "old", NOW + 900)
    assert not throttle.is_wrong("kim@hangang", DESK, "new", NOW)
    assert not throttle.is_wrong("kim@hangang", "203.0.113.9", "old", NOW)
    assert not throttle.is_wrong("lee@hangang", DESK, "old", NOW)
    assert not throttle.is_wrong("kim@hangang", DESK, "old", NOW - 10)


def test_what_was_wrong_is_not_kept_as_it_was_typed():
    counts = OwnCounts()
    PasswordThrottle(counts, key=b"one").remember_wrong("kim@hangang", DESK, "old secret", 900, NOW)

    assert "old secret" not in str(counts._counts)
    assert not PasswordThrottle(counts, key=b"two").is_wrong("kim@hangang", DESK, "old secret", NOW)


def test_names_that_fail_at_one_place_are_counted_once_each_and_forgotten():
    throttle = PasswordThrottle()

    seen = [throttle.spread(DESK, name, NOW) for name in ("a", "b", "a", "c", "b")]

    assert seen == [1, 2, 2, 3, 3]
    assert throttle.spread("elsewhere", "a", NOW) == 1
    assert throttle.spread(DESK, "d", NOW + SPREAD_S + 1) == 1


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
