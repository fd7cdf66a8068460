"""The attribute-value pairs inside EAP-TTLS (RFC 5281 section 10.1), parsed strictly."""

from dataclasses import field

from radius.cursor import Cursor, Overrun
from radius.errors import RadiusError
from radius.frozen import value

_VENDOR = 0x80
_MANDATORY = 0x40
_HEADER_OCTETS = 8
_VENDOR_OCTETS = 4


class BadAvp(RadiusError):
    """The peer sent what RFC 5281 forbids."""


@value
class Avp:
    """One pair; vendor 0 is RADIUS's own numbering."""

    code: int
    vendor: int
    mandatory: bool
    value: bytes = field(repr=False)


def decode_avps(octets: bytes) -> tuple[Avp, ...]:
    """Return the pairs in octets in their order. Raises BadAvp."""
    cursor = Cursor(octets)
    avps: list[Avp] = []
    try:
        while cursor.left:
            avps.append(_decode_avp(cursor))
    except Overrun as error:
        raise BadAvp(f"AVP {len(avps) + 1}: {error}") from error
    return tuple(avps)


def encode_avp(avp: Avp) -> bytes:
    """Return the octets of one pair, padded to a multiple of four."""
    flags = (_VENDOR if avp.vendor else 0) | (_MANDATORY if avp.mandatory else 0)
    vendor = avp.vendor.to_bytes(_VENDOR_OCTETS, "big") if avp.vendor else b""
    length = _HEADER_OCTETS + len(vendor) + len(avp.value)
    header = avp.code.to_bytes(4, "big") + bytes((flags,)) + length.to_bytes(3, "big")
    return header + vendor + avp.value + bytes(-length % 4)


def _decode_avp(cursor: Cursor) -> Avp:
    """Return the next pair; the cursor is behind its padding then. Raises BadAvp and Overrun."""
    code, flags, length = cursor.number(4), cursor.number(1), cursor.number(3)
    if flags & ~(_VENDOR | _MANDATORY):
        raise BadAvp(f"AVP {code} with reserved flags")
    header = _HEADER_OCTETS + (_VENDOR_OCTETS if flags & _VENDOR else 0)
    vendor = cursor.number(_VENDOR_OCTETS) if flags & _VENDOR else 0
    value = cursor.take(length - header)
    cursor.take(-length % 4)
    return Avp(code, vendor, bool(flags & _MANDATORY), value)
