"""Attributes that do not fit the plain format: those of some vendors, and the extended ones (RFC 6929).

In a packet they are of type 26 or 241 to 246. unfold() makes of these what they stand for, each one attribute
with a type of its own and a value as long as it likes; fold() is the way back. What does not follow the rules
keeps its octets and its place.

    type                            is
    1 to 255                        a plain attribute, of the IETF or a vendor
    up to 4 octets, with a vendor   a vendor's attribute in that vendor's format
    extended(241, 5)                Extended-Type-1, "241.5"; 241 to 244
    extended(245, 5)                Long-Extended-Type-1, "245.5", joined from its fragments; 245 and 246
    extended(241, 26, 7), vendor    Extended-Vendor-Specific-1, "241.26.VENDOR.7"; 241 to 246
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from radius.cursor import Cursor, Overrun
from radius.errors import TooLong

MAX_VALUE_OCTETS = 253
_VENDOR_SPECIFIC = 26
_VENDOR_OCTETS = 4
_MORE = 0x80
EXTENDED_TYPES = range(241, 245)
LONG_EXTENDED_TYPES = range(245, 247)
# Above every type that travels, even those of four octets.
_EXTENDED = 1 << 32


@dataclass(frozen=True, slots=True)
class VendorFormat:
    """How a vendor lays out the inside of a Vendor-Specific: octets of type and of length.

    length_octets 0: one attribute takes all of it. continued: an octet of flags after the length, whose first
    bit says that the value goes on in the next Vendor-Specific.
    """

    type_octets: int = 1
    length_octets: int = 1
    continued: bool = False

    @property
    def header_octets(self) -> int:
        """How many octets of an attribute are not its value."""
        return self.type_octets + self.length_octets + self.continued


PLAIN_FORMAT = VendorFormat()
_WIMAX_FORMAT = VendorFormat(continued=True)
# By number; every vendor that is not named keeps to the format of RFC 2865 section 5.26, or to none.
VENDOR_FORMATS: Mapping[int, VendorFormat] = {
    429: VendorFormat(4, 0),  # USR
    637: VendorFormat(2, 1),  # Alcatel-ESAM
    4846: VendorFormat(2, 1),  # Lucent
    5323: _WIMAX_FORMAT,  # Telrad
    8164: VendorFormat(2, 2),  # Starent
    16445: VendorFormat(2, 1),  # Kineto
    24757: _WIMAX_FORMAT,  # WiMAX
}


class Attribute(NamedTuple):
    """One attribute: its type, its value octets, and the vendor whose type it is (0: the IETF's).

    A tuple and not a dataclass because every packet makes a dozen of them.
    """

    type: int
    value: bytes
    vendor: int = 0


def extended(base: int, kind: int, vendor_kind: int | None = None) -> int:
    """Return the type that stands for an extended attribute, with vendor_kind for one of a vendor's."""
    if vendor_kind is None:
        return _EXTENDED | base << 8 | kind
    return _EXTENDED | base << 16 | kind << 8 | vendor_kind


def parts(kind: int) -> tuple[int, ...]:
    """Return the numbers that extended() made this type of, or only the type."""
    if not kind & _EXTENDED:
        return (kind,)
    number = kind ^ _EXTENDED
    octets = (number >> 16, number >> 8 & 255, number & 255)
    return octets if octets[0] else octets[1:]


def fold(
    kind: int, value: bytes, vendor: int, formats: Mapping[int, VendorFormat] = VENDOR_FORMATS
) -> list[Attribute]:
    """Return the plain attributes in which one travels. Raises TooLong."""
    numbers = parts(kind)
    if kind & _EXTENDED:
        return _fold_extended(numbers, value, vendor)
    layout = formats.get(vendor, PLAIN_FORMAT)
    if kind >> 8 * layout.type_octets:
        raise TooLong(f"type {kind} of vendor {vendor} in {layout.type_octets} octets")
    room = MAX_VALUE_OCTETS - _VENDOR_OCTETS - layout.header_octets
    pieces = _cut(value, room, layout.continued, f"attribute {vendor}/{kind}")
    return [
        Attribute(_VENDOR_SPECIFIC, _vendor_specific(kind, piece, vendor, layout, more))
        for piece, more in pieces
    ]


def unfold(
    raw: Iterable[Attribute], formats: Mapping[int, VendorFormat] = VENDOR_FORMATS
) -> Iterator[Attribute]:
    """Yield what attributes of a packet stand for, in their order."""
    waiting: list[tuple[Attribute, _Fragment]] = []
    for each in raw:
        fragment = _fragment(each, formats)
        if waiting and (fragment is None or fragment.key != waiting[0][1].key):
            yield from (begun for begun, _ in waiting)
            waiting = []
        if fragment is None:
            yield from _pieces(each, formats)
            continue
        waiting.append((each, fragment))
        if not fragment.more:
            yield from _joined(waiting)
            waiting = []
    yield from (begun for begun, _ in waiting)


class _Fragment(NamedTuple):
    """One fragment of a value: which attribute's, the octets, and whether more follow."""

    key: tuple[int, ...]
    octets: bytes
    more: bool


def _fragment(raw: Attribute, formats: Mapping[int, VendorFormat]) -> _Fragment | None:
    """Return the fragment in an attribute; None where it is of a kind that has none, or against the rules."""
    try:
        if raw.type in LONG_EXTENDED_TYPES and not raw.vendor:
            return _long_fragment(raw)
        if raw.type == _VENDOR_SPECIFIC and not raw.vendor:
            return _vendor_fragment(Cursor(raw.value), formats)
    except Overrun:
        return None
    return None


def _long_fragment(raw: Attribute) -> _Fragment | None:
    cursor = Cursor(raw.value)
    kind, flags = cursor.number(1), cursor.number(1)
    # RFC 6929 section 2.2: the other flags are zero, and only a full fragment may announce another.
    if not kind or flags not in (0, _MORE) or (flags and len(raw.value) != MAX_VALUE_OCTETS):
        return None
    return _Fragment((raw.type, kind), cursor.rest(), bool(flags))


def _vendor_fragment(cursor: Cursor, formats: Mapping[int, VendorFormat]) -> _Fragment | None:
    """Return a vendor's attribute that may be continued, if it is alone in its Vendor-Specific."""
    vendor = cursor.number(_VENDOR_OCTETS)
    layout = formats.get(vendor)
    if layout is None or not layout.continued:
        return None
    items = cursor.items(layout.type_octets, layout.length_octets)
    if len(items) != 1:
        return None
    kind, value = items[0]
    inner = Cursor(value)
    flags = inner.number(1)
    return None if flags not in (0, _MORE) else _Fragment((vendor, kind), inner.rest(), bool(flags))


def _joined(fragments: list[tuple[Attribute, _Fragment]]) -> Iterable[Attribute]:
    """Return the one attribute that complete fragments make, or the fragments where they make none."""
    value = b"".join(fragment.octets for _, fragment in fragments)
    raw, fragment = fragments[0]
    first, kind = fragment.key
    if raw.type == _VENDOR_SPECIFIC:
        return (Attribute(kind, value, first),)
    try:
        whole = _extended_attribute(first, kind, value)
    except Overrun:
        whole = None
    return [each for each, _ in fragments] if whole is None else (whole,)


def _pieces(raw: Attribute, formats: Mapping[int, VendorFormat]) -> Iterable[Attribute]:
    """Return what an attribute stands for that has no fragments."""
    try:
        if raw.type in EXTENDED_TYPES and not raw.vendor:
            cursor = Cursor(raw.value)
            whole = _extended_attribute(raw.type, cursor.number(1), cursor.rest())
            return (raw,) if whole is None else (whole,)
        if raw.type == _VENDOR_SPECIFIC and not raw.vendor:
            return _vendor_items(Cursor(raw.value), formats) or (raw,)
    except Overrun:
        return (raw,)
    return (raw,)


def _vendor_items(cursor: Cursor, formats: Mapping[int, VendorFormat]) -> list[Attribute]:
    vendor = cursor.number(_VENDOR_OCTETS)
    layout = formats.get(vendor)
    if layout is None or layout.continued:
        return []
    return [
        Attribute(kind, value, vendor)
        for kind, value in cursor.items(layout.type_octets, layout.length_octets)
    ]


def _extended_attribute(base: int, kind: int, value: bytes) -> Attribute | None:
    """Return the extended attribute; None where it is against the rules. Raises Overrun."""
    if not kind:
        return None
    if kind != _VENDOR_SPECIFIC:
        return Attribute(extended(base, kind), value)
    cursor = Cursor(value)
    vendor, vendor_kind = cursor.number(_VENDOR_OCTETS), cursor.number(1)
    # Vendor 0 would pass for the IETF.
    if not vendor or not vendor_kind:
        return None
    return Attribute(extended(base, kind, vendor_kind), cursor.rest(), vendor)


def _fold_extended(numbers: tuple[int, ...], value: bytes, vendor: int) -> list[Attribute]:
    base, kind, *vendor_kind = numbers
    if vendor_kind:
        value = vendor.to_bytes(_VENDOR_OCTETS, "big") + bytes(vendor_kind) + value
    name = ".".join(map(str, numbers))
    if base in EXTENDED_TYPES:
        [(whole, _)] = _cut(value, MAX_VALUE_OCTETS - 1, False, f"attribute {name}")
        return [Attribute(base, bytes((kind,)) + whole)]
    pieces = _cut(value, MAX_VALUE_OCTETS - 2, True, f"attribute {name}")
    return [Attribute(base, bytes((kind, _MORE if more else 0)) + piece) for piece, more in pieces]


def _vendor_specific(kind: int, value: bytes, vendor: int, layout: VendorFormat, more: bool) -> bytes:
    header = vendor.to_bytes(_VENDOR_OCTETS, "big") + kind.to_bytes(layout.type_octets, "big")
    if layout.length_octets:
        header += (len(value) + layout.header_octets).to_bytes(layout.length_octets, "big")
    if layout.continued:
        header += bytes((_MORE if more else 0,))
    return header + value


def _cut(value: bytes, room: int, may_continue: bool, what: str) -> list[tuple[bytes, bool]]:
    """Return value in pieces that fit, each with whether more follow. Raises TooLong."""
    if len(value) > room and not may_continue:
        raise TooLong(f"{what} holds {len(value)} octets")
    last = max(len(value) - 1, 0) // room
    return [(value[at * room : (at + 1) * room], at < last) for at in range(last + 1)]
