from dataclasses import replace

from radius.attributes import Attribute, AttributeType
from radius.authenticator import (
    message_authenticator_holds,
    reply_is_hashed_with,
    request_is_hashed_with,
    sign_access_request,
    sign_hashed_request,
    sign_reply,
)
from radius.packet import Code, Packet, decode
from radius.secret import SharedSecret
from tests.radius.test_packet import TELNET_REQUEST

SECRET = SharedSecret(b"xyzzy5461")
OTHER = SharedSecret(b"xyzzy5462")
# RFC 2865 section 7.1
TELNET_ACCEPT = bytes.fromhex("0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103")
AUTHENTICATOR = bytes(range(16))
NAME = Attribute(AttributeType.USER_NAME, b"nemo")


def test_the_accept_of_rfc_2865_answers_its_request():
    request, accept = decode(TELNET_REQUEST), decode(TELNET_ACCEPT)

    assert reply_is_hashed_with(accept, request.authenticator, SECRET)
    assert not reply_is_hashed_with(accept, request.authenticator, OTHER)
    assert not reply_is_hashed_with(accept, AUTHENTICATOR, SECRET)


def test_an_access_reply_has_its_message_authenticator_first():
    request = decode(TELNET_REQUEST)

    for code in (Code.ACCESS_ACCEPT, Code.ACCESS_REJECT, Code.ACCESS_CHALLENGE):
        reply = decode(sign_reply(request, code, (NAME,), SECRET))

        assert [a.type for a in reply.attributes] == [80, 1]
        assert reply_is_hashed_with(reply, request.authenticator, SECRET)
        assert message_authenticator_holds(reply, SECRET, request.authenticator)
        assert not message_authenticator_holds(reply, OTHER, request.authenticator)
        assert not message_authenticator_holds(reply, SECRET, AUTHENTICATOR)


def test_an_accounting_response_has_no_message_authenticator():
    request = decode(sign_hashed_request(Packet(Code.ACCOUNTING_REQUEST, 3, b"", (NAME,)), SECRET))

    response = decode(sign_reply(request, Code.ACCOUNTING_RESPONSE, (), SECRET))

    assert response.attributes == ()
    assert reply_is_hashed_with(response, request.authenticator, SECRET)


def test_a_message_authenticator_covers_every_octet_of_the_request():
    data = sign_access_request(Packet(Code.ACCESS_REQUEST, 1, AUTHENTICATOR, (NAME,)), SECRET)
    assert message_authenticator_holds(decode(data), SECRET)
    assert not message_authenticator_holds(decode(data), OTHER)

    for at in (1, 10, 25, len(data) - 1):
        forged = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        assert not message_authenticator_holds(decode(forged), SECRET)


def test_a_packet_without_the_attribute_does_not_hold():
    assert not message_authenticator_holds(decode(TELNET_REQUEST), SECRET)


def test_a_hashed_request_holds_with_its_secret_only():
    for signed in (False, True):
        data = sign_hashed_request(Packet(Code.ACCOUNTING_REQUEST, 1, b"", (NAME,)), SECRET, signed)

        assert request_is_hashed_with(decode(data), SECRET)
        assert not request_is_hashed_with(decode(data), OTHER)
        assert not request_is_hashed_with(decode(data[:-1] + b"x"), SECRET)
        assert message_authenticator_holds(decode(data), SECRET) is signed


def test_a_secret_longer_than_a_block_of_md5_works():
    secret = SharedSecret(b"long" * 20)
    packet = Packet(Code.ACCESS_REQUEST, 1, AUTHENTICATOR, (NAME,))

    assert message_authenticator_holds(decode(sign_access_request(packet, secret)), secret)
    assert not message_authenticator_holds(decode(sign_access_request(packet, secret)), SECRET)


def test_hmac_md5_is_that_of_rfc_2202():
    assert SharedSecret(b"Jefe").hmac_md5(b"what do ya want for nothing?").hex() == (
        "750c783e6ab0b503eaa86e310a5db738"
    )
    assert SharedSecret(b"\xaa" * 80).hmac_md5(
        b"Test Using Larger Than Block-Size Key - Hash Key First"
    ).hex() == ("6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd")


def test_a_secret_does_not_show_in_its_repr():
    assert "xyzzy" not in repr(SECRET)
    assert "xyzzy" not in repr(replace(decode(TELNET_REQUEST), identifier=1))
