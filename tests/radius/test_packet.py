import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType
from radius.errors import TooLong
from radius.packet import BadPacket, Code, Packet, decode, encode
from tests.radius.fuzz import datagram
from tests.radius.strategies import PACKETS

# RFC 2865 section 7.1
TELNET_REQUEST = bytes.fromhex(
    "010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee"
    "0406c0a80110050600000003"
)
AUTHENTICATOR = bytes(range(16))
CISCO = (9).to_bytes(4, "big")


def packet_of(*attributes: bytes, code: int = 1) -> bytes:
    body = b"".join(attributes)
    return bytes((code, 7)) + (20 + len(body)).to_bytes(2, "big") + AUTHENTICATOR + body


def attribute(kind: int, value: bytes = b"") -> bytes:
    return bytes((kind, len(value) + 2)) + value


def test_the_example_of_rfc_2865_decodes_to_its_attributes():
    packet = decode(TELNET_REQUEST)

    assert packet.code is Code.ACCESS_REQUEST
    assert packet.identifier == 0
    assert packet.authenticator.hex() == "0f403f9473978057bd83d5cb98f4227a"
    assert [a.type for a in packet.attributes] == [1, 2, 4, 5]
    assert packet.first(AttributeType.USER_NAME) == b"nemo"
    assert encode(packet) == TELNET_REQUEST


def test_the_first_of_several_values_counts_and_a_vendor_s_is_not_the_ietf_s():
    packet = decode(
        packet_of(
            attribute(26, CISCO + attribute(1, b"pair")),
            attribute(1, b"kim"),
            attribute(1, b"lee"),
            attribute(26, CISCO + attribute(1, b"another")),
        )
    )

    assert packet.first(1) == b"kim"
    assert packet.values == {1: b"kim"}
    assert packet.all(1) == [b"kim", b"lee"]
    assert packet.first(1, vendor=9) == b"pair"
    assert packet.first(2) is packet.first(2, vendor=9) is None


@given(PACKETS)
def test_every_packet_survives_its_octets(packet):
    assert decode(encode(packet)) == packet


@given(st.binary(max_size=200))
def test_arbitrary_octets_raise_nothing_but_bad_packet(data):
    for octets in (data, bytes((1, 1, 0, 20 + len(data))) + bytes(16) + data):
        with contextlib.suppress(BadPacket):
            decode(octets)


@given(PACKETS, st.integers(0, 4095), st.integers(0, 255))
def test_one_changed_octet_raises_nothing_but_bad_packet(packet, at, octet):
    data = bytearray(encode(packet))
    data[at % len(data)] = octet
    with contextlib.suppress(BadPacket):
        decode(bytes(data))


def test_octets_after_the_length_are_padding():
    assert decode(TELNET_REQUEST + b"padding") == decode(TELNET_REQUEST)
    assert decode(TELNET_REQUEST + b"padding").wire == TELNET_REQUEST


def test_vendor_attributes_are_taken_apart_in_order():
    two = (9).to_bytes(4, "big") + attribute(1, b"a") + attribute(2, b"b")

    packet = decode(packet_of(attribute(26, two), attribute(200, b"c")))

    assert packet.attributes == (Attribute(1, b"a", 9), Attribute(2, b"b", 9), Attribute(200, b"c"))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\0\0\0\x09",
        b"\0\0\0\x09\x01",
        b"\0\0\0\x09\x01\x09x",
        b"\0\0\0\x09\x01\x00",
        b"\0\0\0\x09\0\x02",
    ],
)
def test_a_vendor_specific_of_another_format_keeps_its_octets(value):
    assert decode(packet_of(attribute(26, value))).attributes == (Attribute(26, value),)


def test_vendor_zero_cannot_pass_for_a_user_name_of_the_ietf():
    packet = decode(packet_of(attribute(26, bytes(4) + attribute(1, b"root"))))

    assert packet.first(AttributeType.USER_NAME) is None


def test_an_empty_attribute_is_allowed_for_eap_start():
    assert decode(packet_of(attribute(79))).all(AttributeType.EAP_MESSAGE) == [b""]


MALFORMED = {
    "shorter than a header": TELNET_REQUEST[:19],
    "length below the header": bytes((1, 0, 0, 19)) + bytes(16),
    "length beyond the datagram": bytes((1, 0, 0, 21)) + bytes(16),
    "cut short": TELNET_REQUEST[:-1],
    "over 4096 octets": bytes((1, 0, 16, 1)) + bytes(16) + attribute(200, bytes(253)) * 16,
    "unknown code": packet_of(attribute(1, b"bob"), code=99),
    "attribute type 0": packet_of(attribute(0, b"x")),
    "attribute length 0": packet_of(b"\x01\x00"),
    "attribute length 1": packet_of(b"\x01\x01"),
    "attribute overrun": packet_of(b"\x01\x06bob"),
    "half an attribute header": packet_of(attribute(1, b"bob"), b"\x01"),
    "201 attributes": packet_of(attribute(200) * 201),
    "201 attributes of a vendor": packet_of(attribute(26, b"\0\0\0\x09" + attribute(1) * 101) * 2),
    "two Message-Authenticators": packet_of(attribute(80, bytes(16)) * 2),
    "short Message-Authenticator": packet_of(attribute(80, bytes(15))),
    "EAP-Message and User-Password": packet_of(attribute(79, b"x"), attribute(2, bytes(16))),
    "EAP-Message and CHAP-Password": packet_of(attribute(79, b"x"), attribute(3, bytes(17))),
    "EAP-Message and ARAP-Password": packet_of(attribute(79, b"x"), attribute(70, bytes(16))),
    "User-Password and CHAP-Password": packet_of(attribute(2, bytes(16)), attribute(3, bytes(17))),
    "two User-Passwords": packet_of(attribute(2, bytes(16)) * 2),
    "empty User-Password": packet_of(attribute(2)),
    "ragged User-Password": packet_of(attribute(2, bytes(17))),
    "User-Password of 144 octets": packet_of(attribute(2, bytes(144))),
    "two States": packet_of(attribute(24, b"x") * 2),
    "EAP-Messages apart": packet_of(attribute(79, b"x"), attribute(1, b"bob"), attribute(79, b"y")),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_the_rfcs_forbid_is_refused(data):
    with pytest.raises(BadPacket):
        decode(data)


def test_two_hundred_attributes_are_not_too_many():
    assert len(decode(packet_of(attribute(200) * 200)).attributes) == 200


def test_a_value_too_long_is_not_encoded():
    with pytest.raises(TooLong):
        encode(Packet(Code.ACCESS_ACCEPT, 0, AUTHENTICATOR, (Attribute(18, bytes(254)),)))
    with pytest.raises(TooLong):
        encode(Packet(Code.ACCESS_ACCEPT, 0, AUTHENTICATOR, (Attribute(1, bytes(248), 9),)))
    with pytest.raises(TooLong):
        encode(Packet(Code.ACCESS_ACCEPT, 0, AUTHENTICATOR, (Attribute(18, bytes(250)),) * 17))


def test_a_few_thousand_packets_that_nobody_should_send_raise_nothing_but_bad_packet():
    rng = random.Random(2865)
    good = 0
    for _ in range(2000):
        with contextlib.suppress(BadPacket):
            packet = decode(datagram(rng))
            assert decode(encode(packet)) == packet
            good += 1
    assert 20 < good < 1980
