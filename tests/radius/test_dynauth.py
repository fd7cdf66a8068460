from dataclasses import replace
from ipaddress import ip_address

import pytest

from radius.attributes import Attribute, AttributeType, integer
from radius.authenticator import sign_reply
from radius.dynauth import FRESH_S, Action, NotAnAnswer, SessionName, build, identify, is_request, read_answer
from radius.packet import Code, decode
from radius.secret import SharedSecret

SECRET, OTHER = SharedSecret(b"a secret of sixteen"), SharedSecret(b"another of sixteen")
NOW = 1_800_000_000.0
NAME = SessionName("kim", "s1", "02:00:5e:10:00:01", ip_address("192.0.2.7"), 3, ip_address("10.0.0.1"))
REQUEST = build(Action.DISCONNECT, 7, identify(NAME), SECRET, NOW)


def answer(code, *attributes, secret=SECRET, request=REQUEST):
    return sign_reply(decode(request), code, attributes, secret)


def test_a_request_names_the_session_and_its_time():
    packet = decode(REQUEST)

    assert (packet.code, packet.identifier) == (Code.DISCONNECT_REQUEST, 7)
    assert [a.type for a in packet.attributes] == [80, 1, 44, 31, 4, 8, 5, 55]
    assert packet.first(AttributeType.EVENT_TIMESTAMP) == int(NOW).to_bytes(4, "big")
    assert packet.first(AttributeType.FRAMED_IP_ADDRESS) == b"\x0a\0\0\x01"


def test_what_is_not_known_of_a_session_is_left_out():
    assert identify(SessionName(acct_session_id="s1")) == (Attribute(44, b"s1"),)


def test_a_request_is_good_with_its_secret_and_for_five_minutes():
    assert is_request(REQUEST, SECRET, NOW)
    assert is_request(build(Action.CHANGE, 7, (), SECRET, NOW), SECRET, NOW + FRESH_S)
    assert not is_request(REQUEST, OTHER, NOW)
    assert not is_request(REQUEST, SECRET, NOW + FRESH_S + 1)
    assert not is_request(REQUEST, SECRET, NOW - FRESH_S - 1)
    assert not is_request(REQUEST[:-1] + b"x", SECRET, NOW)
    assert not is_request(b"", SECRET, NOW)
    assert not is_request(answer(Code.DISCONNECT_ACK), SECRET, NOW)


def test_an_ack_and_a_nak_are_told_apart_with_the_cause_in_words():
    bare = bytes((Code.DISCONNECT_ACK, 7, 0, 20))
    assert read_answer(answer(Code.DISCONNECT_ACK), REQUEST, SECRET, NOW).acknowledged
    assert read_answer(bare + SECRET.md5_before(bare + REQUEST[4:20]), REQUEST, SECRET, NOW).acknowledged

    nak = read_answer(answer(Code.DISCONNECT_NAK, integer(101, 503)), REQUEST, SECRET, NOW)

    assert (nak.acknowledged, nak.cause, nak.words) == (False, 503, "the NAS has no such session")
    unknown = read_answer(answer(Code.DISCONNECT_NAK, integer(101, 999)), REQUEST, SECRET, NOW)
    assert unknown.words == "Error-Cause 999"
    silent = read_answer(answer(Code.DISCONNECT_NAK), REQUEST, SECRET, NOW)
    assert (silent.acknowledged, silent.words) == (False, "the NAS refuses, and does not say why")


def test_what_does_not_answer_the_request_is_not_an_answer():
    other_id = build(Action.DISCONNECT, 8, identify(NAME), SECRET, NOW)
    other_session = build(Action.DISCONNECT, 7, (), SECRET, NOW)
    not_signed_here = bytearray(answer(Code.DISCONNECT_ACK))
    not_signed_here[22] ^= 1
    head = bytes(not_signed_here[:4])
    body = bytes(not_signed_here[20:])
    rehashed = head + SECRET.md5_before(head + REQUEST[4:20] + body) + body
    renumbered = replace(decode(REQUEST), identifier=8)
    head = bytes((Code.DISCONNECT_ACK, 7, 0, 20))
    wrong = {
        "of another secret and without Message-Authenticator": head + OTHER.md5_before(head + REQUEST[4:20]),
        "for another request and without Message-Authenticator": head
        + SECRET.md5_before(head + other_id[4:20]),
        "with another identifier": sign_reply(renumbered, Code.DISCONNECT_ACK, (), SECRET),
        "malformed": b"\x29\x07",
        "of another code": answer(Code.COA_ACK),
        "for another identifier": answer(Code.DISCONNECT_ACK, request=other_id),
        "for another request": answer(Code.DISCONNECT_ACK, request=other_session),
        "of another secret": answer(Code.DISCONNECT_ACK, secret=OTHER),
        "of a wrong Message-Authenticator": rehashed,
        "of yesterday": answer(Code.DISCONNECT_ACK, integer(55, int(NOW) - 86400)),
    }

    for data in wrong.values():
        with pytest.raises(NotAnAnswer):
            read_answer(data, REQUEST, SECRET, NOW)
