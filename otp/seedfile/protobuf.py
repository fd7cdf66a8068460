"""The wire format of Protocol Buffers, as much of it as one small message needs.

Fields come as (number, value): an int for a varint, octets for what has a length. Fixed 32- and 64-bit
fields are passed over as octets; groups, which nobody has written for a decade, are refused.
"""

from collections.abc import Iterator

_LONGEST_VARINT = 10
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class BadMessage(Exception):
    """The octets are no message in this format."""


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field. Raises BadMessage."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == _LENGTH:
            length, at = _varint(message, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise BadMessage
        if length > len(message) - at:
            raise BadMessage
        yield number, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number at a position and the position behind it."""
    value = 0
    for count, octet in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (octet & 0x7F) << (7 * count)
        if not octet & 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + count + 1
    raise BadMessage
