"""What an Accounting-Request says, and when it was true."""

from dataclasses import replace

import pytest

from radius.accounting import read_account, reported_at
from radius.attributes import Attribute, AttributeType, integer
from radius.facts import Facts, Usage
from radius.packet import BadPacket, Code, Packet
from radius.questions import Account, AccountKind

START = Account("gw", AccountKind.START, "s1", "kim", (), Facts(), Usage(), None, 7)
NAME = Attribute(AttributeType.ACCT_SESSION_ID, b"s1")


def read(*attributes):
    return read_account("gw", Packet(Code.ACCOUNTING_REQUEST, 1, bytes(16), attributes), Facts())


def status(number):
    return integer(AttributeType.ACCT_STATUS_TYPE, number)


@pytest.mark.parametrize("kind", AccountKind)
def test_every_kind_is_read_with_all_its_classes(kind):
    account = read(
        status(kind.value), NAME, Attribute(25, b"ours"), Attribute(25, b"a proxy's"), integer(41, 3)
    )

    assert (account.kind, account.acct_session_id) == (kind, "s1")
    assert account.class_ == (b"ours", b"a proxy's")
    assert (account.event_time, account.delay_s) == (None, 3)


@pytest.mark.parametrize("kind", [AccountKind.START, AccountKind.INTERIM, AccountKind.STOP])
def test_what_is_about_a_session_must_name_it(kind):
    with pytest.raises(BadPacket, match="Acct-Session-Id"):
        read(status(kind.value))


@pytest.mark.parametrize("kind", [AccountKind.ON, AccountKind.OFF])
def test_what_is_about_the_nas_names_no_session(kind):
    assert read(status(kind.value)).acct_session_id == ""


def test_a_request_without_a_kind_is_malformed_and_one_of_another_kind_is_about_no_session():
    with pytest.raises(BadPacket, match="Acct-Status-Type"):
        read(NAME)
    assert read(status(9), NAME) is None


def test_a_report_was_true_when_the_nas_says_but_never_in_the_future():
    assert reported_at(START, 100.0) == 93.0
    assert reported_at(replace(START, event_time=50.0), 100.0) == 50.0
    assert reported_at(replace(START, event_time=5000.0), 100.0) == 100.0


@pytest.mark.parametrize("stamp", [0.0, 1.8e9 - 86401, 1.8e9 + 86401])
def test_a_clock_that_was_never_set_is_not_believed(stamp):
    assert reported_at(replace(START, event_time=stamp), 1.8e9) == 1.8e9 - 7


def test_every_address_and_prefix_of_a_session_is_read_once():
    prefix = bytes((0, 56)) + bytes.fromhex("20010db800010000")
    account = read(
        status(3),
        NAME,
        Attribute(AttributeType.FRAMED_IP_ADDRESS, bytes((192, 0, 2, 7))),
        Attribute(AttributeType.FRAMED_IPV6_ADDRESS, bytes.fromhex("20010db8000000000000000000000007")),
        Attribute(AttributeType.FRAMED_IPV6_PREFIX, bytes((0, 64)) + bytes.fromhex("20010db800000001")),
        Attribute(AttributeType.FRAMED_IPV6_PREFIX, bytes((0, 64)) + bytes.fromhex("20010db800000002")),
        Attribute(AttributeType.DELEGATED_IPV6_PREFIX, prefix),
        Attribute(AttributeType.DELEGATED_IPV6_PREFIX, prefix),
        Attribute(AttributeType.ACCT_MULTI_SESSION_ID, b"roaming"),
    )

    assert [str(each) for each in account.networks] == [
        "192.0.2.7/32",
        "2001:db8::7/128",
        "2001:db8:0:1::/64",
        "2001:db8:0:2::/64",
        "2001:db8:1::/56",
    ]
    assert account.multi_session_id == "roaming"


def test_a_malformed_prefix_is_none():
    too_long = Attribute(AttributeType.DELEGATED_IPV6_PREFIX, bytes((0, 129)) + bytes(16))

    assert read(status(3), NAME, too_long).networks == ()
