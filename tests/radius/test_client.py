"""Against a NAS that reads and answers with pyrad, an implementation of somebody else's."""

import socket
import threading
import time

import pytest

from radius.authenticator import sign_reply
from radius.client import Result, send
from radius.dynauth import Action, SessionName, build, identify
from radius.packet import Code, decode
from radius.secret import SharedSecret
from tests.peers.nas import Behaviour, Nas
from tests.peers.ports import LOOPBACK, free_port

# The NAS stand-in takes its dictionaries from FreeRADIUS.
pytestmark = pytest.mark.peer("radclient")


def request_for(secret, action=Action.DISCONNECT):
    name = SessionName(user_name="kim", acct_session_id="s1", calling_station="02:00:5e:10:00:01")
    return build(action, 7, identify(name), secret, time.time())


@pytest.mark.parametrize("action", Action)
def test_a_nas_acknowledges(action):
    with Nas() as nas:
        secret = SharedSecret(nas.secret.encode())
        reply = send(request_for(secret, action), (LOOPBACK, nas.port), secret, 3.0)

        [request] = nas.wait_for(1)
    assert reply.result is Result.ACKED
    assert request.valid
    assert (request.get("User-Name"), request.get("Acct-Session-Id")) == ("kim", "s1")
    assert "Message-Authenticator" in request.attributes


def test_a_nas_refuses_with_its_cause():
    with Nas(behaviour=Behaviour.NAK) as nas:
        secret = SharedSecret(nas.secret.encode())
        reply = send(request_for(secret), (LOOPBACK, nas.port), secret, 3.0)

    assert (reply.result, reply.cause) == (Result.NAKED, 503)
    assert reply.words == "the NAS has no such session"


def test_a_nas_that_is_silent_is_asked_again_with_the_same_octets():
    with Nas(behaviour=Behaviour.SILENCE) as nas:
        secret = SharedSecret(nas.secret.encode())
        reply = send(request_for(secret), (LOOPBACK, nas.port), secret, 1.2)

        assert len(nas.wait_for(2)) == 2
        assert nas.requests[0] == nas.requests[1]
    assert (reply.result, reply.sent) == (Result.SILENT, 2)


def test_a_nas_with_another_secret_is_silent():
    with Nas() as nas:
        secret = SharedSecret(b"not that of the NAS")
        reply = send(request_for(secret), (LOOPBACK, nas.port), secret, 0.3)

        [request] = nas.wait_for(1)
    assert not request.valid
    assert reply.result is Result.SILENT


def test_where_nobody_listens_is_silence_with_its_reason():
    secret = SharedSecret(b"secret")

    reply = send(request_for(secret), (LOOPBACK, free_port()), secret, 0.2)

    assert (reply.result, reply.words) == (Result.SILENT, "Connection refused")


def test_a_nas_that_no_way_leads_to_is_silent_with_its_reason():
    secret = SharedSecret(b"secret")

    reply = send(request_for(secret), ("255.255.255.255", 3799), secret, 0.2)

    assert (reply.result, reply.words) == (Result.SILENT, "Permission denied")


def test_a_nas_may_have_an_ipv6_address():
    secret = SharedSecret(b"secret")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as nas:
        nas.bind(("::1", free_port()))
        nas.settimeout(3)

        def acknowledge():
            request, source = nas.recvfrom(4096)
            nas.sendto(sign_reply(decode(request), Code.DISCONNECT_ACK, (), secret), source)

        thread = threading.Thread(target=acknowledge)
        thread.start()
        reply = send(request_for(secret), nas.getsockname()[:2], secret, 3.0)
        thread.join()

    assert reply.result is Result.ACKED


def test_what_is_not_the_answer_is_not_taken_for_it():
    secret = SharedSecret(b"secret")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
        forger.bind((LOOPBACK, free_port()))
        forger.settimeout(3)

        def forge():
            _, source = forger.recvfrom(4096)
            forger.sendto(b"\x29\x07\x00\x14" + bytes(16), source)

        thread = threading.Thread(target=forge)
        thread.start()
        reply = send(request_for(secret), forger.getsockname(), secret, 0.3)
        thread.join()

    assert reply.result is Result.SILENT
