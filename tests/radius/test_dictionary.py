import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType
from radius.dictionary import HIDDEN, BadValue, UnknownAttribute
from radius.dictionary_files import BadDictionary, load, read
from radius.formats import extended, fold

NAMES = load()
IPV6 = ip_address("2001:db8::1")

CASES = [
    ("User-Name", "kim", Attribute(1, b"kim"), "kim"),
    ("Reply-Message", "어서 오세요", Attribute(18, "어서 오세요".encode()), "어서 오세요"),
    ("Service-Type", "Call-Check", Attribute(6, b"\0\0\0\x0a"), "Call-Check"),
    ("Service-Type", "10", Attribute(6, b"\0\0\0\x0a"), "Call-Check"),
    ("Session-Timeout", "3600", Attribute(27, b"\0\0\x0e\x10"), "3600"),
    ("Framed-IP-Address", "10.0.0.1", Attribute(8, b"\x0a\0\0\1"), "10.0.0.1"),
    (
        "Framed-IPv6-Address",
        "2001:db8::1",
        Attribute(168, IPV6.packed),
        "2001:db8::1",
    ),
    ("Class", "0x0a0b", Attribute(25, b"\x0a\x0b"), "0x0a0b"),
    ("Event-Timestamp", "1800000000", Attribute(55, b"\x6b\x49\xd2\0"), "1800000000"),
    ("Tunnel-Type", "VLAN", Attribute(64, b"\0\0\0\x0d"), "VLAN"),
    ("Tunnel-Private-Group-Id", "120", Attribute(81, b"120"), "120"),
    ("Cisco-AVPair", "a=b", Attribute(1, b"a=b", 9), "a=b"),
    ("Aruba-User-Vlan", "7", Attribute(2, b"\0\0\0\7", 14823), "7"),
    ("Framed-IPv6-Prefix", "2001:db8::/33", Attribute(97, b"\0\x21\x20\1\x0d\xb8\0"), "2001:db8::/33"),
    ("Framed-Interface-Id", "2:0:5eff:1", Attribute(96, bytes.fromhex("000200005eff0001")), "2:0:5eff:1"),
    ("Frag-Status", "More-Data-Pending", Attribute(extended(241, 1), b"\0\0\0\2"), "More-Data-Pending"),
    ("Egress-VLANID", "822083704", Attribute(56, b"\x31\0\0\x78"), "822083704"),
]


@pytest.mark.parametrize(("name", "written", "attribute", "read"), CASES)
def test_a_name_and_a_value_become_an_attribute_and_back(name, written, attribute, read):
    assert NAMES.attribute(name, written) == attribute
    assert NAMES.describe(attribute) == (name, read)


def test_a_tag_precedes_text_and_replaces_the_first_octet_of_an_integer():
    assert NAMES.attribute("Tunnel-Type", "VLAN", tag=1) == Attribute(64, b"\1\0\0\x0d")
    assert NAMES.attribute("Tunnel-Private-Group-Id", "120", tag=1) == Attribute(81, b"\x01120")
    assert NAMES.describe(Attribute(64, b"\1\0\0\x0d")) == ("Tunnel-Type", "VLAN")
    assert NAMES.describe(Attribute(81, b"\x01120")) == ("Tunnel-Private-Group-Id", "120")


