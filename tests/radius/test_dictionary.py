from ipaddress import ip_address

import pytest

from radius.attributes import Attribute, AttributeType
from radius.dictionary import HIDDEN, BadValue, UnknownAttribute
from radius.dictionary_files import BadDictionary, load

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
