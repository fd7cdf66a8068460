"""EAP packets (RFC 3748 section 4)."""

from enum import IntEnum

from radius.errors import RadiusError
from radius.frozen import value

HEADER_OCTETS = 4


class BadEap(RadiusError):
    """The peer sent what RFC 3748 forbids."""


class EapCode(IntEnum):
    """RFC 3748 section 4."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class EapType(IntEnum):
    """The types of the IANA registry that we know by name, offered by us or not."""

    IDENTITY = 1
    NOTIFICATION = 2
    NAK = 3
    MD5_CHALLENGE = 4
    GTC = 6
    TLS = 13
    TTLS = 21
    PEAP = 25
    MSCHAPV2 = 26
    TLV = 33
    PWD = 52
    TEAP = 55
    EXPANDED = 254


@value
class EapPacket:
    """A Request or Response; type is a number because a peer may name any."""

    code: EapCode
    identifier: int
    type: int
    data: bytes


def decode_response(octets: bytes) -> EapPacket:
    """Return the Response in octets; octets after its Length are padding. Raises BadEap."""
    if len(octets) <= HEADER_OCTETS:
        raise BadEap(f"a Response of {len(octets)} octets")
    if octets[0] != EapCode.RESPONSE:
        raise BadEap(f"code {octets[0]} from a peer")
    length = octets[2] << 8 | octets[3]
    if not HEADER_OCTETS < length <= len(octets):
        raise BadEap(f"a Response: {length} octets announced, {len(octets)} there")
    return EapPacket(EapCode.RESPONSE, octets[1], octets[4], octets[HEADER_OCTETS + 1 : length])


def encode_request(identifier: int, kind: int, data: bytes) -> bytes:
    """Return the octets of a Request."""
    length = HEADER_OCTETS + 1 + len(data)
    return bytes((EapCode.REQUEST, identifier)) + length.to_bytes(2, "big") + bytes((kind,)) + data


def encode_end(code: EapCode, identifier: int) -> bytes:
    """Return the octets of a Success or Failure."""
    return bytes((code, identifier, 0, HEADER_OCTETS))


def type_name(kind: int) -> str:
    """Return the name of an EAP type for people: 'PEAP', or 'type 99'."""
    try:
        return EapType(kind).name.replace("_", "-")
    except ValueError:
        return f"type {kind}"