@pytest.mark.parametrize(
    ("name", "value", "tag"),
    [
        ("Session-Timeout", "soon", 0),
        ("Session-Timeout", "4294967296", 0),
        ("Framed-IP-Address", "10.0.0", 0),
        ("Framed-IP-Address", "2001:db8::1", 0),
        ("User-Name", "x" * 254, 0),
        ("Cisco-AVPair", "x" * 248, 0),
        ("User-Name", "kim", 1),
        ("Tunnel-Type", "VLAN", 32),
        ("Tunnel-Type", "16777216", 0),
        ("Framed-IPv6-Prefix", "2001:db8::1/33", 0),
        ("Framed-Interface-Id", "2:0:5eff", 0),
        ("Vendor-Specific", "0x00", 0),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name, value, tag):
    with pytest.raises(BadValue):
        NAMES.attribute(name, value, tag)


def test_a_name_that_nobody_defines_is_refused():
    with pytest.raises(UnknownAttribute, match="Usre-Name"):
        NAMES.attribute("Usre-Name", "kim")


def test_an_attribute_that_nobody_defines_is_shown_by_its_number():
    assert NAMES.describe(Attribute(250, b"\1\2")) == ("Attr-250", "0x0102")
    assert NAMES.describe(Attribute(7, b"\1", 99999)) == ("Attr-26.99999.7", "0x01")
    assert NAMES.describe(Attribute(extended(241, 99), b"\1")) == ("Attr-241.99", "0x01")
    assert NAMES.describe(Attribute(extended(245, 26, 7), b"\1", 9)) == ("Attr-245.26.9.7", "0x01")


def test_a_value_of_a_wrong_size_is_shown_in_hexadecimal():
    assert NAMES.describe(Attribute(8, b"\1\2")) == ("Framed-IP-Address", "0x0102")
    assert NAMES.describe(Attribute(64, b"\1\2")) == ("Tunnel-Type", "0x0102")
    assert NAMES.describe(Attribute(1, b"\xff")) == ("User-Name", "0xff")


def test_a_hidden_value_is_not_shown():
    assert NAMES.describe(Attribute(2, b"x" * 16)) == ("User-Password", HIDDEN)
    assert NAMES.describe(Attribute(17, b"x" * 34, 311)) == ("MS-MPPE-Recv-Key", HIDDEN)


def test_every_type_the_server_uses_has_a_name():
    for kind in AttributeType:
        assert not NAMES.describe(Attribute(kind, b""))[0].startswith("Attr-")
        written = NAMES.describe(Attribute(kind, b""))[0]
        assert written.replace("-", "_").upper() == kind.name


def test_an_operator_s_file_adds_names(tmp_path):
    own = tmp_path / "dictionary.own"
    own.write_text("VENDOR Own 4242\nBEGIN-VENDOR Own\nATTRIBUTE Own-Role 1 string\nEND-VENDOR Own\n")

    names = load([own])

    assert names.attribute("Own-Role", "guest") == Attribute(1, b"guest", 4242)
    assert len(names) == len(NAMES) + 1


def test_a_file_that_is_missing_or_wrong_is_named(tmp_path):
    wrong = tmp_path / "dictionary.wrong"
    wrong.write_text("ATTRIBUTE Own-Role one string\n")

    with pytest.raises(BadDictionary, match=r"dictionary\.wrong"):
        load([wrong])
    with pytest.raises(BadDictionary, match=r"dictionary\.missing"):
        load([tmp_path / "dictionary.missing"])


TYPES = """
VENDOR Own 4242 format=2,1
VENDOR Long 24757 format=1,1,c
VENDOR Free 11344
ATTRIBUTE A-Byte 200 byte
ATTRIBUTE A-Short 201 short
ATTRIBUTE A-Signed 202 signed
ATTRIBUTE A-Long 203 integer64
ATTRIBUTE A-Prefix 204 ipv4prefix
ATTRIBUTE A-Combo 205 combo-ip
ATTRIBUTE A-Mac 206 ether
ATTRIBUTE A-Triple 207 octets[3]
ATTRIBUTE A-Filter 208 string concat
ATTRIBUTE A-Tlv 209 tlv
ATTRIBUTE A-Number 209.1 integer
ATTRIBUTE A-Group 209.2 tlv
ATTRIBUTE A-Text 209.2.7 string
ATTRIBUTE A-Within 3000 string
ATTRIBUTE A-Secret 210 octets encrypt=2
ATTRIBUTE A-Wide 245.9 octets
VALUE A-Byte High 255
VALUE A-Number Many 0x10
BEGIN-VENDOR Own
ATTRIBUTE Own-Role 0x0102 string
END-VENDOR Own
BEGIN-VENDOR Long
ATTRIBUTE Long-Tlv 1 tlv
BEGIN-TLV Long-Tlv
ATTRIBUTE Long-Release 3 string
END-TLV Long-Tlv
END-VENDOR Long
BEGIN-VENDOR Free format=Extended-Vendor-Specific-5
ATTRIBUTE Free-Key 2 octets
END-VENDOR Free
"""


@pytest.fixture
def types(tmp_path):
    file = tmp_path / "dictionary"
    file.write_text(TYPES)
    return read([file])


@pytest.mark.parametrize(
    ("name", "written", "attribute", "shown"),
    [
        ("A-Byte", "High", Attribute(200, b"\xff"), "High"),
        ("A-Byte", "0x10", Attribute(200, b"\x10"), "16"),
        ("A-Short", "258", Attribute(201, b"\1\2"), "258"),
        ("A-Signed", "-2", Attribute(202, b"\xff\xff\xff\xfe"), "-2"),
        ("A-Long", "4294967296", Attribute(203, b"\0\0\0\1\0\0\0\0"), "4294967296"),
        ("A-Prefix", "10.1.0.0/16", Attribute(204, b"\0\x10\x0a\1\0\0"), "10.1.0.0/16"),
        ("A-Combo", "10.1.2.3", Attribute(205, b"\x0a\1\2\3"), "10.1.2.3"),
        ("A-Combo", "2001:db8::1", Attribute(205, IPV6.packed), "2001:db8::1"),
        ("A-Mac", "02:00:5e:00:53:01", Attribute(206, b"\2\0\x5e\0\x53\1"), "02:00:5e:00:53:01"),
        ("A-Triple", "0x010203", Attribute(207, b"\1\2\3"), "0x010203"),
        ("Free-Key", "0x07", Attribute(extended(245, 26, 2), b"\7", 11344), "0x07"),
    ],
)
def test_every_type_is_written_and_read(types, name, written, attribute, shown):
    assert types.attribute(name, written) == attribute
    assert types.describe(attribute) == (name, shown)


def test_a_part_of_a_tlv_travels_within_it(types):
    assert types.attribute("A-Number", "Many") == Attribute(209, b"\1\6\0\0\0\x10")
    assert types.attribute("A-Text", "x") == Attribute(209, b"\2\5\7\3x")
    assert types.attribute("Long-Release", "1.0") == Attribute(1, b"\3\x051.0", 24757)
    both = Attribute(209, b"\1\6\0\0\0\x10\2\5\7\3x\5\3?")
    assert types.describe(both) == ("A-Tlv", "{A-Number = Many, A-Group = {A-Text = x}, 5 = 0x3f}")
    assert types.describe(Attribute(209, b"\1\7\0")) == ("A-Tlv", "0x010700")


def test_an_attribute_of_a_format_that_only_the_file_knows_is_laid_out_and_read(types):
    travels = fold(0x102, b"guest", 4242, types.formats)[0]

    assert types.attribute("Own-Role", "guest") == travels == Attribute(26, b"\0\0\x10\x92\1\2\x08guest")
    assert types.describe(travels) == ("Own-Role", "guest")


def test_a_long_value_is_cut_where_it_may_be(types):
    assert [len(a.value) for a in types.attributes("A-Filter", "x" * 600)] == [253, 253, 94]
    assert types.attributes("A-Filter", "") == (Attribute(208, b""),)
    with pytest.raises(BadValue, match="600 octets"):
        types.attribute("A-Filter", "x" * 600)
    with pytest.raises(BadValue, match="600 octets"):
        types.attributes("A-Text", "x" * 600)
    assert len(types.attribute("A-Wide", "x" * 600).value) == 600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A-Byte", "256"),
        ("A-Byte", "Low"),
        ("A-Triple", "0x0102"),
        ("A-Prefix", "10.1.2.3/16"),
        ("A-Mac", "02:00:5e:00:53"),
        ("A-Mac", "002:0:5e:00:53:1"),
        ("A-Tlv", "{}"),
        ("A-Within", "kim"),
        ("A-Secret", "0x0"),
    ],
)
def test_a_value_that_its_type_does_not_have_is_refused(types, name, value):
    with pytest.raises(BadValue):
        types.attribute(name, value)


