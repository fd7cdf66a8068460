"""An EAP conversation inside a tunnel, both ends in memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.gtc import Gtc
from radius.eap.inner import Inner
from radius.eap.method import Done, Failed, NeedsMschap, NeedsPassword, Opening, Verdict
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.session import Challenge
from radius.mschap import key_of, nt_hash
from radius.questions import Failure, Method
from tests.radius.eap.peer import GTC, MSCHAPV2, Peer, response

MAKERS = {EapType.MSCHAPV2: mschapv2(bytes), EapType.GTC: Gtc}
OPENING = Opening(1024)
NAMES = {EapType.MSCHAPV2: Method.PEAP_MSCHAPV2, EapType.GTC: Method.PEAP_GTC}
RIGHT = Verdict(True, key_of(nt_hash("correct horse")))


def claim_of(peer, inner, step):
    """Return the first step that is no Challenge."""
    for _ in range(9):
        if not isinstance(step, Challenge):
            return step
        step = inner.receive(peer.answer(step.eap))
    raise AssertionError("no end to it")


def test_a_peer_is_asked_who_it_is_and_proves_it():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(MSCHAPV2)

    claim = claim_of(peer, inner, inner.ask_identity())
    end = claim_of(peer, inner, inner.verdict(RIGHT))

    assert isinstance(claim, NeedsMschap)
    assert end == Done("kim", peer.keys)
    assert inner.method is Method.PEAP_MSCHAPV2


def test_a_peer_may_begin_by_saying_who_it_is():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(MSCHAPV2)

    claim = claim_of(peer, inner, inner.receive(response(200, 1, b"kim")))

    assert isinstance(claim, NeedsMschap)


def test_a_peer_that_would_rather_be_asked_gets_what_it_names():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(GTC)

    claim = claim_of(peer, inner, inner.ask_identity())

    assert claim == NeedsPassword("kim", "correct horse")
    assert inner.verdict(Verdict(True)) == Done("kim", b"")
    assert inner.method is Method.PEAP_GTC


def test_where_a_code_is_wanted_the_method_that_can_carry_one_is_proposed_first():
    for wants_code, kind in ((False, MSCHAPV2), (True, GTC)):
        inner, peer = Inner(MAKERS, Opening(1024, wants_code=wants_code), NAMES), Peer()

        proposed = inner.receive(peer.answer(inner.ask_identity().eap))

        assert proposed.eap[4] == kind


def test_what_could_not_be_accepted_is_not_offered():
    opening = Opening(1024, inside=frozenset((Method.PEAP_GTC, Method.EAP_TTLS_EAP_MSCHAPV2)))
    inner, peer = Inner(MAKERS, opening, NAMES), Peer(MSCHAPV2)

    end = claim_of(peer, inner, inner.ask_identity())

    assert end == Failed(Failure.NO_COMMON_METHOD, "we offer GTC; the device wants MSCHAPV2")


def test_a_peer_that_wants_what_is_not_offered_inside_fails():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(wants=4)

    assert claim_of(peer, inner, inner.ask_identity()).reason is Failure.NO_COMMON_METHOD


def test_the_code_is_asked_for_where_the_method_can():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(GTC, code="123456")
    claim_of(peer, inner, inner.ask_identity())
    assert inner.prompts

    assert claim_of(peer, inner, inner.prompt("Code?")) == NeedsPassword("kim", "123456")

    assert peer.heard[-1] == b"Code?"


def test_mschapv2_has_no_room_for_a_prompt():
    inner, peer = Inner(MAKERS, OPENING, NAMES), Peer(MSCHAPV2)
    claim_of(peer, inner, inner.ask_identity())

    assert not inner.prompts


@pytest.mark.parametrize("identifier", [0, 2, 255])
def test_nothing_is_repeated_or_lost_in_a_tunnel_so_another_identifier_is_a_fault(identifier):
    inner = Inner(MAKERS, OPENING, NAMES)
    inner.ask_identity()

    assert inner.receive(response(identifier, 1, b"kim")).reason is Failure.BAD_EAP


def test_a_response_without_its_header_counts_by_the_identifier_outside():
    inner = Inner(MAKERS, OPENING, NAMES)
    inner.ask_identity()

    proposed = inner.receive_bare(b"\x01kim", 200)

    assert proposed.eap[1] == 201
    # EAP-MSCHAPv2 repeats it inside of its own Challenge.
    assert proposed.eap[4:7] == bytes((MSCHAPV2, 1, 201))


def test_what_is_sent_inside_leaves_room_for_the_tunnel():
    opened = []
    inner = Inner({EapType.GTC: lambda opening: opened.append(opening) or Gtc(opening)}, OPENING, NAMES)

    inner.receive(response(7, 1, b"kim"))

    assert opened == [Opening(944, "kim", 8)]


@given(st.lists(st.tuples(st.sampled_from((1, 3, 6, 26, 33)), st.binary(max_size=80)), max_size=6))
def test_no_octets_raise_anything(said):
    inner = Inner(MAKERS, OPENING, NAMES)
    step = inner.ask_identity()
    for kind, data in said:
        step = inner.receive(response(step.eap[1], kind, data))
        if isinstance(step, NeedsMschap | NeedsPassword):
            step = inner.verdict(RIGHT)
        if not isinstance(step, Challenge):
            assert isinstance(step, Done | Failed)
            break
