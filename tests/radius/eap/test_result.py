"""The crypto-binding of PEAP against that of wpa_supplicant 2.10, and what is no binding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.result import (
    BadResult,
    CompoundKeys,
    Result,
    Status,
    binding,
    binding_holds,
    compound_keys,
    read_result,
    result,
    resumed_keys,
)

# Out of the log of a login with MSCHAPv2 inside.
TUNNEL_KEY = bytes.fromhex(
    "853768b5c9a67e396056392367e0329778bdd5f30e31036dca7c86ba95f9f2cb"
    "da7093aabb024cac2308995d90b683e23a6fe1a3b514c6f0e661a133"
)
INNER_KEYS = bytes.fromhex("6fcd0e357384715d47591a48a61f8920fa58157fc4d265326d24cc304689aa2d")
IPMK = bytes.fromhex("09609056119a8e73891f4a99a0383cc1a92e6ea9f4fca0a0b245aad5944b42131e49e836374dd4de")
CMK = bytes.fromhex("09232833dbcde6ec47141843f3a64a2e92411b8d")
NONCE = bytes.fromhex("833fd517f30b13aadda5b5ec92c4d45e5d66d3900a83f768aeeb4fb41c96074f")
ASKED = bytes.fromhex("000c003800000000") + NONCE + bytes.fromhex("c168188c717f91e2e1edffbd02ec508abb4a0fa3")
ANSWERED = (
    bytes.fromhex("000c003800000001") + NONCE + bytes.fromhex("0af0ca89c51aff54db884feee1076b645fea88cf")
)
MSK = bytes.fromhex(
    "51833c72ab7e18f6fa544b7a069f3024fc24cff24434f5e2058c60af7d1fa7e1"
    "52f75ceee3a39038687c077d667bfb736a5aed550775cdd04826f715271099a9"
)
KEYS = CompoundKeys(IPMK, CMK)


def test_the_keys_come_from_the_tunnel_and_from_what_was_proven_inside():
    assert compound_keys(TUNNEL_KEY, INNER_KEYS) == KEYS
    assert KEYS.msk() == MSK


def test_a_method_without_keys_counts_as_zeros_and_of_longer_keys_only_the_beginning():
    assert compound_keys(TUNNEL_KEY, b"") == compound_keys(TUNNEL_KEY, bytes(32))
    assert compound_keys(TUNNEL_KEY, INNER_KEYS + b"more") == KEYS
    assert compound_keys(TUNNEL_KEY, b"") != KEYS


def test_a_resumed_tunnel_has_keys_of_its_own():
    assert resumed_keys(TUNNEL_KEY + b"more") == CompoundKeys(TUNNEL_KEY[:40], TUNNEL_KEY[40:])


def test_our_binding_is_the_one_the_peer_has_accepted():
    assert binding(KEYS, NONCE) == ASKED


def test_the_peers_binding_holds():
    assert binding_holds(KEYS, ANSWERED)


FORGED = {
    "our own, sent back": ASKED,
    "made with other keys": ANSWERED[:-1] + b"\0",
    "with another nonce": ANSWERED[:8] + bytes(32) + ANSWERED[40:],
    "of another version": ANSWERED[:5] + b"\1" + ANSWERED[6:],
}


@pytest.mark.parametrize("tlv", FORGED.values(), ids=FORGED.keys())
def test_a_binding_that_was_made_otherwise_does_not_hold(tlv):
    assert not binding_holds(KEYS, tlv)


def test_a_binding_of_a_request_does_not_hold_even_with_the_right_mac():
    asked = ANSWERED[:7] + b"\0" + ANSWERED[8:]

    assert not binding_holds(KEYS, asked[:-20] + KEYS.mac(asked))


def test_no_binding_holds_under_other_keys():
    assert not binding_holds(compound_keys(TUNNEL_KEY, b""), ANSWERED)


def test_a_result_is_read_with_its_binding():
    assert read_result(result(Status.SUCCESS) + ANSWERED) == Result(Status.SUCCESS, ANSWERED)
    assert read_result(ANSWERED + result(Status.FAILURE)) == Result(Status.FAILURE, ANSWERED)
    assert read_result(result(Status.FAILURE)) == Result(2, b"")


def test_what_says_nothing_has_no_status():
    assert read_result(b"") == Result(0, b"")
    assert read_result(b"\x00\x07\x00\x01x") == Result(0, b"")
    # A binding too short is none.
    assert read_result(b"\x00\x0c\x00\x01x").binding == b""


@pytest.mark.parametrize(
    "data", [b"\x80", b"\x80\x03\x00\x02\x00", b"\x80\x07\x00\x00", b"\x80\x03\x00\x01\x01"]
)
def test_what_is_malformed_or_unknown_and_mandatory_is_refused(data):
    with pytest.raises(BadResult):
        read_result(data)


@given(st.binary(max_size=80))
def test_no_octets_raise_anything_else(data):
    try:
        told = read_result(data)
    except BadResult:
        return
    assert told.binding == b"" or not binding_holds(KEYS, told.binding)


def test_no_key_shows_in_a_repr():
    assert "96" not in repr(KEYS)
