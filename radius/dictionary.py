"""Attributes by name: what people write and read, to and from what travels.

The definitions are pyrad's reading of dictionary files in the syntax of FreeRADIUS. Values are text here:
'13' or 'VLAN' for an integer with names, '192.0.2.1' for an address, '0x0a0b' for octets.
"""

from pyrad import tools
from pyrad.dictionary import Attribute as Definition
from pyrad.dictionary import Dictionary as Definitions

from radius.attributes import MAX_VALUE_OCTETS, MAX_VENDOR_VALUE_OCTETS, Attribute
from radius.errors import RadiusError

# RFC 2868 section 3: a first octet up to this is a tag.
MAX_TAG = 0x1F
HIDDEN = "(hidden)"
_NUMBERS = frozenset({"integer", "date", "signed", "short", "byte", "integer64"})


class UnknownAttribute(RadiusError):
    """No dictionary defines an attribute of this name."""


class BadValue(RadiusError):
    """The value does not fit the type its dictionary gives the attribute."""


class Dictionary:
    """Names and types of attributes."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def __len__(self) -> int:
        return len(self._definitions)

    def attribute(self, name: str, value: str, tag: int = 0) -> Attribute:
        """Return the attribute of this name with this value. Raises UnknownAttribute and BadValue."""
        if name not in self._definitions:
            raise UnknownAttribute(f"no dictionary defines {name}")
        definition = self._definitions[name]
        octets = _encode(definition, value)
        if definition.has_tag:
            octets = _tagged(definition, octets, tag)
        elif tag:
            raise BadValue(f"{name} has no tag")
        vendor, number = _key(self._definitions.attrindex.GetForward(name))
        if len(octets) > (MAX_VENDOR_VALUE_OCTETS if vendor else MAX_VALUE_OCTETS):
            raise BadValue(f"{name} holds {len(octets)} octets")
        return Attribute(number, octets, vendor)

    def describe(self, attribute: Attribute) -> tuple[str, str]:
        """Return name and value for people; octets in hexadecimal where the dictionary does not help.

        A value hidden under a shared secret is not shown.
        """
        key = (attribute.vendor, attribute.type) if attribute.vendor else attribute.type
        if not self._definitions.attrindex.HasBackward(key):
            return _numbered(attribute), _hexadecimal(attribute.value)
        name = str(self._definitions.attrindex.GetBackward(key))
        definition = self._definitions[name]
        if definition.encrypt:
            return name, HIDDEN
        return name, _decode(definition, attribute.value)


def _key(key: int | tuple[int, int]) -> tuple[int, int]:
    return key if isinstance(key, tuple) else (0, key)


def _numbered(attribute: Attribute) -> str:
    if attribute.vendor:
        return f"Attr-26.{attribute.vendor}.{attribute.type}"
    return f"Attr-{attribute.type}"


def _hexadecimal(octets: bytes) -> str:
    return f"0x{octets.hex()}"


def _encode(definition: Definition, value: str) -> bytes:
    if definition.values.HasForward(value):
        return bytes(definition.values.GetForward(value))
    try:
        return bytes(tools.EncodeAttr(definition.type, _typed(definition, value)))
    except (ValueError, TypeError) as error:
        raise BadValue(f"{definition.name} cannot be {value!r}: it is of type {definition.type}") from error


def _typed(definition: Definition, value: str) -> str | int:
    return int(value) if definition.type in _NUMBERS else value


def _tagged(definition: Definition, octets: bytes, tag: int) -> bytes:
    """Return the value with its tag (RFC 2868 section 3): an octet before text, the first of an integer."""
    if not 0 <= tag <= MAX_TAG:
        raise BadValue(f"{definition.name} has tags from 0 to {MAX_TAG}, not {tag}")
    if definition.type == "integer":
        return bytes((tag,)) + octets[1:]
    return bytes((tag,)) + octets if tag else octets


def _decode(definition: Definition, octets: bytes) -> str:
    if definition.has_tag:
        octets = _untagged(definition, octets)
    if definition.values.HasBackward(octets):
        return str(definition.values.GetBackward(octets))
    if definition.type == "octets":
        return _hexadecimal(octets)
    try:
        value = tools.DecodeAttr(definition.type, octets)
    except ValueError:
        return _hexadecimal(octets)
    return _hexadecimal(value) if isinstance(value, bytes) else str(value)


def _untagged(definition: Definition, octets: bytes) -> bytes:
    if definition.type == "integer":
        return b"\0" + octets[1:] if len(octets) == 4 else octets
    return octets[1:] if octets[:1] <= bytes((MAX_TAG,)) else octets
