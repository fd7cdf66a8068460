"""radclient and eapol_test, shown to work against FreeRADIUS, and FreeRADIUS by them."""

import pytest

from tests.peers.certificates import create_authority
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.ports import free_port
from tests.peers.radclient import Kind, Server, ask

pytestmark = [pytest.mark.peer("freeradius"), pytest.mark.peer("radclient")]

VLAN = {"Tunnel-Type": "VLAN", "Tunnel-Medium-Type": "IEEE-802", "Tunnel-Private-Group-Id": '"31"'}
HONG = FileUser("홍길동", '비"밀\\번호', VLAN | {"Reply-Message": r'"\"어서\" 오세요"', "Class": "0x00ff"})
KIM = FileUser("minjun.kim", "secret", VLAN | {"Session-Timeout": "3600"})


@pytest.fixture(scope="module")
def oracle():
    with FreeRadius([HONG, KIM], eap=True) as server:
        yield server


@pytest.fixture
def server(oracle):
    return Server(oracle.port, oracle.secret)


def test_an_accept_comes_with_its_attributes(server):
    reply = ask(server, {"User-Name": "minjun.kim", "User-Password": "secret", "NAS-Port": 3})

    assert reply.code == "Access-Accept"
    assert reply.get("Tunnel-Private-Group-Id") == "31"
    assert reply.get("Session-Timeout") == "3600"
    assert reply.get("Class") is None


def test_korean_and_quotes_go_through_unharmed(server):
    reply = ask(server, {"User-Name": HONG.name, "User-Password": HONG.password})

    assert (reply.code, reply.get("Reply-Message")) == ("Access-Accept", '"어서" 오세요')
    assert reply.all("Class") == ["0x00ff"]


def test_a_wrong_password_is_rejected(server):
    reply = ask(server, {"User-Name": "minjun.kim", "User-Password": "wrong"})

    assert reply.code == "Access-Reject"


def test_status_server_is_answered(server):
    assert ask(server, {}, Kind.STATUS).code == "Access-Accept"


def test_an_unknown_nas_and_a_wrong_secret_hear_nothing(oracle):
    attributes = {"User-Name": "minjun.kim", "User-Password": "secret"}

    assert ask(Server(oracle.port, oracle.secret, source="127.0.0.2"), attributes, timeout_s=0.3) is None
    assert ask(Server(oracle.port, "not the secret"), attributes, timeout_s=0.3) is None


def test_what_radclient_does_not_understand_is_an_error_and_no_silence(server):
    with pytest.raises(ValueError, match="NAS-Prot"):
        ask(server, {"NAS-Prot": 1})
    with pytest.raises(ValueError, match="Nonsense"):
        ask(server, {"NAS-Port-Type": "Nonsense"})


@pytest.mark.peer("eapol_test")
def test_a_laptop_logs_in_and_its_keys_match(oracle, server):
    login = log_in(server, Laptop("minjun.kim", "secret", oracle.authority), attributes={30: "s:office"})

    assert login.success and login.keys_match
    assert (login.code, login.vlan, login.session_timeout_s) == ("Access-Accept", "31", 3600)
    assert login.round_trips > 3


@pytest.mark.peer("eapol_test")
def test_a_laptop_with_a_wrong_password_is_rejected(oracle, server):
    login = log_in(server, Laptop("minjun.kim", "wrong", oracle.authority))

    assert not login.success and not login.keys_match
    assert login.code == "Access-Reject"


@pytest.mark.peer("eapol_test")
def test_a_laptop_does_not_log_in_to_a_server_of_another_authority(tmp_path, server):
    login = log_in(server, Laptop("minjun.kim", "secret", create_authority(tmp_path).path))

    assert not login.success
    assert "Certificate verification failed" in login.log


@pytest.mark.peer("eapol_test")
def test_a_laptop_that_hears_nothing_has_no_code(oracle):
    login = log_in(
        Server(free_port(), "secret"), Laptop("minjun.kim", "secret", oracle.authority), timeout_s=1
    )

    assert (login.success, login.code) == (False, "")
