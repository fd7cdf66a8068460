"""Distinguished names compared, and values inside filters."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from access.directory.errors import BadName
from access.directory.names import escape_filter, normalise_dn

SAME = [
    ("uid=kim,ou=people,dc=hangang", "UID=Kim, OU=People,DC=HANGANG"),
    ("cn=a b,dc=x", "cn=a   b,dc=x"),
    ("cn=a\\,b,dc=x", "cn=a\\2cb,dc=x"),
    ('cn="a,b",dc=x', "cn=a\\,b,dc=x"),
    ("cn=a+sn=b,dc=x", "sn=b+cn=a,dc=x"),
    ("cn=홍길동,dc=x", "cn=\\ed\\99\\8d\\ea\\b8\\b8\\eb\\8f\\99,dc=x"),
    ("cn=홍길동,dc=x", "cn=홍길동,dc=x"),
    ("cn=Ｋim,dc=x", "cn=kim,dc=x"),
    ("cn=a;dc=x", "cn=a,dc=x"),
    ("uid=Kim.Min-Jun,dc=x", "UID = kim\\2emin\\2djun , dc=x"),
    ("cn=James O'Brien,dc=x", "cn=james   o\\27brien,dc=x"),
]
DIFFERENT = [
    ("cn=a,cn=b", "cn=a\\,cn=b"),
    ("cn=a,dc=x", "cn=b,dc=x"),
    ("cn=a+sn=b,dc=x", "cn=a\\+sn=b,dc=x"),
    ("cn=a,dc=x", "dc=x,cn=a"),
    ("cn=strasse,dc=x", "cn=straße,dc=x"),
    ("uid=kim+cn=kim,dc=x", "uid=kim,cn=kim,dc=x"),
    ("cn=a.b,dc=x", "cn=a b,dc=x"),
]
BAD = ["", "kim", "cn=a,", ",cn=a", "=a", "cn=a\\", "c n=a", "cn=\\ff\\fe", "cn=a,,dc=x"]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_name_are_equal(one, other):
    assert normalise_dn(one) == normalise_dn(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_names_stay_two(one, other):
    assert normalise_dn(one) != normalise_dn(other)


@pytest.mark.parametrize("dn", BAD)
def test_what_is_no_name_is_refused(dn):
    with pytest.raises(BadName):
        normalise_dn(dn)


def test_a_name_of_many_thousand_parts_is_only_long():
    assert normalise_dn(",".join(["dc=a"] * 20_000)).count("dc=a") == 20_000


@given(st.text(min_size=1))
def test_a_value_escaped_by_others_is_one_value(text):
    dn = f"cn={escape_rdn(text)},dc=x"

    normalised = normalise_dn(dn)

    assert normalise_dn(normalised) == normalised
    assert normalised.endswith(",dc=x")


@given(st.text())
def test_whatever_is_no_name_raises_only_bad_name(text):
    with contextlib.suppress(BadName):
        normalise_dn(text)


@given(st.text())
def test_an_escaped_filter_value_agrees_with_the_library(text):
    assert escape_filter(text) == escape_filter_chars(text)


def test_a_filter_value_cannot_leave_its_place():
    assert escape_filter("*)(uid=*") == "\\2a\\29\\28uid=\\2a"
