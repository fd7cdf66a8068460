"""A shared secret with its MD5 and HMAC-MD5 states computed once."""

import hashlib
from functools import lru_cache

_BLOCK_OCTETS = 64
_INNER_PAD = bytes(x ^ 0x36 for x in range(256))
_OUTER_PAD = bytes(x ^ 0x5C for x in range(256))


class SharedSecret:
    """What a NAS and we both know. Its repr says nothing.

    Hashing the key again for every packet would double the cost of a reply, so each state is kept after
    the key and copied.
    """

    __slots__ = ("_inner", "_outer", "_plain", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        key = octets if len(octets) <= _BLOCK_OCTETS else _md5(octets).digest()
        key = key.ljust(_BLOCK_OCTETS, b"\0")
        self._plain = _md5(octets)
        self._inner = _md5(key.translate(_INNER_PAD))
        self._outer = _md5(key.translate(_OUTER_PAD))

    def __repr__(self) -> str:
        return "SharedSecret()"

    def md5_after(self, octets: bytes) -> bytes:
        """Return MD5(secret + octets), as hidden attributes use it (RFC 2865 section 5.2)."""
        state = self._plain.copy()
        state.update(octets)
        return state.digest()

    def md5_before(self, octets: bytes) -> bytes:
        """Return MD5(octets + secret), as authenticators use it (RFC 2865 section 3)."""
        return _md5(octets + self.octets).digest()

    def hmac_md5(self, octets: bytes) -> bytes:
        """Return HMAC-MD5(secret, octets) (RFC 2104)."""
        inner = self._inner.copy()
        inner.update(octets)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


@lru_cache(maxsize=16384)
def shared_secret(octets: bytes) -> SharedSecret:
    """Return the SharedSecret for these octets, prepared once however many packets use it."""
    return SharedSecret(octets)


def _md5(octets: bytes) -> "hashlib._Hash":
    return hashlib.md5(octets, usedforsecurity=False)
