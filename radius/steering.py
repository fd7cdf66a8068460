"""Which worker an endpoint begins to speak EAP at, and how the kernel is told to give it the packets.

Workers share a port, each with a socket of its own. Where a packet comes to another worker than the one it
belongs to, it has to be handed on, which costs about as much as an answer. So the kernel gets a classic BPF
program (Linux, SO_ATTACH_REUSEPORT_CBPF) that reads an Access-Request and chooses the socket:

    there is                                          then it goes to
    a State                                           its first octet names the worker
    else an EAP-Message and a Calling-Station-Id      the worker that the hash of the station says
    else                                              where the kernel would have sent it by itself

The program proves nothing and is trusted with nothing: what it gets wrong is handed on as ever.

The hash is of hexadecimal digits, so that a MAC address has one however it is spelt. It has a key: without it
nobody can name MAC addresses that all begin at one worker, and so fill that one while the others idle.
"""

import struct
from dataclasses import dataclass, field
from hashlib import blake2b

from radius.attributes import AttributeType
from radius.packet import HEADER_OCTETS, Code

# As long as a MAC address with separators; of anything else its beginning counts.
STATION_OCTETS = 17
# Attributes that are read: a NAS sends about twenty, and pieces of EAP-Message. A longer program would not
# fit into net.core.optmem_max of older kernels.
MOST_ATTRIBUTES = 40
_LOWER = 0x20
_MIXED = 2
_DIGITS = frozenset(b"0123456789abcdef")
_WORD = 0xFFFFFFFF
# No socket has this number: the kernel chooses.
_BY_KERNEL = _WORD

_INSTRUCTION = struct.Struct("=HBBI")
# linux/bpf_common.h
_LOAD, _LOAD_OCTET, _LOAD_OCTET_AT, _LOAD_KEPT, _LOAD_LENGTH = 0x00, 0x30, 0x50, 0x60, 0x80
_X_LOAD, _X_LOAD_KEPT, _X_FROM_A, _A_FROM_X = 0x01, 0x61, 0x07, 0x87
_KEEP, _X_KEEP = 0x02, 0x03
_ADD_X, _SUBTRACT, _MULTIPLY, _MODULO, _OR, _SHIFT_RIGHT, _XOR_X = 0x0C, 0x14, 0x24, 0x94, 0x44, 0x74, 0xAC
_JUMP, _IF_EQUAL, _IF_GREATER, _IF_AT_LEAST, _IF_GREATER_X = 0x05, 0x15, 0x25, 0x35, 0x2D
_RETURN, _RETURN_A = 0x06, 0x16
# What stands in which place of the program's scratch memory.
_STATION, _IS_EAP, _STATION_END, _HASH, _DIGIT = range(5)

Instruction = tuple[int, int, int, int]
# How many _attribute() has.
_ATTRIBUTE_STEPS = 16


