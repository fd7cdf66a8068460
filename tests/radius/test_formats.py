import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.attributes import Attribute, encode_attribute
from radius.errors import TooLong
from radius.formats import VENDOR_FORMATS, VendorFormat, extended, fold, parts, unfold
from radius.packet import decode

USR, LUCENT, WIMAX, STARENT = 429, 4846, 24757, 8164
AUTHENTICATOR = bytes(16)


def read(*wire: str, formats=VENDOR_FORMATS):
    """Return the attributes of an Accounting-Request with these octets, given in hexadecimal."""
    body = b"".join(map(bytes.fromhex, wire))
    head = b"\4\1" + (20 + len(body)).to_bytes(2, "big")
    return list(decode(head + AUTHENTICATOR + body, formats).attributes)


# Octets as they travel, and what they stand for.
GOLDEN = [
    ("f1 07 01 00000001", Attribute(extended(241, 1), b"\0\0\0\1")),
    ("f1 04 01 78", Attribute(extended(241, 1), b"x")),
    ("f1 0b 1a 00000009 07 616263", Attribute(extended(241, 26, 7), b"abc", 9)),
    ("f5 05 01 00 78", Attribute(extended(245, 1), b"x")),
    ("f5 0c 1a 00 00002b36 02 616263", Attribute(extended(245, 26, 2), b"abc", 11062)),
    ("1a 0e 000001ad 00009896 00000005", Attribute(0x9896, b"\0\0\0\5", USR)),
    ("1a 0c 000012ee 0102 06 616263", Attribute(0x102, b"abc", LUCENT)),
    ("1a 0d 00001fe4 0102 0007 616263", Attribute(0x102, b"abc", STARENT)),
    ("1a 0c 000060b5 01 06 00 616263", Attribute(1, b"abc", WIMAX)),
]


@pytest.mark.parametrize(("wire", "attribute"), GOLDEN)
def test_a_format_other_than_the_plain_one_is_read_and_written(wire, attribute):
    assert read(wire) == [attribute]
    assert encode_attribute(attribute) == bytes.fromhex(wire)


def test_a_vendor_specific_may_hold_several_attributes_of_an_odd_format():
    assert read("1a 0f 000012ee 0001 04 61 0002 05 6263") == [
        Attribute(1, b"a", LUCENT),
        Attribute(2, b"bc", LUCENT),
    ]


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(extended(245, 1), bytes(range(256)) * 4),
        Attribute(extended(246, 26, 9), bytes(range(256)) * 4, 11062),
        Attribute(7, bytes(range(256)) * 3, WIMAX),
    ],
)
def test_a_long_value_is_cut_into_fragments_and_joined_again(attribute):
    pieces = fold(*attribute)

    assert len(pieces) > 3
    assert all(len(piece.value) == 253 for piece in pieces[:-1])
    assert list(unfold(pieces)) == [attribute]


FIRST, SECOND, LAST = fold(extended(245, 1), bytes(600), 0)
# What nobody can tell from a whole value: its end, where its beginning was lost.
ENDING = Attribute(extended(245, 1), bytes(600 - 251))
OTHER = Attribute(245, b"\x02\x00x")
SHORT = Attribute(245, b"\x01\x80x")
BROKEN = {
    "the last one is missing": ([FIRST, SECOND], [FIRST, SECOND]),
    "another attribute in between": (
        [FIRST, Attribute(1, b"kim"), SECOND, LAST],
        [FIRST, Attribute(1, b"kim"), ENDING],
    ),
    "another extended one in between": (
        [FIRST, OTHER, SECOND, LAST],
        [FIRST, Attribute(extended(245, 2), b"x"), ENDING],
    ),
    "more announced by a short one": ([SHORT, FIRST], [SHORT, FIRST]),
}
ALONE = {
    "reserved flags": Attribute(245, b"\x01\x01x"),
    "no flags": Attribute(245, b"\x01"),
    "long type 0": Attribute(245, b"\x00\x00x"),
    "type 0": Attribute(241, b"\x00x"),
    "no type": Attribute(241, b""),
    "a vendor cut short": Attribute(241, b"\x1a\0\0\0"),
    "vendor 0": Attribute(241, b"\x1a\0\0\0\0\x01root"),
    "a vendor's type 0": Attribute(241, b"\x1a\0\0\0\x09\0root"),
    "a long vendor 0": Attribute(245, b"\x1a\0\0\0\0\0\x01root"),
    "a short length of Lucent's": Attribute(26, b"\0\0\x12\xee\0\1\2"),
    "a long length of Lucent's": Attribute(26, b"\0\0\x12\xee\0\1\5a"),
    "no type of USR's": Attribute(26, b"\0\0\1\xad\0"),
    "reserved flags of WiMAX": Attribute(26, b"\0\0\x60\xb5\1\4\1a"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_fragments_that_do_not_belong_together_keep_their_octets_and_place(name):
    raw, expected = BROKEN[name]

    assert list(unfold(raw)) == expected


@pytest.mark.parametrize("name", ALONE)
def test_what_breaks_the_rules_keeps_its_octets(name):
    assert list(unfold([ALONE[name]])) == [ALONE[name]]


def test_a_dangling_fragment_of_one_vendor_does_not_hide_the_attribute_of_another():
    dangling = fold(7, bytes(300), WIMAX)[0]
    lucent = fold(1, b"a", LUCENT)[0]

    assert list(unfold([dangling, lucent])) == [dangling, Attribute(1, b"a", LUCENT)]


def test_an_operator_may_tell_of_another_vendor_s_format():
    wire = "1a 0c 00001092 0102 06 616263"

    assert read(wire)[0].type == 26
    assert read(wire, formats={4242: VendorFormat(2, 1)}) == [Attribute(0x102, b"abc", 4242)]


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(extended(241, 1), bytes(253)),
        Attribute(1, bytes(247), USR),
        Attribute(1 << 16, b"", LUCENT),
        Attribute(1, bytes(248), 9),
    ],
)
def test_what_has_no_room_is_refused(attribute):
    with pytest.raises(TooLong):
        encode_attribute(attribute)


def test_the_numbers_of_an_extended_type_can_be_had_back():
    assert parts(extended(241, 5)) == (241, 5)
    assert parts(extended(245, 26, 7)) == (245, 26, 7)
    assert parts(0xFFFFFFFF) == (0xFFFFFFFF,)


@given(st.lists(st.tuples(st.sampled_from([26, 241, 245, 246, 1]), st.binary(max_size=20)), max_size=6))
def test_no_octets_of_theirs_are_lost(pairs):
    raw = [Attribute(kind, value) for kind, value in pairs]

    written = [piece for each in unfold(raw) for piece in _rewritten(each)]

    assert b"".join(piece.value for piece in written) == b"".join(each.value for each in raw)


def _rewritten(attribute):
    plain = attribute.type < 256 and attribute.vendor not in VENDOR_FORMATS
    return [attribute] if plain else fold(*attribute)
