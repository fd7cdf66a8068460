import time
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from access.model import Via
from access.nas.disconnect import Asking, identification
from access.nas.registry import NasClient
from access.radius.coa import NasCaller
from radius.dynauth import Action
from tests.access.nas.test_disconnect import SESSION
from tests.peers.nas import Behaviour


@pytest.fixture
def caller():
    caller = NasCaller(time.time, deadline_s=20.0)
    yield caller
    caller.close()


def hasty(caller):
    """The same, for a NAS that will not answer."""
    return replace(caller, deadline_s=0.3)


def ask(caller, nas, *secrets, last_used=0, action=Action.DISCONNECT, insists=False):
    client = NasClient(3, 1, "vpn", ip_network(nas.address), secrets or (nas.secret,), Via.VPN)
    client = replace(client, coa_port=nas.port)
    named = identification(SESSION, "generic")
    return caller.ask(client, Asking(ip_address(nas.address), last_used, action, named, insists))


@pytest.mark.parametrize("action", Action)
def test_a_nas_that_does_what_it_is_asked_acknowledges(caller, nas, action):
    assert ask(caller, nas, action=action).acknowledged is True
    (request,) = nas.requests
    assert request.is_disconnect is (action is Action.DISCONNECT)
    assert request.valid
    assert request.get("Calling-Station-Id") == "00-00-5E-00-53-01"


def test_a_nas_that_refuses_says_why(caller, nas):
    nas.behaviour = Behaviour.NAK

    said = ask(caller, nas)

    assert (said.acknowledged, said.cause, said.words) == (False, 503, "the NAS has no such session")


@pytest.mark.parametrize("secret", ["", "another secret than its own"])
def test_a_nas_that_says_nothing_is_told_with_where_it_was_asked(caller, nas, secret):
    nas.behaviour = Behaviour.SILENCE

    said = ask(hasty(caller), nas, secret or nas.secret)

    assert said.acknowledged is None
    assert f"port {nas.port}" in said.words


@pytest.mark.parametrize(("last_used", "tries"), [(0, 2), (1, 1), (7, 2)])
def test_while_the_secret_is_changed_the_one_used_last_is_tried_first_and_then_the_others(
    caller, nas, last_used, tries
):
    turns = replace(caller, deadline_s=4.0)
    said = ask(turns, nas, "a new one that the NAS has not been told", nas.secret, last_used=last_used)

    assert said.acknowledged is True
    # What went unanswered may have been repeated.
    assert list(dict.fromkeys(request.valid for request in nas.requests)) == [False, True][2 - tries :]


def test_a_nas_that_was_just_silent_is_not_waited_for_again_until_it_answers(caller, nas):
    nas.behaviour = Behaviour.SILENCE
    ask(hasty(caller), nas)
    # It may be given up before the NAS has looked at it.
    asked = len(nas.wait_for(1))

    said = ask(caller, nas)

    assert said.acknowledged is None
    assert "not asked again" in said.words
    assert said.spared
    assert len(nas.requests) == asked
    caller._silent.clear()
    nas.behaviour = Behaviour.ACK
    assert ask(caller, nas).acknowledged is True
    assert caller._silent == {}


def test_a_nas_that_was_just_silent_is_asked_in_another_way(caller, nas):
    nas.behaviour = Behaviour.SILENCE
    ask(hasty(caller), nas, action=Action.CHANGE)
    nas.behaviour = Behaviour.ACK

    assert ask(caller, nas, insists=True).acknowledged is True
    assert nas.requests[-1].is_disconnect
