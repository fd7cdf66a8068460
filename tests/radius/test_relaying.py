"""What goes on to a home server and comes back from it, as octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.attributes import Attribute, AttributeType
from radius.authenticator import message_authenticator_holds, sign_access_request
from radius.hidden import hide_password
from radius.packet import Code, Packet, decode, encode
from radius.relaying import (
    GIFTS,
    BadReply,
    Hiding,
    Onward,
    let_through,
    onward_access,
    onward_account,
    read_reply,
    status_server,
)
from radius.secret import SharedSecret

NAS, HOME = SharedSecret(b"a secret of sixteen"), SharedSecret(b"what we share with homes")
ONWARD = Onward(HOME, 7, bytes(range(16)), b"gate one" + bytes(8))
ATTRIBUTES = st.lists(
    st.builds(
        Attribute,
        st.sampled_from([1, 4, 5, 26, 30, 31, 32, 44, 61, 87, 126, 200]),
        st.binary(min_size=1, max_size=40),
        st.just(0),
    ),
    max_size=20,
)


@given(ATTRIBUTES)
def test_whatever_a_request_holds_goes_on_in_its_order_and_octet_for_octet(attributes):
    request = sign_access_request(Packet(Code.ACCESS_REQUEST, 1, bytes(16), tuple(attributes)), NAS)

    sent = onward_access(decode(request), NAS, ONWARD)

    # Behind the header and the Message-Authenticator, up to our own Proxy-State.
    assert sent[38:-18] == request[38:]
    assert message_authenticator_holds(decode(sent), HOME)


@given(st.binary(min_size=0, max_size=120), st.binary(max_size=200))
def test_no_octets_of_a_home_server_raise_anything_but_the_one_error(head, tail):
    request = status_server(ONWARD)
    for data in (head + tail, bytes((2, 7)) + (20 + len(tail)).to_bytes(2, "big") + bytes(16) + tail):
        with pytest.raises(BadReply):
            read_reply(data, request, HOME, must_sign=True)


@given(
    st.lists(st.builds(Attribute, st.integers(1, 255), st.binary(max_size=60), st.sampled_from([0, 9, 311])))
)
def test_nothing_comes_through_that_is_not_listed(attributes):
    reply = Packet(Code.ACCESS_ACCEPT, 1, bytes(16), tuple(attributes))
    hidden = (Hiding(HOME, bytes(16)), Hiding(NAS, bytes(16)))
    try:
        kept = let_through(reply, frozenset(), hidden, bytes)
    except BadReply:
        return

    for each in kept:
        assert (each.vendor, each.type) not in {(0, kind) for kind in (6, 8, 11, 33, 64, 65, 69, 80, 81)}
        assert each.vendor in (0, 311)
        assert not any(gift(each) for gift in GIFTS.values())


def test_a_password_of_any_length_is_hidden_anew():
    for length in (1, 16, 17, 128):
        hidden = hide_password(b"x" * length, NAS, bytes(16))
        request = Packet(Code.ACCESS_REQUEST, 1, bytes(16), (Attribute(AttributeType.USER_PASSWORD, hidden),))

        sent = decode(onward_access(decode(sign_access_request(request, NAS)), NAS, ONWARD))

        again = hide_password(b"x" * length, HOME, ONWARD.authenticator)
        assert sent.first(AttributeType.USER_PASSWORD) == again


def test_accounting_is_signed_anew_without_the_message_authenticator_of_the_nas():
    attributes = (Attribute(40, bytes((0, 0, 0, 1))), Attribute(80, bytes(16)), Attribute(44, b"s1"))
    request = decode(encode(Packet(Code.ACCOUNTING_REQUEST, 1, bytes(16), attributes)))

    sent = decode(onward_account(request, ONWARD))

    assert [each.type for each in sent.attributes] == [40, 44, AttributeType.PROXY_STATE]
