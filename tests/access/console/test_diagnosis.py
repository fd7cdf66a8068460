"""What a wrong first code tells about the phone's clock."""

import pytest

from access.console.diagnosis import clock_off_s
from otp.token import Token
from otp.totp import code_at, step_at

NOW = 1_800_000_000.0
TOKEN = Token(b"twenty octets of key")


def code(shift_s: float) -> str:
    return code_at(TOKEN, step_at(NOW + shift_s, 30))


@pytest.mark.parametrize("shift_s", [-600, -60, -30, 30, 90, 600])
def test_a_code_of_another_step_tells_how_far_the_clock_is_off(shift_s):
    assert clock_off_s(TOKEN, code(shift_s), NOW) == shift_s


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", code(660), code(-660)])
def test_what_no_step_near_explains_tells_nothing(typed):
    assert clock_off_s(TOKEN, typed, NOW) is None


def test_spaces_are_no_mistake():
    typed = code(90)

    assert clock_off_s(TOKEN, f" {typed[:3]} {typed[3:]} ", NOW) == 90


def test_near_the_beginning_of_time_nothing_is_counted_backwards():
    assert clock_off_s(TOKEN, code_at(TOKEN, 3), 30.0) == 60
