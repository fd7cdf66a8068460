from dataclasses import replace

import pytest

from radius.md4 import md4
from radius.mschap import (
    authenticator_response,
    challenge_hash,
    key_of,
    nt_hash,
    nt_response,
    response_holds,
    session_keys,
    without_domain,
)
from radius.questions import MschapExchange

# RFC 2759 section 9.2 and RFC 3079 section 3.5.3.
EXCHANGE = MschapExchange(
    name=b"User",
    challenge=bytes.fromhex("5B5D7C7D7B3F2F3E3C2C602132262628"),
    peer_challenge=bytes.fromhex("21402324255E262A28295F2B3A337C7E"),
    response=bytes.fromhex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF"),
)
HASHED = bytes.fromhex("44EBBA8D5312B8D611474411F56989AE")
KEY = bytes.fromhex("41C00C584BD2D91C4017A2A12FA59F3F")
SEND = "8b7cdc149b993a1ba118cb153f56dccb"


def test_the_nt_hash_and_its_key_are_those_of_the_rfc():
    assert nt_hash("clientPass") == HASHED
    assert key_of(HASHED) == KEY


def test_a_password_is_hashed_in_utf_16_whatever_its_characters():
    assert nt_hash("말\U0001f40e") == md4("말\U0001f40e".encode("utf-16-le"))
    assert nt_hash("\U0001f40e") != nt_hash("?")
    assert len(nt_hash("\ud800")) == 16


def test_the_challenges_and_the_name_come_to_eight_octets():
    assert challenge_hash(EXCHANGE).hex() == "d02e4386bce91226"


def test_the_response_is_that_of_the_rfc():
    assert nt_response(EXCHANGE, HASHED) == EXCHANGE.response
    assert response_holds(EXCHANGE, HASHED)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": b"user"},
        {"challenge": bytes(16)},
        {"peer_challenge": bytes(16)},
        {"response": bytes(24)},
        {"response": b""},
        {"response": EXCHANGE.response[:-1] + b"\0"},
    ],
)
def test_a_response_that_was_made_of_something_else_does_not_hold(changed):
    assert not response_holds(replace(EXCHANGE, **changed), HASHED)


def test_a_response_does_not_hold_for_another_password():
    assert not response_holds(EXCHANGE, nt_hash("clientpass"))


def test_we_prove_ourselves_as_the_rfc_says():
    assert authenticator_response(EXCHANGE, KEY) == "S=407A5589115FD0D6209F510FE9C04566932CDA56"


def test_the_keys_of_a_session_are_those_of_rfc_3079():
    keys = session_keys(EXCHANGE, KEY)

    assert len(keys) == 32
    assert keys[16:].hex() == SEND
    assert keys[:16] != keys[16:]


@pytest.mark.parametrize(
    ("name", "hashed"),
    [
        (b"kim", b"kim"),
        (b"HANGANG\\kim", b"kim"),
        (b"kim@hangang", b"kim@hangang"),
        (b"host/pc.hangang.example", b"host/pc.hangang.example"),
        (b"HANGANG\\one\\two", b"one\\two"),
        (b"HANGANG\\", b""),
        (b"", b""),
    ],
)
def test_the_domain_before_a_name_is_not_hashed(name, hashed):
    assert without_domain(name) == hashed


def test_no_secret_shows_in_a_repr():
    assert "response" not in repr(EXCHANGE)
