"""Attributes by name: what people write and read, to and from what travels.

Values are text here: '13' or 'VLAN' for an integer with names, '192.0.2.1' for an address, '0x0a0b' for
octets, '{A = 1, B = x}' for a TLV (read only: its parts are written by their own names).
"""

from collections.abc import Mapping

from radius.attributes import MAX_VALUE_OCTETS, Attribute, encode_attribute
from radius.cursor import Cursor, Overrun
from radius.definitions import CONTAINERS, Definition, Definitions, Kind, Place
from radius.errors import RadiusError, TooLong
from radius.formats import VENDOR_FORMATS, VendorFormat, fold, parts, unfold
from radius.values import decode_value, encode_value, hexadecimal, number_octets

# RFC 2868 section 3: a first octet up to this is a tag.
MAX_TAG = 0x1F
MAX_TLV_OCTETS = 253
HIDDEN = "(hidden)"


class UnknownAttribute(RadiusError):
    """No dictionary defines an attribute of this name."""


class BadValue(RadiusError):
    """The value does not fit the type its dictionary gives the attribute."""


class Dictionary:
    """Names and types of attributes."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def __len__(self) -> int:
        return len(self._definitions.by_name)

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What is defined, by name."""
        return self._definitions.by_name

    @property
    def formats(self) -> Mapping[int, VendorFormat]:
        """The vendors whose attributes are not in the plain format."""
        return self._definitions.formats

    def attribute(self, name: str, value: str, tag: int = 0) -> Attribute:
        """Return the attribute of this name with this value. Raises UnknownAttribute and BadValue.

        A part of a TLV comes within its TLV. What is to be hidden is not hidden yet.
        """
        [attribute] = self._attributes(name, value, tag, may_split=False)
        return attribute

    def attributes(self, name: str, value: str, tag: int = 0) -> tuple[Attribute, ...]:
        """Return one attribute, or several where a long value may be cut. Raises as attribute() does."""
        return self._attributes(name, value, tag, may_split=True)

    def describe(self, attribute: Attribute) -> tuple[str, str]:
        """Return name and value for people; octets in hexadecimal where the dictionary does not help.

        A value hidden under a shared secret is not shown.
        """
        place = Place(attribute.vendor, attribute.type)
        definition = self._definitions.by_place.get(place)
        if definition is None or definition.kind is Kind.VSA:
            inside = self._inside(attribute)
            if inside is not None:
                return self.describe(inside)
        if definition is None:
            return _numbered(attribute), hexadecimal(attribute.value)
        return definition.name, self._shown(definition, attribute.value)

    def _attributes(self, name: str, value: str, tag: int, may_split: bool) -> tuple[Attribute, ...]:
        definition = self._definitions.by_name.get(name)
        if definition is None:
            raise UnknownAttribute(f"no dictionary defines {name}")
        if not definition.travels or definition.kind in CONTAINERS:
            raise BadValue(f"{name} does not travel by itself")
        octets = self._encoded(definition, value)
        if definition.has_tag:
            octets = _tagged(definition, octets, tag)
        elif tag:
            raise BadValue(f"{name} has no tag")
        for number in reversed(definition.place.path):
            if len(octets) > MAX_TLV_OCTETS:
                raise BadValue(f"{name} holds {len(octets)} octets")
            octets = bytes((number, len(octets) + 2)) + octets
        pieces = [octets]
        if may_split and definition.concat:
            starts = range(0, max(len(octets), 1), MAX_VALUE_OCTETS)
            pieces = [octets[at : at + MAX_VALUE_OCTETS] for at in starts]
        return tuple(self._checked(name, definition.place, piece) for piece in pieces)

    def _checked(self, name: str, place: Place, octets: bytes) -> Attribute:
        """Return the attribute, if a packet has room for it. Raises BadValue."""
        attribute = Attribute(place.type, octets, place.vendor)
        try:
            if self._definitions.format_of(place.vendor) != VENDOR_FORMATS.get(place.vendor, VendorFormat()):
                # Only this dictionary knows the vendor's format, so it lays the attribute out itself.
                [attribute] = fold(*attribute, self.formats)
            encode_attribute(attribute)
        except (TooLong, ValueError) as error:
            raise BadValue(f"{name} holds {len(octets)} octets") from error
        return attribute

    def _encoded(self, definition: Definition, text: str) -> bytes:
        number = self._definitions.values.get(definition.name, {}).get(text)
        size = number_octets(definition.kind)
        try:
            if number is not None and size:
                return number.to_bytes(size, "big")
            octets = encode_value(definition.kind, text)
        except (ValueError, OverflowError) as error:
            kind = definition.kind.value
            raise BadValue(f"{definition.name} cannot be {text!r}: it is of type {kind}") from error
        if definition.octets and len(octets) != definition.octets:
            raise BadValue(f"{definition.name} has {definition.octets} octets, not {len(octets)}")
        return octets

    def _shown(self, definition: Definition, octets: bytes) -> str:
        if definition.encrypt:
            return HIDDEN
        if definition.kind is Kind.TLV:
            return self._shown_tlv(definition.place, octets)
        if definition.has_tag:
            octets = _untagged(definition, octets)
        if number_octets(definition.kind) == len(octets) > 0:
            name = self._definitions.value_names.get(definition.name, {}).get(int.from_bytes(octets, "big"))
            if name is not None:
                return name
        shown = decode_value(definition.kind, octets)
        return hexadecimal(octets) if shown is None else shown

    def _shown_tlv(self, place: Place, octets: bytes) -> str:
        try:
            items = Cursor(octets).items(1, 1)
        except Overrun:
            return hexadecimal(octets)
        shown = []
        for number, value in items:
            inner = Place(place.vendor, place.type, (*place.path, number))
            definition = self._definitions.by_place.get(inner)
            name = str(number) if definition is None else definition.name
            text = hexadecimal(value) if definition is None else self._shown(definition, value)
            shown.append(f"{name} = {text}")
        return f"{{{', '.join(shown)}}}"

    def _inside(self, attribute: Attribute) -> Attribute | None:
        """Return the one attribute that this one stands for in a format that only the dictionary knows."""
        unfolded = list(unfold([attribute], self.formats))
        return None if len(unfolded) != 1 or unfolded == [attribute] else unfolded[0]


def _numbered(attribute: Attribute) -> str:
    numbers = list(parts(attribute.type))
    if attribute.vendor:
        numbers = [*(numbers[:-1] or [26]), attribute.vendor, numbers[-1]]
    return f"Attr-{'.'.join(map(str, numbers))}"


def _tagged(definition: Definition, octets: bytes, tag: int) -> bytes:
    """Return the value with its tag (RFC 2868 section 3): an octet before text, the first of an integer."""
    if not 0 <= tag <= MAX_TAG:
        raise BadValue(f"{definition.name} has tags from 0 to {MAX_TAG}, not {tag}")
    if definition.kind is Kind.INTEGER:
        if octets[0]:
            raise BadValue(f"{definition.name} has three octets beside its tag")
        return bytes((tag,)) + octets[1:]
    return bytes((tag,)) + octets if tag else octets


def _untagged(definition: Definition, octets: bytes) -> bytes:
    if definition.kind is Kind.INTEGER:
        return b"\0" + octets[1:] if len(octets) == 4 else octets
    return octets[1:] if octets[:1] <= bytes((MAX_TAG,)) else octets
