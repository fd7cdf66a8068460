"""The NAS stand-in judges Disconnect and CoA requests as a device would."""

import hashlib
import socket

import pytest
from pyrad.packet import CoAPacket, DisconnectACK, DisconnectRequest

from tests.peers.nas import Behaviour, Nas, load_dictionary
from tests.peers.ports import LOOPBACK
from tests.peers.radclient import Kind, Server, ask
from tests.peers.waiting import NotInTime

pytestmark = pytest.mark.peer("radclient")


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        (Behaviour.ACK, Kind.DISCONNECT, "Disconnect-ACK"),
        (Behaviour.NAK, Kind.DISCONNECT, "Disconnect-NAK"),
        (Behaviour.ACK, Kind.COA, "CoA-ACK"),
        (Behaviour.NAK, Kind.COA, "CoA-NAK"),
    ],
)
def test_it_answers_as_it_was_told_and_remembers(behaviour, kind, code):
    with Nas(behaviour=behaviour) as nas:
        reply = ask(Server(nas.port, nas.secret), {"User-Name": "홍길동", "Acct-Session-Id": "a1"}, kind)

        assert reply.code == code
        assert reply.get("Error-Cause") == (
            None if behaviour is Behaviour.ACK else "Session-Context-Not-Found"
        )
        [request] = nas.wait_for(1)
        assert request.valid
        assert (request.is_disconnect, request.is_coa) == (kind is Kind.DISCONNECT, kind is Kind.COA)
        assert (request.get("User-Name"), request.get("Acct-Session-Id")) == ("홍길동", "a1")


def test_a_silent_one_remembers_too():
    with Nas(behaviour=Behaviour.SILENCE) as nas:
        assert ask(Server(nas.port, nas.secret), {"User-Name": "x"}, Kind.DISCONNECT, timeout_s=0.2) is None
        assert nas.wait_for(1)[0].valid


def test_a_wrong_secret_gets_silence_and_is_remembered_as_invalid(nas):
    assert ask(Server(nas.port, "wrong"), {"User-Name": "x"}, Kind.DISCONNECT, timeout_s=0.2) is None
    assert not nas.wait_for(1)[0].valid


def disconnect(nas):
    return CoAPacket(
        code=DisconnectRequest,
        id=1,
        secret=nas.secret.encode(),
        dict=load_dictionary(),
        message_authenticator=True,
    )


def test_a_wrong_message_authenticator_gets_silence(nas):
    wrong = bytearray(disconnect(nas).RequestPacket())
    wrong[-1] ^= 1
    # The authenticator of the packet itself is made right again.
    wrong[4:20] = hashlib.md5(wrong[:4] + bytes(16) + wrong[20:] + nas.secret.encode()).digest()

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(wrong, (LOOPBACK, nas.port))

        assert not nas.wait_for(1)[0].valid


def test_a_right_message_authenticator_is_answered(nas):
    request = disconnect(nas)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(20)
        sender.sendto(request.RequestPacket(), (LOOPBACK, nas.port))
        reply = request.CreateReply(packet=sender.recv(4096))

    assert request.VerifyReply(reply) and reply.code == DisconnectACK
    assert nas.requests[0].valid and nas.requests[0].get("Message-Authenticator")


def test_garbage_is_remembered_and_not_answered(nas):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"\x28\x01", (LOOPBACK, nas.port))

        assert not nas.wait_for(1)[0].valid


def test_waiting_for_a_request_that_does_not_come_ends(nas):
    with pytest.raises(NotInTime, match="1 requests to the NAS"):
        nas.wait_for(1, deadline_s=0.05)