@given(st.integers(0, 255), st.binary(max_size=40), st.sampled_from([0, 9, 311, 4242, 24757, 14988]))
def test_any_octets_can_be_shown_on_one_line(kind, value, vendor):
    name, shown = NAMES.describe(Attribute(kind, value, vendor))

    assert name.isprintable()
    assert shown.isprintable()


MISTAKES = {
    "ATTRIBUTE Own 200": "ATTRIBUTE has 3 to 4 words, not 2",
    "ATTRIBUTE Own 200 text": "there is no type text",
    "ATTRIBUTE Own 200 string[4]": "there is no type string[4]",
    "ATTRIBUTE Own x string": "'x' is not a number",
    "ATTRIBUTE Own 0x1ffffffff string": "'0x1ffffffff' is not a number",
    "ATTRIBUTE Own 4294967296 string": "4294967296 is greater than 4294967295",
    "ATTRIBUTE Own 241.256 string": "256 is not between 1 and 255",
    "ATTRIBUTE Own 241.5.1 string": "what it is inside of is no tlv that stands before it",
    "ATTRIBUTE Own 200.1 string": "what it is inside of is no tlv that stands before it",
    "ATTRIBUTE O(n 200 string": "'O(n' is not a name",
    "ATTRIBUTE Own 200 string secret,hidden": "there is no flag hidden",
    "ATTRIBUTE Own 200 ipaddr has_tag": "ipaddr has no room for a tag",
    "ATTRIBUTE User-Name 200 string": "User-Name is defined already, with another number",
    "VALUE Own One 1": "no dictionary defines Own",
    "VALUE Service-Type One one": "'one' is not a number",
    "VENDOR Own 0": "there is no vendor 0",
    "VENDOR Own 4242 format=3,1": "'format=3,1' is no format of a vendor",
    "VENDOR Cisco 10": "vendor Cisco is defined already, with another number",
    "BEGIN-VENDOR Own": "there is no vendor Own",
    "BEGIN-VENDOR Cisco format=2,1": "'format=2,1' is no format of extended attributes",
    "END-VENDOR Cisco": "the attributes of Cisco have not begun",
    "BEGIN-TLV User-Name": "User-Name is no tlv of this vendor",
    "END-TLV User-Name": "the TLVs of User-Name have not begun",
    "BEGIN-VENDOR Cisco": "the file ends within BEGIN-VENDOR Cisco",
    "BEGIN-VENDOR Cisco\nBEGIN-VENDOR Aruba": "the attributes of Cisco have not ended",
    "BEGIN-VENDOR Cisco\n$INCLUDE dictionary.more\nEND-VENDOR Cisco": "a file is included within",
    "BEGIN-VENDOR Cisco\nATTRIBUTE Own 256 string\nEND-VENDOR Cisco": "256 does not fit the format of Cisco",
    "$INCLUDE dictionary.missing": "No such file or directory",
    "$INCLUDE dictionary.own": "files include each other deeper than 8",
    "ATRIBUTE Own 200 string": "there is no ATRIBUTE in a dictionary",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_each_mistake_of_a_file_is_told_with_its_line(tmp_path, text):
    own = tmp_path / "dictionary.own"
    own.write_text(f"# ours\n{text}\n")

    with pytest.raises(BadDictionary) as caught:
        load([own])

    lines = [line for line in caught.value.mistakes if MISTAKES[text] in line]
    assert lines, caught.value.mistakes
    assert re.match(rf"{re.escape(str(tmp_path))}/dictionary\.\w+(:[2-4])?: ", lines[0])


def test_every_mistake_is_told_and_not_the_first_only(tmp_path):
    own = tmp_path / "dictionary.own"
    own.write_text("ATTRIBUTE A 200 text\n\nVALUE B One 1\nATTRIBUTE C one string\n")

    with pytest.raises(BadDictionary) as caught:
        load([own])

    assert [line.split(":")[1] for line in caught.value.mistakes] == ["1", "4", "3"]


def test_a_file_that_is_no_text_is_named(tmp_path):
    own = tmp_path / "dictionary.own"
    own.write_bytes(b"\xff\xfe")

    with pytest.raises(BadDictionary, match=r"dictionary\.own: it is not text"):
        load([own])
