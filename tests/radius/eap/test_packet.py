import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.packet import (
    BadEap,
    EapCode,
    EapPacket,
    EapType,
    decode_response,
    encode_end,
    encode_request,
    type_name,
)


def test_a_response_decodes_to_its_type_and_data():
    packet = decode_response(b"\x02\x07\x00\x08\x01kim" + b"padding")

    assert packet == EapPacket(EapCode.RESPONSE, 7, EapType.IDENTITY, b"kim")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x02\x07\x00\x04",
        b"\x01\x07\x00\x05\x01",
        b"\x02\x07\x00\x04\x01",
        b"\x02\x07\x00\x06\x01",
        b"\x03\x07\x00\x05\x01",
    ],
)
def test_what_is_not_a_response_is_refused(octets):
    with pytest.raises(BadEap):
        decode_response(octets)


@given(st.binary(max_size=40))
def test_arbitrary_octets_raise_nothing_but_bad_eap(octets):
    try:
        assert decode_response(octets).code is EapCode.RESPONSE
    except BadEap:
        return


def test_requests_and_ends_have_their_octets():
    assert encode_request(9, EapType.TTLS, b"\x20") == b"\x01\x09\x00\x06\x15\x20"
    assert encode_end(EapCode.FAILURE, 9) == b"\x04\x09\x00\x04"


def test_a_type_has_a_name_or_a_number():
    assert (type_name(25), type_name(99)) == ("PEAP", "type 99")
