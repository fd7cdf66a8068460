"""What dictionaries define: attributes by name and by number, names of values, formats of vendors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from radius.formats import PLAIN_FORMAT, VENDOR_FORMATS, VendorFormat


class Kind(Enum):
    """The data types (RFC 8044, and what FreeRADIUS calls them)."""

    STRING = "string"
    OCTETS = "octets"
    INTEGER = "integer"
    SIGNED = "signed"
    INTEGER64 = "integer64"
    SHORT = "short"
    BYTE = "byte"
    DATE = "date"
    IPADDR = "ipaddr"
    IPV6ADDR = "ipv6addr"
    COMBO_IP = "combo-ip"
    IPV4PREFIX = "ipv4prefix"
    IPV6PREFIX = "ipv6prefix"
    IFID = "ifid"
    ETHER = "ether"
    ABINARY = "abinary"
    TLV = "tlv"
    VSA = "vsa"
    EXTENDED = "extended"
    LONG_EXTENDED = "long-extended"
    EVS = "evs"


# Other spellings that files in use have.
KINDS: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "uint8": Kind.BYTE,
    "uint16": Kind.SHORT,
    "uint32": Kind.INTEGER,
    "uint64": Kind.INTEGER64,
    "int32": Kind.SIGNED,
}
# They hold other attributes, and are never written by themselves.
CONTAINERS = frozenset({Kind.VSA, Kind.EXTENDED, Kind.LONG_EXTENDED, Kind.EVS})


class Place(NamedTuple):
    """Where an attribute stands: vendor, its type as radius.formats counts it, then the TLVs down to it."""

    vendor: int
    type: int
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One attribute. octets is the size that an octets[N] has, 0 for any; encrypt how it is hidden (1, 2, 3).

    travels is False for names that a server uses within itself only, with numbers no packet has room for.
    """

    name: str
    place: Place
    kind: Kind
    octets: int = 0
    has_tag: bool = False
    encrypt: int = 0
    concat: bool = False
    travels: bool = True


@dataclass(slots=True)
class Definitions:
    """Everything that some files define. Values are names of numbers, by the attribute's name."""

    by_name: dict[str, Definition] = field(default_factory=dict)
    by_place: dict[Place, Definition] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)
    value_names: dict[str, dict[int, str]] = field(default_factory=dict)
    vendors: dict[str, int] = field(default_factory=dict)
    formats: dict[int, VendorFormat] = field(default_factory=lambda: dict(VENDOR_FORMATS))

    def format_of(self, vendor: int) -> VendorFormat:
        """The format of a vendor's attributes."""
        return self.formats.get(vendor, PLAIN_FORMAT)
