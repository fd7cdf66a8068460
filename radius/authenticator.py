"""Authenticators of packets and the Message-Authenticator (RFC 2865 section 3, RFC 2866, RFC 3579 3.2)."""

import hmac

from radius.attributes import Attribute, AttributeType, encode_attributes
from radius.packet import Code, Packet, header
from radius.secret import SharedSecret

ZEROS = bytes(16)
_MESSAGE_AUTHENTICATOR_HEADER = bytes((AttributeType.MESSAGE_AUTHENTICATOR, 18))
_EMPTY_MESSAGE_AUTHENTICATOR = _MESSAGE_AUTHENTICATOR_HEADER + ZEROS
# In these the Request Authenticator is itself a hash of the packet, so the
# Message-Authenticator is computed as if it were zero (RFC 5176 section 2.3).
_HASHED_REQUESTS = frozenset({Code.ACCOUNTING_REQUEST, Code.DISCONNECT_REQUEST, Code.COA_REQUEST})
# An Accounting-Response has no Message-Authenticator: old NASes do not expect one (RFC 2869 section 5.19).
_UNSIGNED_REPLIES = frozenset({Code.ACCOUNTING_RESPONSE})


def request_is_hashed_with(packet: Packet, secret: SharedSecret) -> bool:
    """Return whether the Request Authenticator is the one of RFC 2866 section 3 and RFC 5176 section 2.3."""
    expected = secret.md5_before(packet.wire[:4] + ZEROS + packet.wire[20:])
    return hmac.compare_digest(expected, packet.authenticator)


def reply_is_hashed_with(packet: Packet, request_authenticator: bytes, secret: SharedSecret) -> bool:
    """Return whether the Response Authenticator answers this request (RFC 2865 section 3)."""
    expected = secret.md5_before(packet.wire[:4] + request_authenticator + packet.wire[20:])
    return hmac.compare_digest(expected, packet.authenticator)


def message_authenticator_holds(
    packet: Packet, secret: SharedSecret, authenticator: bytes | None = None
) -> bool:
    """Return whether the packet carries a Message-Authenticator made with secret (RFC 3579 section 3.2).

    authenticator is the request's when packet is a reply. A packet without the attribute does not hold.
    """
    at = packet.message_authenticator_at
    if not at:
        return False
    wire = packet.wire
    if authenticator is None:
        authenticator = ZEROS if packet.code in _HASHED_REQUESTS else packet.authenticator
    blanked = wire[:4] + authenticator + wire[20:at] + ZEROS + wire[at + 16 :]
    return hmac.compare_digest(secret.hmac_md5(blanked), wire[at : at + 16])


def sign_reply(request: Packet, code: Code, attributes: tuple[Attribute, ...], secret: SharedSecret) -> bytes:
    """Return the octets of a reply, Message-Authenticator first in every Access-* one. Raises TooLong.

    First, because a forger who can only append must not find room before it (Blast-RADIUS, CVE-2024-3596).
    """
    body = encode_attributes(attributes)
    if code in _UNSIGNED_REPLIES:
        head = header(code, request.identifier, len(body))
    else:
        head = header(code, request.identifier, len(body) + 18)
        unsigned = head + request.authenticator + _EMPTY_MESSAGE_AUTHENTICATOR + body
        body = _MESSAGE_AUTHENTICATOR_HEADER + secret.hmac_md5(unsigned) + body
    return head + secret.md5_before(head + request.authenticator + body) + body


def renumber_hashed_request(request: Packet, identifier: int, secret: SharedSecret) -> bytes:
    """Return the octets of a signed request under another identifier, signed anew; it has been decoded."""
    wire, at = request.wire, request.message_authenticator_at
    head = bytes((wire[0], identifier)) + wire[2:4]
    body = wire[20:]
    if at:
        signature = secret.hmac_md5(head + ZEROS + wire[20:at] + ZEROS + wire[at + 16 :])
        body = wire[20:at] + signature + wire[at + 16 :]
    return head + secret.md5_before(head + ZEROS + body) + body


def sign_access_request(packet: Packet, secret: SharedSecret) -> bytes:
    """Return the octets of an Access-Request or Status-Server, Message-Authenticator first."""
    body = encode_attributes(packet.attributes)
    head = header(packet.code, packet.identifier, len(body) + 18) + packet.authenticator
    signature = secret.hmac_md5(head + _EMPTY_MESSAGE_AUTHENTICATOR + body)
    return head + _MESSAGE_AUTHENTICATOR_HEADER + signature + body


def sign_hashed_request(packet: Packet, secret: SharedSecret, message_authenticator: bool = False) -> bytes:
    """Return the octets of an Accounting-, Disconnect- or CoA-Request (RFC 2866 section 3, RFC 5176 2.3).

    packet.authenticator is not read. With message_authenticator the attribute comes first and is computed
    before the Request Authenticator, which covers it.
    """
    body = encode_attributes(packet.attributes)
    head = header(packet.code, packet.identifier, len(body) + (18 if message_authenticator else 0))
    if message_authenticator:
        signature = secret.hmac_md5(head + ZEROS + _EMPTY_MESSAGE_AUTHENTICATOR + body)
        body = _MESSAGE_AUTHENTICATOR_HEADER + signature + body
    return head + secret.md5_before(head + ZEROS + body) + body
