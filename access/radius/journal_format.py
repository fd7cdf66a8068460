"""The octets of a journal: one record after another, each with its length and its checksum.

octets  what
4       octets of the record that follows
4       its CRC-32
n       the record, a JSON object in UTF-8

A process that is killed while it writes leaves a tail that is cut short or does not add up. Nothing that
depended on it was sent, so reading ends before it and writing goes on there.

Records are written and read by orjson where it is installed (`pip install "officegate[fast]"`), which saves a
login a tenth of its work or more. Without it Python's own json does the same.
"""

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

try:
    import orjson
except ImportError:
    HAS_ORJSON = False
else:
    HAS_ORJSON = True

_HEAD = struct.Struct(">II")
# No record of ours comes near it; a length beyond it is garbage and not a record still being written.
LONGEST_RECORD = 1 << 20

_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """One whole record, and where the next one begins."""

    record: Json
    end: int


def encode(records: Iterable[Json]) -> bytes:
    """Return the octets of records. Raises TypeError for what JSON cannot say."""
    return b"".join(map(_framed, map(write, records)))


def decode(octets: bytes, begin: int = 0) -> Iterator[Read]:
    """Yield the whole records from begin on, which is where a record begins; ends before a torn one.

    Read.end counts from the start of octets.
    """
    while begin + _HEAD.size <= len(octets):
        length, checksum = _HEAD.unpack_from(octets, begin)
        end = begin + _HEAD.size + length
        body = octets[begin + _HEAD.size : end]
        if not 0 < length <= LONGEST_RECORD or len(body) < length or crc32(body) != checksum:
            return
        yield Read(read(body), end)
        begin = end


def lengths(octets: bytes) -> Iterator[int]:
    """Yield the octets of each whole record, without reading it; begin where a record begins."""
    begin = 0
    while begin + _HEAD.size <= len(octets):
        length = _HEAD.unpack_from(octets, begin)[0]
        begin += _HEAD.size + length
        if not 0 < length <= LONGEST_RECORD or begin > len(octets):
            return
        yield length


def written_by_json(record: Json) -> bytes:
    """Return a record as Python's own json writes it."""
    return _ENCODER.encode(record).encode()


def _framed(body: bytes) -> bytes:
    return _HEAD.pack(len(body), crc32(body)) + body


def _written(record: Json) -> bytes:
    """Return a record as orjson writes it."""
    try:
        octets: bytes = orjson.dumps(record)
    except TypeError:
        # It knows no number of more than 64 bits.
        return written_by_json(record)
    return octets


def _read(body: bytes) -> Any:
    """Return the record that orjson reads."""
    try:
        return orjson.loads(body)
    except ValueError:
        # What only Python's own json writes and reads, such as a number that is none.
        return json.loads(body)


read: Callable[[bytes], Any] = _read if HAS_ORJSON else json.loads
write: Callable[[Json], bytes] = _written if HAS_ORJSON else written_by_json
