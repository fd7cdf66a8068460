"""Dictionary files in the syntax of FreeRADIUS, a line at a time, strictly.

    ATTRIBUTE NAME NUMBER TYPE [FLAG,..]     VALUE ATTRIBUTE NAME NUMBER     $INCLUDE FILE (the caller's work)
    VENDOR NAME NUMBER [format=T,L[,c]]      BEGIN-TLV ATTRIBUTE .. END-TLV ATTRIBUTE
    BEGIN-VENDOR NAME [format=Extended-Vendor-Specific-N] .. END-VENDOR NAME     # a comment

A NUMBER is decimal or 0x.., and has dots where it names what is inside of an extended attribute or a TLV.
pyrad's reader does not know extended attributes, nested TLVs or formats, and passes over what it does not
know: a misspelt line would be noticed when an attribute is missed. Here each mistake is told, with its line.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from radius.definitions import KINDS, Definition, Definitions, Kind, Place
from radius.errors import RadiusError
from radius.formats import EXTENDED_TYPES, LONG_EXTENDED_TYPES, PLAIN_FORMAT, VendorFormat, extended

_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,8}|[0-9]{1,10}")
_NAME = re.compile(r"[\w.:/+-]{1,128}", re.ASCII)
_KIND = re.compile(r"([a-z0-9-]+)(?:\[([0-9]{1,3})\])?")
_VENDOR_FORMAT = re.compile(r"format=([124]),([012])(,c)?")
_EXTENDED_VENDOR = re.compile(r"format=Extended-Vendor-Specific-([1-6])")
_EXTENDED = (*EXTENDED_TYPES, *LONG_EXTENDED_TYPES)
_EVS = 26
# "array", "secret" and "virtual" are for FreeRADIUS itself.
_FLAGS = {"has_tag", "concat", "array", "secret", "virtual", "encrypt=1", "encrypt=2", "encrypt=3"}
_MAX_VALUE = 2**64 - 1


class Misread(RadiusError):
    """A line that says nothing we understand; the message says what is wrong with it."""


class DictionaryReader:
    """Reads lines into definitions. Vendors and TLVs that a file begins it must end: see end_file()."""

    def __init__(self) -> None:
        self.definitions = Definitions()
        self._vendor = 0
        self._vendor_name = ""
        self._extended_base = 0
        self._tlvs: list[Definition] = []
        self._late: list[tuple[str, str, int, str]] = []

    def line(self, text: str, where: str = "") -> str | None:
        """Take one line and return the name of the file it includes. Raises Misread.

        where is handed back by resolve().
        """
        words = text.partition("#")[0].split()
        if not words:
            return None
        keyword = _KEYWORDS.get(words[0].upper())
        if keyword is None:
            raise Misread(f"there is no {words[0][:40]} in a dictionary")
        read, least, most = keyword
        if not least <= len(words) - 1 <= most:
            raise Misread(f"{words[0]} has {least} to {most} words, not {len(words) - 1}")
        if read is DictionaryReader._value:
            self._late.append((words[1], words[2], _number(words[3], _MAX_VALUE), where))
            return None
        return read(self, *words[1:])

    def end_file(self) -> None:
        """Raise Misread where a file ends inside of what it began."""
        open_ = [f"BEGIN-TLV {tlv.name}" for tlv in self._tlvs]
        if self._vendor:
            open_.append(f"BEGIN-VENDOR {self._vendor_name}")
        self._vendor, self._vendor_name, self._extended_base, self._tlvs = 0, "", 0, []
        if open_:
            raise Misread(f"the file ends within {open_[0]}")

    def resolve(self) -> list[tuple[str, str]]:
        """Take the VALUEs, which may stand before their attribute; return where they name none, and which."""
        lost = []
        for attribute, name, number, where in self._late:
            if attribute not in self.definitions.by_name:
                lost.append((where, f"no dictionary defines {attribute}"))
                continue
            self.definitions.values.setdefault(attribute, {})[name] = number
            self.definitions.value_names.setdefault(attribute, {})[number] = name
        self._late = []
        return lost

    def _value(self, attribute: str, name: str, number: str) -> None:
        """Taken by line(), as its attribute may still come."""

    def _include(self, file: str) -> str:
        if self._vendor or self._tlvs:
            raise Misread("a file is included within what has not ended")
        return file

    def _attribute(self, name: str, number: str, kind: str, flags: str = "") -> None:
        if not _NAME.fullmatch(name):
            raise Misread(f"{name[:40]!r} is not a name")
        matched = _KIND.fullmatch(kind.lower())
        known = KINDS.get(matched[1]) if matched else None
        if matched is None or known is None or (matched[2] and known is not Kind.OCTETS):
            raise Misread(f"there is no type {kind[:40]}")
        place, travels = self._place([_number(part, 2**32 - 1) for part in number.split(".")])
        definition = _flagged(
            Definition(name, place, known, octets=int(matched[2] or 0), travels=travels), flags
        )
        before = self.definitions.by_name.get(name)
        if before is not None and before.place != place:
            raise Misread(f"{name} is defined already, with another number")
        self.definitions.by_name[name] = definition
        self.definitions.by_place[place] = definition

    def _place(self, numbers: list[int]) -> tuple[Place, bool]:
        """Return where an attribute stands, and whether any packet has room for its number."""
        if self._tlvs:
            parent = self._tlvs[-1].place
            return _below(parent, numbers), self._tlvs[-1].travels
        first, *path = numbers
        if self._extended_base:
            _octet(first)
            return _below(Place(self._vendor, extended(self._extended_base, _EVS, first)), path), True
        if not self._vendor and first in _EXTENDED:
            return self._extended_place(first, path), True
        if self._vendor and first >> 8 * self.definitions.format_of(self._vendor).type_octets:
            raise Misread(f"{first} does not fit the format of {self._vendor_name}")
        travels = first > 0 and (first < 256 or bool(self._vendor))
        return self._checked(_below(Place(self._vendor, first), path)), travels

    def _extended_place(self, base: int, path: list[int]) -> Place:
        if not path:
            return Place(0, base)
        _octet(path[0])
        return self._checked(_below(Place(0, extended(base, path[0])), path[1:]))

    def _checked(self, place: Place) -> Place:
        """Return the place, if what it is inside of is a TLV."""
        if place.path:
            parent = self.definitions.by_place.get(Place(place.vendor, place.type, place.path[:-1]))
            if parent is None or parent.kind is not Kind.TLV:
                raise Misread("what it is inside of is no tlv that stands before it")
        return place

    def _add_vendor(self, name: str, number: str, layout: str = "") -> None:
        vendor = _number(number, 2**32 - 1)
        matched = _VENDOR_FORMAT.fullmatch(layout)
        if not vendor or (layout and matched is None):
            raise Misread(f"{layout[:40]!r} is no format of a vendor" if vendor else "there is no vendor 0")
        if self.definitions.vendors.get(name, vendor) != vendor:
            raise Misread(f"vendor {name} is defined already, with another number")
        self.definitions.vendors[name] = vendor
        if matched is not None:
            wanted = VendorFormat(int(matched[1]), int(matched[2]), bool(matched[3]))
            if wanted == PLAIN_FORMAT:
                self.definitions.formats.pop(vendor, None)
            else:
                self.definitions.formats[vendor] = wanted

    def _begin_vendor(self, name: str, layout: str = "") -> None:
        if self._vendor:
            raise Misread(f"the attributes of {self._vendor_name} have not ended")
        matched = _EXTENDED_VENDOR.fullmatch(layout)
        if layout and matched is None:
            raise Misread(f"{layout[:40]!r} is no format of extended attributes")
        if name not in self.definitions.vendors:
            raise Misread(f"there is no vendor {name[:40]}")
        self._vendor, self._vendor_name = self.definitions.vendors[name], name
        self._extended_base = _EXTENDED[int(matched[1]) - 1] if matched else 0

    def _end_vendor(self, name: str) -> None:
        if not self._vendor or name != self._vendor_name:
            raise Misread(f"the attributes of {name[:40]} have not begun")
        self._vendor, self._vendor_name, self._extended_base = 0, "", 0

    def _begin_tlv(self, name: str) -> None:
        found = self.definitions.by_name.get(name)
        if found is None or found.kind is not Kind.TLV or found.place.vendor != self._vendor:
            raise Misread(f"{name[:40]} is no tlv of this vendor")
        self._tlvs.append(found)

    def _end_tlv(self, name: str) -> None:
        if not self._tlvs or self._tlvs[-1].name != name:
            raise Misread(f"the TLVs of {name[:40]} have not begun")
        self._tlvs.pop()


def _number(text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) and not (text.isdecimal() and text.isascii()):
        raise Misread(f"{text[:40]!r} is not a number")
    number = int(text, 16 if text.startswith("0x") else 10)
    if number > most:
        raise Misread(f"{text[:40]} is greater than {most}")
    return number


def _octet(number: int) -> None:
    if not 0 < number < 256:
        raise Misread(f"{number} is not between 1 and 255")


def _below(place: Place, numbers: list[int]) -> Place:
    for number in numbers:
        _octet(number)
    return Place(place.vendor, place.type, (*place.path, *numbers))


def _flagged(definition: Definition, flags: str) -> Definition:
    given = set(filter(None, flags.split(",")))
    strange = sorted(given - _FLAGS)
    if strange:
        raise Misread(f"there is no flag {strange[0][:40]}")
    encrypt = max((int(flag[-1]) for flag in given if flag.startswith("encrypt=")), default=0)
    if "has_tag" in given and definition.kind not in (Kind.STRING, Kind.INTEGER, Kind.OCTETS):
        raise Misread(f"{definition.kind.value} has no room for a tag")
    return replace(definition, has_tag="has_tag" in given, concat="concat" in given, encrypt=encrypt)


_Read = Callable[..., str | None]
# How each keyword is read, and how many words may follow it.
_KEYWORDS: dict[str, tuple[_Read, int, int]] = {
    "ATTRIBUTE": (DictionaryReader._attribute, 3, 4),
    "VALUE": (DictionaryReader._value, 3, 3),
    "$INCLUDE": (DictionaryReader._include, 1, 1),
    "VENDOR": (DictionaryReader._add_vendor, 2, 3),
    "BEGIN-VENDOR": (DictionaryReader._begin_vendor, 1, 2),
    "END-VENDOR": (DictionaryReader._end_vendor, 1, 1),
    "BEGIN-TLV": (DictionaryReader._begin_tlv, 1, 1),
    "END-TLV": (DictionaryReader._end_tlv, 1, 1),
}
