"""Attributes by number, their values and their octets (RFC 2865 section 5)."""

from collections.abc import Iterable
from enum import IntEnum

from radius.errors import TooLong
from radius.formats import MAX_VALUE_OCTETS, VENDOR_FORMATS, Attribute, fold

__all__ = [
    "MAX_VALUE_OCTETS",
    "MAX_VENDOR_VALUE_OCTETS",
    "Attribute",
    "AttributeType",
    "encode_attribute",
    "encode_attributes",
    "integer",
    "split_octets",
    "split_text",
    "text",
]
MAX_VENDOR_VALUE_OCTETS = 247
# As a plain number, because every attribute of every packet is compared with it.
_VENDOR_SPECIFIC = 26


class AttributeType(IntEnum):
    """The numbers this package itself reads or writes; the dictionary knows the rest by name."""

    USER_NAME = 1
    USER_PASSWORD = 2
    CHAP_PASSWORD = 3
    NAS_IP_ADDRESS = 4
    NAS_PORT = 5
    SERVICE_TYPE = 6
    FRAMED_IP_ADDRESS = 8
    FILTER_ID = 11
    FRAMED_MTU = 12
    REPLY_MESSAGE = 18
    STATE = 24
    CLASS = 25
    VENDOR_SPECIFIC = 26
    SESSION_TIMEOUT = 27
    IDLE_TIMEOUT = 28
    TERMINATION_ACTION = 29
    CALLED_STATION_ID = 30
    CALLING_STATION_ID = 31
    NAS_IDENTIFIER = 32
    PROXY_STATE = 33
    ACCT_STATUS_TYPE = 40
    ACCT_DELAY_TIME = 41
    ACCT_INPUT_OCTETS = 42
    ACCT_OUTPUT_OCTETS = 43
    ACCT_SESSION_ID = 44
    ACCT_SESSION_TIME = 46
    ACCT_TERMINATE_CAUSE = 49
    ACCT_MULTI_SESSION_ID = 50
    ACCT_INPUT_GIGAWORDS = 52
    ACCT_OUTPUT_GIGAWORDS = 53
    EVENT_TIMESTAMP = 55
    EGRESS_VLANID = 56
    EGRESS_VLAN_NAME = 58
    CHAP_CHALLENGE = 60
    NAS_PORT_TYPE = 61
    TUNNEL_TYPE = 64
    TUNNEL_MEDIUM_TYPE = 65
    TUNNEL_CLIENT_ENDPOINT = 66
    ARAP_PASSWORD = 70
    CONNECT_INFO = 77
    EAP_MESSAGE = 79
    MESSAGE_AUTHENTICATOR = 80
    TUNNEL_PRIVATE_GROUP_ID = 81
    ACCT_INTERIM_INTERVAL = 85
    NAS_PORT_ID = 87
    FRAMED_IPV6_PREFIX = 97
    ERROR_CAUSE = 101
    EAP_KEY_NAME = 102
    DELEGATED_IPV6_PREFIX = 123
    FRAMED_IPV6_ADDRESS = 168


def encode_attribute(attribute: Attribute) -> bytes:
    """Return the octets of one attribute; a vendor's one travels alone in its Vendor-Specific.

    Raises TooLong over 253 octets of value (247 in a Vendor-Specific), or what its format has room for.
    """
    kind, value, vendor = attribute
    size = len(value)
    if kind > 255 or vendor in VENDOR_FORMATS:
        return b"".join(map(encode_attribute, fold(kind, value, vendor)))
    if vendor:
        if size > MAX_VENDOR_VALUE_OCTETS:
            raise TooLong(f"vendor attribute {vendor}/{kind} holds {size} octets")
        header = bytes((_VENDOR_SPECIFIC, size + 8))
        return header + vendor.to_bytes(4, "big") + bytes((kind, size + 2)) + value
    if size > MAX_VALUE_OCTETS:
        raise TooLong(f"attribute {kind} holds {size} octets")
    return bytes((kind, size + 2)) + value


def encode_attributes(attributes: Iterable[Attribute]) -> bytes:
    """Return the octets of attributes in their order. Raises TooLong."""
    return b"".join(map(encode_attribute, attributes))


def integer(kind: int, value: int, vendor: int = 0) -> Attribute:
    """Return an attribute of four octets (RFC 2865 section 5, "integer")."""
    return Attribute(kind, value.to_bytes(4, "big"), vendor)


def text(kind: int, value: str, vendor: int = 0) -> Attribute:
    """Return an attribute of UTF-8 text (RFC 2865 section 5, "text")."""
    return Attribute(kind, value.encode(), vendor)


def split_octets(kind: int, value: bytes) -> tuple[Attribute, ...]:
    """Return value in consecutive attributes of at most 253 octets, as EAP-Message travels (RFC 3579 3.1)."""
    starts = range(0, len(value), MAX_VALUE_OCTETS)
    return tuple(Attribute(kind, value[at : at + MAX_VALUE_OCTETS]) for at in starts)


def split_text(kind: int, value: str) -> tuple[Attribute, ...]:
    """Return text in consecutive attributes, cut between characters and never inside one."""
    pieces: list[bytes] = []
    piece = b""
    for character in value:
        octets = character.encode()
        if len(piece) + len(octets) > MAX_VALUE_OCTETS:
            pieces.append(piece)
            piece = b""
        piece += octets
    if piece:
        pieces.append(piece)
    return tuple(Attribute(kind, octets) for octets in pieces)
