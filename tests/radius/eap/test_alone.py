"""The methods without a tunnel, both ends in memory, through the whole server."""

import os
import random
from collections import Counter

import pytest

from radius.attributes import AttributeType
from radius.eap.gtc import Gtc
from radius.eap.md5 import md5
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.hidden import MICROSOFT
from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Failure, Method
from tests.radius.eap.peer import GTC, MD5, MSCHAPV2, SPEAKS, Peer
from tests.radius.eap.supplicant import Wireless
from tests.radius.fuzz import MadNas, MadPeer
from tests.radius.office import Asker, Office

METHODS = {EapType.MSCHAPV2: mschapv2(os.urandom), EapType.GTC: Gtc, EapType.MD5_CHALLENGE: md5(os.urandom)}
NAMES = {MSCHAPV2: Method.EAP_MSCHAPV2, GTC: Method.EAP_GTC, MD5: Method.EAP_MD5}
ALL = tuple(METHODS)


class Wired(Wireless):
    """A switch with a peer behind it that needs no tunnel."""

    def __init__(self, peer, eap_methods=ALL, **nas):
        office = Office(METHODS, {"eap_methods": eap_methods} | nas)
        super().__init__(office, Asker(), peer, peer.identity)

    def answer(self, request):
        return self.supplicant.answer(request)


def report_of(switch):
    return switch.office.application.asked[-1]


@pytest.mark.parametrize("wants", SPEAKS)
def test_a_right_password_is_accepted(wants):
    switch = Wired(Peer(wants))

    reply = switch.log_in()

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x03"
    assert reply.first(AttributeType.USER_NAME) == b"kim"
    assert report_of(switch).method is NAMES[wants]


def test_mschapv2_gives_the_nas_the_keys_of_the_peer():
    switch = Wired(Peer(MSCHAPV2))
    switch.log_in()

    assert switch.supplicant.believes
    assert switch.msk() == switch.supplicant.keys
    assert len(switch.msk()) == 32


@pytest.mark.parametrize("wants", [GTC, MD5])
def test_the_others_make_no_keys_and_the_nas_is_given_none(wants):
    reply = Wired(Peer(wants)).log_in()

    assert [reply.first(kind, MICROSOFT) for kind in (16, 17)] == [None, None]


@pytest.mark.parametrize("wants", SPEAKS)
def test_a_wrong_password_is_rejected_without_a_reply_message(wants):
    switch = Wired(Peer(wants, password="wrong"))

    reply = switch.log_in()

    assert reply.code is Code.ACCESS_REJECT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x04"
    assert reply.all(AttributeType.REPLY_MESSAGE) == []
    assert switch.office.records == ["password"]


def test_a_peer_that_does_not_believe_our_proof_does_not_get_in():
    switch = Wired(Peer(MSCHAPV2))
    plain = switch.answer
    switch.answer = lambda request: (
        plain(request)[:5] + b"\x04" if request[4:6] == b"\x1a\x03" else plain(request)
    )

    assert switch.log_in().code is Code.ACCESS_REJECT
    assert report_of(switch).reason is Failure.BAD_EAP


def test_what_tells_a_refusal_inside_eap_leaves_no_sooner_than_a_reject():
    right, wrong = Wired(Peer(MSCHAPV2)), Wired(Peer(MSCHAPV2, password="wrong"))
    for switch in (right, wrong):
        assert switch.log_in(steps=2).code is Code.ACCESS_CHALLENGE

    assert right.office.sent[-1].not_before == 0
    assert wrong.office.sent[-1].not_before == wrong.office.now + 1.0


def test_a_wrong_password_is_recorded_with_what_tells_of_it_whether_anybody_acknowledges_it():
    switch = Wired(Peer(MSCHAPV2, password="wrong"))
    assert switch.log_in(steps=2).code is Code.ACCESS_CHALLENGE
    assert switch.office.records == ["password"]

    switch.office.now += 60
    switch.office.expire()

    assert switch.office.records == ["password"]


@pytest.mark.parametrize("wants", SPEAKS)
def test_a_method_that_the_nas_may_not_use_is_not_given_to_who_asks_for_it(wants):
    allowed = tuple(kind for kind in ALL if kind != wants)
    switch = Wired(Peer(wants), allowed)

    assert switch.log_in().code is Code.ACCESS_REJECT
    assert report_of(switch).reason is Failure.NO_COMMON_METHOD


def test_gtc_asks_for_the_code_in_a_second_round():
    switch = Wired(Peer(GTC, code="123456"), code=CodeMode.CHALLENGE)

    assert switch.log_in().code is Code.ACCESS_ACCEPT

    assert switch.supplicant.heard[-2:] == [b"Password: ", b"Code?"]
    assert switch.office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


@pytest.mark.parametrize("wants", [MSCHAPV2, MD5])
@pytest.mark.parametrize("code", [CodeMode.CHALLENGE, CodeMode.APPENDED])
def test_the_others_have_no_room_for_a_code(wants, code):
    switch = Wired(Peer(wants), code=code)

    assert switch.log_in().code is Code.ACCESS_REJECT

    assert switch.office.application.kinds == ["Report"]
    assert report_of(switch).reason is Failure.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("wants", SPEAKS)
def test_every_request_sent_again_is_answered_by_the_same_reply(wants):
    switch = Wired(Peer(wants))
    plain = switch.send

    def twice(eap, state, *more):
        reply = plain(eap, state, *more)
        [again] = switch.office.receive(switch.last_request)
        assert again.data == switch.office.sent[-2].data
        return reply

    switch.send = twice

    assert switch.log_in().code is Code.ACCESS_ACCEPT
    assert len(switch.office.application.asked) == 2


@pytest.mark.parametrize("code", CodeMode)
def test_a_nas_that_has_lost_its_mind_crashes_nothing(code):
    nas = MadNas(2548, METHODS, code=code, eap_methods=ALL)

    for _ in range(500):
        nas.step()

    assert nas.office.counters.rejects > 20
    assert nas.office.counters.challenges > 20


def test_a_device_that_has_lost_its_mind_crashes_nothing():
    rng = random.Random(3079)
    codes = Counter()

    for _ in range(250):
        peer = MadPeer(rng)
        peer.identity = "kim"
        codes[Wired(peer, code=rng.choice(list(CodeMode))).log_in().code] += 1

    assert codes[Code.ACCESS_REJECT] > codes[Code.ACCESS_ACCEPT] > 0
