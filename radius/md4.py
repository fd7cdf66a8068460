"""MD4 (RFC 1320), broken in every way and part of every NT hash; OpenSSL 3 has it no more.

For nothing but the values that MSCHAPv2 is made of.
"""

import struct
from collections.abc import Callable

_BLOCK_OCTETS = 64
_WORD = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)

# Each round: how three words are mixed, what is added, in which order the block's words come, how far
# the four words in turn are rotated (RFC 1320 section 3.4).
_Round = tuple[Callable[[int, int, int], int], int, tuple[int, ...], tuple[int, int, int, int]]
_ROUNDS: tuple[_Round, ...] = (
    (lambda x, y, z: x & y | ~x & z, 0, tuple(range(16)), (3, 7, 11, 19)),
    (
        lambda x, y, z: x & y | x & z | y & z,
        0x5A827999,
        (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
        (3, 5, 9, 13),
    ),
    (
        lambda x, y, z: x ^ y ^ z,
        0x6ED9EBA1,
        (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15),
        (3, 9, 11, 15),
    ),
)


def md4(message: bytes) -> bytes:
    """Return the digest of message, 16 octets."""
    room = -(len(message) + 9) % _BLOCK_OCTETS
    padded = message + b"\x80" + bytes(room) + struct.pack("<Q", 8 * len(message))
    state = _START
    for at in range(0, len(padded), _BLOCK_OCTETS):
        state = _mixed(state, struct.unpack_from("<16I", padded, at))
    return struct.pack("<4I", *state)


def _mixed(state: tuple[int, int, int, int], words: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for mix, constant, order, turns in _ROUNDS:
        for step, word in enumerate(order):
            total = (a + mix(b, c, d) + words[word] + constant) & _WORD
            turn = turns[step % 4]
            a, b, c, d = d, (total << turn | total >> 32 - turn) & _WORD, b, c
    return (
        state[0] + a & _WORD,
        state[1] + b & _WORD,
        state[2] + c & _WORD,
        state[3] + d & _WORD,
    )
