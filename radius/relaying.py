"""What becomes of a packet between a NAS and a home server (RFC 2865 section 2.3).

A request goes on octet for octet, except: what is hidden is hidden anew under the home server's secret, the
Message-Authenticator and the authenticator are our own, a CHAP challenge that lay in the authenticator gets
an attribute, the State is the home server's, and our Proxy-State comes last. A reply brings what this page
lets it bring and nothing else: who answers for a realm may say who somebody is, not what they may do here.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from radius.attributes import Attribute, AttributeType
from radius.authenticator import (
    message_authenticator_holds,
    reply_is_hashed_with,
    sign_access_request,
    sign_hashed_request,
)
from radius.errors import RadiusError
from radius.hidden import (
    MICROSOFT,
    MS_MPPE_RECV_KEY,
    MS_MPPE_SEND_KEY,
    BadHiddenValue,
    hide_password,
    hide_salted,
    reveal_password,
    reveal_salted,
)
from radius.packet import HEADER_OCTETS, BadPacket, Code, Packet, decode
from radius.secret import SharedSecret

# How many servers a request may have passed before us; more is a loop.
MAX_PROXIES = 8
TAG_OCTETS = 8
_KEYS = frozenset({MS_MPPE_RECV_KEY, MS_MPPE_SEND_KEY})
# By vendor and type. User-Name, Reply-Message, Class, Session- and Idle-Timeout, Termination-Action,
# EAP-Message, Acct-Interim-Interval, Chargeable-User-Identity, EAP-Key-Name; Microsoft's MSCHAP and MPPE.
_ALWAYS = frozenset(
    {(0, number) for number in (1, 18, 25, 27, 28, 29, 79, 85, 89, 102)}
    | {(MICROSOFT, number) for number in (2, 7, 8, *_KEYS, 26)}
)
# What a realm may be allowed to give beyond that, by the name it has in the configuration.
GIFTS: dict[str, Callable[[Attribute], bool]] = {
    "vlan": lambda a: not a.vendor and a.type in (56, 57, 58, 59, 64, 65, 81),
    "filter": lambda a: not a.vendor and a.type in (11, 92),
    "address": lambda a: not a.vendor and a.type in (8, 9, 22, 97, 99, 123, 168),
    "vendor": lambda a: bool(a.vendor) and a.vendor != MICROSOFT,
}


class BadReply(RadiusError):
    """A home server's reply that is not one to our request: go on waiting."""


@dataclass(frozen=True, slots=True)
class Onward:
    """With what a request goes on: the home server's secret, and identifier and authenticator of ours."""

    secret: SharedSecret
    identifier: int
    authenticator: bytes
    proxy_state: bytes
    state: bytes | None = field(default=None, repr=False)


def is_loop(packet: Packet, tag: bytes) -> bool:
    """Return whether a request has been here before, or with too many servers to be honest."""
    passed = packet.all(AttributeType.PROXY_STATE)
    ours = any(hmac.compare_digest(value[:TAG_OCTETS], tag) for value in passed)
    return ours or len(passed) > MAX_PROXIES


def onward_access(packet: Packet, secret: SharedSecret, onward: Onward) -> bytes:
    """Return an Access-Request for the home server. secret is the NAS's. Raises TooLong."""
    attributes = [
        attribute
        for kind, value in _outermost(packet.wire)
        for attribute in _onward(kind, value, packet, (secret, onward))
    ]
    values = packet.values
    if AttributeType.CHAP_PASSWORD in values and AttributeType.CHAP_CHALLENGE not in values:
        attributes.append(Attribute(AttributeType.CHAP_CHALLENGE, packet.authenticator))
    if onward.state is not None:
        attributes.append(Attribute(AttributeType.STATE, onward.state))
    attributes.append(Attribute(AttributeType.PROXY_STATE, onward.proxy_state))
    built = Packet(Code.ACCESS_REQUEST, onward.identifier, onward.authenticator, tuple(attributes))
    return sign_access_request(built, onward.secret)


def onward_account(packet: Packet, onward: Onward) -> bytes:
    """Return an Accounting-Request for the home server. Raises TooLong."""
    kept = [
        Attribute(kind, value)
        for kind, value in _outermost(packet.wire)
        if kind != AttributeType.MESSAGE_AUTHENTICATOR
    ]
    kept.append(Attribute(AttributeType.PROXY_STATE, onward.proxy_state))
    built = Packet(Code.ACCOUNTING_REQUEST, onward.identifier, b"", tuple(kept))
    return sign_hashed_request(built, onward.secret)