@dataclass(frozen=True, slots=True)
class Homes:
    """Where endpoints begin, among count workers that all have the same key of at most 64 octets."""

    count: int
    key: bytes = field(default=b"", repr=False)

    def of(self, station: bytes) -> int:
        """Return the index of the worker for a Calling-Station-Id."""
        start, factor = self._secrets()
        number = start
        for octet in station[:STATION_OCTETS]:
            digit = octet | _LOWER
            if digit in _DIGITS:
                number = (number * factor + digit) & _WORD
        # Addresses of one maker differ in their last digits alone.
        for _ in range(_MIXED):
            number = (number ^ number >> 16) * factor & _WORD
        return (number >> 16) * self.count >> 16

    def program(self) -> bytes:
        """Return what the kernel runs for each packet: struct sock_filter after struct sock_filter."""
        head = [
            (_LOAD_OCTET, 0, 0, 0),
            (_IF_EQUAL, 1, 0, Code.ACCESS_REQUEST),
            (_RETURN, 0, 0, _BY_KERNEL),
            (_LOAD, 0, 0, 0),
            (_KEEP, 0, 0, _STATION),
            (_KEEP, 0, 0, _IS_EAP),
            (_X_LOAD, 0, 0, HEADER_OCTETS),
        ]
        by_state = self._by_state()
        reading = [
            step for left in reversed(range(MOST_ATTRIBUTES)) for step in _attribute(left * _ATTRIBUTE_STEPS)
        ]
        over = (_JUMP, 0, 0, len(by_state))
        # Behind the attributes: what is done with a State, then what is done where there is none.
        instructions = [*head, *reading, over, *by_state, *self._by_station()]
        return b"".join(_INSTRUCTION.pack(*each) for each in instructions)

    def _secrets(self) -> tuple[int, int]:
        digest = blake2b(b"home", digest_size=8, key=self.key).digest()
        return int.from_bytes(digest[:4]), int.from_bytes(digest[4:]) | 1

    def _by_state(self) -> list[Instruction]:
        """Return how the socket is found by the State at X: radius.worker says what its first octet is."""
        return [(_LOAD_OCTET_AT, 0, 0, 2), (_MODULO, 0, 0, self.count), (_RETURN_A, 0, 0, 0)]

    def _by_station(self) -> list[Instruction]:
        start, factor = self._secrets()
        digits = [step for number in range(STATION_OCTETS) for step in _digit(number, factor)]
        return [
            (_LOAD_KEPT, 0, 0, _IS_EAP),
            (_IF_EQUAL, 3, 0, 0),
            (_X_LOAD_KEPT, 0, 0, _STATION),
            (_A_FROM_X, 0, 0, 0),
            (_IF_EQUAL, 0, 1, 0),
            (_RETURN, 0, 0, _BY_KERNEL),
            (_LOAD_OCTET_AT, 0, 0, 1),
            (_ADD_X, 0, 0, 0),
            (_KEEP, 0, 0, _STATION_END),
            (_LOAD, 0, 0, start),
            (_KEEP, 0, 0, _HASH),
            *digits,
            (_LOAD_KEPT, 0, 0, _HASH),
            *[(_X_FROM_A, 0, 0, 0), (_SHIFT_RIGHT, 0, 0, 16), (_XOR_X, 0, 0, 0), (_MULTIPLY, 0, 0, factor)]
            * _MIXED,
            (_SHIFT_RIGHT, 0, 0, 16),
            (_MULTIPLY, 0, 0, self.count),
            (_SHIFT_RIGHT, 0, 0, 16),
            (_RETURN_A, 0, 0, 0),
        ]


def _attribute(more: int) -> list[Instruction]:
    """Return how the attribute at X is read. There are no loops: so many steps for others follow."""
    return [
        (_LOAD_LENGTH, 0, 0, 0),
        (_IF_GREATER_X, 0, 13, 0),
        (_LOAD_OCTET_AT, 0, 0, 0),
        (_IF_EQUAL, 10, 0, AttributeType.STATE),
        (_IF_EQUAL, 0, 1, AttributeType.CALLING_STATION_ID),
        (_X_KEEP, 0, 0, _STATION),
        (_IF_EQUAL, 0, 2, AttributeType.EAP_MESSAGE),
        (_LOAD, 0, 0, 1),
        (_KEEP, 0, 0, _IS_EAP),
        (_LOAD_OCTET_AT, 0, 0, 1),
        # Shorter than its own head: it would be read for ever.
        (_IF_AT_LEAST, 0, 4, 2),
        (_ADD_X, 0, 0, 0),
        (_X_FROM_A, 0, 0, 0),
        (_JUMP, 0, 0, 2),
        (_JUMP, 0, 0, more + 2),
        (_JUMP, 0, 0, more),
    ]


def _digit(number: int, factor: int) -> list[Instruction]:
    """Return how an octet of the station at X enters the hash, if it is there and is a digit."""
    at = 2 + number
    return [
        (_LOAD_KEPT, 0, 0, _STATION_END),
        (_SUBTRACT, 0, 0, at),
        (_IF_GREATER_X, 0, 13, 0),
        (_LOAD_OCTET_AT, 0, 0, at),
        (_OR, 0, 0, _LOWER),
        (_IF_AT_LEAST, 0, 10, ord("0")),
        (_IF_GREATER, 0, 2, ord("9")),
        (_IF_AT_LEAST, 0, 8, ord("a")),
        (_IF_GREATER, 7, 0, ord("f")),
        (_KEEP, 0, 0, _DIGIT),
        (_LOAD_KEPT, 0, 0, _HASH),
        (_MULTIPLY, 0, 0, factor),
        (_X_LOAD_KEPT, 0, 0, _DIGIT),
        (_ADD_X, 0, 0, 0),
        (_KEEP, 0, 0, _HASH),
        (_X_LOAD_KEPT, 0, 0, _STATION),
    ]
