"""Octets to Packet and back, strictly (RFC 2865 section 3, RFC 2869 section 5.19, RFC 3579 section 3).

What FreeRADIUS drops we drop: attributes that overrun the packet, have no room for their own header or
are of type 0; more than 200 of them; a packet over 4096 octets; two Message-Authenticators; an
EAP-Message beside another kind of credential. Types nobody told us about keep their octets.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from functools import partial

from radius.attributes import Attribute, AttributeType, encode_attributes
from radius.cursor import Cursor, Overrun
from radius.errors import RadiusError, TooLong
from radius.formats import EXTENDED_TYPES, LONG_EXTENDED_TYPES, VENDOR_FORMATS, VendorFormat, unfold
from radius.frozen import value

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
# As plain numbers, because every packet is compared with them.
_USER_PASSWORD = int(AttributeType.USER_PASSWORD)
_CHAP_PASSWORD = int(AttributeType.CHAP_PASSWORD)
_ARAP_PASSWORD = int(AttributeType.ARAP_PASSWORD)
_EAP_MESSAGE = int(AttributeType.EAP_MESSAGE)
_AT_MOST_ONE = (int(AttributeType.STATE), _USER_PASSWORD)
_VENDOR_SPECIFIC = int(AttributeType.VENDOR_SPECIFIC)
_MESSAGE_AUTHENTICATOR = int(AttributeType.MESSAGE_AUTHENTICATOR)
# What is more than its octets: the extended ones (RFC 6929), and these two.
_SPECIAL = frozenset({_VENDOR_SPECIFIC, _MESSAGE_AUTHENTICATOR, *EXTENDED_TYPES, *LONG_EXTENDED_TYPES})
# Attribute(...) by way of a function of Python's own takes twice as long.
_make = partial(tuple.__new__, Attribute)


@value
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
        values = {kind: value for kind, value, vendor in reversed(self.attributes) if not vendor}
        object.__setattr__(self, "values", values)

    def all(self, kind: int, vendor: int = 0) -> list[bytes]:
        """Return the values of every attribute of this type, in order."""
        return [value for type_, value, owner in self.attributes if type_ == kind and owner == vendor]

    def first(self, kind: int, vendor: int = 0) -> bytes | None:
        """Return the value of the first attribute of this type."""
        if not vendor:
            return self.values.get(kind)
        return next(iter(self.all(kind, vendor)), None)


def decode(data: bytes, formats: Mapping[int, VendorFormat] = VENDOR_FORMATS) -> Packet:
    """Return the packet in data; octets after its Length are padding (RFC 2865 section 3).

    formats are those of vendors that lay out their attributes in another way than RFC 2865 recommends.
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
    attributes, at = _decode_attributes(wire, formats)
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


def _decode_attributes(wire: bytes, formats: Mapping[int, VendorFormat]) -> tuple[list[Attribute], int]:
    """Return the attributes and where the Message-Authenticator's value begins (0: there is none).

    Raises BadPacket.
    """
    try:
        attributes, special = Cursor(wire, HEADER_OCTETS).pairs(_make, watched=_SPECIAL)
    except Overrun as error:
        raise BadPacket(str(error)) from error
    message_authenticator_at = 0
    folded = False
    # From the end, as one Vendor-Specific may become several attributes.
    for place, at in reversed(special):
        kind, value, _ = attributes[place]
        if kind == _VENDOR_SPECIFIC:
            attributes[place : place + 1] = inner = _vendor_attributes(value, formats)
            folded |= not inner[0].vendor
        elif kind != _MESSAGE_AUTHENTICATOR:
            folded = True
        elif message_authenticator_at or len(value) != 16:
            raise BadPacket("a second Message-Authenticator, or one of a wrong length")
        else:
            message_authenticator_at = at
    if len(attributes) > MAX_ATTRIBUTES:
        raise BadPacket(f"more than {MAX_ATTRIBUTES} attributes")
    return list(unfold(attributes, formats)) if folded else attributes, message_authenticator_at


def _vendor_attributes(value: bytes, formats: Mapping[int, VendorFormat]) -> list[Attribute]:
    """Return the vendor attributes in a Vendor-Specific value (RFC 2865 section 5.26).

    The inner format is only a recommendation, so what does not follow it is kept whole. Vendor 0 is kept
    whole too: an inner attribute of vendor 0 would pass for one of the IETF's, a User-Name for instance.
    """
    vendor = int.from_bytes(value[:4], "big")
    if len(value) >= 6 and vendor and vendor not in formats:
        try:
            return Cursor(value, 4).pairs(_make, vendor)[0]
        except Overrun:
            pass
    return [Attribute(_VENDOR_SPECIFIC, value)]


def _check_access_request(packet: Packet) -> None:
    """Refuse an Access-Request whose attributes may not stand together (RFC 2865 5.44, RFC 3579 3.3)."""
    values = packet.values
    if len(values) < len(packet.attributes):
        for kind in _AT_MOST_ONE:
            if kind in values and len(packet.all(kind)) > 1:
                raise BadPacket(f"two {AttributeType(kind).name} attributes")
    speaks_eap = _EAP_MESSAGE in values
    credentials = (_USER_PASSWORD in values) + (_CHAP_PASSWORD in values) + (_ARAP_PASSWORD in values)
    if credentials > 1 or (credentials and speaks_eap):
        raise BadPacket("two kinds of credentials in one request")
    password = values.get(_USER_PASSWORD)
    if password is not None and (len(password) % 16 or not 16 <= len(password) <= 128):
        raise BadPacket(f"a User-Password of {len(password)} octets")  # RFC 2865 section 5.2
    if speaks_eap:
        _check_eap_message(packet)


def _check_eap_message(packet: Packet) -> None:
    """Refuse EAP-Message attributes with others in between (RFC 3579 section 3.1)."""
    types = [a.type for a in packet.attributes if not a.vendor]
    first, count = types.index(_EAP_MESSAGE), types.count(_EAP_MESSAGE)
    if types[first : first + count] != [_EAP_MESSAGE] * count:
        raise BadPacket("EAP-Message attributes that do not follow each other")
