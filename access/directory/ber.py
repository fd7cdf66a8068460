"""The few strict BER pieces RFC 4511 and RFC 4533 need: definite lengths, nothing left over, one error.

A directory of 100,000 people has three million elements: what all of them go through is content() alone.
"""

from dataclasses import dataclass

from access.directory.errors import BadMessage

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
SHORT_LENGTH, LONG_TAG = 0x80, 0x1F
LONGEST_LENGTH_OCTETS = 4
LONGEST_INTEGER_OCTETS = 8


@dataclass(slots=True)
class Reader:
    """A cursor over octets. Every method raises BadMessage where the octets are not what was asked for.

    It reads from at to until, of which -1 is the end of all octets.
    """

    octets: bytes
    at: int = 0
    until: int = -1

    def __post_init__(self) -> None:
        if self.until < 0:
            self.until = len(self.octets)

    def more(self) -> bool:
        """Return whether octets are left."""
        return self.at < self.until

    def next_is(self, tag: int) -> bool:
        """Return whether an element with this tag follows."""
        return self.at < self.until and self.octets[self.at] == tag

    def element(self) -> tuple[int, bytes]:
        """Return the tag and the content of the next element, and step over it."""
        if not self.more():
            raise BadMessage("an element is missing")
        tag = self.octets[self.at]
        return tag, self.take(tag)

    def take(self, tag: int) -> bytes:
        """Return the content of the next element, which must have this tag."""
        start, self.at = content(self.octets, self.at, self.until, tag)
        return self.octets[start : self.at]

    def inside(self, tag: int) -> "Reader":
        """Return a cursor over the content of the next element."""
        start, self.at = content(self.octets, self.at, self.until, tag)
        return Reader(self.octets, start, self.at)

    def octet_string(self) -> bytes:
        """Return the next OCTET STRING."""
        return self.take(OCTET_STRING)

    def number(self, tag: int = INTEGER) -> int:
        """Return the next INTEGER, or ENUMERATED."""
        octets = self.take(tag)
        if not 0 < len(octets) <= LONGEST_INTEGER_OCTETS:
            raise BadMessage("an integer has no octets or too many")
        return int.from_bytes(octets, "big", signed=True)

    def boolean(self) -> bool:
        """Return the next BOOLEAN."""
        octets = self.take(BOOLEAN)
        if len(octets) != 1:
            raise BadMessage("a boolean has not one octet")
        return octets[0] != 0

    def end(self) -> None:
        """Check that nothing is left."""
        if self.more():
            raise BadMessage("octets are left over at the end of an element")


def content(octets: bytes, at: int, until: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at a place begins and ends.

    It must have this tag, and end by until.
    """
    start = at + 2
    if start > until:
        raise BadMessage("an element ends before its length")
    found, size = octets[at], octets[at + 1]
    if found != tag:
        raise BadMessage(f"an element has tag {found:#04x}, not {tag:#04x}")
    if size >= SHORT_LENGTH or tag & LONG_TAG == LONG_TAG:
        head = header(octets[at : min(start + LONGEST_LENGTH_OCTETS, until)])
        if head is None:
            raise BadMessage("an element ends before its length")
        start, size = at + head[0], head[1]
    end = start + size
    if end > until:
        raise BadMessage("an element ends before its length")
    return start, end


def header(octets: bytes | memoryview) -> tuple[int, int] | None:
    """Return (octets of tag and length, octets of content) of the first element; None while too few are here.

    Tags of more than one octet and indefinite lengths are forbidden (RFC 4511 section 5.1): BadMessage.
    """
    if len(octets) < 2:
        return None
    if octets[0] & LONG_TAG == LONG_TAG:
        raise BadMessage("a tag has more than one octet")
    first = octets[1]
    if first < SHORT_LENGTH:
        return 2, first
    count = first & 0x7F
    if not 0 < count <= LONGEST_LENGTH_OCTETS:
        raise BadMessage("a length is indefinite or too long")
    if len(octets) < 2 + count:
        return None
    return 2 + count, int.from_bytes(octets[2 : 2 + count], "big")


def encode(tag: int, octets: bytes) -> bytes:
    """Return one element."""
    if len(octets) < SHORT_LENGTH:
        return bytes((tag, len(octets))) + octets
    length = len(octets).to_bytes((len(octets).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + octets
