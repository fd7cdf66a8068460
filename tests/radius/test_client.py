"""Against a NAS that reads and answers with pyrad, an implementation of somebody else's."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from radius import client
from radius.authenticator import sign_reply
from radius.client import IDENTIFIERS, Result, Switchboard
from radius.dynauth import Action, SessionName, build, identify
from radius.packet import Code, decode
from radius.secret import SharedSecret
from tests.peers.nas import Behaviour, Nas
from tests.peers.ports import LOOPBACK, free_port

# The NAS stand-in takes its dictionaries from FreeRADIUS.
pytestmark = pytest.mark.peer("radclient")


NAME = SessionName(user_name="kim", acct_session_id="s1", calling_station="02:00:5e:10:00:01")


@pytest.fixture
def board():
    board = Switchboard()
    yield board
    board.close()


def ask(board, to, secret, deadline_s, action=Action.DISCONNECT, name=NAME):
    now = time.time()
    return board.ask(
        to, lambda identifier: build(action, identifier, identify(name), secret, now), secret, deadline_s
    )


@pytest.mark.parametrize("action", Action)
def test_a_nas_acknowledges(board, action):
    with Nas() as nas:
        secret = SharedSecret(nas.secret.encode())
        reply = ask(board, (LOOPBACK, nas.port), secret, 20.0, action)

        [request] = nas.wait_for(1)
    assert reply.result is Result.ACKED
    assert request.valid
    assert (request.get("User-Name"), request.get("Acct-Session-Id")) == ("kim", "s1")
    assert "Message-Authenticator" in request.attributes


def test_a_nas_refuses_with_its_cause(board):
    with Nas(behaviour=Behaviour.NAK) as nas:
        secret = SharedSecret(nas.secret.encode())
        reply = ask(board, (LOOPBACK, nas.port), secret, 20.0)

    assert (reply.result, reply.cause) == (Result.NAKED, 503)
    assert reply.words == "the NAS has no such session"


def test_a_nas_that_is_silent_is_asked_again_with_the_same_octets(board):
    with Nas(behaviour=Behaviour.SILENCE) as nas:
        secret = SharedSecret(nas.secret.encode())
        # It is sent after 0, 1 and 3 s: nearly two of them are for a machine that is slow.
        reply = ask(board, (LOOPBACK, nas.port), secret, 2.9)

        assert len(nas.wait_for(2)) == 2
        assert nas.requests[0] == nas.requests[1]
    assert (reply.result, reply.sent) == (Result.SILENT, 2)


def test_a_nas_with_another_secret_is_silent(board):
    with Nas() as nas:
        secret = SharedSecret(b"not that of the NAS")
        reply = ask(board, (LOOPBACK, nas.port), secret, 0.3)

        [request] = nas.wait_for(1)
    assert not request.valid
    assert reply.result is Result.SILENT


def test_where_nobody_listens_is_silence_with_its_reason(board):
    secret = SharedSecret(b"secret")

    reply = ask(board, (LOOPBACK, free_port()), secret, 1.0)

    assert (reply.result, reply.words) == (Result.SILENT, "Connection refused")


def test_a_nas_that_no_way_leads_to_is_silent_with_its_reason(board):
    secret = SharedSecret(b"secret")

    reply = ask(board, ("255.255.255.255", 3799), secret, 0.2)

    assert (reply.result, reply.words) == (Result.SILENT, "Permission denied")


def test_a_nas_may_have_an_ipv6_address(board):
    secret = SharedSecret(b"secret")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as nas:
        nas.bind(("::1", free_port()))
        nas.settimeout(20)

        def acknowledge():
            request, source = nas.recvfrom(4096)
            nas.sendto(sign_reply(decode(request), Code.DISCONNECT_ACK, (), secret), source)

        thread = threading.Thread(target=acknowledge)
        thread.start()
        reply = ask(board, nas.getsockname()[:2], secret, 20.0)
        thread.join()

    assert reply.result is Result.ACKED


def test_what_is_not_the_answer_is_not_taken_for_it(board):
    secret = SharedSecret(b"secret")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
        forger.bind((LOOPBACK, free_port()))
        forger.settimeout(20)

        def forge():
            _, source = forger.recvfrom(4096)
            forger.sendto(b"\x29\x00\x00\x14" + bytes(16), source)

        thread = threading.Thread(target=forge)
        thread.start()
        reply = ask(board, forger.getsockname(), secret, 0.3)
        thread.join()

    assert reply.result is Result.SILENT


def test_an_answer_from_another_address_is_not_the_nas_s(board):
    """Whoever has heard the request and knows the secret is still not who was asked."""
    secret = SharedSecret(b"secret")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        nas.bind((LOOPBACK, free_port()))
        other.bind(("127.0.0.2", nas.getsockname()[1]))
        nas.settimeout(20)

        def acknowledge():
            request, source = nas.recvfrom(4096)
            other.sendto(sign_reply(decode(request), Code.DISCONNECT_ACK, (), secret), source)

        thread = threading.Thread(target=acknowledge)
        thread.start()
        reply = ask(board, nas.getsockname(), secret, 0.3)
        thread.join()

    assert reply.result is Result.SILENT


def test_many_sessions_of_one_nas_are_ended_over_one_socket(board):
    with Nas() as nas:
        secret = SharedSecret(nas.secret.encode())
        with ThreadPoolExecutor(max_workers=16) as threads:
            names = [SessionName(acct_session_id=f"s{number}") for number in range(300)]
            to = (LOOPBACK, nas.port)
            replies = list(threads.map(lambda name: ask(board, to, secret, 60.0, name=name), names))

    assert {reply.result for reply in replies} == {Result.ACKED}
    assert {request.get("Acct-Session-Id") for request in nas.requests} == {f"s{n}" for n in range(300)}
    assert len(nas.sources) == 1


def test_an_answer_goes_to_the_request_it_was_made_for(board):
    secret = SharedSecret(b"secret")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas, ThreadPoolExecutor(2) as threads:
        nas.bind((LOOPBACK, free_port()))
        nas.settimeout(20)
        asked = [threads.submit(ask, board, nas.getsockname(), secret, 20.0) for _ in range(2)]
        requests = {}
        while len(requests) < 2:
            data, source = nas.recvfrom(4096)
            requests[data[1]] = data
        # The newer first, and each with an answer of its own.
        codes = {0: Code.DISCONNECT_ACK, 1: Code.DISCONNECT_NAK}
        for identifier in (1, 0):
            reply = sign_reply(decode(requests[identifier]), codes[identifier], (), secret)
            nas.sendto(reply, source)
        results = {each.result().result for each in asked}

    assert set(requests) == {0, 1}
    assert results == {Result.ACKED, Result.NAKED}


def test_a_line_that_is_full_is_said_so(board):
    secret = SharedSecret(b"secret")
    to = (LOOPBACK, free_port())
    line = board._line(to)
    line.waiting.update(dict.fromkeys(range(IDENTIFIERS), client._NOBODY))

    reply = ask(board, to, secret, 0.05)

    assert (reply.result, reply.sent) == (Result.SILENT, 0)
    assert "too many" in reply.words
    line.waiting.clear()
