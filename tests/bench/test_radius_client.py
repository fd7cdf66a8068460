"""The client of the benchmark counts only what is truly accepted."""

import pytest

from tests.bench import radius_client
from tests.bench.machine import cpu_s
from tests.bench.radius_client import BadReply, Credential, offer, offer_at, offer_for, prepare
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.ports import free_port

pytestmark = pytest.mark.peer("freeradius")

KIM = Credential("minjun.kim", "right-password")
LEE = Credential("seoyeon.lee", "a password of more than sixteen octets")


@pytest.fixture(scope="module")
def oracle():
    with FreeRadius([FileUser(each.name, each.password) for each in (KIM, LEE)]) as server:
        yield server


def requests(oracle, credential=KIM, secret=None, count=3000):
    return prepare([credential], (secret or oracle.secret).encode(), count, seed=1)


def test_every_request_is_accepted_once_and_costs_the_server_something(oracle):
    before = cpu_s([oracle.pid])

    assert offer(oracle.port, requests(oracle)) > 0

    assert cpu_s([oracle.pid]) > before


def test_no_two_requests_are_alike(oracle):
    assert len(set(requests(oracle).packets)) == 3000


def test_a_refusal_is_no_figure(oracle):
    with pytest.raises(BadReply, match="3000 right passwords were answered with code 3"):
        offer(oracle.port, requests(oracle, Credential(KIM.name, "wrong")))


def test_silence_is_no_figure(oracle, monkeypatch):
    monkeypatch.setattr(radius_client, "SILENCE_S", 0.1)

    with pytest.raises(BadReply, match="were not answered"):
        offer(oracle.port, requests(oracle, secret="another secret", count=4))


def test_a_port_without_a_server_is_no_figure(oracle, monkeypatch):
    monkeypatch.setattr(radius_client, "SILENCE_S", 0.1)

    with pytest.raises((BadReply, ConnectionRefusedError)):
        offer(free_port(), requests(oracle, count=4))


def test_a_long_password_is_hidden_whole(oracle):
    assert offer(oracle.port, requests(oracle, LEE, count=32)) > 0


def test_refusals_are_counted_apart_from_what_was_accepted(oracle):
    tally = offer_for(oracle.port, requests(oracle, Credential(KIM.name, "wrong"), count=50), 60.0)

    assert (len(tally.latencies_s), tally.refused) == (0, 50)


def test_no_login_is_begun_when_the_time_is_over(oracle):
    assert offer_for(oracle.port, requests(oracle), 0.0).latencies_s == []


def test_logins_are_offered_at_the_rate_asked_for(oracle):
    tally = offer_at(oracle.port, requests(oracle, count=100), rate=500.0)

    assert len(tally.latencies_s) == 100
    assert tally.took_s >= 99 / 500.0


def test_a_login_that_gets_no_answer_is_counted(oracle, monkeypatch):
    monkeypatch.setattr(radius_client, "SILENCE_S", 0.1)

    tally = offer_at(oracle.port, requests(oracle, secret="another secret", count=4), rate=500.0)

    assert (tally.unanswered, tally.latencies_s) == (4, [])
