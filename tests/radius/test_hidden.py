import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.errors import TooLong
from radius.hidden import (
    MICROSOFT,
    BadHiddenValue,
    hide_password,
    hide_salted,
    mppe_keys,
    reveal_password,
    reveal_salted,
)
from radius.packet import decode
from radius.secret import SharedSecret
from tests.radius.test_packet import TELNET_REQUEST

SECRET = SharedSecret(b"xyzzy5461")
AUTHENTICATOR = bytes(range(16))
MSK = bytes(range(64))


def test_the_password_of_rfc_2865_is_revealed_and_hidden():
    request = decode(TELNET_REQUEST)
    hidden = request.first(2)

    assert reveal_password(hidden, SECRET, request.authenticator) == b"arctangent"
    assert hide_password(b"arctangent", SECRET, request.authenticator) == hidden


@given(st.binary(max_size=128).map(lambda p: p.rstrip(b"\0")))
def test_a_password_survives_hiding(password):
    hidden = hide_password(password, SECRET, AUTHENTICATOR)

    assert len(hidden) % 16 == 0
    assert 16 <= len(hidden) <= 128
    assert reveal_password(hidden, SECRET, AUTHENTICATOR) == password


def test_a_password_over_128_octets_is_not_hidden():
    with pytest.raises(TooLong):
        hide_password(bytes(129), SECRET, AUTHENTICATOR)


@given(st.binary(max_size=239), st.binary(min_size=2, max_size=2))
def test_a_salted_value_survives_hiding(value, salt):
    hidden = hide_salted(value, SECRET, AUTHENTICATOR, salt)

    assert hidden[0] & 0x80
    assert len(hidden) <= 253
    assert reveal_salted(hidden, SECRET, AUTHENTICATOR) == value


def test_a_salted_value_that_cannot_be_one_is_refused():
    with pytest.raises(TooLong):
        hide_salted(bytes(240), SECRET, AUTHENTICATOR, b"\x80\0")
    with pytest.raises(BadHiddenValue):
        reveal_salted(b"\x80\0", SECRET, AUTHENTICATOR)
    with pytest.raises(BadHiddenValue):
        reveal_salted(b"\x80\0" + bytes(15), SECRET, AUTHENTICATOR)
    longer_than_its_blocks = hide_password(b"\x10" + b"x" * 15, SECRET, AUTHENTICATOR + b"\x80\0")
    with pytest.raises(BadHiddenValue):
        reveal_salted(b"\x80\0" + longer_than_its_blocks, SECRET, AUTHENTICATOR)


@pytest.mark.parametrize("salts", [bytes(4), b"\xff" * 4, b"abab"])
def test_mppe_keys_are_the_halves_of_the_msk_under_different_salts(salts):
    recv, send = mppe_keys(MSK, SECRET, AUTHENTICATOR, salts)

    assert (recv.vendor, recv.type, send.vendor, send.type) == (MICROSOFT, 17, MICROSOFT, 16)
    assert reveal_salted(recv.value, SECRET, AUTHENTICATOR) == MSK[:32]
    assert reveal_salted(send.value, SECRET, AUTHENTICATOR) == MSK[32:]
    assert recv.value[:2] != send.value[:2]


def test_keys_of_sixteen_octets_stay_that_short():
    recv, send = mppe_keys(MSK[:32], SECRET, AUTHENTICATOR, bytes(4))

    assert reveal_salted(recv.value, SECRET, AUTHENTICATOR) == MSK[:16]
    assert reveal_salted(send.value, SECRET, AUTHENTICATOR) == MSK[16:32]
