"""What is called the floor computes all that RADIUS demands, or its figure would be too low."""

import hashlib
import hmac

import pytest

from tests.bench import floor_server
from tests.bench.radius_client import Credential, offer, prepare, request

SECRET = "secret-of-the-benchmark"
KIM = Credential("minjun.kim", "right-password")
ANSWER = floor_server.answering(SECRET.encode())


def test_every_request_is_accepted_by_a_client_that_verifies():
    with floor_server.serving(SECRET) as (port, _):
        assert offer(port, prepare([KIM], SECRET.encode(), 100, seed=1)) > 0


def test_a_reply_carries_a_message_authenticator_that_holds():
    reply = ANSWER(request(KIM, SECRET.encode(), 7, bytes(16)))

    blanked = reply[:4] + bytes(16) + reply[20:22] + bytes(16) + reply[38:]
    assert reply[22:38] == hmac.digest(SECRET.encode(), blanked, "md5")
    assert reply[4:20] == hashlib.md5(reply[:4] + bytes(16) + reply[20:] + SECRET.encode()).digest()


@pytest.mark.parametrize("changed_at", [1, 22, 40])
def test_a_request_that_was_changed_gets_no_answer(changed_at):
    octets = bytearray(request(KIM, SECRET.encode(), 7, bytes(16)))
    octets[changed_at] ^= 1

    assert ANSWER(bytes(octets)) is None
