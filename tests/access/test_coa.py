import os
import time
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from access.coa import NasCaller
from access.disconnect import identification
from access.model import Via
from access.registry import NasClient
from tests.access.test_disconnect import SESSION
from tests.peers.nas import Behaviour

CALLER = NasCaller(time.time, os.urandom, deadline_s=0.3)


def end(nas, secret=""):
    client = NasClient(3, 1, "vpn", ip_network(nas.address), (secret or nas.secret, "the old one"), Via.VPN)
    client = replace(client, coa_port=nas.port)
    return CALLER.disconnect(client, ip_address(nas.address), identification(SESSION, "generic"))


def test_a_nas_that_ends_the_session_acknowledges(nas):
    assert end(nas).acknowledged is True
    (request,) = nas.requests
    assert request.is_disconnect
    assert request.valid
    assert request.get("Calling-Station-Id") == "00-00-5E-00-53-01"


def test_a_nas_that_refuses_says_why(nas):
    nas.behaviour = Behaviour.NAK

    said = end(nas)

    assert (said.acknowledged, said.cause, said.words) == (False, 503, "the NAS has no such session")


@pytest.mark.parametrize("secret", ["", "another secret than its own"])
def test_a_nas_that_says_nothing_is_told_with_where_it_was_asked(nas, secret):
    nas.behaviour = Behaviour.SILENCE

    said = end(nas, secret)

    assert said.acknowledged is None
    assert f"port {nas.port}" in said.words