def status_server(onward: Onward) -> bytes:
    """Return a Status-Server (RFC 5997 section 3)."""
    packet = Packet(Code.STATUS_SERVER, onward.identifier, onward.authenticator)
    return sign_access_request(packet, onward.secret)


def read_reply(data: bytes, request: bytes, secret: SharedSecret, must_sign: bool) -> Packet:
    """Return the reply to a request of ours as it was sent. Raises BadReply."""
    try:
        reply = decode(data)
    except BadPacket as error:
        raise BadReply(str(error)) from error
    authenticator = request[4:HEADER_OCTETS]
    if (request[0], reply.code) not in _ANSWERS or reply.identifier != request[1]:
        raise BadReply(f"{reply.code.name} is no answer")
    if not reply_is_hashed_with(reply, authenticator, secret):
        raise BadReply("made with another secret, or for another request")
    if reply.message_authenticator_at:
        if not message_authenticator_holds(reply, secret, authenticator):
            raise BadReply("a wrong Message-Authenticator")
    elif (must_sign and reply.code is not Code.ACCOUNTING_RESPONSE) or _speaks_eap(reply):
        raise BadReply("no Message-Authenticator")
    return reply


@dataclass(frozen=True, slots=True)
class Hiding:
    """Whose secret hides a key, for which request."""

    secret: SharedSecret
    authenticator: bytes


def let_through(
    reply: Packet, gives: frozenset[str], hidden: tuple[Hiding, Hiding], random: Callable[[int], bytes]
) -> tuple[Attribute, ...]:
    """Return what a home server's reply may bring, keys hidden for the NAS and no more for us.

    hidden is how keys come and how they go. Raises BadReply where a key cannot be read.
    """
    allowed = [GIFTS[name] for name in sorted(gives)]
    kept = [
        attribute
        for attribute in reply.attributes
        if (attribute.vendor, attribute.type) in _ALWAYS or any(allow(attribute) for allow in allowed)
    ]
    # RFC 3579 section 2.6.5
    if _speaks_eap(reply):
        kept = [each for each in kept if each.vendor or each.type != AttributeType.REPLY_MESSAGE]
    salt = random(2)
    return tuple(_rehidden(each, hidden, salt, number) for number, each in enumerate(kept))


def _rehidden(attribute: Attribute, hidden: tuple[Hiding, Hiding], salt: bytes, number: int) -> Attribute:
    if attribute.vendor != MICROSOFT or attribute.type not in _KEYS:
        return attribute
    come, go = hidden
    try:
        key = reveal_salted(attribute.value, come.secret, come.authenticator)
    except BadHiddenValue as error:
        raise BadReply(f"a key that cannot be read: {error}") from error
    unique = salt[:1] + bytes((salt[1] ^ number & 0xFF,))
    return attribute._replace(value=hide_salted(key, go.secret, go.authenticator, unique))


def _onward(kind: int, value: bytes, packet: Packet, how: tuple[SharedSecret, Onward]) -> Iterator[Attribute]:
    secret, onward = how
    if kind == AttributeType.USER_PASSWORD:
        password = reveal_password(value, secret, packet.authenticator)
        yield Attribute(kind, hide_password(password, onward.secret, onward.authenticator))
    elif kind not in (AttributeType.MESSAGE_AUTHENTICATOR, AttributeType.STATE):
        yield Attribute(kind, value)


def _outermost(wire: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the attributes of a decoded packet as they lie on the wire, Vendor-Specific ones whole."""
    at = HEADER_OCTETS
    while at < len(wire):
        size = wire[at + 1]
        yield wire[at], wire[at + 2 : at + size]
        at += size


def _speaks_eap(packet: Packet) -> bool:
    return AttributeType.EAP_MESSAGE in packet.values


_ANSWERS = frozenset(
    {
        (Code.ACCESS_REQUEST, Code.ACCESS_ACCEPT),
        (Code.ACCESS_REQUEST, Code.ACCESS_REJECT),
        (Code.ACCESS_REQUEST, Code.ACCESS_CHALLENGE),
        (Code.ACCOUNTING_REQUEST, Code.ACCOUNTING_RESPONSE),
        (Code.STATUS_SERVER, Code.ACCESS_ACCEPT),
        (Code.STATUS_SERVER, Code.ACCOUNTING_RESPONSE),
    }
)
