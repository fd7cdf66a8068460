"""Octets to Packet and back, strictly (RFC 2865 section 3, RFC 2869 section 5.19, RFC 3579 section 3).

What FreeRADIUS drops we drop: attributes that overrun the packet, have no room for their own header or
are of type 0; more than 200 of them; a packet over 4096 octets; two Message-Authenticators; an
EAP-Message beside another kind of credential. Types nobody told us about keep their octets.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from radius.attributes import Attribute, AttributeType, encode_attributes
from radius.errors import RadiusError, TooLong

HEADER_OCTETS = 20
MAX_OCTETS = 4096
MAX_ATTRIBUTES = 200


class BadPacket(RadiusError):
    """The sender broke the rules of RADIUS: drop the packet silently and count it."""


class Code(IntEnum):
    """Packet codes (RFC 2865 section 3, RFC 2866, RFC 5176, RFC 5997)."""

    ACCESS_REQUEST = 1
    ACCESS_ACCEPT = 2
    ACCESS_REJECT = 3
    ACCOUNTING_REQUEST = 4
    ACCOUNTING_RESPONSE = 5
    ACCESS_CHALLENGE = 11
    STATUS_SERVER = 12
    DISCONNECT_REQUEST = 40
    DISCONNECT_ACK = 41
    DISCONNECT_NAK = 42
    COA_REQUEST = 43
    COA_ACK = 44
    COA_NAK = 45


CODES = {code.value: code for code in Code}
# As plain numbers, because every attribute of every packet is compared with them.
_VENDOR_SPECIFIC = int(AttributeType.VENDOR_SPECIFIC)
_MESSAGE_AUTHENTICATOR = int(AttributeType.MESSAGE_AUTHENTICATOR)


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, attributes in their order.

    wire holds the octets it was decoded from, without padding; message_authenticator_at is where in them
    the sixteen octets of the Message-Authenticator begin. Both are empty in a packet of our own making.
    values has the first value of each of the IETF's attributes by type.
    """

    code: Code
    identifier: int
    authenticator: bytes
    attributes: tuple[Attribute, ...] = ()
    wire: bytes = field(default=b"", repr=False, compare=False)
    message_authenticator_at: int = field(default=0, repr=False, compare=False)
    values: dict[int, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = {a.type: a.value for a in reversed(self.attributes) if not a.vendor}
        object.__setattr__(self, "values", values)

    def all(self, kind: int, vendor: int = 0) -> list[bytes]:
        """Return the values of every attribute of this type, in order."""
        return [a.value for a in self.attributes if a.type == kind and a.vendor == vendor]

    def first(self, kind: int, vendor: int = 0) -> bytes | None:
        """Return the value of the first attribute of this type."""
        if not vendor:
            return self.values.get(kind)
        return next(iter(self.all(kind, vendor)), None)


def decode(data: bytes) -> Packet:
    """Return the packet in data; octets after its Length are padding (RFC 2865 section 3).

    Raises BadPacket, and nothing else, on anything else.
    """
    if len(data) < HEADER_OCTETS:
        raise BadPacket(f"{len(data)} octets are shorter than a header")
    length = data[2] << 8 | data[3]
    if not HEADER_OCTETS <= length <= MAX_OCTETS:
        raise BadPacket(f"a Length of {length}")
    if length > len(data):
        raise BadPacket(f"a Length of {length} in a datagram of {len(data)} octets")
    code = CODES.get(data[0])
    if code is None:
        raise BadPacket(f"unknown code {data[0]}")
    wire = data if len(data) == length else data[:length]
    attributes, at = _decode_attributes(wire)
    packet = Packet(code, wire[1], wire[4:20], tuple(attributes), wire, at)
    if code is Code.ACCESS_REQUEST:
        _check_access_request(packet)
    return packet


def encode(packet: Packet) -> bytes:
    """Return the octets of packet with the authenticator it holds. Raises TooLong over 4096 octets."""
    body = encode_attributes(packet.attributes)
    return header(packet.code, packet.identifier, len(body)) + packet.authenticator + body


def header(code: Code, identifier: int, body_octets: int) -> bytes:
    """Return the first four octets of a packet whose attributes take body_octets. Raises TooLong."""
    length = HEADER_OCTETS + body_octets
    if length > MAX_OCTETS:
        raise TooLong(f"a packet of {length} octets")
    return bytes((code, identifier, length >> 8, length & 255))


def _decode_attributes(wire: bytes) -> tuple[list[Attribute], int]:
    """Return the attributes and where the Message-Authenticator's value begins (0: there is none)."""
    attributes: list[Attribute] = []
    message_authenticator_at = 0
    cursor, end = HEADER_OCTETS, len(wire)
    while cursor + 2 <= end:
        kind, size = wire[cursor], wire[cursor + 1]
        after = cursor + size
        if not kind or size < 2 or after > end:
            raise BadPacket(f"attribute {kind} of length {size} with {end - cursor} octets left")
        value = wire[cursor + 2 : after]
        if kind == _VENDOR_SPECIFIC:
            attributes.extend(_vendor_attributes(value))
        else:
            attributes.append(Attribute(kind, value))
        if kind == _MESSAGE_AUTHENTICATOR:
            if message_authenticator_at or size != 18:
                raise BadPacket("a second Message-Authenticator, or one of a wrong length")
            message_authenticator_at = cursor + 2
        cursor = after
    if cursor != end:
        raise BadPacket("an attribute without room for its length")
    if len(attributes) > MAX_ATTRIBUTES:
        raise BadPacket(f"more than {MAX_ATTRIBUTES} attributes")
    return attributes, message_authenticator_at


def _vendor_attributes(value: bytes) -> list[Attribute]:
    """Return the vendor attributes in a Vendor-Specific value (RFC 2865 section 5.26).

    The inner format is only a recommendation, so what does not follow it is kept whole. Vendor 0 is kept
    whole too: an inner attribute of vendor 0 would pass for one of the IETF's, a User-Name for instance.
    """
    whole = [Attribute(AttributeType.VENDOR_SPECIFIC, value)]
    vendor = int.from_bytes(value[:4], "big")
    if len(value) < 6 or vendor == 0:
        return whole
    inner: list[Attribute] = []
    cursor, end = 4, len(value)
    while cursor < end:
        if end - cursor < 2:
            return whole
        kind, size = value[cursor], value[cursor + 1]
        if kind == 0 or size < 2 or cursor + size > end:
            return whole
        inner.append(Attribute(kind, value[cursor + 2 : cursor + size], vendor))
        cursor += size
    return inner


_CREDENTIALS = {AttributeType.USER_PASSWORD, AttributeType.CHAP_PASSWORD, AttributeType.ARAP_PASSWORD}
_AT_MOST_ONE = (AttributeType.STATE, AttributeType.USER_PASSWORD)


def _check_access_request(packet: Packet) -> None:
    """Refuse an Access-Request whose attributes may not stand together (RFC 2865 5.44, RFC 3579 3.3)."""
    values = packet.values
    for kind in _AT_MOST_ONE:
        if kind in values and len(packet.all(kind)) > 1:
            raise BadPacket(f"two {kind.name} attributes")
    speaks_eap = AttributeType.EAP_MESSAGE in values
    credentials = len(_CREDENTIALS & values.keys())
    if credentials > 1 or (credentials and speaks_eap):
        raise BadPacket("two kinds of credentials in one request")
    password = values.get(AttributeType.USER_PASSWORD)
    if password is not None and (len(password) % 16 or not 16 <= len(password) <= 128):
        raise BadPacket(f"a User-Password of {len(password)} octets")  # RFC 2865 section 5.2
    if speaks_eap:
        _check_eap_message(packet)


def _check_eap_message(packet: Packet) -> None:
    """Refuse EAP-Message attributes with others in between (RFC 3579 section 3.1)."""
    types = [a.type for a in packet.attributes if not a.vendor]
    first = types.index(AttributeType.EAP_MESSAGE)
    count = types.count(AttributeType.EAP_MESSAGE)
    if types[first : first + count] != [AttributeType.EAP_MESSAGE] * count:
        raise BadPacket("EAP-Message attributes that do not follow each other")
