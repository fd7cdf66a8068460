"""CHAP and MSCHAPv2 as a real client makes them and reads their answers."""

import pytest

from radius.limits import Limits
from radius.mschap import authenticator_response, session_keys
from tests.peers.radclient import ask
from tests.radius.office import KEY, MAC, PASSWORD, mschap_exchange
from tests.radius.running import running

pytestmark = pytest.mark.peer("radclient")

CHALLENGE = bytes(range(50, 66))
KIM = {"User-Name": "kim", "Calling-Station-Id": MAC}


@pytest.fixture(scope="module")
def server():
    with running(limits=Limits(reject_delay_s=0)) as served:
        yield served.auth


@pytest.mark.parametrize("challenge", [{}, {"CHAP-Challenge": CHALLENGE}])
def test_a_right_password_by_chap_is_accepted(server, challenge):
    assert ask(server, KIM | challenge | {"CHAP-Password": PASSWORD}).code == "Access-Accept"


def test_a_wrong_password_by_chap_is_refused(server):
    assert ask(server, KIM | {"CHAP-Password": "wrong"}).code == "Access-Reject"


def by_mschap(password):
    made = mschap_exchange(CHALLENGE, password=password)
    response = b"\x07\0" + made.peer_challenge + bytes(8) + made.response
    return KIM | {"MS-CHAP-Challenge": CHALLENGE, "MS-CHAP2-Response": response}


def test_a_right_password_by_mschapv2_is_accepted_with_keys_that_the_client_can_read(server):
    reply = ask(server, by_mschap(PASSWORD))

    made = mschap_exchange(CHALLENGE)
    keys = session_keys(made, KEY)
    assert reply.code == "Access-Accept"
    proof = b"\x07" + authenticator_response(made, KEY).encode()
    assert reply.get("MS-CHAP2-Success") == "0x" + proof.hex()
    assert reply.get("MS-MPPE-Recv-Key") == "0x" + keys[:16].hex()
    assert reply.get("MS-MPPE-Send-Key") == "0x" + keys[16:].hex()
    assert reply.get("MS-MPPE-Encryption-Policy") == "Encryption-Allowed"
    assert reply.get("MS-MPPE-Encryption-Types") == "4"


def test_a_wrong_password_by_mschapv2_is_refused_in_its_own_words(server):
    reply = ask(server, by_mschap("wrong"))

    assert reply.code == "Access-Reject"
    assert "E=691 R=0" in reply.get("MS-CHAP-Error")
    assert reply.get("MS-MPPE-Recv-Key") is None


def test_the_first_version_of_ms_chap_is_refused(server):
    assert ask(server, KIM | {"MS-CHAP-Password": PASSWORD}).code == "Access-Reject"
