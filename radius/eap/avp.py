"""The attribute-value pairs inside EAP-TTLS (RFC 5281 section 10.1), parsed strictly."""

from dataclasses import dataclass, field

from radius.errors import RadiusError

_VENDOR = 0x80
_MANDATORY = 0x40
_HEADER_OCTETS = 8
_VENDOR_OCTETS = 4


class BadAvp(RadiusError):
    """The peer sent what RFC 5281 forbids."""


@dataclass(frozen=True, slots=True)
class Avp:
    """One pair; vendor 0 is RADIUS's own numbering."""

    code: int
    vendor: int
    mandatory: bool
    value: bytes = field(repr=False)


def decode_avps(octets: bytes) -> tuple[Avp, ...]:
    """Return the pairs in octets in their order. Raises BadAvp."""
    avps: list[Avp] = []
    cursor = 0
    while cursor < len(octets):
        avp, length = _decode_avp(octets, cursor)
        avps.append(avp)
        cursor += length + -length % 4
    if cursor != len(octets):
        raise BadAvp("the last AVP is not padded")
    return tuple(avps)


def encode_avp(avp: Avp) -> bytes:
    """Return the octets of one pair, padded to a multiple of four."""
    flags = (_VENDOR if avp.vendor else 0) | (_MANDATORY if avp.mandatory else 0)
    vendor = avp.vendor.to_bytes(_VENDOR_OCTETS, "big") if avp.vendor else b""
    length = _HEADER_OCTETS + len(vendor) + len(avp.value)
    header = avp.code.to_bytes(4, "big") + bytes((flags,)) + length.to_bytes(3, "big")
    return header + vendor + avp.value + bytes(-length % 4)


def _decode_avp(octets: bytes, at: int) -> tuple[Avp, int]:
    """Return the pair at this place and its length without padding."""
    left = len(octets) - at
    if left < _HEADER_OCTETS:
        raise BadAvp(f"{left} octets are shorter than an AVP header")
    code = int.from_bytes(octets[at : at + 4], "big")
    flags = octets[at + 4]
    length = int.from_bytes(octets[at + 5 : at + 8], "big")
    begin = _HEADER_OCTETS + (_VENDOR_OCTETS if flags & _VENDOR else 0)
    if not begin <= length <= left:
        raise BadAvp(f"AVP {code} of length {length} with {left} octets left")
    if flags & ~(_VENDOR | _MANDATORY):
        raise BadAvp(f"AVP {code} with reserved flags")
    vendor = int.from_bytes(octets[at + 8 : at + 12], "big") if flags & _VENDOR else 0
    return Avp(code, vendor, bool(flags & _MANDATORY), octets[at + begin : at + length]), length
