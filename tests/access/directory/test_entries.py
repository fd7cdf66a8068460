"""Entries as people and groups."""

import pytest

from access.directory.entries import (
    Group,
    Person,
    RawEntry,
    Skipped,
    group,
    person,
    person_attributes,
)
from access.directory.kept import MOST, attributes_of


def raw(dn="uid=kim,ou=people,dc=x", **attributes):
    values = {
        name: tuple(each if isinstance(each, bytes) else each.encode() for each in many)
        for name, many in attributes.items()
    }
    return RawEntry("uuid", dn, values)


def test_a_person_has_what_the_entry_says():
    entry = raw(
        uid=["Minjun.Kim"],
        displayname=["김민준"],
        mail=["kim@x"],
        employeenumber=["7"],
        preferredlanguage=["en"],
    )

    assert person(entry, "uid") == Person(
        "uuid", "minjun.kim", entry.dn, entry.dn, "김민준", "kim@x", "7", "en", True
    )


@pytest.mark.parametrize(
    ("attributes", "enabled"),
    [
        ({}, True),
        ({"pwdaccountlockedtime": ["000001010000Z"]}, False),
        ({"pwdaccountlockedtime": ["20260101000000Z"]}, True),
        ({"nsaccountlock": ["TRUE"]}, False),
        ({"useraccountcontrol": ["514"]}, False),
        ({"useraccountcontrol": ["512"]}, True),
        ({"useraccountcontrol": ["x"]}, True),
    ],
)
def test_an_account_an_administrator_has_shut_is_disabled(attributes, enabled):
    assert person(raw(uid=["kim"], **attributes), "uid").enabled is enabled


@pytest.mark.parametrize("name", [[], [""], ["a b"], ["a@b"], ["a\x07b"], ["a/b"]])
def test_an_entry_whose_name_cannot_be_one_is_skipped(name):
    assert isinstance(person(raw(uid=name), "uid"), Skipped)


@pytest.mark.parametrize(
    ("preferred", "language"),
    [("ko", "ko"), ("en-US", "en"), ("fr, en;q=0.5", "en"), ("fr", "ko"), ("", "ko")],
)
def test_a_language_we_speak_is_chosen(preferred, language):
    assert person(raw(uid=["kim"], preferredlanguage=[preferred]), "uid").language == language


def test_a_group_lists_its_members_normalised_and_leaves_out_what_is_no_name():
    entry = raw(
        "cn=VPN,dc=x", cn=["VPN 사용자"], member=["UID=Kim, DC=x", "", b"\xff"], uniquemember=["uid=lee,dc=x"]
    )

    assert group(entry) == Group(
        "uuid", "vpn 사용자", entry.dn, "cn=vpn,dc=x", frozenset(["uid=kim,dc=x", "uid=lee,dc=x"])
    )


@pytest.mark.parametrize("name", ["", "a/b", "a\x00\x07", " "])
def test_a_group_whose_name_cannot_be_one_is_skipped(name):
    assert isinstance(group(raw(cn=[name])), Skipped)


def test_a_stable_attribute_is_read_in_place_of_the_employee_number():
    raw = RawEntry("u", "uid=kim,dc=x", {"uid": (b"kim",), "employeenumber": (b"7",), "hrid": (b"HR-1",)})

    named = person(raw, "uid", "hrID")

    assert isinstance(named, Person)
    assert named.employee_number == "HR-1"
    assert "hrID" in person_attributes("uid", "hrID")
    assert "employeeNumber" not in person_attributes("uid", "hrID")


def test_attributes_for_rules_are_kept_in_one_spelling():
    entry = raw(uid=["kim"], department=["연구소 ", "연구소"], title=["책임", ""], userpassword=["x"])

    kim = person(entry, "uid", "", ("Department", "title", "employeeType"))

    assert isinstance(kim, Person)
    assert kim.attributes == "department=연구소\ntitle=책임"
    assert attributes_of(kim.attributes) == {"department=연구소", "title=책임"}
    assert "employeeType" in person_attributes("uid", "", ("employeeType",))


def test_of_an_entry_nothing_is_kept_that_was_not_asked_for():
    assert person(raw(uid=["kim"], department=["x"]), "uid").attributes == ""
    assert attributes_of("") == frozenset()


@pytest.mark.parametrize("value", ["\n", "a\nb", "x" * 201, "\x00", b"\xff", "  "])
def test_what_no_rule_can_name_is_left_out(value):
    assert person(raw(uid=["kim"], department=[value, "sales"]), "uid", "", ("department",)).attributes == (
        "department=sales"
    )


def test_of_one_attribute_only_so_many_values_count():
    many = [f"v{number:04}" for number in range(1000)]

    assert len(attributes_of(person(raw(uid=["kim"], o=many), "uid", "", ("o",)).attributes)) == MOST
