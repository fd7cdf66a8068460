"""Values as Active Directory writes them."""

import pytest

from access.directory import active_directory
from access.directory.entries import Person, RawEntry, group, identity, person

GUID = bytes.fromhex("33221100554477668899aabbccddeeff")
DOMAIN = "s-1-5-21-2073618296-138663801-708892172"
DOMAIN_SID = bytes.fromhex("010400000000000515000000") + b"".join(
    number.to_bytes(4, "little") for number in (2073618296, 138663801, 708892172)
)


def sid_of(number):
    return b"\x01\x05" + DOMAIN_SID[2:] + number.to_bytes(4, "little")


def raw(**attributes):
    values = {name: tuple(each if isinstance(each, bytes) else each.encode() for each in many)
              for name, many in attributes.items()}  # fmt: skip
    return RawEntry("uuid", "CN=Kim,OU=people,DC=hangang,DC=test", values)


def test_the_first_three_fields_of_a_guid_are_little_endian():
    assert active_directory.guid(GUID) == "00112233-4455-6677-8899-aabbccddeeff"
    assert identity({"objectguid": (GUID,)}) == "00112233-4455-6677-8899-aabbccddeeff"
    assert identity({"entryuuid": (b"A0000000-0000-4000-8000-000000000001",)})[0] == "a"


@pytest.mark.parametrize("octets", [b"", GUID[:15], GUID + b"\0"])
def test_what_is_no_guid_is_none(octets):
    assert active_directory.guid(octets) is None
    assert identity({"objectguid": (octets,)}) is None


def test_a_security_identifier_is_written_with_its_domain_first():
    assert active_directory.sid(sid_of(513)) == f"{DOMAIN}-513"


@pytest.mark.parametrize("octets", [b"", b"\x01\x05", sid_of(513)[:-1], sid_of(513) + b"\0"])
def test_what_is_no_security_identifier_is_none(octets):
    assert active_directory.sid(octets) is None


def test_a_person_and_their_primary_group_meet_under_one_name():
    kim = person(
        raw(samaccountname=["kim"], objectsid=[sid_of(1103)], primarygroupid=["513"]), "sAMAccountName"
    )
    users = group(raw(cn=["Domain Users"], objectsid=[sid_of(513)]))

    assert kim.primary_group == f"objectsid={DOMAIN}-513"
    assert users.members == {kim.primary_group}


@pytest.mark.parametrize(
    "attributes",
    [{}, {"primarygroupid": ["513"]}, {"primarygroupid": ["x"], "objectsid": [sid_of(1103)]}],
)
def test_without_both_numbers_there_is_no_primary_group(attributes):
    assert person(raw(samaccountname=["kim"], **attributes), "sAMAccountName").primary_group == ""


@pytest.mark.parametrize(
    ("ticks", "moment"),
    [
        ("0", None),
        ("9223372036854775807", None),
        ("", None),
        ("x", None),
        ("116444736000000000", 0.0),
        ("132223104000000000", 1577836800.0),  # 2020-01-01
    ],
)
def test_when_an_account_ends_is_told_in_ticks_since_1601(ticks, moment):
    assert person(raw(samaccountname=["kim"], accountexpires=[ticks]), "sAMAccountName").expires_at == moment


@pytest.mark.parametrize("written", ["Kim@hangang.test", "kim@other.example", "KIM"])
def test_a_principal_name_is_a_name_without_what_follows_the_at(written):
    made = person(raw(userprincipalname=[written]), "userPrincipalName")

    assert isinstance(made, Person)
    assert made.name == "kim"


def test_an_at_in_any_other_attribute_makes_no_name():
    assert not isinstance(person(raw(mail=["kim@hangang.test"]), "mail"), Person)
    assert not isinstance(person(raw(userprincipalname=["@hangang.test"]), "userPrincipalName"), Person)


def test_an_employee_id_is_an_employee_number_too():
    assert person(raw(samaccountname=["kim"], employeeid=["H7"]), "sAMAccountName").employee_number == "H7"


EXTENDED = b"<GUID=00112233-4455-6677-8899-AABBCCDDEEFF>;<SID=S-1-5-21-1-2-3-1103>;CN=Kim,DC=hangang,DC=test"
PLACE = "objectguid=00112233-4455-6677-8899-aabbccddeeff"


def test_members_are_known_by_guid_whatever_they_are_called():
    listed = group(raw(cn=["vpn"], member=[EXTENDED, EXTENDED.replace(b"Kim", b"Lee")]))
    entry = RawEntry(
        "00112233-4455-6677-8899-aabbccddeeff",
        "CN=Kim,DC=hangang,DC=test",
        {"samaccountname": (b"kim",), "objectguid": (GUID,)},
    )

    assert listed.members == {PLACE}
    assert person(entry, "sAMAccountName").dn_key == PLACE


def test_an_entry_of_another_directory_is_known_by_its_name_whatever_else_it_carries():
    entry = RawEntry("u", "uid=kim,dc=x", {"uid": (b"kim",), "objectguid": (GUID,), "entryuuid": (b"u",)})

    assert person(entry, "uid").dn_key == "uid=kim,dc=x"


@pytest.mark.parametrize(
    ("extended", "plain"),
    [
        (EXTENDED.decode(), "CN=Kim,DC=hangang,DC=test"),
        ("<GUID=00112233-4455-6677-8899-aabbccddeeff>;DC=x", "DC=x"),
        ("CN=<GUID=1>;x,DC=y", "CN=<GUID=1>;x,DC=y"),
        ("", ""),
    ],
)
def test_an_extended_name_has_a_plain_one_in_it(extended, plain):
    assert active_directory.plain(extended) == plain
