from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.method import Done, Failed, NeedsMschap, Opening, Verdict
from radius.eap.mschapv2 import mschapv2
from radius.mschap import key_of, nt_hash, response_holds
from radius.questions import Failure
from tests.radius.eap.peer import Peer, mschapv2_response

CHALLENGE = bytes(range(100, 116))
KEY = key_of(nt_hash("correct horse"))
RIGHT = Verdict(True, KEY)


def run(identity="kim", identifier=7):
    return mschapv2(lambda octets: CHALLENGE[:octets])(Opening(1024, identity, identifier))


def claimed(peer, method=None):
    """Return a method that waits for its verdict, and what it claims."""
    method = method or run(peer.identity)
    return method, method.step(peer.mschapv2(7, method.start().data))


def test_the_challenge_bears_the_identifier_of_its_request():
    request = run(identifier=9).start().data

    assert request[:5] == b"\x01\x09" + len(request).to_bytes(2, "big") + b"\x10"
    assert request[5:21] == CHALLENGE


def test_each_run_has_a_challenge_of_its_own():
    numbers = count()
    maker = mschapv2(lambda octets: next(numbers).to_bytes(octets, "big"))

    assert maker(Opening(1024)).start() != maker(Opening(1024)).start()


def test_a_response_is_handed_on_as_it_was_made():
    _, claim = claimed(Peer())

    assert claim.user_name == "kim"
    assert response_holds(claim.exchange, nt_hash("correct horse"))
    assert not response_holds(claim.exchange, nt_hash("wrong"))


def test_a_peer_that_was_proven_right_is_shown_our_proof_and_gets_the_same_keys():
    peer = Peer()
    method, _ = claimed(peer)

    success = method.verdict(RIGHT).data
    end = method.step(peer.mschapv2(8, success))

    assert success[:4] == b"\x03\x07" + len(success).to_bytes(2, "big")
    assert peer.believes
    assert end == Done("kim", peer.keys)
    assert len(peer.keys) == 32


@pytest.mark.parametrize("acknowledgement", [b"\x03", b"", b"\x03\x07\x00\x04"])
def test_a_bare_acknowledgement_of_our_proof_is_enough(acknowledgement):
    method, _ = claimed(Peer())
    method.verdict(RIGHT)

    assert isinstance(method.step(acknowledgement), Done)


@pytest.mark.parametrize("answer", [b"\x04", b"\x02", b"\x07" + bytes(60), b"\0"])
def test_a_peer_that_does_not_believe_our_proof_does_not_get_in(answer):
    method, _ = claimed(Peer())
    method.verdict(RIGHT)

    assert method.step(answer).reason is Failure.BAD_EAP


@pytest.mark.parametrize("answer", [b"\x04", b"\x03", b"", b"\x02" + bytes(60)])
def test_a_refused_peer_is_told_there_is_no_second_try_and_stays_refused(answer):
    method, _ = claimed(Peer(password="wrong"))

    told = method.verdict(Verdict(False)).data

    assert told[:4] == b"\x04\x07" + len(told).to_bytes(2, "big")
    assert told[4:] == f"E=691 R=0 C={CHALLENGE.hex().upper()} V=3 M=Refused".encode()
    assert method.failure == Failed(Failure.NOT_GRANTED, "EAP-MSCHAPv2")
    assert method.step(answer) is method.failure


@pytest.mark.parametrize(
    ("identity", "name", "meant", "hashed"),
    [
        ("kim", "kim", "kim", b"kim"),
        ("anonymous", "kim", "kim", b"kim"),
        ("kim@hangang", "kim", "kim@hangang", b"kim"),
        ("kim@hangang", "kim@hangang", "kim@hangang", b"kim@hangang"),
        ("HANGANG\\kim", "kim", "HANGANG\\kim", b"kim"),
        ("HANGANG\\kim", "HANGANG\\kim", "HANGANG\\kim", b"kim"),
        ("kim", "HANGANG\\kim", "HANGANG\\kim", b"kim"),
        ("lee@hangang", "kim", "kim", b"kim"),
        ("Kim@hangang", "kim", "Kim@hangang", b"kim"),
        ("host/pc.hangang.example", "host/pc.hangang.example", "host/pc.hangang.example", None),
    ],
)
def test_the_name_in_the_response_is_proven_and_its_domain_is_not_hashed(identity, name, meant, hashed):
    _, claim = claimed(Peer(name=name, identity=identity))

    assert claim.user_name == meant
    assert claim.exchange.name == (hashed or name.encode())
    assert response_holds(claim.exchange, nt_hash("correct horse"))


RESPONSE = mschapv2_response(7, bytes(24), b"kim")
MALFORMED = {
    "nothing": (b"", Failure.BAD_EAP),
    "another opcode": (b"\x03" + RESPONSE[1:], Failure.BAD_EAP),
    "cut off": (RESPONSE[:50], Failure.BAD_EAP),
    "a value of another size": (RESPONSE[:4] + b"\x30" + RESPONSE[5:], Failure.BAD_EAP),
    "a length beyond the end": (RESPONSE[:2] + b"\x00\xff" + RESPONSE[4:], Failure.BAD_EAP),
    "a length before the name": (RESPONSE[:2] + b"\x00\x20" + RESPONSE[4:], Failure.BAD_EAP),
    "no name": (mschapv2_response(7, bytes(24), b""), Failure.NOT_TEXT),
    "a name that is no text": (mschapv2_response(7, bytes(24), b"\xff"), Failure.NOT_TEXT),
    "a name that deceives": (mschapv2_response(7, bytes(24), "kim\u202e".encode()), Failure.NOT_TEXT),
    "a name too long": (mschapv2_response(7, bytes(24), b"k" * 254), Failure.NOT_TEXT),
}


@pytest.mark.parametrize(("data", "reason"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_response_that_is_none_ends_it(data, reason):
    assert run().step(data).reason is reason


@given(st.lists(st.one_of(st.binary(max_size=80), st.binary(max_size=30).map(RESPONSE.__add__))))
def test_no_octets_raise_anything(answers):
    method = run()
    for data in answers:
        step = method.step(data)
        if isinstance(step, NeedsMschap):
            method.verdict(Verdict(len(data) % 2 == 0, KEY))
        elif isinstance(step, Done | Failed):
            break


def test_no_secret_shows_in_a_repr():
    _, claim = claimed(Peer())

    assert claim.exchange.response.hex() not in repr(claim)
    assert repr(claim.exchange.response) not in repr(claim)
