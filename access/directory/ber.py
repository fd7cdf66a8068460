"""The few strict BER pieces RFC 4511 and RFC 4533 need: definite lengths, nothing left over, one error."""

from dataclasses import dataclass

from access.directory.errors import BadMessage

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
LONGEST_LENGTH_OCTETS = 4
LONGEST_INTEGER_OCTETS = 8


@dataclass(slots=True)
class Reader:
    """A cursor over octets. Every method raises BadMessage where the octets are not what was asked for."""

    octets: memoryview
    at: int = 0

    def more(self) -> bool:
        """Return whether octets are left."""
        return self.at < len(self.octets)

    def next_is(self, tag: int) -> bool:
        """Return whether an element with this tag follows."""
        return self.more() and self.octets[self.at] == tag

    def element(self) -> tuple[int, memoryview]:
        """Return the tag and the content of the next element, and step over it."""
        head = header(self.octets[self.at :])
        if head is None or len(self.octets) - self.at < sum(head):
            raise BadMessage("an element ends before its length")
        size, content_size = head
        start = self.at + size
        tag = self.octets[self.at]
        self.at = start + content_size
        return tag, self.octets[start : self.at]

    def take(self, tag: int) -> memoryview:
        """Return the content of the next element, which must have this tag."""
        found, content = self.element()
        if found != tag:
            raise BadMessage(f"an element has tag {found:#04x}, not {tag:#04x}")
        return content

    def inside(self, tag: int) -> "Reader":
        """Return a cursor over the content of the next element."""
        return Reader(self.take(tag))

    def octet_string(self) -> bytes:
        """Return the next OCTET STRING."""
        return bytes(self.take(OCTET_STRING))

    def number(self, tag: int = INTEGER) -> int:
        """Return the next INTEGER, or ENUMERATED."""
        content = self.take(tag)
        if not 0 < len(content) <= LONGEST_INTEGER_OCTETS:
            raise BadMessage("an integer has no octets or too many")
        return int.from_bytes(content, "big", signed=True)

    def boolean(self) -> bool:
        """Return the next BOOLEAN."""
        content = self.take(BOOLEAN)
        if len(content) != 1:
            raise BadMessage("a boolean has not one octet")
        return content[0] != 0

    def end(self) -> None:
        """Check that nothing is left."""
        if self.more():
            raise BadMessage("octets are left over at the end of an element")


def header(octets: memoryview) -> tuple[int, int] | None:
    """Return (octets of tag and length, octets of content) of the first element; None while too few are here.

    Tags of more than one octet and indefinite lengths are forbidden (RFC 4511 section 5.1): BadMessage.
    """
    if len(octets) < 2:
        return None
    if octets[0] & 0x1F == 0x1F:
        raise BadMessage("a tag has more than one octet")
    first = octets[1]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    if not 0 < count <= LONGEST_LENGTH_OCTETS:
        raise BadMessage("a length is indefinite or too long")
    if len(octets) < 2 + count:
        return None
    return 2 + count, int.from_bytes(octets[2 : 2 + count], "big")


def encode(tag: int, content: bytes) -> bytes:
    """Return one element."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
