import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.md5 import md5
from radius.eap.method import Continue, Done, Failed, NeedsChap, Opening, Verdict
from radius.questions import ChapExchange, Failure

CHALLENGE = bytes(range(16))
OPENING = Opening(1024, "kim", 7)


def run():
    return md5(lambda octets: CHALLENGE[:octets])(OPENING)


def test_a_challenge_is_answered_and_the_answer_handed_on():
    method = run()
    response = hashlib.md5(b"\x07" + b"correct horse" + CHALLENGE).digest()

    assert method.start() == Continue(b"\x10" + CHALLENGE)
    assert method.step(b"\x10" + response + b"any name") == NeedsChap(
        "kim", ChapExchange(7, CHALLENGE, response)
    )


def test_a_right_response_ends_it_without_keys():
    method = run()
    method.step(b"\x10" + bytes(16))

    assert method.verdict(Verdict(True)) == Done("kim", b"")


def test_a_refused_response_ends_it():
    method = run()
    method.step(b"\x10" + bytes(16))

    assert method.verdict(Verdict(False)) == Failed(Failure.NOT_GRANTED, "EAP-MD5")


@pytest.mark.parametrize("data", [b"", b"\x10", b"\x10" + bytes(15), b"\x0f" + bytes(16), b"\0"])
def test_what_is_no_response_ends_it(data):
    assert run().step(data).reason is Failure.BAD_EAP


@given(st.binary(max_size=40))
def test_no_octets_raise_anything(data):
    assert isinstance(run().step(data), NeedsChap | Failed)
