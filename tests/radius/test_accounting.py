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
    return read_account("gw", Packet(Code.ACCOUNTING_REQUEST, 1, bytes(16), attributes))


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
