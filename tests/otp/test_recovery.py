import hashlib
import random
import re
from dataclasses import replace

import pytest

from otp import recovery
from otp.errors import BadToken
from otp.throttle import MAX_FAILURES
from otp.token import Outcome

KEY = bytes(range(32))
SALT = b"sixteen octets.."
NOW = 1_700_000_000.0


def source(seed: int = 1):
    return random.Random(seed).randbytes


CODES, HELD = recovery.issue(source(), KEY)


def test_ten_codes_of_sixteen_digits_in_groups_of_four():
    codes = recovery.generate(source())

    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{4}", code) for code in codes)


def test_a_code_keeps_the_zeros_in_front():
    assert recovery.generate(lambda count: bytes(count - 1) + b"\x07", 1) == ["0000-0000-0000-0007"]


def test_the_randomness_asked_for_is_far_more_than_a_code_holds():
    asked = []

    recovery.generate(lambda count: asked.append(count) or bytes(count), 1)

    assert sum(asked) * 8 >= 53 + 64


@pytest.mark.parametrize("position", [0, 4, 9])
def test_every_code_is_accepted_once_and_only_once(position):
    outcome, held = recovery.verify(HELD, CODES[position], KEY, NOW)
    assert outcome is Outcome.ACCEPTED
    assert held.spent == {position}
    assert held.left == 9

    outcome, after = recovery.verify(held, CODES[position], KEY, NOW)
    assert outcome is Outcome.REPLAYED
    assert after == held


def test_a_spent_code_leaves_the_others_good():
    _, held = recovery.verify(HELD, CODES[0], KEY, NOW)

    assert recovery.verify(held, CODES[1], KEY, NOW)[0] is Outcome.ACCEPTED


def test_hyphens_may_be_left_out_and_full_width_digits_typed():
    full_width = CODES[0].replace("-", "").translate({48 + digit: 0xFF10 + digit for digit in range(10)})

    assert recovery.verify(HELD, full_width, KEY, NOW)[0] is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("0000-0000-0000-0000", Outcome.WRONG), ("123456", Outcome.MALFORMED), ("", Outcome.MALFORMED)],
)
def test_what_is_not_one_of_the_codes_is_refused_and_counted(typed, expected):
    outcome, held = recovery.verify(HELD, typed, KEY, NOW)

    assert outcome is expected
    assert held.spent == frozenset()
    assert held.throttle.failures == 1


def test_another_persons_code_is_wrong():
    others, _ = recovery.issue(source(2), KEY)

    assert recovery.verify(HELD, others[0], KEY, NOW)[0] is Outcome.WRONG


def test_the_right_code_under_another_key_is_wrong():
    assert recovery.verify(HELD, CODES[0], bytes(32), NOW)[0] is Outcome.WRONG


def test_five_failures_make_even_the_right_code_wait():
    held = HELD
    for _ in range(5):
        _, held = recovery.verify(held, "0000-0000-0000-0000", KEY, NOW)

    assert recovery.verify(held, CODES[0], KEY, NOW + 59) == (Outcome.THROTTLED, held)
    assert recovery.verify(held, CODES[0], KEY, NOW + 60)[0] is Outcome.ACCEPTED


def test_after_a_hundred_failures_the_set_is_locked():
    locked = replace(HELD, throttle=replace(HELD.throttle, failures=MAX_FAILURES))

    assert recovery.verify(locked, CODES[0], KEY, NOW) == (Outcome.LOCKED, locked)


def test_success_clears_the_failures():
    _, held = recovery.verify(HELD, "0000-0000-0000-0000", KEY, NOW)

    _, held = recovery.verify(held, CODES[0], KEY, NOW)

    assert held.throttle.failures == 0


def test_a_fingerprint_is_the_salt_and_a_keyed_hash():
    stored = recovery.fingerprint("1234-5678-9012-3456", KEY, SALT)

    block = 64
    inner = hashlib.sha256(bytes(a ^ 0x36 for a in KEY.ljust(block, b"\0")))
    inner.update(b"recovery\0" + SALT + b"1234567890123456")
    outer = hashlib.sha256(bytes(a ^ 0x5C for a in KEY.ljust(block, b"\0")) + inner.digest())
    assert stored == SALT + outer.digest()


def test_a_fingerprint_matches_its_code_and_no_other():
    stored = recovery.fingerprint(CODES[0], KEY, SALT)

    assert recovery.matches(CODES[0], KEY, stored)
    assert not recovery.matches(CODES[1], KEY, stored)
    assert not recovery.matches("", KEY, stored)


def test_equal_codes_with_different_salts_have_fingerprints_of_their_own():
    one = recovery.fingerprint(CODES[0], KEY, SALT)
    other = recovery.fingerprint(CODES[0], KEY, SALT[::-1])

    assert one != other
    assert recovery.matches(CODES[0], KEY, other)


@pytest.mark.parametrize("stored", [b"", SALT, SALT + bytes(32), bytes(48)])
def test_a_damaged_fingerprint_matches_nothing(stored):
    assert not recovery.matches(CODES[0], KEY, stored)
    assert not recovery.matches("", KEY, stored)


@pytest.mark.parametrize(("code", "salt"), [("123456", SALT), ("", SALT), ("1234-5678-9012-3456", b"short")])
def test_only_a_whole_code_with_a_whole_salt_is_stored(code, salt):
    with pytest.raises(BadToken) as refused:
        recovery.fingerprint(code, KEY, salt)

    assert "1234" not in str(refused.value)


def test_an_unknown_user_is_never_accepted():
    assert recovery.dummy_verify(CODES[0], KEY) is Outcome.WRONG
    assert recovery.dummy_verify("12", KEY) is Outcome.MALFORMED


def test_a_printed_set_does_not_show_its_fingerprints():
    assert "fingerprints" not in repr(HELD)
